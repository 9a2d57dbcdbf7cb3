//! Ballot, restoration and claims of several ledgers of one incident.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::{ChooseRestorationArgs, ClaimArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{restoration::claims::locate, snapshots::merkle};
use bulkhead_interface::{constants::NOMINATION_SECONDS, layout::Snapshot};
use bulkhead_snapshot::{Position, Tree};
use bulkhead_testbed::{Machine, Protocol, VOTE_SECONDS, keypair};
use solana_signer::Signer;

/// One claim that was paid.
pub struct Claimed {
    pub ledger: u8,
    pub owner: Pubkey,
    pub amount: u64,
    pub received: u64,
}

/// Votes for the snapshots of all ledgers, chooses them one by one, and pays every claim out of the recovery account of the
/// ledger's own vault. `trees[i]` is ledger `i`, `sources[i]` its vault and recovery account. Gives each ledger's pool.
pub fn restore(
    machine: &mut Machine,
    protocol: &Protocol,
    incident: Pubkey,
    trees: &[Tree],
    sources: &[(ix::VaultKeys, Pubkey)],
) -> (Vec<u64>, Vec<Claimed>) {
    let ledgers: Vec<u8> = (0..).take(trees.len()).collect();
    vote(machine, protocol, incident, &ledgers);
    let (mut pools, mut claims) = (vec![], vec![]);
    for ((ledger, tree), (vault, recovery_account)) in ledgers.into_iter().zip(trees).zip(sources) {
        let one = One {
            protocol,
            incident,
            ledger,
            keys: ix::RestorationKeys {
                restoration: pda::restoration(&incident, ledger),
                mint: vault.mint,
                token_program: TOKEN_PROGRAM,
            },
        };
        one.choose(machine);
        pools.push(one.fund(machine, vault.vault, *recovery_account));
        claims.extend(tree.leaves().map(|(_, leaf)| one.claim(machine, tree, leaf)));
    }
    (pools, claims)
}

/// The whole supply of votes is for each of the snapshots.
fn vote(machine: &mut Machine, protocol: &Protocol, incident: Pubkey, ledgers: &[u8]) {
    let (domain, payer, member) = (protocol.domain, machine.payer.pubkey(), &protocol.members[0]);
    let voter = keypair("elector");
    let mint = protocol.governance_mint;
    let source = machine.create_associated(&mint, &voter.pubkey(), 1_000);
    let steps = [
        ix::open_escrow(domain, voter.pubkey(), payer),
        ix::deposit_votes(domain, voter.pubkey(), source, mint, TOKEN_PROGRAM, 1_000),
    ];
    protocol.must(machine, &steps, &[&voter]);
    for ledger in ledgers {
        let ballot = pda::ballot(&incident, *ledger);
        let snapshot = pda::snapshot(&incident, *ledger);
        let steps = [
            ix::open_ballot(domain, payer, payer, incident, *ledger),
            ix::add_candidate(domain, payer, ballot, snapshot),
        ];
        protocol.must(machine, &steps, &[]);
    }
    machine.warp_seconds(NOMINATION_SECONDS);
    for ledger in ledgers {
        let ballot = pda::ballot(&incident, *ledger);
        let start = ix::start_voting(domain, member.pubkey(), incident, ballot, mint);
        protocol.must(machine, &[start], &[member]);
        let cast = ix::cast_vote(domain, voter.pubkey(), payer, ballot, 0);
        protocol.must(machine, &[cast], &[&voter]);
    }
    machine.warp_seconds(VOTE_SECONDS);
}

/// The restoration of one ledger.
struct One<'a> {
    protocol: &'a Protocol,
    incident: Pubkey,
    ledger: u8,
    keys: ix::RestorationKeys,
}

impl One<'_> {
    fn snapshot(&self) -> Pubkey {
        pda::snapshot(&self.incident, self.ledger)
    }

    fn choose(&self, machine: &mut Machine) {
        let sealed: Snapshot = machine.load(&self.snapshot());
        let args = ChooseRestorationArgs {
            incident: self.incident,
            snapshot: self.snapshot(),
            root: sealed.root,
            ledger_index: self.ledger,
        };
        let authority = self.protocol.mature(machine, &args);
        let payer = machine.payer.pubkey();
        let choose = ix::choose_restoration(authority, payer, self.keys.mint, TOKEN_PROGRAM, args);
        self.protocol.must(machine, &[choose], &[]);
    }

    /// All that the claims need comes from the recovery account, and is shared out. Gives it.
    fn fund(&self, machine: &mut Machine, vault: Pubkey, recovery_account: Pubkey) -> u64 {
        let domain = self.protocol.domain;
        let fund = ix::fund_from_recovery_account(self.keys, domain, vault, recovery_account);
        self.protocol.must(machine, &[fund], &[]);
        let pool = machine.balance(&pda::pool(&self.keys.restoration));
        let steps = [
            ix::share_out(self.keys.restoration, self.incident),
            ix::open_claim_page(self.keys.restoration, machine.payer.pubkey(), 0),
        ];
        self.protocol.must(machine, &steps, &[]);
        pool
    }

    /// Anyone proves a leaf against the snapshot that was sealed on chain, and its owner is paid.
    fn claim(&self, machine: &mut Machine, tree: &Tree, leaf: &Position) -> Claimed {
        let proof = tree.prove(&leaf.key).expect("a leaf has a proof");
        let number = merkle::shard_of(leaf.key.as_array());
        let sealed: Snapshot = machine.load(&self.snapshot());
        let place = locate(&sealed.shards, proof.index).expect("a leaf has a place");
        let seeds: &[&[u8]] = &[leaf.owner.as_ref(), TOKEN_PROGRAM.as_ref(), self.keys.mint.as_ref()];
        let (destination, destination_bump) = Pubkey::find_program_address(seeds, &anchor_spl::associated_token::ID);
        let cranker = keypair(&format!("cranker {}", number % 3)).pubkey();
        let keys = ix::ClaimKeys {
            snapshot: self.snapshot(),
            shard: pda::shard(&self.snapshot(), number, &cranker),
            page: place.page,
            owner: leaf.owner,
            owner_signs: false,
            destination,
        };
        let args = ClaimArgs {
            index: proof.index,
            key: leaf.key,
            amount: leaf.amount,
            destination_bump,
            proof: proof.claim_bytes().to_vec(),
        };
        let before = machine.balance(&destination);
        self.protocol.must(machine, &[ix::claim(self.keys, keys, args)], &[]);
        Claimed {
            ledger: self.ledger,
            owner: leaf.owner,
            amount: leaf.amount,
            received: machine.balance(&destination) - before,
        }
    }
}

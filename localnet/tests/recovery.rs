//! From the attack to the last claim and the reopening, on a node: the way that docs/localnet.md describes, with the
//! delays of the sample passed by `warp`.
#![allow(clippy::unwrap_used)]

mod common;

use anchor_lang::prelude::Pubkey;
use anchor_spl::{associated_token, token::spl_token::ID as TOKEN_PROGRAM};
use bulkhead::{
    decision::EncodedDecision,
    instructions::{ChooseRestorationArgs, ClaimArgs, ReopenArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{
    restoration::{claims::locate, prorata::payout_floor},
    snapshots::merkle,
};
use bulkhead_interface::{
    constants::phase,
    layout::{Domain, Ledger, Proposal, Restoration, Snapshot},
};
use bulkhead_localnet::{
    manifest::Manifest,
    rpc::Rpc,
    sample::{LEDGER, cast::Cast},
};
use bulkhead_snapshot::{Position, Tree};
use common::{Localnet, text};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

const POSITIONS: u32 = 30;
/// Positions read per transaction.
const READ_AT_ONCE: usize = 20;

/// The council, the voters and bystanders, on a node.
struct Recovery {
    localnet: Localnet,
    rpc: Rpc,
    cast: Cast,
    manifest: Manifest,
    members: Vec<Keypair>,
}

impl Recovery {
    async fn send(&self, instruction: Instruction, signers: &[&Keypair]) {
        self.rpc.send(&[instruction], signers).await.unwrap();
    }

    async fn domain(&self) -> Domain {
        self.rpc.load(&self.manifest.domain.0).await.unwrap().unwrap()
    }

    fn warp(&self, seconds: i64) {
        text(&self.localnet.dir, &["warp", "--seconds", &seconds.to_string()]);
    }

    /// Proposes, approves with two members, and lets the delay pass.
    async fn mature(&self, index: u64, decision: impl Into<EncodedDecision>) -> ix::Authority {
        let (domain, payer) = (self.manifest.domain.0, self.rpc.payer.pubkey());
        // A proposal does not know of what happens in its own slot.
        text(&self.localnet.dir, &["warp", "--slots", "1"]);
        let proposer = &self.members[0];
        let proposal = pda::proposal(&domain, &proposer.pubkey(), index);
        let propose = ix::propose(domain, proposer.pubkey(), payer, index, decision);
        self.send(propose, &[proposer]).await;
        let state: Proposal = self.rpc.load(&proposal).await.unwrap().unwrap();
        for member in &self.members[..2] {
            let approve = ix::approve(
                domain,
                member.pubkey(),
                proposal,
                state.payload_hash,
                state.created_slot,
            );
            self.send(approve, &[member]).await;
        }
        self.warp(self.manifest.timing.delay_seconds);
        ix::Authority {
            signer: payer,
            domain,
            proposal: Some(proposal),
        }
    }

    /// Reads all positions into the shards of a snapshot, seals it, and builds the same tree off chain.
    async fn snapshot(&self, incident: Pubkey) -> Tree {
        let (domain, payer) = (self.manifest.domain.0, self.rpc.payer.pubkey());
        let snapshot = pda::snapshot(&incident, LEDGER);
        self.send(ix::open_snapshot(domain, payer, incident, LEDGER), &[]).await;
        let owners = (0..POSITIONS).map(|number| self.cast.owner(number).pubkey());
        let mut keys: Vec<_> = owners
            .chain([self.manifest.attacker.key.0])
            .map(|owner| self.cast.exchange.margin(&owner))
            .collect();
        keys.sort_unstable();
        let mut shards = Vec::new();
        for number in 0..16 {
            let of_shard = keys
                .iter()
                .copied()
                .filter(|key| merkle::shard_of(key.as_array()) == number);
            let of_shard: Vec<_> = of_shard.collect();
            if of_shard.is_empty() {
                continue;
            }
            self.send(ix::open_shard(domain, payer, payer, snapshot, number), &[])
                .await;
            shards.push(pda::shard(&snapshot, number, &payer));
            for positions in of_shard.chunks(READ_AT_ONCE) {
                let ingest = ix::ingest_positions(domain, payer, snapshot, LEDGER, number, positions);
                self.send(ingest, &[]).await;
            }
        }
        let total = self.cast.exchange.key;
        self.send(ix::seal_snapshot(domain, incident, LEDGER, total, &shards, &[]), &[])
            .await;

        let ledger: Ledger = self.rpc.load(&self.manifest.ledgers[0].key.0).await.unwrap().unwrap();
        let accounts = self.rpc.accounts(&keys).await.unwrap();
        let positions = keys.iter().zip(accounts).map(|(key, account)| {
            let account = account.unwrap();
            Position::read(&ledger, *key, &account.owner, &account.data).unwrap()
        });
        let sealed: Snapshot = self.rpc.load(&snapshot).await.unwrap().unwrap();
        let tree = Tree::build(sealed.tag, positions.collect()).unwrap();
        assert_eq!((tree.root().hash, tree.root().sum), (sealed.root, sealed.total));
        assert_eq!(sealed.total, self.manifest.positions.total);
        tree
    }

    /// The voters choose the snapshot.
    async fn vote(&self, incident: Pubkey) {
        let (domain, payer) = (self.manifest.domain.0, self.rpc.payer.pubkey());
        let mint = self.manifest.mints.governance.0;
        let ballot = pda::ballot(&incident, LEDGER);
        self.send(ix::open_ballot(domain, payer, payer, incident, LEDGER), &[])
            .await;
        let candidate = pda::snapshot(&incident, LEDGER);
        self.send(ix::add_candidate(domain, payer, ballot, candidate), &[])
            .await;
        let voters = self.cast.voters();
        for ((voter, amount), listed) in voters.iter().zip(&self.manifest.voters) {
            let key = voter.pubkey();
            self.send(ix::open_escrow(domain, key, payer), &[voter]).await;
            let deposit = ix::deposit_votes(domain, key, listed.tokens.0, mint, TOKEN_PROGRAM, *amount);
            self.send(deposit, &[voter]).await;
        }
        self.warp(self.manifest.timing.nomination_seconds);
        let member = &self.members[0];
        self.send(
            ix::start_voting(domain, member.pubkey(), incident, ballot, mint),
            &[member],
        )
        .await;
        for (voter, _) in &voters {
            self.send(ix::cast_vote(domain, voter.pubkey(), payer, ballot, 0), &[voter])
                .await;
        }
        self.warp(self.manifest.timing.vote_seconds);
    }

    /// Pays every claim, and returns the sum.
    async fn claim_all(&self, tree: &Tree, incident: Pubkey, keys: ix::RestorationKeys) -> u64 {
        let snapshot = pda::snapshot(&incident, LEDGER);
        let cranker = self.rpc.payer.pubkey();
        let pool = self.rpc.balance(&pda::pool(&keys.restoration)).await.unwrap();
        let mut paid = 0;
        for (index, leaf) in tree.leaves().filter(|(_, leaf)| leaf.amount > 0) {
            let place = locate(tree.roots(), index).unwrap();
            let seeds = [leaf.owner.as_ref(), TOKEN_PROGRAM.as_ref(), keys.mint.as_ref()];
            let (destination, destination_bump) = Pubkey::find_program_address(&seeds, &associated_token::ID);
            let before = self.rpc.balance(&destination).await.unwrap();
            let claim = ix::ClaimKeys {
                snapshot,
                shard: pda::shard(&snapshot, merkle::shard_of(leaf.key.as_array()), &cranker),
                page: place.page,
                owner: leaf.owner,
                owner_signs: false,
                destination,
            };
            let args = ClaimArgs {
                index,
                key: leaf.key,
                amount: leaf.amount,
                destination_bump,
                proof: tree.prove(&leaf.key).unwrap().claim_bytes().to_vec(),
            };
            self.send(ix::claim(keys, claim, args), &[]).await;
            let share = payout_floor(leaf.amount, pool, tree.root().sum).unwrap();
            assert_eq!(self.rpc.balance(&destination).await.unwrap(), before + share);
            paid += share;
        }
        paid
    }
}

#[tokio::test]
async fn what_was_robbed_is_restored_and_the_exchange_reopens() {
    let dir = tempfile::tempdir().unwrap();
    let positions = POSITIONS.to_string();
    let localnet = Localnet::start(
        dir.path(),
        &["--positions", &positions, "--load", "0", "--slot-time", "100"],
    );
    let recovery = Recovery {
        rpc: localnet.rpc(),
        cast: localnet.cast(),
        manifest: localnet.manifest(),
        members: localnet.cast().keys.members(),
        localnet,
    };
    let Recovery {
        rpc, manifest, members, ..
    } = &recovery;
    let (domain, payer) = (manifest.domain.0, rpc.payer.pubkey());
    let vault = recovery.cast.plan().vault_keys(0);

    text(dir.path(), &["attack"]);
    // A bystander brings the latch to the board, which opens an incident. Two guardians confirm it.
    recovery
        .send(ix::propagate_trip(domain, payer, manifest.vaults[0].breaker.0, 0), &[])
        .await;
    let incident = recovery.domain().await.open_incident;
    assert_eq!(incident, pda::incident(&domain, 0));
    for guardian in &members[..2] {
        recovery
            .send(ix::confirm_incident(domain, guardian.pubkey(), incident), &[guardian])
            .await;
    }
    assert_eq!(recovery.domain().await.state, phase::FROZEN);
    let said = text(dir.path(), &["attack"]);
    assert!(said.contains("ActionPaused") && said.contains("taken: $0.00"), "{said}");

    let tree = recovery.snapshot(incident).await;
    for guardian in &members[..2] {
        let confirm = ix::confirm_evacuation(domain, guardian.pubkey(), payer, incident);
        recovery.send(confirm, &[guardian]).await;
    }
    let route = manifest.vaults[0].route.0;
    let left = rpc.balance(&manifest.vaults[0].custody.0).await.unwrap();
    recovery.send(ix::evacuate(vault, incident, route), &[]).await;
    assert_eq!(rpc.balance(&route).await.unwrap(), left);

    recovery.vote(incident).await;
    let snapshot = pda::snapshot(&incident, LEDGER);
    let choice = ChooseRestorationArgs {
        incident,
        root: tree.root().hash,
        snapshot,
        ledger_index: LEDGER,
    };
    let authority = recovery.mature(0, &choice).await;
    let mint = manifest.mints.quote.0;
    recovery
        .send(
            ix::choose_restoration(authority, payer, mint, TOKEN_PROGRAM, choice),
            &[],
        )
        .await;
    let keys = ix::RestorationKeys {
        restoration: pda::restoration(&incident, LEDGER),
        mint,
        token_program: TOKEN_PROGRAM,
    };
    recovery
        .send(ix::fund_from_recovery_account(keys, domain, vault.vault, route), &[])
        .await;
    recovery.send(ix::share_out(keys.restoration, incident), &[]).await;
    recovery
        .send(ix::open_claim_page(keys.restoration, payer, 0), &[])
        .await;
    let paid = recovery.claim_all(&tree, incident, keys).await;
    let restoration: Restoration = rpc.load(&keys.restoration).await.unwrap().unwrap();
    // Rounding leaves less than a unit for each position.
    assert!(restoration.paid == paid && left - paid <= u64::from(POSITIONS));

    let reopen = ReopenArgs {
        incident,
        ramp_bps: 2_500,
        grace_seconds: 3_600,
    };
    let authority = recovery.mature(1, &reopen).await;
    recovery.send(ix::reopen(authority, reopen), &[]).await;
    assert_eq!(recovery.domain().await.state, phase::OPERATING);
    // Owners come and go again.
    let (exchange, owner) = (&recovery.cast.exchange, recovery.cast.owner(0));
    let (key, tokens) = (owner.pubkey(), recovery.cast.tokens_of(&owner.pubkey()));
    recovery.send(exchange.deposit(key, tokens, 1_000_000), &[&owner]).await;
    let before = rpc.balance(&tokens).await.unwrap();
    recovery
        .send(exchange.withdraw(key, tokens, 1_000_000, 1), &[&owner])
        .await;
    assert_eq!(rpc.balance(&tokens).await.unwrap(), before + 1_000_000);
}

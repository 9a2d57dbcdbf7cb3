//! An exploited protocol on its way back: frozen, its ledger sealed, then voted on, funded and claimed.

use anchor_lang::{Discriminator, prelude::Pubkey};
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::{BatchLeaf, ChooseRestorationArgs, ClaimArgs, ClaimBatchArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::{ballots::ballot::candidates, snapshots::merkle};
use bulkhead_interface::{
    constants::{CLAIMS_PER_PAGE, NOMINATION_PATIENCE_SECONDS, NOMINATION_SECONDS, VERSION, snapshot_state},
    layout::{Ballot, Snapshot, SnapshotShard},
};
use bulkhead_snapshot::{Position, Tree};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, VOTE_SECONDS, associated_token, keypair};
use bytemuck::Zeroable;
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

/// The ledger everything here is about.
pub const LEDGER: u8 = 0;

/// Where a token account keeps whether it is frozen.
const STATE_OFFSET: usize = 108;

/// An emergency and the addresses that follow from it.
pub struct Recovery {
    pub protocol: Protocol,
    pub incident: Pubkey,
    pub snapshot: Pubkey,
    pub ballot: Pubkey,
    pub restoration: Pubkey,
    pub tree: Tree,
}

/// `count` positions all over the shards, of ten owners.
#[must_use]
pub fn positions(count: u64) -> Vec<Position> {
    (0..count)
        .map(|i| Position {
            key: keypair(&format!("position {i}")).pubkey(),
            owner: owner(i % 10).pubkey(),
            amount: 1_000 + i * 37 % 900,
        })
        .collect()
}

/// `count` positions in shard 1 alone, of one owner: the quickest way to a deep shard.
#[must_use]
pub fn positions_of_one_shard(count: u32) -> Vec<Position> {
    let owner = owner(0).pubkey();
    (0..count)
        .map(|i| {
            let mut key = [0; 32];
            key[0] = 0x10;
            key[28..].copy_from_slice(&i.to_be_bytes());
            Position {
                key: key.into(),
                owner,
                amount: 1_000_000_000_000 + u64::from(i),
            }
        })
        .collect()
}

/// An owner of positions.
#[must_use]
pub fn owner(number: u64) -> Keypair {
    keypair(&format!("owner {number}"))
}

/// An owner that no key signs for: an address of some program's.
#[must_use]
pub fn program_owner() -> Pubkey {
    Pubkey::find_program_address(&[b"owner"], &keypair("some program").pubkey()).0
}

/// The same positions, the one of this number being [`program_owner`]'s.
#[must_use]
pub fn of_a_program(mut positions: Vec<Position>, number: usize) -> Vec<Position> {
    positions[number].owner = program_owner();
    positions
}

/// Writes a Bulkhead account straight into the machine: how tests forge one.
pub fn forge<T: bytemuck::Pod + Discriminator>(machine: &mut Machine, key: &Pubkey, state: &T) {
    let mut data = T::DISCRIMINATOR.to_vec();
    data.extend_from_slice(bytemuck::bytes_of(state));
    machine.write_account(
        key,
        Account {
            lamports: machine.svm.minimum_balance_for_rent_exemption(data.len()),
            data,
            owner: bulkhead::ID,
            executable: false,
            rent_epoch: u64::MAX,
        },
    );
}

/// Freezes a token account or thaws it, as whoever may freeze its token can.
pub fn freeze(machine: &mut Machine, key: &Pubkey, is_frozen: bool) {
    let mut account = machine.account(key).unwrap_or_else(|| panic!("{key} is there"));
    account.data[STATE_OFFSET] = 1 + u8::from(is_frozen);
    machine.write_account(key, account);
}

impl Recovery {
    /// What follows from an incident and the positions of its snapshot.
    #[must_use]
    pub fn of(protocol: Protocol, incident: Pubkey, positions: Vec<Position>) -> Self {
        let snapshot = pda::snapshot(&incident, LEDGER);
        let tag = merkle::tag(&bulkhead::ID, &snapshot, LEDGER);
        Self {
            incident,
            snapshot,
            ballot: pda::ballot(&incident, LEDGER),
            restoration: pda::restoration(&incident, LEDGER),
            tree: Tree::build(tag, positions).unwrap_or_else(|error| panic!("{error}")),
            protocol,
        }
    }

    /// Holds the domain and puts the sealed snapshot of `positions` in place, as if it had been
    /// ingested: what these tests are about begins after that.
    #[must_use]
    pub fn sealed(machine: &mut Machine, protocol: Protocol, positions: Vec<Position>) -> Self {
        let incident = protocol.freeze(machine);
        let recovery = Self::of(protocol, incident, positions);
        recovery.seal(machine);
        recovery
    }

    /// Puts the sealed snapshot in place, with its shards.
    pub fn seal(&self, machine: &mut Machine) {
        self.write_snapshot(machine, snapshot_state::SEALED);
        for number in 0..16 {
            if let Some(shard) = self.tree.shard(number) {
                let state = SnapshotShard {
                    version: VERSION,
                    domain: self.protocol.domain,
                    incident: self.incident,
                    snapshot: self.snapshot,
                    ..*shard
                };
                forge(machine, &self.shard(machine, number), &state);
            }
        }
    }

    /// Writes the snapshot, sealed or not.
    pub fn write_snapshot(&self, machine: &mut Machine, state: u8) {
        let snapshot = Snapshot {
            version: VERSION,
            state,
            ledger_index: LEDGER,
            domain: self.protocol.domain,
            incident: self.incident,
            ledger: pda::ledger(&self.protocol.domain, LEDGER),
            mint: self.protocol.mint,
            tag: *self.tree.tag(),
            root: self.tree.root().hash,
            total: self.tree.root().sum,
            count: self.tree.count(),
            shards: *self.tree.roots(),
            ..Snapshot::zeroed()
        };
        forge(machine, &self.snapshot, &snapshot);
    }

    /// Address of a shard.
    #[must_use]
    pub fn shard(&self, machine: &Machine, number: u8) -> Pubkey {
        pda::shard(&self.snapshot, number, &machine.payer.pubkey())
    }

    /// What follows from the restoration.
    #[must_use]
    pub fn keys(&self) -> ix::RestorationKeys {
        ix::RestorationKeys {
            restoration: self.restoration,
            mint: self.protocol.mint,
            token_program: TOKEN_PROGRAM,
        }
    }

    /// The pool.
    #[must_use]
    pub fn pool(&self) -> Pubkey {
        pda::pool(&self.restoration)
    }

    /// The ballot as it stands.
    #[must_use]
    pub fn ballot(&self, machine: &Machine) -> Ballot {
        machine.load(&self.ballot)
    }

    /// A voter with `amount` in escrow.
    pub fn voter(&self, machine: &mut Machine, name: &str, amount: u64) -> Keypair {
        let protocol = &self.protocol;
        let (voter, payer) = (keypair(name), machine.payer.pubkey());
        let source = machine.create_associated(&protocol.governance_mint, &voter.pubkey(), amount);
        let open = ix::open_escrow(protocol.domain, voter.pubkey(), payer);
        let deposit = ix::deposit_votes(
            protocol.domain,
            voter.pubkey(),
            source,
            protocol.governance_mint,
            TOKEN_PROGRAM,
            amount,
        );
        protocol.must(machine, &[open, deposit], &[&voter]);
        voter
    }

    /// Member 0 opens the ballot and adds the snapshot.
    pub fn nominate(&self, machine: &mut Machine) {
        let (domain, member, payer) = (self.protocol.domain, &self.protocol.members[0], machine.payer.pubkey());
        let open = ix::open_ballot(domain, member.pubkey(), payer, self.incident, LEDGER);
        let add = ix::add_candidate(domain, member.pubkey(), self.ballot, self.snapshot);
        self.protocol.must(machine, &[open, add], &[member]);
    }

    /// Member 0 starts the vote, as soon as it may: after a day, or a week without the incident's own snapshot.
    pub fn start(&self, machine: &mut Machine) {
        let ballot = self.ballot(machine);
        let has_own = candidates(&ballot).iter().any(|row| row.nominator == Pubkey::default());
        machine.warp_seconds(if has_own {
            NOMINATION_SECONDS
        } else {
            NOMINATION_PATIENCE_SECONDS
        });
        let member = &self.protocol.members[0];
        let start = ix::start_voting(
            self.protocol.domain,
            member.pubkey(),
            self.incident,
            self.ballot,
            self.protocol.governance_mint,
        );
        self.protocol.must(machine, &[start], &[member]);
    }

    /// Casts a vote.
    ///
    /// # Errors
    /// What the program says.
    pub fn vote(&self, machine: &mut Machine, voter: &Keypair, choice: u8) -> Result<Outcome, Failure> {
        let payer = machine.payer.pubkey();
        let vote = ix::cast_vote(self.protocol.domain, voter.pubkey(), payer, self.ballot, choice);
        machine.send(&[vote], &[voter])
    }

    /// The whole supply votes for the snapshot, and the vote ends.
    pub fn elect(&self, machine: &mut Machine) {
        let voter = self.voter(machine, "elector", 1_000);
        self.nominate(machine);
        self.start(machine);
        if let Err(failure) = self.vote(machine, &voter, 0) {
            panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n"));
        }
        machine.warp_seconds(VOTE_SECONDS);
    }

    /// Arguments that restore the snapshot.
    #[must_use]
    pub fn args(&self) -> ChooseRestorationArgs {
        ChooseRestorationArgs {
            incident: self.incident,
            snapshot: self.snapshot,
            root: self.tree.root().hash,
            ledger_index: LEDGER,
        }
    }

    /// The same, with the root that stands in the snapshot whatever the tree here is.
    #[must_use]
    pub fn args_as_sealed(&self, machine: &Machine) -> ChooseRestorationArgs {
        ChooseRestorationArgs {
            root: machine.load::<Snapshot>(&self.snapshot).root,
            ..self.args()
        }
    }

    /// Executes a matured proposal.
    ///
    /// # Errors
    /// What the program says.
    pub fn choose(
        &self,
        machine: &mut Machine,
        authority: ix::Authority,
        args: ChooseRestorationArgs,
    ) -> Result<Outcome, Failure> {
        let payer = machine.payer.pubkey();
        let choose = ix::choose_restoration(authority, payer, self.protocol.mint, TOKEN_PROGRAM, args);
        machine.send(&[choose], &[])
    }

    /// Vote and proposal both done: recovering.
    pub fn restore(&self, machine: &mut Machine) {
        self.elect(machine);
        let authority = self.protocol.mature(machine, &self.args());
        if let Err(failure) = self.choose(machine, authority, self.args()) {
            panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n"));
        }
    }

    /// Pays `amount` of new tokens into the pool.
    pub fn fund(&self, machine: &mut Machine, amount: u64) {
        let funder = keypair("funder");
        let source = machine.create_associated(&self.protocol.mint, &funder.pubkey(), amount);
        let fund = ix::fund_restoration(self.keys(), funder.pubkey(), source, amount);
        self.protocol.must(machine, &[fund], &[&funder]);
    }

    /// Shares out what the pool holds.
    ///
    /// # Errors
    /// What the program says.
    pub fn share_out(&self, machine: &mut Machine) -> Result<Outcome, Failure> {
        machine.send(&[ix::share_out(self.restoration, self.incident)], &[])
    }

    /// Funds the pool, shares out all of it, and sees that there are pages, and an associated account for each owner.
    pub fn pay_out(&self, machine: &mut Machine, amount: u64) {
        self.fund(machine, amount);
        if let Err(failure) = self.share_out(machine) {
            panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n"));
        }
        let payer = machine.payer.pubkey();
        for page in 0..self.tree.count().div_ceil(u64::from(CLAIMS_PER_PAGE)) {
            let page = u16::try_from(page).unwrap_or(u16::MAX);
            if machine.account(&pda::claim_page(&self.restoration, page)).is_none() {
                let open = ix::open_claim_page(self.restoration, payer, page);
                self.protocol.must(machine, &[open], &[]);
            }
        }
        for number in 0..10 {
            let owner = owner(number).pubkey();
            if machine
                .account(&associated_token(&owner, &self.protocol.mint))
                .is_none()
            {
                machine.create_associated(&self.protocol.mint, &owner, 0);
            }
        }
    }

    /// Everything a claim of `key` needs, to be spoilt by a test.
    #[must_use]
    pub fn prepare(&self, machine: &Machine, key: &Pubkey) -> (ix::ClaimKeys, ClaimArgs) {
        let proof = self.tree.prove(key).unwrap_or_else(|| panic!("{key} has no leaf"));
        let Position { owner, amount, .. } = proof.position;
        let number = merkle::shard_of(key.as_array());
        let place = bulkhead_core::restoration::claims::locate(self.tree.roots(), proof.index)
            .unwrap_or_else(|| panic!("{key} has no place"));
        let mint = &self.protocol.mint;
        let seeds: &[&[u8]] = &[owner.as_ref(), TOKEN_PROGRAM.as_ref(), mint.as_ref()];
        let (destination, destination_bump) = Pubkey::find_program_address(seeds, &anchor_spl::associated_token::ID);
        let keys = ix::ClaimKeys {
            snapshot: self.snapshot,
            shard: self.shard(machine, number),
            page: place.page,
            owner,
            owner_signs: false,
            destination,
        };
        let args = ClaimArgs {
            index: proof.index,
            key: *key,
            amount,
            destination_bump,
            proof: proof.claim_bytes().to_vec(),
        };
        (keys, args)
    }

    /// The batch of these leaves, which are neighbours of one shard in this order.
    #[must_use]
    pub fn batch(&self, machine: &Machine, keys: &[Pubkey]) -> Instruction {
        let (first, others, args) = self.prepare_batch(machine, keys);
        ix::claim_batch(self.keys(), first, others, args)
    }

    /// Everything the batch needs, to be spoilt by a test: the first leaf's accounts, those of the others, and the leaves.
    #[must_use]
    pub fn prepare_batch(
        &self,
        machine: &Machine,
        keys: &[Pubkey],
    ) -> (ix::ClaimKeys, Vec<(Pubkey, Pubkey)>, ClaimBatchArgs) {
        let each: Vec<_> = keys.iter().map(|key| self.prepare(machine, key)).collect();
        let ([(first, from), others @ ..], Some((_, to))) = (each.as_slice(), each.last()) else {
            panic!("no leaves");
        };
        let proof = merkle::range_proof((from.index, &from.proof), (to.index, &to.proof));
        let leaf = |(_, args): &(ix::ClaimKeys, ClaimArgs)| BatchLeaf {
            key: args.key,
            amount: args.amount,
            destination_bump: args.destination_bump,
        };
        let args = ClaimBatchArgs {
            first: from.index,
            leaves: each.iter().map(leaf).collect(),
            proof: proof.unwrap_or_else(|| panic!("{keys:?} are no neighbours")),
        };
        let others = others.iter().map(|(keys, _)| (keys.owner, keys.destination));
        (*first, others.collect(), args)
    }

    /// Claims for every leaf, whatever frozen accounts and leaves that were paid before say to it.
    pub fn claim_all(&self, machine: &mut Machine) {
        let leaves: Vec<_> = self.tree.leaves().map(|(_, leaf)| *leaf).collect();
        for leaf in leaves {
            let mint = self.protocol.mint;
            if machine.account(&associated_token(&leaf.owner, &mint)).is_none() {
                machine.create_associated(&mint, &leaf.owner, 0);
            }
            let _ = self.claim(machine, &leaf.key);
        }
    }

    /// Claims as anyone may.
    ///
    /// # Errors
    /// What the program says.
    pub fn claim(&self, machine: &mut Machine, key: &Pubkey) -> Result<Outcome, Failure> {
        let (keys, args) = self.prepare(machine, key);
        machine.send(&[ix::claim(self.keys(), keys, args)], &[])
    }
}

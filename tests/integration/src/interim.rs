//! A ledger with an interim rule, frozen, with its snapshot sealed and a checkpoint from before the breach.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::{ProveInterimLeafArgs, SetInterimRuleArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::restoration::claims::locate;
use bulkhead_interface::{
    constants::{CLAIMS_PER_PAGE, proved},
    layout::{Interim, Restoration},
};
use bulkhead_snapshot::{Position, Tree};
use bulkhead_testbed::{Failure, Machine, Outcome, Protocol, associated_token};
use solana_signer::Signer;

use crate::{
    checkpoints::Watched,
    recovery::{LEDGER, Recovery},
};

/// The rule of every [`Shared`] ledger: half of custody, and at most 1,000 a position.
#[must_use]
pub const fn rule() -> SetInterimRuleArgs {
    SetInterimRuleArgs {
        ledger_index: LEDGER,
        bps: 5_000,
        cap: 1_000,
        age_seconds: 0,
    }
}

/// The two states of a ledger, and a third one that the vote can choose.
pub struct Shared {
    pub machine: Machine,
    /// The incident's own snapshot.
    pub recovery: Recovery,
    pub log: Pubkey,
    /// The checkpoint, and its slot.
    pub before: (u64, Tree),
    /// An older checkpoint, and its slot.
    pub older: (u64, Tree),
    pub keys: ix::InterimKeys,
}

/// The same protocol, for a second recovery on the same machine.
#[must_use]
pub fn twin(protocol: &Protocol) -> Protocol {
    Protocol {
        setup_authority: protocol.setup_authority.insecure_clone(),
        members: protocol.members.iter().map(|member| member.insecure_clone()).collect(),
        operator: protocol.operator.insecure_clone(),
        ..*protocol
    }
}

/// Panics with the program's logs.
pub fn must(result: Result<Outcome, Failure>) -> Outcome {
    match result {
        Ok(outcome) => outcome,
        Err(failure) => panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n")),
    }
}

impl Shared {
    /// The positions as an older checkpoint, the newest one and the snapshot have them.
    #[must_use]
    pub fn frozen(older: Vec<Position>, before: Vec<Position>, after: Vec<Position>) -> Self {
        let mut watched = Watched::new();
        let authority = watched.protocol.mature(&mut watched.machine, &rule());
        let set = ix::set_interim_rule(authority, rule());
        watched.protocol.must(&mut watched.machine, &[set], &[]);
        let older = watched.attested(older);
        watched
            .machine
            .warp_slots(bulkhead_interface::constants::MIN_CHECKPOINT_INTERVAL);
        let before = watched.attested(before);
        let incident = watched.freeze();
        for (slot, tree) in [&older, &before] {
            must(watched.open_snapshot(incident, *slot, tree.roots()));
        }
        let Watched {
            mut machine,
            protocol,
            log,
        } = watched;
        let recovery = Recovery::of(protocol, incident, after);
        recovery.seal(&mut machine);
        let keys = ix::InterimKeys {
            domain: recovery.protocol.domain,
            incident,
            ledger_index: LEDGER,
            snapshot: recovery.snapshot,
            checkpoint: pda::checkpoint_snapshot(&incident, LEDGER, before.0),
            mint: recovery.protocol.mint,
            token_program: TOKEN_PROGRAM,
        };
        Self {
            machine,
            recovery,
            log,
            before,
            older,
            keys,
        }
    }

    /// `open_interim`.
    ///
    /// # Errors
    /// What the program says.
    pub fn open(&mut self) -> Result<Outcome, Failure> {
        let payer = self.machine.payer.pubkey();
        self.machine.send(&[ix::open_interim(self.keys, payer)], &[])
    }

    /// `fund_interim` from the vault's custody.
    ///
    /// # Errors
    /// What the program says.
    pub fn fund(&mut self) -> Result<Outcome, Failure> {
        let protocol = &self.recovery.protocol;
        let from = (protocol.vault.vault, protocol.custody());
        self.machine.send(&[ix::fund_interim(self.keys, Some(from))], &[])
    }

    /// Open, funded from custody, with all pages, and an account for every owner.
    pub fn share_out(&mut self) {
        must(self.open());
        must(self.fund());
        let payer = self.machine.payer.pubkey();
        for (of, count) in [
            (proved::SNAPSHOT, self.recovery.tree.count()),
            (proved::CHECKPOINT, self.before.1.count()),
        ] {
            for page in 0..count.div_ceil(u64::from(CLAIMS_PER_PAGE)) {
                let page = u16::try_from(page).unwrap_or(u16::MAX);
                must(
                    self.machine
                        .send(&[ix::open_interim_page(self.keys, payer, of, page)], &[]),
                );
            }
        }
        let trees = [&self.recovery.tree, &self.before.1, &self.older.1];
        let owners: Vec<_> = trees
            .iter()
            .flat_map(|tree| tree.leaves().map(|(_, leaf)| leaf.owner))
            .collect();
        for owner in owners {
            if self
                .machine
                .account(&associated_token(&owner, &self.keys.mint))
                .is_none()
            {
                self.machine.create_associated(&self.keys.mint, &owner, 0);
            }
        }
    }

    /// The share-out as it stands.
    #[must_use]
    pub fn interim(&self) -> Interim {
        self.machine.load(&self.keys.interim())
    }

    /// The restoration as it stands.
    #[must_use]
    pub fn restoration(&self) -> Restoration {
        self.machine.load(&self.keys.restoration())
    }

    /// Arguments that prove a leaf of a tree up to its root.
    #[must_use]
    pub fn proof(tree: &Tree, key: &Pubkey, row: u8) -> ProveInterimLeafArgs {
        let proof = tree.prove(key).unwrap_or_else(|| panic!("{key} has no leaf"));
        ProveInterimLeafArgs {
            row,
            index: proof.index,
            key: *key,
            owner: proof.position.owner,
            amount: proof.position.amount,
            proof: bytemuck::cast_slice(&proof.siblings).to_vec(),
        }
    }

    /// `prove_interim_leaf` by the payer.
    ///
    /// # Errors
    /// What the program says.
    pub fn prove(&mut self, state: Pubkey, args: ProveInterimLeafArgs) -> Result<Outcome, Failure> {
        let payer = self.machine.payer.pubkey();
        let prove = ix::prove_interim_leaf(self.keys.interim(), state, payer, args);
        self.machine.send(&[prove], &[])
    }

    /// Stores the checkpoint's leaf of a position.
    pub fn prove_before(&mut self, key: &Pubkey) {
        let args = Self::proof(&self.before.1, key, 0);
        must(self.prove(self.keys.checkpoint, args));
    }

    /// Everything that `claim_interim` of `key` needs besides the stored proof.
    #[must_use]
    pub fn prepare(&self, key: &Pubkey) -> (ix::InterimClaimKeys, bulkhead::instructions::ClaimArgs) {
        let (claim, args) = self.recovery.prepare(&self.machine, key);
        let other = self.before.1.prove(key).map_or(0, |proof| proof.index);
        let place = locate(self.before.1.roots(), other);
        let keys = ix::InterimClaimKeys {
            shard: claim.shard,
            prover: self.machine.payer.pubkey(),
            snapshot_page: claim.page,
            checkpoint_page: place.map_or(0, |place| place.page),
            owner: claim.owner,
            owner_signs: false,
            destination: claim.destination,
        };
        (keys, args)
    }

    /// Proves and claims a position.
    ///
    /// # Errors
    /// What the program says.
    pub fn claim(&mut self, key: &Pubkey) -> Result<Outcome, Failure> {
        self.prove_before(key);
        self.claim_proved(key)
    }

    /// Claims a position whose proof is stored.
    ///
    /// # Errors
    /// What the program says.
    pub fn claim_proved(&mut self, key: &Pubkey) -> Result<Outcome, Failure> {
        let (keys, args) = self.prepare(key);
        self.machine.send(&[ix::claim_interim(self.keys, keys, args)], &[])
    }

    /// What the owner of a position has in their associated token account.
    #[must_use]
    pub fn balance(&self, owner: &Pubkey) -> u64 {
        self.machine.balance(&associated_token(owner, &self.keys.mint))
    }

    /// The recovery by one of the checkpoints, with its shards open.
    #[must_use]
    pub fn by_checkpoint(&mut self, slot: u64, positions: Vec<Position>) -> Recovery {
        let incident = self.keys.incident;
        let tag = bulkhead_core::checkpoints::checkpoint::tag(&bulkhead::ID, &self.log, LEDGER, slot);
        let tree = Tree::build(tag, positions).unwrap_or_else(|error| panic!("{error}"));
        let snapshot = pda::checkpoint_snapshot(&incident, LEDGER, slot);
        let payer = self.machine.payer.pubkey();
        for number in 0..16 {
            if let Some(shard) = tree.shard(number).filter(|shard| shard.count > 0) {
                let open = ix::open_checkpoint_shard(payer, snapshot, number, &shard.canopy);
                must(self.machine.send(&[open], &[]));
            }
        }
        Recovery {
            incident,
            snapshot,
            ballot: pda::ballot(&incident, LEDGER),
            restoration: self.keys.restoration(),
            tree,
            protocol: twin(&self.recovery.protocol),
        }
    }

    /// Pays `amount` into the pool, shares it out, and opens the pages of the restoration's book.
    pub fn restore(&mut self, recovery: &Recovery, amount: u64) {
        recovery.restore(&mut self.machine);
        recovery.fund(&mut self.machine, amount);
        must(recovery.share_out(&mut self.machine));
        let (payer, book) = (self.machine.payer.pubkey(), self.restoration().book);
        for page in 0..recovery.tree.count().div_ceil(u64::from(CLAIMS_PER_PAGE)) {
            let page = u16::try_from(page).unwrap_or(u16::MAX);
            if self.machine.account(&pda::claim_page(&book, page)).is_none() {
                let open = ix::open_book_page(self.keys.restoration(), book, payer, page);
                must(self.machine.send(&[open], &[]));
            }
        }
    }

    /// The final claim of a position, in the book that the restoration names.
    #[must_use]
    pub fn final_claim(&self, recovery: &Recovery, key: &Pubkey) -> solana_instruction::Instruction {
        let (keys, args) = recovery.prepare(&self.machine, key);
        let page = keys.page;
        let claim = ix::claim(recovery.keys(), keys, args);
        ix::in_book(claim, &recovery.restoration, &self.restoration().book, page)
    }
}

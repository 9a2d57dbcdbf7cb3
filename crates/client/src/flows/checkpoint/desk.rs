//! A checkpoint log as one of its attesters sees it.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::SLOT_HASHES_SYSVAR;
use bulkhead_core::{
    CoreError,
    acts::{self, At, Live, Posting},
    checkpoints::checkpoint::{self as rules, Claim},
    domain::council::{member_bit, member_index},
};
use bulkhead_interface::{
    constants::{checkpoint_state, role},
    layout::{Checkpoint, CheckpointLog, Council, Domain, Ledger},
};

use super::Checkpointed;
use crate::{
    flows::{Done, FlowError, Session, refusal::refused, snapshot::live_factors},
    payload::duration,
    pda,
};

/// What the flows about one log work with.
pub(super) struct Desk {
    domain: Domain,
    pub(super) council: Council,
    pub(super) ledger: Ledger,
    pub(super) key: Pubkey,
    pub(super) log: CheckpointLog,
    attester: Pubkey,
    /// The attester's index among the members.
    index: usize,
}

impl Desk {
    pub(super) async fn open(
        session: &Session<'_>,
        domain: Pubkey,
        attester: Pubkey,
        ledger_index: u8,
    ) -> Result<Box<Self>, FlowError> {
        let key = pda::checkpoint_log(&domain, ledger_index);
        let council: Council = session
            .load("council", &pda::council(&domain), "is the domain right?")
            .await?;
        let index = member_index(&council, &attester, role::ATTESTER)
            .map_err(|error| refused(error, "Sign with the key of an attester."))?;
        Ok(Box::new(Self {
            domain: session.load("domain", &domain, "is the address right?").await?,
            council,
            ledger: session
                .load("ledger", &pda::ledger(&domain, ledger_index), "is its number right?")
                .await?,
            log: session
                .load("checkpoint log", &key, "propose `open_checkpoint_log` first")
                .await?,
            key,
            attester,
            index,
        }))
    }

    /// The checkpoint of this content.
    pub(super) fn find(&self, claim: &Claim) -> Option<&Checkpoint> {
        rules::find(&self.log, claim.slot)
            .ok()
            .filter(|entry| Claim::of(entry) == *claim)
    }

    pub(super) fn has_attested(&self, entry: &Checkpoint) -> bool {
        let is_of_council = u64::from(entry.config_epoch) == self.council.config_epoch;
        is_of_council && entry.attesters & member_bit(self.index) != 0
    }

    /// Could this attester's attestation still help it over the threshold?
    pub(super) fn is_waiting(&self, entry: &Checkpoint) -> bool {
        let is_of_council = u64::from(entry.config_epoch) == self.council.config_epoch;
        is_of_council && entry.state == checkpoint_state::POSTED && !self.has_attested(entry)
    }

    /// May this attester post again, by the time since its last checkpoint? The other conditions depend on the content.
    pub(super) fn require_due(&self, at: At) -> Result<(), FlowError> {
        let member = self.council.members.get(self.index);
        let own = member.map(rules::poster_of);
        let own = rules::entries(&self.log).filter(|entry| Some(entry.poster) == own);
        let next = own
            .map(|entry| entry.posted_slot.saturating_add(self.log.min_interval_slots))
            .max();
        let Some(next) = next.filter(|next| at.slot < *next) else {
            return Ok(());
        };
        let slots = next - at.slot;
        let seconds = i64::try_from(slots.saturating_mul(2) / 5).unwrap_or(i64::MAX);
        Err(FlowError::NotYet {
            why: format!("this attester may post its next checkpoint in slot {next}, {slots} slots from now"),
            next: format!("run this again in about {}", duration(seconds.max(1))),
        })
    }

    /// The entry as the program would write it.
    pub(super) async fn foresee(&self, session: &Session<'_>, claim: &Claim, at: At) -> Result<Checkpoint, FlowError> {
        let accounts = session
            .chain
            .accounts(&[SLOT_HASHES_SYSVAR, self.ledger.total_account])
            .await?;
        let mut accounts = accounts.into_iter().map(Option::unwrap_or_default);
        let (hashes, total) = (accounts.next().unwrap_or_default(), accounts.next().unwrap_or_default());
        let posting = Posting {
            attester: &self.attester,
            claim,
            slot_hashes: &hashes.data,
            total: Live {
                program: &total.owner,
                data: &total.data,
            },
            factors: live_factors(session, &self.ledger).await?,
        };
        let mut log = Box::new(self.log);
        let log = (&self.key, &mut *log);
        acts::post_checkpoint(&self.domain, &self.council, log, &self.ledger, &posting, at).map_err(|error| {
            let next = match error {
                CoreError::SlotUnknown | CoreError::SlotHashMismatch | CoreError::CheckpointNotLater => {
                    "Build it again from a newer slot."
                }
                CoreError::CheckpointTotalDiffers => {
                    "The positions were read incompletely, or the host's total is wrong: compare both before you post."
                }
                CoreError::CheckpointTooSoon | CoreError::CheckpointLogFull => "Run this again later.",
                CoreError::WrongPhase => "Checkpoints are posted until the domain is frozen.",
                _ => "Nothing was sent.",
            };
            refused(error, next)
        })
    }
}

/// What is reported of a checkpoint of the log.
pub(super) fn report(done: Done, entry: &Checkpoint) -> Checkpointed {
    Checkpointed {
        done,
        slot: entry.slot,
        hash: entry.hash,
        root: entry.root,
        total: entry.total,
        count: entry.count.into(),
        attesters: entry.attesters.count_ones(),
        threshold: entry.threshold,
        is_attested: entry.state == checkpoint_state::ATTESTED,
    }
}

//! Proofs of state: what a domain demands, statements on their way, and what was proved.

use bulkhead_interface::{
    constants::proof_flag,
    layout::{ProofCheck, ProofKey, ProofRules, ProofRun, SealedLedger, StateProof},
};

use super::{Report, detail, differing, shown};
use crate::{
    payload::{hex, set_of},
    watch::{Detail, Event},
};

impl Report {
    pub(super) fn proof_rules(&mut self, is_new: bool, old: &ProofRules, new: &ProofRules) {
        let before = |text: String| (!is_new).then_some(text);
        if (old.key, old.key_slot) != (new.key, new.key_slot) {
            let details = vec![detail("key", before(hex(&old.key)), Some(hex(&new.key)))];
            self.record(Event::VerifyingKeyRegistered, details);
        }
        if (old.ledgers, old.decided_slot) != (new.ledgers, new.decided_slot) {
            let details = vec![detail(
                "ledgers",
                before(set_of(&old.ledgers)),
                Some(set_of(&new.ledgers)),
            )];
            self.record(Event::ProofsRequired, details);
        }
    }

    pub(super) fn proof_key(&mut self, is_new: bool, old: &ProofKey, new: &ProofKey) {
        let details = differing!(is_new, old, new; page_size, set_up);
        self.record(Event::VerifyingKeyRegistered, details);
    }

    pub(super) fn sealed_ledger(&mut self, is_new: bool, old: &SealedLedger, new: &SealedLedger) {
        let details = differing!(is_new, old, new; snapshot, role, total);
        self.record(Event::LedgerFixed, details);
    }

    pub(super) fn state_proof(&mut self, is_new: bool, old: &StateProof, new: &StateProof) {
        if is_new {
            let details = differing!(is_new, old, new; incident, ledger_index, restoration);
            return self.record(Event::ProofOpened, details);
        }
        let ended = |proof: &StateProof| Some(proof.ended.map(|ended| ended.count_ones().to_string()).join(" and "));
        self.record(Event::ShardProved, vec![detail("ended", ended(old), ended(new))]);
    }

    pub(super) fn proof_run(&mut self, is_new: bool, old: &ProofRun, new: &ProofRun) {
        let details = differing!(is_new, old, new; prover, role, shard);
        let event = if is_new { Event::RunOpened } else { Event::PageProved };
        self.record(event, details);
    }

    pub(super) fn proof_check(&mut self, is_new: bool, old: &ProofCheck, new: &ProofCheck) {
        let details = differing!(is_new, old, new; ledger_index, flags, successor, pool);
        let event = if new.flags & proof_flag::OVERRIDDEN != 0 {
            Event::ProofOverridden
        } else {
            Event::LedgerProved
        };
        self.record(event, details);
    }
}

//! Snapshots, checkpoints, ballots and claims.

use bulkhead_interface::{
    constants::{checkpoint_state, restoration_flag, snapshot_flag, snapshot_source, snapshot_state},
    layout::{
        Ballot, BallotRules, CheckpointLog, ClaimRedirect, ClaimTerms, Interim, Ledger, RestartCheck, Restoration,
        Snapshot,
    },
};

use super::{Report, detail, differing, hex, shown};
use crate::watch::{Detail, Event};

impl Report {
    pub(super) fn snapshot(&mut self, is_new: bool, old: &Snapshot, new: &Snapshot) {
        if is_new {
            let is_checkpoint = new.source == snapshot_source::CHECKPOINT;
            let event = if is_checkpoint {
                Event::CheckpointSnapshotOpened
            } else {
                Event::SnapshotOpened
            };
            self.record(event, differing!(true, old, new; incident, ledger));
        }
        let is_again = old.state == snapshot_state::SEALED && old.seals != new.seals;
        let is_sealed = new.state == snapshot_state::SEALED && (old.state != new.state || is_again);
        let decided = |snapshot: &Snapshot| (snapshot.flags & snapshot_flag::OVERRIDDEN, snapshot.decided_slot);
        let is_decided = new.flags & snapshot_flag::OVERRIDDEN != 0 && (is_again || decided(old) != decided(new));
        let root = || detail("root", (!is_new).then(|| hex(&old.root)), Some(hex(&new.root)));
        if is_decided {
            let mut details = differing!(is_new, old, new; total, excess, shortfall);
            details.push(root());
            self.record(Event::SealOverridden, details);
        } else if is_sealed {
            let mut details = differing!(is_new, old, new; total, count);
            details.push(root());
            let event = if is_again {
                Event::SealReplaced
            } else {
                Event::SnapshotSealed
            };
            self.record(event, details);
        }
        if old.state != new.state && new.state == snapshot_state::VOID {
            self.record(Event::CheckpointSnapshotVoided, vec![]);
        }
    }

    pub(super) fn ledger(&mut self, is_new: bool, old: &Ledger, new: &Ledger) {
        if is_new {
            self.record(Event::LedgerRegistered, vec![]);
            return;
        }
        let rule = differing!(false, old, new; interim_bps, interim_cap, interim_age_seconds);
        if !rule.is_empty() {
            self.record(Event::InterimRuleSet, rule);
        }
    }

    pub(super) fn interim(&mut self, is_new: bool, old: &Interim, new: &Interim) {
        if is_new {
            self.record(
                Event::InterimOpened,
                differing!(true, old, new; snapshot, checkpoint, bps, cap),
            );
        }
        if old.stop_count != new.stop_count {
            self.record(Event::InterimClaimStopped, differing!(is_new, old, new; stop_count));
        }
        if old.shared != new.shared {
            self.record(Event::InterimFunded, differing!(is_new, old, new; shared));
        }
        if old.paid != new.paid {
            self.record(Event::InterimClaimPaid, differing!(is_new, old, new; paid));
        }
    }

    pub(super) fn restoration(&mut self, is_new: bool, old: &Restoration, new: &Restoration) {
        if is_new {
            let event = if new.flags & restoration_flag::ESCAPE == 0 {
                Event::RestorationChosen
            } else {
                Event::EscapeOpened
            };
            return self.record(event, vec![]);
        }
        if old.claim_days != new.claim_days {
            self.record(Event::ClaimsExtended, differing!(false, old, new; claim_days));
        }
        if old.state != new.state {
            self.record(Event::UnclaimedSwept, vec![]);
        }
        if self.changes.is_empty() {
            self.record(Event::RestorationPaid, vec![]);
        }
    }

    pub(super) fn claim_terms(&mut self, is_new: bool, old: &ClaimTerms, new: &ClaimTerms) {
        let details = differing!(is_new, old, new; claim_days, rest_owner);
        self.record(Event::ClaimTermsSet, details);
    }

    pub(super) fn ballot_rules(&mut self, is_new: bool, old: &BallotRules, new: &BallotRules) {
        let details = differing!(
            is_new, old, new;
            weight_program, weight_realm, max_weight_record, flags, cool_off_seconds, dispute_seconds
        );
        self.record(Event::BallotRulesSet, details);
    }

    pub(super) fn restart_check(&mut self, is_new: bool, old: &RestartCheck, new: &RestartCheck) {
        let details = differing!(is_new, old, new; owed, held, flags);
        self.record(Event::RestartChecked, details);
    }

    pub(super) fn claim_redirect(&mut self, is_new: bool, old: &ClaimRedirect, new: &ClaimRedirect) {
        let details = differing!(is_new, old, new; owner, destination, holder);
        if !details.is_empty() {
            self.record(Event::ClaimsRedirected, details);
        }
    }

    pub(super) fn checkpoint_log(&mut self, is_new: bool, old: &CheckpointLog, new: &CheckpointLog) {
        let rules = differing!(is_new, old, new; threshold, flags, tolerance_bps, min_interval_slots, keep_seconds);
        if is_new {
            self.record(Event::CheckpointLogOpened, rules);
        } else if !rules.is_empty() {
            self.record(Event::CheckpointRulesChanged, rules);
        }
        if old.posted != new.posted {
            self.record(Event::CheckpointPosted, differing!(is_new, old, new; posted));
        }
        for (was, is) in old.entries.iter().zip(&new.entries) {
            let is_same = was.hash == is.hash;
            let slot = || detail("slot", None, Some(shown(&is.slot)));
            if (!is_same || was.state != is.state) && is.state == checkpoint_state::ATTESTED {
                self.record(Event::CheckpointAttested, vec![slot()]);
            }
            if (!is_same || was.state != is.state) && is.state == checkpoint_state::CONTESTED {
                self.record(Event::CheckpointContested, vec![slot()]);
            }
            if is.disputes > if is_same { was.disputes } else { 0 } {
                let disputes = detail("disputes", Some(shown(&was.disputes)), Some(shown(&is.disputes)));
                self.record(Event::CheckpointDisputed, vec![slot(), disputes]);
            }
        }
    }

    pub(super) fn ballot(&mut self, is_new: bool, old: &Ballot, new: &Ballot) {
        if is_new {
            self.record(Event::BallotOpened, differing!(true, old, new; incident, ledger_index));
        } else if old.round != new.round {
            // Two rounds may have passed, and only the last veto's root is kept.
            if old.vetoes != new.vetoes {
                let root = detail("vetoed_root", None, Some(hex(&new.vetoed_root)));
                let mut details = differing!(false, old, new; vetoes);
                details.push(root);
                self.record(Event::BallotVetoed, details);
            }
            self.record(Event::BallotRenewed, differing!(false, old, new; round));
        }
        if new.candidate_count > if old.round == new.round { old.candidate_count } else { 0 } {
            self.record(Event::CandidateAdded, differing!(is_new, old, new; candidate_count));
        }
        if old.starts_ts != new.starts_ts && new.starts_ts != 0 {
            self.record(
                Event::VotingStarted,
                differing!(is_new, old, new; starts_ts, ends_ts, quorum),
            );
        }
        if self.changes.is_empty() {
            self.record(Event::VoteCast, vec![]);
        }
    }
}

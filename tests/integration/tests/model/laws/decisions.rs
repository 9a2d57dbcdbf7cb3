//! Nothing is looser than before but by a decision about what was known when it was proposed.

use anchor_lang::prelude::Pubkey;
use bulkhead::decision::Decision;
use bulkhead_core::permissiveness::Loosening;
use bulkhead_interface::{
    constants::phase,
    layout::{PauseBoard, Proposal},
};

use super::Laws;
use crate::{acts::Act, args::Args, moves::Move};

impl Laws {
    /// What was executed was proposed after the last tightening of what it loosens.
    pub(super) fn nothing_tightened_since(&self, at: usize, made: &Move, story: &str) {
        let state = &self.states[at];
        let Act::Execute(args) = &made.act else { return };
        if state.domain.state == phase::SETUP {
            return;
        }
        match &args.decision {
            Decision::Resume(_) | Decision::Reopen(_) => {
                let (before, after) = (state.board(), self.sites[at].protocol.board(&self.machine));
                let proposed = self.proposed_slot(at, made).expect("it was proposed");
                self.sites[at].reasons.unpaused(&before, &after, proposed, story);
            }
            Decision::SetLimit(args) => {
                let lowered = state.breakers.iter().find(|(key, _)| *key == args.breaker);
                let lowered = lowered.map_or(0, |(_, breaker)| breaker.lowered_slot);
                assert!(
                    self.proposed_slot(at, made) > Some(lowered),
                    "{story}: the limit was lowered since"
                );
            }
            _ => {}
        }
    }

    /// The slot of the proposal that a move executes.
    fn proposed_slot(&self, at: usize, made: &Move) -> Option<u64> {
        let books = &self.sites[at].model.proposals;
        let mut keys = made.accounts().into_iter();
        keys.find_map(|key| books.get(&key).map(|own| own.slot))
    }

    /// A linked mask comes from an own pause upstream that is in force now, and lasts no longer than that, or from a
    /// message of the peer, and lasts no longer than a guardian's pause; a proposal unpauses none that was carried here since it was made. Nothing else touches one.
    pub(super) fn linked_masks_have_a_reason(&self, at: usize, made: &Move, story: &str) {
        let typed = |board: &[u8]| -> PauseBoard { bytemuck::pod_read_unaligned(&board[8..]) };
        let (site, state) = (&self.sites[at], &self.states[at]);
        let (before, after) = (typed(&state.board), site.protocol.board(&self.machine));
        let upstream = typed(&self.states[(at + 1) % self.states.len()].board);
        let now = self.machine.clock().unix_timestamp;
        let own = std::iter::once(&upstream.domain_row).chain(&upstream.rows);
        let ends = own.flat_map(|row| {
            let held = if row.freeze == 0 {
                0
            } else {
                now + state.council.trip_seconds
            };
            [row.guardian_pause_until, row.trip_until, held]
        });
        let last = ends.max().unwrap_or(0);
        for (old, new) in before.rows.iter().zip(&after.rows) {
            if (old.linked, old.linked_until) == (new.linked, new.linked_until) {
                continue;
            }
            match &made.act {
                Act::PropagateContagion => {
                    assert!(now < last, "{story}: closed without a reason");
                    assert!(
                        new.linked_until <= last.max(old.linked_until),
                        "{story}: outlives its reason"
                    );
                    assert_eq!(before.epoch, after.epoch, "{story}: a crank moved the epoch");
                }
                Act::Hear => {
                    let longest = now + state.council.guardian_pause_seconds;
                    assert!(
                        new.linked_until <= longest.max(old.linked_until),
                        "{story}: outlives a guardian's pause"
                    );
                    let opened = if now < old.linked_until {
                        old.linked & !new.linked
                    } else {
                        0
                    };
                    assert_eq!(opened, 0, "{story}: a message opened something");
                    assert!(
                        now >= old.linked_until || new.linked_until >= old.linked_until,
                        "{story}: a message shortened a pause"
                    );
                }
                Act::Execute(Args {
                    decision: Decision::Resume(_) | Decision::Reopen(_),
                    ..
                }) => {
                    assert!(
                        self.proposed_slot(at, made) > Some(before.linked_slot),
                        "{story}: unpaused what was carried here since"
                    );
                }
                _ => panic!("{story}: touched a linked mask"),
            }
        }
    }

    /// The proposal that the step was about stands on chain as in the model's books.
    pub(super) fn books_agree(&self, at: usize, accounts: &[Pubkey], story: &str) {
        let books = &self.sites[at].model.proposals;
        for (key, own) in accounts.iter().filter_map(|key| books.get_key_value(key)) {
            let state: Proposal = self.machine.load(key);
            let approvals = state.approvals.count_ones() as usize;
            assert_eq!(approvals, own.approvals.len(), "{story}: approvals");
            assert_eq!(state.approved_ts, own.reached.unwrap_or(0), "{story}: the clock");
        }
    }
}

/// What a matured proposal may loosen: what it is about and nothing else.
pub(super) fn may_loosen(decision: &Decision, looser: Loosening) -> bool {
    match (decision, looser) {
        (Decision::Resume(_), Loosening::Domain | Loosening::Mask(_) | Loosening::Latch(_) | Loosening::Vault(_))
        | (Decision::ChooseRestoration(_) | Decision::SetRecoveryRules(_), Loosening::Domain)
        | (Decision::ChangeCouncil(_) | Decision::GrantRights(_), Loosening::Council)
        | (
            Decision::Reopen(_),
            Loosening::Domain
            | Loosening::Mask(_)
            | Loosening::Stage(_)
            | Loosening::Latch(_)
            | Loosening::Room(_)
            | Loosening::Vault(_),
        ) => true,
        (Decision::RegisterEvacuationRoute(args), Loosening::Vault(vault)) => args.vault == vault,
        (Decision::OpenBreaker(_), Loosening::Breaker(_))
        | (Decision::OpenVault(_), Loosening::Vault(_))
        | (Decision::RegisterLedger(_), Loosening::Ledger(_))
        | (Decision::RegisterEmergencyAction(_) | Decision::RegisterEmergencySteps(_), Loosening::EmergencyAction(_)) => {
            true
        }
        (Decision::SetLink(_), Loosening::Link(_)) => true,
        (
            Decision::OpenPriceBreaker(_) | Decision::OpenSolvencyBreaker(_) | Decision::OpenAuthorityWatch(_),
            Loosening::Detector(_),
        ) => true,
        (Decision::CloseDetector(args), Loosening::Detector(detector)) => args.detector == detector,
        (Decision::SetLimit(args), Loosening::Limit(breaker) | Loosening::Room(breaker)) => args.breaker == breaker,
        _ => false,
    }
}

//! Proposals, the pause board, the council, the domain and its incidents.

use std::cmp::Ordering;

use bulkhead_interface::{
    constants::{incident_state, phase, proposal_state},
    layout::{BoardRow, Council, Domain, Incident, PauseBoard, Proposal},
};

use super::{Told, detail, differing, hex, numbers, shown};
use crate::watch::{Detail, Event};

impl Told {
    pub(super) fn proposal(&mut self, is_new: bool, old: &Proposal, new: &Proposal) {
        // An edit keeps the kind, and is of one that is open.
        let is_another = old.kind != new.kind || (old.state != new.state && new.state == proposal_state::OPEN);
        if !is_new && is_another {
            return self.replaced(old, new, Self::proposal);
        }
        let is_edited = !is_new && (old.created_slot != new.created_slot || old.payload_hash != new.payload_hash);
        if is_new || is_edited {
            let event = if is_new {
                Event::ProposalCreated
            } else {
                Event::ProposalEdited
            };
            let mut details = differing!(is_new, old, new; kind, class, created_slot, expires_ts);
            details.push(detail("payload_hash", None, Some(hex(&new.payload_hash))));
            self.tell(event, details);
        }
        let told = || differing!(false, old, new; approvals, approved_ts);
        // An edit clears what was approved before.
        let kept = if is_edited { 0 } else { old.approvals };
        if new.approvals & !kept != 0 {
            self.tell(Event::ProposalApproved, told());
        }
        if kept & !new.approvals != 0 {
            self.tell(Event::ApprovalWithdrawn, told());
        }
        if old.state != new.state || is_new {
            match new.state {
                proposal_state::EXECUTED => self.tell(Event::ProposalExecuted, told()),
                proposal_state::VETOED => self.tell(Event::ProposalVetoed, told()),
                _ => {}
            }
        }
    }

    pub(super) fn board(&mut self, is_new: bool, old: &PauseBoard, new: &PauseBoard) {
        self.row("domain", &old.domain_row, &new.domain_row);
        for (number, (old, new)) in old.rows.iter().zip(&new.rows).enumerate() {
            self.row(&number.to_string(), old, new);
        }
        if old.unpaused_slot != new.unpaused_slot {
            self.tell(Event::DomainResumed, differing!(is_new, old, new; unpaused_slot, epoch));
        } else if !is_new && (old.epoch != new.epoch || old.grace_until != new.grace_until) {
            self.tell(Event::Changed, differing!(false, old, new; epoch, grace_until));
        }
    }

    fn row(&mut self, name: &str, old: &BoardRow, new: &BoardRow) {
        let masks = [
            (Event::DomainFrozen, "freeze", (old.freeze, 0), (new.freeze, 0)),
            (
                Event::Paused,
                "guardian_pause",
                (old.guardian_pause, old.guardian_pause_until),
                (new.guardian_pause, new.guardian_pause_until),
            ),
            (
                Event::TripPropagated,
                "trip",
                (old.trip, old.trip_until),
                (new.trip, new.trip_until),
            ),
            (
                Event::ContagionPropagated,
                "linked",
                (old.linked, old.linked_until),
                (new.linked, new.linked_until),
            ),
        ];
        for (event, field, was, is) in masks {
            if was == is {
                continue;
            }
            let is_set = is.0 & !was.0 != 0 || (is.0 != 0 && is.1 > was.1);
            let shown = |(mask, until): (u32, i64)| {
                if until == 0 {
                    format!("{mask:#010x}")
                } else {
                    format!("{mask:#010x} until {until}")
                }
            };
            let event = if is_set { event } else { Event::Unpaused };
            self.tell(
                event,
                vec![detail(&format!("{name}.{field}"), Some(shown(was)), Some(shown(is)))],
            );
        }
        // What a board begins with is the whole.
        if old.ramp_bps != new.ramp_bps && old.ramp_bps != 0 {
            let (was, is) = (shown(&old.ramp_bps), shown(&new.ramp_bps));
            self.tell(
                Event::DomainReopened,
                vec![detail(&format!("{name}.ramp_bps"), Some(was), Some(is))],
            );
        }
    }

    pub(super) fn council(&mut self, is_new: bool, old: &Council, new: &Council) {
        let members = |council: &Council| council.members.to_vec();
        if is_new || old.config_epoch != new.config_epoch {
            let mut details = differing!(is_new, old, new; config_epoch, member_count, freeze_threshold);
            let keys = |council: &Council| {
                let members = members(council).into_iter().take(council.member_count.into());
                members
                    .map(|member| member.key.to_string())
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            let was = (!is_new).then(|| keys(old));
            details.push(detail("members", was, Some(keys(new))));
            self.tell(Event::CouncilChanged, details);
            return;
        }
        for (was, is) in members(old).iter().zip(members(new)) {
            let told = |field: &str, before, after| detail(&format!("{} {field}", is.key), Some(before), Some(after));
            let rights = || told("pause_rights", shown(&was.pause_rights), shown(&is.pause_rights));
            match was.pause_rights.cmp(&is.pause_rights) {
                Ordering::Less => self.tell(Event::RightsGranted, vec![rights()]),
                Ordering::Greater => self.tell(Event::PauseRightBurnt, vec![rights()]),
                Ordering::Equal => {}
            }
            if was.last_active_ts != is.last_active_ts {
                let (before, after) = (shown(&was.last_active_ts), shown(&is.last_active_ts));
                self.tell(Event::MemberActive, vec![told("last_active_ts", before, after)]);
            }
        }
        for (place, (was, is)) in old.vetoes.iter().zip(&new.vetoes).enumerate() {
            if (was.ts, was.by) != (is.ts, is.by) {
                let details = vec![
                    detail(&format!("{place} by"), Some(numbers(&was.by)), Some(numbers(&is.by))),
                    detail(&format!("{place} ts"), Some(numbers(&was.ts)), Some(numbers(&is.ts))),
                ];
                self.tell(Event::VetoStands, details);
            }
        }
    }

    pub(super) fn domain(&mut self, is_new: bool, old: &Domain, new: &Domain) {
        if is_new {
            self.tell(Event::DomainOpened, differing!(true, old, new; state, host_program));
        } else if old.state != new.state {
            let event = if old.state == phase::SETUP {
                Event::DomainActivated
            } else {
                Event::PhaseChanged
            };
            self.tell(event, differing!(false, old, new; state, open_incident));
        }
    }

    pub(super) fn incident(&mut self, is_new: bool, old: &Incident, new: &Incident) {
        if is_new {
            self.tell(
                Event::IncidentOpened,
                differing!(true, old, new; cause, source, breach_amount, limit),
            );
        }
        if new.confirmations & !old.confirmations != 0 {
            self.tell(Event::IncidentConfirmed, differing!(is_new, old, new; confirmations));
        }
        if old.state != new.state && new.state == incident_state::CLOSED {
            self.tell(Event::IncidentClosed, vec![]);
        }
        if old.evacuated != new.evacuated {
            self.tell(Event::VaultEvacuated, differing!(is_new, old, new; evacuated));
        }
    }
}

//! Proposals, the pause board, the council, the domain and its incidents.

use std::cmp::Ordering;

use bulkhead_interface::{
    constants::{incident_state, phase, proposal_state},
    layout::{BoardRow, Council, Domain, Incident, PauseBoard, Proposal},
};

use super::{Report, detail, differing, hex, numbers, shown};
use crate::watch::{Detail, Event};

impl Report {
    pub(super) fn proposal(&mut self, is_new: bool, old: &Proposal, new: &Proposal) {
        // An edit keeps the kind and applies to an open proposal only.
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
            self.record(event, details);
        }
        let rendered = || differing!(false, old, new; approvals, approved_ts);
        // An edit clears earlier approvals.
        let kept = if is_edited { 0 } else { old.approvals };
        if new.approvals & !kept != 0 {
            self.record(Event::ProposalApproved, rendered());
        }
        if kept & !new.approvals != 0 {
            self.record(Event::ApprovalWithdrawn, rendered());
        }
        if old.state != new.state || is_new {
            match new.state {
                proposal_state::EXECUTED => self.record(Event::ProposalExecuted, rendered()),
                proposal_state::VETOED => self.record(Event::ProposalVetoed, rendered()),
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
            self.record(Event::DomainResumed, differing!(is_new, old, new; unpaused_slot, epoch));
        } else if !is_new && (old.epoch != new.epoch || old.grace_until != new.grace_until) {
            self.record(Event::Changed, differing!(false, old, new; epoch, grace_until));
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
            self.record(
                event,
                vec![detail(&format!("{name}.{field}"), Some(shown(was)), Some(shown(is)))],
            );
        }
        // A new board is reported completely.
        if old.ramp_bps != new.ramp_bps && old.ramp_bps != 0 {
            let (was, is) = (shown(&old.ramp_bps), shown(&new.ramp_bps));
            self.record(
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
            self.record(Event::CouncilChanged, details);
            return;
        }
        for (was, is) in members(old).iter().zip(members(new)) {
            let rendered =
                |field: &str, before, after| detail(&format!("{} {field}", is.key), Some(before), Some(after));
            let rights = || rendered("pause_rights", shown(&was.pause_rights), shown(&is.pause_rights));
            match was.pause_rights.cmp(&is.pause_rights) {
                Ordering::Less => self.record(Event::RightsGranted, vec![rights()]),
                Ordering::Greater => self.record(Event::PauseRightBurnt, vec![rights()]),
                Ordering::Equal => {}
            }
            if was.last_active_ts != is.last_active_ts {
                let (before, after) = (shown(&was.last_active_ts), shown(&is.last_active_ts));
                self.record(Event::MemberActive, vec![rendered("last_active_ts", before, after)]);
            }
        }
        for (place, (was, is)) in old.vetoes.iter().zip(&new.vetoes).enumerate() {
            if (was.ts, was.by) != (is.ts, is.by) {
                let details = vec![
                    detail(&format!("{place} by"), Some(numbers(&was.by)), Some(numbers(&is.by))),
                    detail(&format!("{place} ts"), Some(numbers(&was.ts)), Some(numbers(&is.ts))),
                ];
                self.record(Event::VetoStands, details);
            }
        }
    }

    pub(super) fn domain(&mut self, is_new: bool, old: &Domain, new: &Domain) {
        if is_new {
            self.record(Event::DomainOpened, differing!(true, old, new; state, host_program));
        } else if old.state != new.state {
            let event = if old.state == phase::SETUP {
                Event::DomainActivated
            } else {
                Event::PhaseChanged
            };
            self.record(event, differing!(false, old, new; state, open_incident));
        }
        let rules = differing!(is_new, old, new; escape_seconds, restart_check_seconds);
        if !is_new && !rules.is_empty() {
            self.record(Event::RecoveryRulesSet, rules);
        }
    }

    pub(super) fn incident(&mut self, is_new: bool, old: &Incident, new: &Incident) {
        if is_new {
            self.record(
                Event::IncidentOpened,
                differing!(true, old, new; cause, source, breach_amount, limit),
            );
        }
        if new.confirmations & !old.confirmations != 0 {
            self.record(Event::IncidentConfirmed, differing!(is_new, old, new; confirmations));
        }
        if old.state != new.state && new.state == incident_state::CLOSED {
            self.record(Event::IncidentClosed, vec![]);
        }
        if old.evacuated != new.evacuated {
            self.record(Event::VaultEvacuated, differing!(is_new, old, new; evacuated));
        }
    }
}

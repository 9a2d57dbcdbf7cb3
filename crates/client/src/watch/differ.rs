//! Compares an account with the same account at a later time.

use std::cmp::Ordering;

use anchor_lang::{ZeroCopy, prelude::Pubkey};
use bulkhead_interface::{
    constants::{
        checkpoint_state, incident_state, latch_state, migration_state, phase, proposal_state, release_state,
        snapshot_flag, snapshot_source, snapshot_state,
    },
    layout::{
        AuthorityWatch, Ballot, BoardRow, CheckpointLog, ClaimRedirect, Council, Detector, Domain, Incident, Latch,
        Migration, OutflowBreaker, PauseBoard, PriceBreaker, Proposal, Release, Snapshot, SolvencyBreaker, Vault,
    },
};
use bytemuck::Zeroable;

use super::{Change, Detail, Event, Kind, kinds::TAG};

/// The changes of an account.
pub(super) fn account(key: Pubkey, before: Option<&Vec<u8>>, after: Option<&Vec<u8>>) -> Vec<Change> {
    if before == after {
        return vec![];
    }
    let kind_of = |data: Option<&Vec<u8>>| data.and_then(|data| Kind::of(data));
    let (old, new) = (kind_of(before), kind_of(after));
    let Some(kind) = new.or(old) else { return vec![] };
    let mut report = Report {
        key,
        kind,
        changes: vec![],
    };
    match (before, after) {
        (Some(before), None) => report.gone(before),
        (Some(before), Some(after)) if old == new => report.differs(Some(before), after),
        // The address now contains another kind: the old account was closed and a new one created.
        (Some(before), Some(after)) => {
            if let Some(kind) = old {
                report.kind = kind;
                report.gone(before);
                report.kind = new.unwrap_or(kind);
            }
            report.differs(None, after);
        }
        (None, Some(after)) => report.differs(None, after),
        (None, None) => {}
    }
    report.changes
}

struct Report {
    key: Pubkey,
    kind: Kind,
    changes: Vec<Change>,
}

/// The fields that differ between two states, or all fields of a new account.
macro_rules! differing {
    ($is_new:expr, $old:expr, $new:expr; $($field:ident),*) => {{
        let mut details: Vec<Detail> = vec![];
        $(if $is_new || $old.$field != $new.$field {
            let (old, new) = ($old.$field, $new.$field);
            details.push(detail(stringify!($field), if $is_new { None } else { Some(shown(&old)) }, Some(shown(&new))));
        })*
        details
    }};
}

impl Report {
    fn record(&mut self, event: Event, details: Vec<Detail>) {
        self.changes.push(Change {
            account: self.key,
            kind: self.kind,
            event,
            details,
        });
    }

    /// The old account is closed and this is a new one: the address was reused between two observations.
    fn replaced<T: ZeroCopy>(&mut self, old: &T, new: &T, compare: fn(&mut Self, bool, &T, &T)) {
        let bytes: Vec<u8> = self
            .kind
            .discriminator()
            .iter()
            .chain(bytemuck::bytes_of(old))
            .copied()
            .collect();
        self.gone(&bytes);
        compare(self, true, &T::zeroed(), new);
    }

    fn gone(&mut self, before: &[u8]) {
        let details = match read::<Proposal>(before).filter(|_| self.kind == Kind::Proposal) {
            Some(proposal) => vec![
                detail("state", Some(shown(&proposal.state)), None),
                detail("approved_ts", Some(shown(&proposal.approved_ts)), None),
            ],
            None => vec![],
        };
        let event = match self.kind {
            Kind::Proposal => Event::ProposalClosed,
            Kind::OutflowBreaker | Kind::PriceBreaker | Kind::SolvencyBreaker | Kind::AuthorityWatch => {
                Event::DetectorClosed
            }
            Kind::Release => Event::ReleaseClosed,
            Kind::SnapshotShard => Event::ShardClosed,
            Kind::VoteRecord => Event::VoteRecordClosed,
            Kind::LeafEvidence => Event::EvidenceClosed,
            Kind::PositionSample => Event::SampleClosed,
            _ => Event::Closed,
        };
        self.record(event, details);
    }

    /// Compares the account's current state with its previous state, if any.
    fn differs(&mut self, before: Option<&[u8]>, after: &[u8]) {
        match self.kind {
            Kind::Proposal => self.typed(before, after, Self::proposal),
            Kind::PauseBoard => self.typed(before, after, Self::board),
            Kind::Council => self.typed(before, after, Self::council),
            Kind::Domain => self.typed(before, after, Self::domain),
            Kind::Incident => self.typed(before, after, Self::incident),
            Kind::Migration => self.typed(before, after, Self::migration),
            Kind::Vault => {
                self.typed(before, after, Self::vault);
                self.latch(before, after, Event::DetectorLatched, Event::Changed);
            }
            Kind::Release => self.typed(before, after, Self::release),
            Kind::Snapshot => self.typed(before, after, Self::snapshot),
            Kind::CheckpointLog => self.typed(before, after, Self::checkpoint_log),
            Kind::Ballot => self.typed(before, after, Self::ballot),
            Kind::OutflowBreaker => {
                let before = self.opened(before, after, Event::BreakerOpened, |breaker: &OutflowBreaker| {
                    let window = (breaker.sub_windows, breaker.window_seconds);
                    let at = (
                        breaker.compartment,
                        breaker.shards,
                        breaker.authority,
                        breaker.reference,
                    );
                    (at, window, breaker.opened_slot, fixed(&breaker.latch))
                });
                self.typed(before, after, Self::limits);
                self.latch(before, after, Event::BreakerLatched, Event::OutflowMetered);
            }
            Kind::PriceBreaker => {
                let before = self.opened(before, after, Event::PriceBreakerOpened, |breaker: &PriceBreaker| {
                    let PriceBreaker {
                        compartment,
                        kind,
                        width,
                        program,
                        ..
                    } = *breaker;
                    let offsets = (breaker.price_offset, breaker.time_offset, breaker.confidence_offset);
                    let rules = bytemuck::bytes_of(&breaker.rules).to_vec();
                    let read = (kind, width, program, offsets, breaker.exponent);
                    (compartment, read, rules, fixed(&breaker.latch))
                });
                self.latch(before, after, Event::DetectorLatched, Event::PriceObserved);
            }
            Kind::SolvencyBreaker => {
                let before = self.opened(
                    before,
                    after,
                    Event::SolvencyBreakerOpened,
                    |breaker: &SolvencyBreaker| {
                        let owed = (breaker.liabilities, breaker.program, breaker.offset, breaker.width);
                        let rules = (breaker.tolerance_bps, breaker.tolerance, breaker.min_age_seconds);
                        let reserves = breaker.reserves.map(|reserve| reserve.account);
                        (breaker.compartment, owed, rules, reserves, fixed(&breaker.latch))
                    },
                );
                self.typed(before, after, Self::shortfall);
                self.latch(before, after, Event::DetectorLatched, Event::Changed);
            }
            Kind::AuthorityWatch => {
                let before = self.opened(before, after, Event::AuthorityWatchOpened, |watch: &AuthorityWatch| {
                    let AuthorityWatch {
                        compartment,
                        kind,
                        account,
                        offset,
                        ..
                    } = *watch;
                    (compartment, kind, account, offset, fixed(&watch.latch))
                });
                self.typed(before, after, Self::authorities);
                self.latch(before, after, Event::DetectorLatched, Event::Changed);
            }
            Kind::Link => self.record(Event::LinkSet, vec![]),
            Kind::EmergencyAction => self.record(Event::EmergencyActionRegistered, vec![]),
            Kind::Ledger => self.one_of(before, Event::LedgerRegistered, Event::Changed),
            Kind::MintLedgers | Kind::DepositNote => self.record(Event::Changed, vec![]),
            Kind::SnapshotShard => self.one_of(before, Event::ShardOpened, Event::PositionsIngested),
            Kind::VoterEscrow => self.one_of(before, Event::EscrowOpened, Event::VotesMoved),
            Kind::VoteRecord => self.record(Event::VoteCast, vec![]),
            Kind::Restoration => self.one_of(before, Event::RestorationChosen, Event::RestorationPaid),
            Kind::ClaimPage => self.one_of(before, Event::ClaimPageOpened, Event::ClaimPaid),
            Kind::ClaimRedirect => self.typed(before, after, Self::claim_redirect),
            Kind::LeafEvidence => self.record(Event::LeafProved, vec![]),
            Kind::PositionSample => self.record(Event::PositionSampled, vec![]),
        }
        if self.changes.is_empty() {
            self.record(Event::Changed, vec![]);
        }
    }

    fn typed<T: ZeroCopy>(&mut self, before: Option<&[u8]>, after: &[u8], compare: fn(&mut Self, bool, &T, &T)) {
        let old = before.and_then(read::<T>);
        let nothing = Box::new(T::zeroed());
        if let Some(new) = read::<T>(after) {
            compare(self, old.is_none(), old.as_deref().unwrap_or(&nothing), &new);
        }
    }

    /// Reports a new detector, also if it replaced another at the same address with rules that no act changes in place.
    /// Returns the previous state if it is the same detector.
    fn opened<'a, T: ZeroCopy, F: PartialEq>(
        &mut self,
        before: Option<&'a [u8]>,
        after: &[u8],
        event: Event,
        rules: impl Fn(&T) -> F,
    ) -> Option<&'a [u8]> {
        let rules = |data: &[u8]| read::<T>(data).map(|detector| rules(&detector));
        let Some(old) = before.filter(|old| rules(old) == rules(after)) else {
            if let Some(old) = before {
                self.gone(old);
            }
            self.record(event, vec![]);
            return None;
        };
        Some(old)
    }

    fn one_of(&mut self, before: Option<&[u8]>, new: Event, changed: Event) {
        self.record(if before.is_none() { new } else { changed }, vec![]);
    }

    fn proposal(&mut self, is_new: bool, old: &Proposal, new: &Proposal) {
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

    fn board(&mut self, is_new: bool, old: &PauseBoard, new: &PauseBoard) {
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

    fn council(&mut self, is_new: bool, old: &Council, new: &Council) {
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

    fn domain(&mut self, is_new: bool, old: &Domain, new: &Domain) {
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
    }

    fn incident(&mut self, is_new: bool, old: &Incident, new: &Incident) {
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

    fn migration(&mut self, is_new: bool, old: &Migration, new: &Migration) {
        if is_new || old.confirmations != new.confirmations {
            self.record(Event::EvacuationConfirmed, differing!(is_new, old, new; confirmations));
        }
        if old.state != new.state && new.state == migration_state::ACTIVE {
            self.record(Event::EvacuationStarted, vec![]);
        }
    }

    fn vault(&mut self, is_new: bool, old: &Vault, new: &Vault) {
        if is_new {
            self.record(Event::VaultOpened, differing!(true, old, new; mint, operator, breaker));
        }
        if old.route != new.route {
            self.record(Event::EvacuationRouteRegistered, differing!(is_new, old, new; route));
        }
        if old.cancel_root != new.cancel_root {
            self.record(Event::CancelListSet, vec![]);
        }
        if old.evacuated_slot != new.evacuated_slot || !is_new && old.state != new.state {
            self.record(
                Event::VaultEvacuated,
                differing!(is_new, old, new; state, evacuated_slot),
            );
        }
    }

    fn release(&mut self, is_new: bool, old: &Release, new: &Release) {
        let asked = |release: &Release| (release.amount, release.requested_ts, release.requested_slot);
        if !is_new && asked(old) != asked(new) {
            return self.replaced(old, new, Self::release);
        }
        if is_new {
            self.record(
                Event::ReleaseQueued,
                differing!(true, old, new; vault, destination, amount, payable_ts),
            );
        }
        if !is_new && (old.destination, old.owner) != (new.destination, new.owner) {
            self.record(
                Event::ReleaseRedirected,
                differing!(false, old, new; destination, owner),
            );
        }
        if old.state != new.state && new.state == release_state::CANCELLED {
            self.record(Event::ReleaseCancelled, differing!(is_new, old, new; paid));
        } else if old.paid != new.paid {
            self.record(Event::ReleaseSettled, differing!(is_new, old, new; paid, state));
        }
    }

    fn snapshot(&mut self, is_new: bool, old: &Snapshot, new: &Snapshot) {
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

    fn claim_redirect(&mut self, is_new: bool, old: &ClaimRedirect, new: &ClaimRedirect) {
        let details = differing!(is_new, old, new; owner, destination, holder);
        if !details.is_empty() {
            self.record(Event::ClaimsRedirected, details);
        }
    }

    fn checkpoint_log(&mut self, is_new: bool, old: &CheckpointLog, new: &CheckpointLog) {
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

    fn ballot(&mut self, is_new: bool, old: &Ballot, new: &Ballot) {
        if is_new {
            self.record(Event::BallotOpened, differing!(true, old, new; incident, ledger_index));
        } else if old.round != new.round {
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

    fn limits(&mut self, is_new: bool, old: &OutflowBreaker, new: &OutflowBreaker) {
        let details =
            differing!(is_new, old, new; limit, slot_limit, limit_bps, slot_bps, inflow_credit, trip_limit, trip_bps);
        if details.is_empty() || is_new {
            return;
        }
        let is_lower = new.limit <= old.limit
            && new.slot_limit <= old.slot_limit
            && new.limit_bps <= old.limit_bps
            && new.slot_bps <= old.slot_bps
            && new.inflow_credit <= old.inflow_credit
            && new.trip_limit <= old.trip_limit
            && new.trip_bps <= old.trip_bps;
        self.record(if is_lower { Event::LimitLowered } else { Event::LimitSet }, details);
    }

    fn shortfall(&mut self, is_new: bool, old: &SolvencyBreaker, new: &SolvencyBreaker) {
        if old.suspect_ts != new.suspect_ts {
            self.record(Event::ShortfallObserved, differing!(is_new, old, new; suspect_ts));
        }
    }

    fn authorities(&mut self, _: bool, old: &AuthorityWatch, new: &AuthorityWatch) {
        let seen = |watch: &AuthorityWatch| (watch.latched.slot, watch.latched.keys);
        if seen(old) != seen(new) {
            let keys = new
                .latched
                .keys
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" ");
            self.record(Event::AuthorityChangeObserved, vec![detail("keys", None, Some(keys))]);
        }
    }

    /// Reports a detector's latch, which has the same offset in all detectors. Reports `otherwise` if the latch is
    /// unchanged and nothing else was reported.
    fn latch(&mut self, before: Option<&[u8]>, after: &[u8], latched: Event, otherwise: Event) {
        let Some(new) = detector(after) else { return };
        let old = before.and_then(detector).unwrap_or_else(Detector::zeroed);
        let (was, is) = (old.latch, new.latch);
        let is_another = (was.ts, was.slot) != (is.ts, is.slot) || was.state == latch_state::ARMED;
        if is.state != latch_state::ARMED && is_another {
            self.record(latched, differing!(true, was, is; seen, allowed, slot, until));
        }
        if is.state == latch_state::PROPAGATED && (is_another || was.state != latch_state::PROPAGATED) {
            self.record(Event::TripPropagated, differing!(true, was, is; scope, slot, until));
        }
        if self.changes.is_empty() {
            self.record(otherwise, vec![]);
        }
    }
}

/// The fields of a latch that are set when its detector is opened.
const fn fixed(latch: &Latch) -> (u8, i64) {
    (latch.scope, latch.seconds)
}

fn read<T: ZeroCopy>(data: &[u8]) -> Option<Box<T>> {
    let bytes = data.get(TAG..)?.get(..size_of::<T>())?;
    Some(Box::new(bytemuck::pod_read_unaligned(bytes)))
}

fn detector(data: &[u8]) -> Option<Detector> {
    let bytes = data.get(TAG..)?.get(..size_of::<Detector>())?;
    Some(bytemuck::pod_read_unaligned(bytes))
}

fn detail(field: &str, before: Option<String>, after: Option<String>) -> Detail {
    Detail {
        field: field.to_owned(),
        before: before.unwrap_or_default(),
        after: after.unwrap_or_default(),
    }
}

fn shown(value: &impl ToString) -> String {
    value.to_string()
}

fn numbers<T: ToString>(list: &[T]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

//! Compares an account with the same account at a later time.

mod custody;
mod domain;
mod host;
mod insurance;
mod messages;
mod proofs;
mod recovery;

use anchor_lang::{ZeroCopy, prelude::Pubkey};
use bulkhead_interface::{
    constants::latch_state,
    layout::{AuthorityWatch, Detector, Latch, OutflowBreaker, PriceBreaker, Proposal, SolvencyBreaker},
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

use differing;

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
            Kind::InterimProof => Event::InterimProofClosed,
            Kind::SealedLedger | Kind::StateProof | Kind::ProofRun => Event::ProofAccountClosed,
            Kind::InsuranceStake => Event::Unstaked,
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
            Kind::Peer => self.typed(before, after, Self::peer),
            Kind::EmergencyAction => self.record(Event::EmergencyActionRegistered, vec![]),
            Kind::Ledger => self.typed(before, after, Self::ledger),
            Kind::MintLedgers | Kind::DepositNote => self.record(Event::Changed, vec![]),
            Kind::SnapshotShard => self.one_of(before, Event::ShardOpened, Event::PositionsIngested),
            Kind::VoterEscrow => self.one_of(before, Event::EscrowOpened, Event::VotesMoved),
            Kind::VoteRecord => self.record(Event::VoteCast, vec![]),
            Kind::Restoration => self.typed(before, after, Self::restoration),
            Kind::BallotRules => self.typed(before, after, Self::ballot_rules),
            Kind::ClaimTerms => self.typed(before, after, Self::claim_terms),
            Kind::RestartCheck => self.typed(before, after, Self::restart_check),
            Kind::ProofRules => self.typed(before, after, Self::proof_rules),
            Kind::ProofKey => self.typed(before, after, Self::proof_key),
            Kind::SealedLedger => self.typed(before, after, Self::sealed_ledger),
            Kind::StateProof => self.typed(before, after, Self::state_proof),
            Kind::ProofRun => self.typed(before, after, Self::proof_run),
            Kind::ProofCheck => self.typed(before, after, Self::proof_check),
            Kind::ClaimPage => self.one_of(before, Event::ClaimPageOpened, Event::ClaimPaid),
            Kind::ClaimRedirect => self.typed(before, after, Self::claim_redirect),
            Kind::LeafEvidence => self.record(Event::LeafProved, vec![]),
            Kind::PositionSample => self.record(Event::PositionSampled, vec![]),
            Kind::CancelList => self.record(Event::GuardianCancelListSet, vec![]),
            Kind::EmergencyRun => self.typed(before, after, Self::emergency_run),
            Kind::DirectVault => self.typed(before, after, Self::direct_vault),
            Kind::HostProgram => self.typed(before, after, Self::host_program),
            Kind::Interim => self.typed(before, after, Self::interim),
            Kind::InterimProof => self.record(Event::InterimLeafProved, vec![]),
            Kind::InsurancePool => self.typed(before, after, Self::insurance_pool),
            Kind::InsuranceStake => self.one_of(before, Event::Staked, Event::StakeChanged),
            Kind::InsuranceCover => self.typed(before, after, Self::insurance_cover),
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

//! What differs between an account and the same account later.

mod custody;
mod domain;
mod recovery;

use anchor_lang::{ZeroCopy, prelude::Pubkey};
use bulkhead_interface::{
    constants::latch_state,
    layout::{AuthorityWatch, Detector, Latch, OutflowBreaker, PriceBreaker, Proposal, SolvencyBreaker},
};
use bytemuck::Zeroable;

use super::{Change, Detail, Event, Kind, kinds::TAG};

/// What happened to an account, if anything did.
pub(super) fn account(key: Pubkey, before: Option<&Vec<u8>>, after: Option<&Vec<u8>>) -> Vec<Change> {
    if before == after {
        return vec![];
    }
    let kind_of = |data: Option<&Vec<u8>>| data.and_then(|data| Kind::of(data));
    let (old, new) = (kind_of(before), kind_of(after));
    let Some(kind) = new.or(old) else { return vec![] };
    let mut told = Told {
        key,
        kind,
        changes: vec![],
    };
    match (before, after) {
        (Some(before), None) => told.gone(before),
        (Some(before), Some(after)) if old == new => told.differs(Some(before), after),
        // Another kind at the address: what was there was closed, and this is new.
        (Some(before), Some(after)) => {
            if let Some(kind) = old {
                told.kind = kind;
                told.gone(before);
                told.kind = new.unwrap_or(kind);
            }
            told.differs(None, after);
        }
        (None, Some(after)) => told.differs(None, after),
        (None, None) => {}
    }
    told.changes
}

struct Told {
    key: Pubkey,
    kind: Kind,
    changes: Vec<Change>,
}

/// Fields of two states that differ, or all of the second where it is new.
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

impl Told {
    fn tell(&mut self, event: Event, details: Vec<Detail>) {
        self.changes.push(Change {
            account: self.key,
            kind: self.kind,
            event,
            details,
        });
    }

    /// What was there is gone, and this is new: the address was used again between two looks.
    fn replaced<T: ZeroCopy>(&mut self, old: &T, new: &T, tell: fn(&mut Self, bool, &T, &T)) {
        let bytes: Vec<u8> = self
            .kind
            .discriminator()
            .iter()
            .chain(bytemuck::bytes_of(old))
            .copied()
            .collect();
        self.gone(&bytes);
        tell(self, true, &T::zeroed(), new);
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
        self.tell(event, details);
    }

    /// The account as it is now, and as it was if it was there.
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
            Kind::Link => self.tell(Event::LinkSet, vec![]),
            Kind::EmergencyAction => self.tell(Event::EmergencyActionRegistered, vec![]),
            Kind::Ledger => self.one_of(before, Event::LedgerRegistered, Event::Changed),
            Kind::MintLedgers | Kind::DepositNote => self.tell(Event::Changed, vec![]),
            Kind::SnapshotShard => self.one_of(before, Event::ShardOpened, Event::PositionsIngested),
            Kind::VoterEscrow => self.one_of(before, Event::EscrowOpened, Event::VotesMoved),
            Kind::VoteRecord => self.tell(Event::VoteCast, vec![]),
            Kind::Restoration => self.one_of(before, Event::RestorationChosen, Event::RestorationPaid),
            Kind::ClaimPage => self.one_of(before, Event::ClaimPageOpened, Event::ClaimPaid),
            Kind::ClaimRedirect => self.typed(before, after, Self::claim_redirect),
            Kind::LeafEvidence => self.tell(Event::LeafProved, vec![]),
            Kind::PositionSample => self.tell(Event::PositionSampled, vec![]),
        }
        if self.changes.is_empty() {
            self.tell(Event::Changed, vec![]);
        }
    }

    fn typed<T: ZeroCopy>(&mut self, before: Option<&[u8]>, after: &[u8], tell: fn(&mut Self, bool, &T, &T)) {
        let old = before.and_then(read::<T>);
        let nothing = Box::new(T::zeroed());
        if let Some(new) = read::<T>(after) {
            tell(self, old.is_none(), old.as_deref().unwrap_or(&nothing), &new);
        }
    }

    /// Tells of a detector that is new; also where another was here before, with rules that no act changes in place. Gives
    /// what it was before, if it is the same.
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
            self.tell(event, vec![]);
            return None;
        };
        Some(old)
    }

    fn one_of(&mut self, before: Option<&[u8]>, new: Event, changed: Event) {
        self.tell(if before.is_none() { new } else { changed }, vec![]);
    }

    /// A detector's latch, which all of them have in the same place; and what it is when that has not moved and nothing
    /// else was told.
    fn latch(&mut self, before: Option<&[u8]>, after: &[u8], latched: Event, otherwise: Event) {
        let Some(new) = detector(after) else { return };
        let old = before.and_then(detector).unwrap_or_else(Detector::zeroed);
        let (was, is) = (old.latch, new.latch);
        let is_another = (was.ts, was.slot) != (is.ts, is.slot) || was.state == latch_state::ARMED;
        if is.state != latch_state::ARMED && is_another {
            self.tell(latched, differing!(true, was, is; seen, allowed, slot, until));
        }
        if is.state == latch_state::PROPAGATED && (is_another || was.state != latch_state::PROPAGATED) {
            self.tell(Event::TripPropagated, differing!(true, was, is; scope, slot, until));
        }
        if self.changes.is_empty() {
            self.tell(otherwise, vec![]);
        }
    }
}

/// What of a latch is set when its detector is opened.
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

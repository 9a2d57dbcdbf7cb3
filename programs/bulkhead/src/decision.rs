//! What proposals decide: the arguments of the instruction that executes each kind, and how each is judged.
//!
//! A decision is judged when it is proposed, when it is edited and when it runs, each time by the same rules: those of
//! `core::acts::judge`, and those of the arguments themselves.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::{self, ActError, Asked, At, LinkEnds, NewDetector, Reopening},
    price::PriceError,
    window::{Limits, TripLimits, check_trip},
};
use bulkhead_interface::{
    constants::kind,
    layout::{CheckpointLog, Council, Ledger, Link, OutflowBreaker, PriceBreaker},
};

use crate::{authority::act_error, call::StoredInstruction, error::BulkheadError, instructions::*};

/// Around what a decision is judged.
pub struct Scene<'a> {
    /// The domain it is about.
    pub domain: Pubkey,
    /// Its council.
    pub council: &'a Council,
}

impl Scene<'_> {
    /// A detector that could be opened here.
    fn detector(&self, compartment: u8, trip_scope: u8, latch_seconds: i64) -> NewDetector {
        NewDetector {
            bump: 0,
            domain: self.domain,
            board: self.council.board,
            compartment,
            trip_scope,
            latch_seconds,
            proposed_slot: None,
        }
    }
}

/// What is done with a decision once it is known what it asks for.
pub type Then<'a> = &'a mut dyn FnMut(&Asked) -> Result<()>;

/// The arguments of an instruction that a proposal can execute.
pub trait Decision: AnchorSerialize + AnchorDeserialize {
    /// Refuses by name what could never run, then hands on what it asks for.
    fn ask(&self, scene: &Scene, then: Then) -> Result<()>;
}

/// Reads the payload of a proposal of `kind`: the Borsh form of the arguments, and nothing behind.
pub fn read(kind: u8, payload: &[u8], scene: &Scene, then: Then) -> Result<()> {
    match kind {
        kind::RESUME => of::<ResumeArgs>(payload, scene, then),
        kind::CHANGE_COUNCIL => of::<CouncilConfig>(payload, scene, then),
        kind::REGISTER_ROUTE => of::<RegisterRouteArgs>(payload, scene, then),
        kind::CHOOSE_RESTORATION => of::<ChooseRestorationArgs>(payload, scene, then),
        kind::REOPEN => of::<ReopenArgs>(payload, scene, then),
        kind::OPEN_BREAKER => of::<OpenBreakerArgs>(payload, scene, then),
        kind::OPEN_VAULT => of::<OpenVaultArgs>(payload, scene, then),
        kind::REGISTER_LEDGER => of::<RegisterLedgerArgs>(payload, scene, then),
        kind::SET_LIMIT => of::<SetLimitArgs>(payload, scene, then),
        kind::SET_LINK => of::<SetLinkArgs>(payload, scene, then),
        kind::OPEN_PRICE_BREAKER => of::<OpenPriceBreakerArgs>(payload, scene, then),
        kind::OPEN_SOLVENCY_BREAKER => of::<OpenSolvencyBreakerArgs>(payload, scene, then),
        kind::OPEN_AUTHORITY_WATCH => of::<OpenAuthorityWatchArgs>(payload, scene, then),
        kind::CLOSE_DETECTOR => of::<CloseDetectorArgs>(payload, scene, then),
        kind::GRANT_RIGHTS => of::<GrantRightsArgs>(payload, scene, then),
        kind::REGISTER_PLAYBOOK => of::<RegisterPlaybookArgs>(payload, scene, then),
        kind::RUN_INSTRUCTION => of::<StoredInstruction>(payload, scene, then),
        kind::OPEN_CHECKPOINT_LOG => of::<OpenCheckpointLogArgs>(payload, scene, then),
        kind::OVERRIDE_SEAL => of::<OverrideSealArgs>(payload, scene, then),
        kind::CANCEL_RELEASES => of::<CancelReleasesArgs>(payload, scene, then),
        kind::REDIRECT_CLAIMS => of::<RedirectClaimsArgs>(payload, scene, then),
        _ => err!(BulkheadError::WrongProposalKind),
    }
}

#[inline(never)]
fn of<D: Decision>(payload: &[u8], scene: &Scene, then: Then) -> Result<()> {
    let decision = D::try_from_slice(payload).map_err(|_| BulkheadError::PayloadMismatch)?;
    decision.ask(scene, then)
}

/// An empty account on the heap, to write arguments into: most are bigger than a stack frame likes.
fn empty<T: bytemuck::Zeroable>() -> Box<T> {
    Box::new(T::zeroed())
}

impl Decision for ResumeArgs {
    fn ask(&self, _: &Scene, then: Then) -> Result<()> {
        then(&Asked::Resume(&self.incident))
    }
}

impl Decision for ReopenArgs {
    fn ask(&self, _: &Scene, then: Then) -> Result<()> {
        then(&Asked::Reopen(&Reopening {
            incident: self.incident,
            stage_bps: self.stage_bps,
            grace_seconds: self.grace_seconds,
        }))
    }
}

impl Decision for ChooseRestorationArgs {
    fn ask(&self, _: &Scene, then: Then) -> Result<()> {
        then(&Asked::ChooseRestoration(&self.incident))
    }
}

impl Decision for CouncilConfig {
    fn ask(&self, _: &Scene, then: Then) -> Result<()> {
        then(&Asked::ChangeCouncil(&*self.plan()?))
    }
}

impl Decision for GrantRightsArgs {
    fn ask(&self, _: &Scene, then: Then) -> Result<()> {
        then(&Asked::Grant(&self.member, self.pause_rights))
    }
}

impl Decision for SetLimitArgs {
    fn ask(&self, _: &Scene, then: Then) -> Result<()> {
        let limits = Limits {
            limit: self.limit,
            slot_limit: self.slot_limit,
            limit_bps: self.limit_bps,
            slot_bps: self.slot_bps,
            inflow_credit: self.inflow_credit,
        };
        let trip = TripLimits {
            limit: self.trip_limit,
            bps: self.trip_bps,
        };
        check_trip(&limits, &trip.or_twice(&limits)).map_err(|error| act_error(error.into()))?;
        then(&Asked::SetLimit(&limits, &trip))
    }
}

impl Decision for OpenBreakerArgs {
    fn ask(&self, scene: &Scene, then: Then) -> Result<()> {
        let new = scene.detector(self.compartment, self.trip_scope, self.latch_seconds);
        // When is not of its making.
        let at = At { slot: 0, now: 0 };
        acts::open_breaker(&mut empty::<OutflowBreaker>(), &new, &self.plan(), at).map_err(act_error)?;
        then(&Asked::Other(kind::OPEN_BREAKER))
    }
}

impl Decision for OpenPriceBreakerArgs {
    fn ask(&self, scene: &Scene, then: Then) -> Result<()> {
        let new = scene.detector(self.compartment, self.trip_scope, self.latch_seconds);
        let (source, rules) = self.plan();
        match acts::open_price_breaker(&mut empty::<PriceBreaker>(), &new, &source, &rules, None) {
            // All that is missing is the one account that is read, which is given when it is opened.
            Err(ActError::Price(PriceError::Foreign)) if self.pinned().is_some() => {}
            judged => judged.map_err(act_error)?,
        }
        then(&Asked::Other(kind::OPEN_PRICE_BREAKER))
    }
}

impl Decision for SetLinkArgs {
    fn ask(&self, scene: &Scene, then: Then) -> Result<()> {
        let ends = LinkEnds {
            bump: 0,
            domain: scene.domain,
            board: scene.council.board,
            // It is the upstream's own, which is given when the link is set.
            upstream_board: Pubkey::default(),
        };
        acts::set_link(&mut empty::<Link>(), &ends, &self.terms(), None).map_err(act_error)?;
        then(&Asked::Other(kind::SET_LINK))
    }
}

impl Decision for RegisterLedgerArgs {
    fn ask(&self, scene: &Scene, then: Then) -> Result<()> {
        let mut ledger = empty::<Ledger>();
        ledger.domain = scene.domain;
        self.write(&mut ledger).ok_or(BulkheadError::InvalidLedger)?;
        acts::check_ledger(&ledger).map_err(act_error)?;
        then(&Asked::Other(kind::REGISTER_LEDGER))
    }
}

impl Decision for OpenCheckpointLogArgs {
    fn ask(&self, scene: &Scene, then: Then) -> Result<()> {
        self.write(&mut empty::<CheckpointLog>(), scene.council)?;
        then(&Asked::Other(kind::OPEN_CHECKPOINT_LOG))
    }
}

impl Decision for RedirectClaimsArgs {
    fn ask(&self, _: &Scene, then: Then) -> Result<()> {
        acts::check_redirected(self.owner.is_on_curve()).map_err(act_error)?;
        then(&Asked::Other(kind::REDIRECT_CLAIMS))
    }
}

impl Decision for OpenVaultArgs {
    fn ask(&self, _: &Scene, then: Then) -> Result<()> {
        self.check()?;
        then(&Asked::Other(kind::OPEN_VAULT))
    }
}

impl Decision for RegisterPlaybookArgs {
    fn ask(&self, scene: &Scene, then: Then) -> Result<()> {
        self.instruction.check(&scene.domain)?;
        then(&Asked::Other(kind::REGISTER_PLAYBOOK))
    }
}

impl Decision for StoredInstruction {
    fn ask(&self, scene: &Scene, then: Then) -> Result<()> {
        self.check(&scene.domain)?;
        then(&Asked::Other(kind::RUN_INSTRUCTION))
    }
}

/// What is left to judge of these is in the accounts they run with.
macro_rules! judged_by_their_accounts {
    ($($args:ty, $kind:ident;)*) => {$(
        impl Decision for $args {
            fn ask(&self, _: &Scene, then: Then) -> Result<()> {
                then(&Asked::Other(kind::$kind))
            }
        }
    )*};
}

judged_by_their_accounts! {
    RegisterRouteArgs, REGISTER_ROUTE;
    OpenSolvencyBreakerArgs, OPEN_SOLVENCY_BREAKER;
    OpenAuthorityWatchArgs, OPEN_AUTHORITY_WATCH;
    CloseDetectorArgs, CLOSE_DETECTOR;
    OverrideSealArgs, OVERRIDE_SEAL;
    CancelReleasesArgs, CANCEL_RELEASES;
}

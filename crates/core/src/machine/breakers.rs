//! What leaves through breakers, and their limits.

use alloc::{rc::Rc, vec::Vec};

use bulkhead_guard::{action::WITHDRAW, effective_mask, ramp_bps};
use bulkhead_interface::{Pubkey, layout::OutflowBreaker};
use bytemuck::Zeroable;

use super::{Keys, State, decision::join};
use crate::{
    CoreError,
    acts::{self, At, NewBreaker, NewDetector},
    breakers::window::{Limits, Moment, TripLimits},
};

/// What a proposal opens a breaker with.
#[derive(Clone, Copy, Debug)]
pub struct BreakerPlan {
    /// Bump of its PDA.
    pub bump: u8,
    /// Compartment it meters.
    pub compartment: u8,
    /// What a trip pauses.
    pub trip_scope: u8,
    /// How long a latch lasts.
    pub latch_seconds: i64,
    /// The rest.
    pub with: NewBreaker,
}

impl BreakerPlan {
    const fn detector(&self, keys: &Keys, board: &Pubkey, proposed_slot: Option<u64>) -> NewDetector {
        NewDetector {
            bump: self.bump,
            domain: keys.domain,
            board: *board,
            compartment: self.compartment,
            trip_scope: self.trip_scope,
            latch_seconds: self.latch_seconds,
            proposed_slot,
        }
    }

    /// Could it be opened? When is not of its making.
    pub(super) fn check(&self, keys: &Keys, board: &Pubkey) -> Result<(), CoreError> {
        let at = At { slot: 0, now: 0 };
        let new = self.detector(keys, board, None);
        acts::open_breaker(&mut OutflowBreaker::zeroed(), &new, &self.with, at)
    }

    /// As the program takes it: Borsh, written by hand.
    pub(super) fn payload(&self) -> Vec<u8> {
        let NewBreaker { limits, trip, .. } = &self.with;
        join(&[
            &[self.compartment, self.with.shard],
            self.with.mint.as_ref(),
            self.with.authority.as_ref(),
            &[self.with.sub_windows, self.trip_scope],
            &self.with.window_seconds.to_le_bytes(),
            &limits.limit.to_le_bytes(),
            &limits.slot_limit.to_le_bytes(),
            &self.latch_seconds.to_le_bytes(),
            &[self.with.shards],
            &limits.limit_bps.to_le_bytes(),
            &limits.slot_bps.to_le_bytes(),
            self.with.reference.as_ref(),
            &limits.inflow_credit.to_le_bytes(),
            &trip.limit.to_le_bytes(),
            &trip.bps.to_le_bytes(),
        ])
    }
}

impl State {
    /// A matured proposal opens a breaker at an address where there is none.
    pub(super) fn open_breaker(
        &mut self,
        keys: &Keys,
        number: usize,
        plan: &BreakerPlan,
        proposed_slot: u64,
    ) -> Result<(), CoreError> {
        let key = *keys.breakers.get(number).ok_or(CoreError::ArgumentOutOfRange)?;
        if self.breakers.iter().any(|(own, _)| *own == key) {
            return Err(CoreError::ArgumentOutOfRange);
        }
        let mut breaker = OutflowBreaker::zeroed();
        let new = plan.detector(keys, &self.domain.board, Some(proposed_slot));
        acts::open_breaker(&mut breaker, &new, &plan.with, self.at)?;
        Rc::make_mut(&mut self.breakers).push((key, breaker));
        Ok(())
    }

    pub(super) fn meter(&mut self, number: usize, signer: &Pubkey, amount: u64) -> Result<(), CoreError> {
        let (board, at) = (self.board_bytes(), self.at);
        let unpaused_slot = self.board.unpaused_slot;
        let breaker = breaker(&mut self.breakers, number)?;
        let missing = |_| CoreError::CompartmentOutOfRange;
        let mask = effective_mask(&board, breaker.compartment, at.now).map_err(missing)?;
        let moment = Moment {
            slot: at.slot,
            now: at.now,
            ramp_bps: ramp_bps(&board, breaker.compartment).map_err(missing)?,
            unpaused_slot,
        };
        acts::meter(breaker, signer, amount, mask & WITHDRAW != 0, &moment).map(|_| ())
    }

    pub(super) fn lower_limit(&mut self, number: usize, signer: &Pubkey, limits: &Limits) -> Result<(), CoreError> {
        let breaker = breaker(&mut self.breakers, number)?;
        acts::lower_limit(Rc::make_mut(&mut self.council), breaker, signer, limits, self.at).map(|_| ())
    }

    pub(super) fn set_limit(&mut self, number: usize, limits: &Limits, proposed_slot: u64) -> Result<(), CoreError> {
        acts::set_limit(
            breaker(&mut self.breakers, number)?,
            limits,
            &TripLimits::default(),
            Some(proposed_slot),
        )
        .map(|_| ())
    }
}

pub(super) fn breaker(
    breakers: &mut Rc<Vec<(Pubkey, OutflowBreaker)>>,
    number: usize,
) -> Result<&mut OutflowBreaker, CoreError> {
    let found = Rc::make_mut(breakers).get_mut(number);
    found.map(|(_, breaker)| breaker).ok_or(CoreError::ArgumentOutOfRange)
}

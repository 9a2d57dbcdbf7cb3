//! What leaves through breakers, and their limits.

use alloc::{rc::Rc, vec::Vec};

use bulkhead_guard::{action::WITHDRAW, effective_mask, stage_bps};
use bulkhead_interface::{Pubkey, layout::OutflowBreaker};

use super::State;
use crate::{
    acts::{self, ActError},
    window::{Limits, Moment, TripLimits},
};

impl State {
    pub(super) fn meter(&mut self, number: usize, signer: &Pubkey, amount: u64) -> Result<(), ActError> {
        let (board, at) = (self.board_bytes(), self.at);
        let lifted_slot = self.board.lifted_slot;
        let breaker = breaker(&mut self.breakers, number)?;
        let missing = |_| ActError::CompartmentOutOfRange;
        let mask = effective_mask(&board, breaker.compartment, at.now).map_err(missing)?;
        let moment = Moment {
            slot: at.slot,
            now: at.now,
            stage_bps: stage_bps(&board, breaker.compartment).map_err(missing)?,
            lifted_slot,
        };
        acts::meter(breaker, signer, amount, mask & WITHDRAW != 0, &moment).map(|_| ())
    }

    pub(super) fn lower_limit(&mut self, number: usize, signer: &Pubkey, limits: &Limits) -> Result<(), ActError> {
        let breaker = breaker(&mut self.breakers, number)?;
        acts::lower_limit(Rc::make_mut(&mut self.council), breaker, signer, limits, self.at).map(|_| ())
    }

    pub(super) fn set_limit(&mut self, number: usize, limits: &Limits, proposed_slot: u64) -> Result<(), ActError> {
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
) -> Result<&mut OutflowBreaker, ActError> {
    let found = Rc::make_mut(breakers).get_mut(number);
    found.map(|(_, breaker)| breaker).ok_or(ActError::ArgumentOutOfRange)
}

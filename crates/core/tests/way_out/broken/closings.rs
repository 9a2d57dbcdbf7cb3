//! Broken acts about pauses, trips, latches and links.

use std::rc::Rc;

use bulkhead_core::{
    CoreError,
    detectors::latch,
    machine::{Action, Decision, State, Which},
    permissiveness::AnyDetector,
};
use bulkhead_interface::constants::latch_state;

use super::{board, council, latch_of};
use crate::scene::{COMPARTMENT, Move, keys, step};

pub(super) fn nothing_is_found_in_force(state: &State, what: &Move) -> Result<State, CoreError> {
    if let Move::Act(_, Action::ObserveAuthority(number, _)) = what
        && let Some(latch) = state.latch(keys(), Which::Other(*number))
        && latch::is_in_force(latch, state.board.unpaused_slot, state.at.now)
    {
        return Ok(state.clone());
    }
    step(state, what)
}

pub(super) fn nothing_is_forgotten(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::ObserveAuthority(..)) = what {
        for ((_, new), (_, old)) in Rc::make_mut(&mut next.detectors).iter_mut().zip(state.detectors.iter()) {
            if let (AnyDetector::Authority(new), AnyDetector::Authority(old)) = (new, old)
                && new.latched.keys[0] == Default::default()
            {
                new.latched = old.latched;
            }
        }
    }
    Ok(next)
}

pub(super) fn pauses_are_free(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::Pause { .. }) = what {
        council(&mut next).members = state.council.members;
    }
    Ok(next)
}

pub(super) fn pauses_are_timeless(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::Pause { .. }) = what {
        board(&mut next).guardian_pause_slot = 0;
    }
    Ok(next)
}

pub(super) fn trips_are_timeless(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::Propagate(_)) = what {
        let board = board(&mut next);
        for row in [&mut board.domain_row].into_iter().chain(&mut board.rows) {
            row.trip_slot = [0; 6];
        }
    }
    Ok(next)
}

pub(super) fn trips_are_as_new_as_their_carrying(state: &State, what: &Move) -> Result<State, CoreError> {
    let Move::Act(_, Action::Propagate(which)) = what else {
        return step(state, what);
    };
    let mut newer = state.clone();
    let slot = state.at.slot;
    let Some(latch) =
        latch_of(&mut newer, *which).filter(|latch| latch::is_in_force(latch, state.board.unpaused_slot, state.at.now))
    else {
        return step(state, what);
    };
    let first = std::mem::replace(&mut latch.slot, slot);
    let mut next = step(&newer, what)?;
    if let Some(latch) = latch_of(&mut next, *which) {
        latch.slot = first;
    }
    Ok(next)
}

pub(super) fn old_findings_are_news(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    let number = match what {
        Move::Act(_, Action::ObserveAuthority(number, _) | Action::ObserveSolvency(number, ..)) => *number,
        _ => return Ok(next),
    };
    let (slot, now) = (next.at.slot, next.at.now);
    if let Some(latch) = latch_of(&mut next, Which::Other(number)).filter(|latch| latch.ts == now) {
        latch.slot = slot;
    }
    Ok(next)
}

pub(super) fn latches_are_renewed(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if let Move::Act(_, Action::Meter(..)) = what
        && let Some(latch) = latch_of(&mut state, Which::Breaker(0))
    {
        latch.until = 0;
    }
    step(&state, what)
}

pub(super) fn latches_are_carried_again(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if let Move::Act(_, Action::Propagate(which)) = what
        && let Some(latch) = latch_of(&mut state, *which).filter(|latch| latch.state == latch_state::PROPAGATED)
    {
        latch.state = latch_state::LATCHED;
    }
    step(&state, what)
}

pub(super) fn latched_detectors_stay(state: &State, what: &Move) -> Result<State, CoreError> {
    if let Move::Act(_, Action::Execute(number)) = what
        && let Decision::Close(which) = state.proposals[*number].1
        && let Some(latch) = state.latch(keys(), which)
        && latch::is_in_force(latch, state.board.unpaused_slot, state.at.now)
    {
        return Err(CoreError::LatchInForce);
    }
    step(state, what)
}

pub(super) fn links_that_are_off_carry(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if let Move::Act(_, Action::Carry(..)) = what {
        for (_, link) in Rc::make_mut(&mut state.links) {
            link.compartments = 1 << COMPARTMENT;
        }
    }
    step(&state, what)
}

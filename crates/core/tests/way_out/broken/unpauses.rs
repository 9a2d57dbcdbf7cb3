//! Broken acts about what an unpause knows, and what voids it.

use std::rc::Rc;

use bulkhead_core::{
    CoreError,
    machine::{Action, Decision, State},
    pause::board::trip_slot,
};
use bulkhead_interface::constants::proposal_state;

use super::{board, incident, proposal, unless, unpause};
use crate::scene::{COMPARTMENT, Move, step};

pub(super) fn trips_void(state: &State, what: &Move) -> Result<State, CoreError> {
    let rows = [&state.board.domain_row, &state.board.rows[usize::from(COMPARTMENT)]];
    let newest = rows.into_iter().map(trip_slot).max();
    unless(state, what, newest.unwrap_or(0))
}

pub(super) fn pauses_void(state: &State, what: &Move) -> Result<State, CoreError> {
    unless(state, what, state.board.guardian_pause_slot)
}

pub(super) fn links_void(state: &State, what: &Move) -> Result<State, CoreError> {
    unless(state, what, state.board.linked_slot)
}

pub(super) fn trips_strike_out(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::Propagate(_)) = what {
        for number in 0..next.proposals.len() {
            proposal(&mut next, number).state = proposal_state::VETOED;
        }
    }
    Ok(next)
}

pub(super) fn unpauses_know_all(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if let Some((number, _)) = unpause(&state, what) {
        proposal(&mut state, number).created_slot = state.at.slot;
    }
    step(&state, what)
}

pub(super) fn unpauses_accept_all(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if unpause(state, what).is_some() {
        board(&mut next).unpaused_slot = next.at.slot;
    }
    Ok(next)
}

pub(super) fn freezes_are_unpaused(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if unpause(&state, what).is_some() {
        board(&mut state).frozen_slot = 0;
        Rc::make_mut(&mut state.domain).confirmed_slot = 0;
    }
    step(&state, what)
}

pub(super) fn links_survive(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if unpause(state, what).is_some() {
        for (row, old) in board(&mut next).rows.iter_mut().zip(&state.board.rows) {
            (row.linked, row.linked_until) = (old.linked, old.linked_until);
        }
    }
    Ok(next)
}

pub(super) fn confirmations_void_no_closing(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if let Move::Act(_, Action::Execute(number)) = what
        && matches!(state.proposals[*number].1, Decision::Close(_))
    {
        Rc::make_mut(&mut state.domain).confirmed_slot = 0;
    }
    step(&state, what)
}

pub(super) fn lower_limits_void_no_closing(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if let Move::Act(_, Action::Execute(_)) = what {
        for (_, breaker) in Rc::make_mut(&mut state.breakers) {
            breaker.lowered_slot = 0;
        }
    }
    step(&state, what)
}

pub(super) fn resumes_end_by_name(state: &State, what: &Move) -> Result<State, CoreError> {
    if let Move::Act(_, Action::Execute(number)) = what
        && let Decision::Resume { incident } = state.proposals[*number].1
        && incident != state.domain.open_incident
    {
        return Err(CoreError::IncidentNotOpen);
    }
    step(state, what)
}

pub(super) fn incidents_are_as_new_as_their_carrying(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::Propagate(_)) = what
        && next.incidents.len() > state.incidents.len()
    {
        let slot = next.at.slot;
        if let Some(incident) = incident(&mut next) {
            incident.alarm_slot = slot;
        }
    }
    Ok(next)
}

//! Broken acts of the members: vetoes, approvals, confirmations.

use std::rc::Rc;

use bulkhead_core::{
    CoreError,
    machine::{Action, CustodyAction as Do, State},
};
use bulkhead_interface::constants::{migration_state, step as happened};

use super::{council, incident, proposal};
use crate::scene::{HONEST, Move, step};

pub(super) fn vetoes_stand_for_nothing(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::Veto(_)) = what {
        council(&mut next).vetoes = state.council.vetoes;
    }
    Ok(next)
}

pub(super) fn vetoes_take_no_right(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    let rights = std::mem::replace(&mut council(&mut state).veto_rights, u8::MAX);
    let mut next = step(&state, what)?;
    council(&mut next).veto_rights = rights;
    Ok(next)
}

pub(super) fn vetoes_stand_for_ever(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    let now = state.at.now;
    for kept in &mut council(&mut state).vetoes {
        kept.ts = kept.ts.map(|ts| if ts == 0 { 0 } else { now });
    }
    step(&state, what)
}

pub(super) fn the_removed_veto(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    for number in 0..next.proposals.len() {
        proposal(&mut next, number).removes = 0;
    }
    Ok(next)
}

pub(super) fn approvals_are_lost(state: &State, what: &Move) -> Result<State, CoreError> {
    let [_, second] = HONEST;
    match what {
        Move::Act(signer, Action::Approve(_)) if *signer == second => Ok(state.clone()),
        _ => step(state, what),
    }
}

pub(super) fn delays_need_no_slots(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if let Move::Act(_, Action::Execute(number)) = what {
        proposal(&mut state, *number).approved_slot = 0;
    }
    step(&state, what)
}

pub(super) fn clocks_are_stopped(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::Withdraw(number)) = what {
        proposal(&mut next, *number).approved_ts = 0;
    }
    Ok(next)
}

pub(super) fn one_holds(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if let Move::Act(_, Action::Confirm) = what {
        council(&mut state).freeze_threshold = 1;
        let mut next = step(&state, what)?;
        council(&mut next).freeze_threshold = 2;
        return Ok(next);
    }
    step(&state, what)
}

pub(super) fn evacuations_are_confirmed_again(state: &State, what: &Move) -> Result<State, CoreError> {
    let is_confirmed = state
        .custody
        .migrations
        .last()
        .is_some_and(|known| known.state == migration_state::ACTIVE);
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::Custody(Do::ConfirmEvacuation)) = what
        && is_confirmed
    {
        let slot = next.at.slot;
        if let Some(incident) = incident(&mut next) {
            incident.steps[happened::EVACUATION].slot = slot;
        }
    }
    Ok(next)
}

pub(super) fn vaults_close_when_moved(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::Custody(Do::Evacuate(vault, _))) = what {
        let slot = next.at.slot;
        Rc::make_mut(&mut next.custody).vaults[*vault].1.evacuated_slot = slot;
    }
    Ok(next)
}

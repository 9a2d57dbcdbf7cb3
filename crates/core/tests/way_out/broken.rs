//! Acts that are broken on purpose, each as it once was or as it might be written.

use std::rc::Rc;

use bulkhead_core::{
    CoreError,
    board::trip_slot,
    latch,
    machine::{Action, CustodyAction as Do, Decision, State, Which},
    permissiveness::AnyDetector,
};
use bulkhead_interface::{
    constants::{latch_state, migration_state, proposal_state, step as happened},
    layout::{Council, Incident, Latch, OutflowBreaker, PauseBoard, Proposal},
};

use crate::scene::{COMPARTMENT, HONEST, Move, Parts, Step, keys, step};

/// Where it is looked for: what the game is played with, and where it begins.
type Ground = (Parts, &'static str);

const PAUSED: Ground = (Parts::VAULT, "alarm");
const WATCHED: Ground = (Parts::WATCH, "alarm");
const METERED: Ground = (Parts::BREAKER, "alarm");
const LINKED: Ground = (Parts::LINK, "alarm");
const MOVED: Ground = (Parts::VAULT, "evacuated");

/// Each with its name.
pub const ALL: [(&str, Step, Ground); 33] = [
    ("a trip voids a resume", trips_void, WATCHED),
    ("a guardian's pause voids a resume", pauses_void, PAUSED),
    ("a linked pause voids a resume", links_void, LINKED),
    ("a trip strikes proposals out", trips_strike_out, METERED),
    (
        "an unpause unpauses what is there when it runs",
        unpauses_know_all,
        PAUSED,
    ),
    (
        "an unpause accepts what has latched when it runs",
        unpauses_accept_all,
        WATCHED,
    ),
    (
        "an unpause from before a freeze unpauses it",
        freezes_are_unpaused,
        (Parts::VAULT, "held since"),
    ),
    ("an unpause leaves what an upstream has closed", links_survive, LINKED),
    ("a veto stands against one proposal", vetoes_stand_for_nothing, PAUSED),
    (
        "a standing veto takes no right",
        vetoes_take_no_right,
        (Parts::PAPERS, "alarm"),
    ),
    (
        "a veto comes to no end",
        vetoes_stand_for_ever,
        (Parts::VAULT, "barred"),
    ),
    ("who is removed vetoes alone", the_removed_veto, PAUSED),
    (
        "a confirmation voids no closing",
        confirmations_void_no_closing,
        (Parts::WATCH, "closing since"),
    ),
    (
        "a resume ends the incident it names",
        resumes_end_by_name,
        (Parts::WATCH, "decided"),
    ),
    (
        "an incident is as new as its carrying",
        incidents_are_as_new_as_their_carrying,
        (Parts::WATCH, "decided"),
    ),
    ("what is found in force is no news", nothing_is_found_in_force, WATCHED),
    ("what was in order is not forgotten", nothing_is_forgotten, WATCHED),
    ("lower limits void no closing", lower_limits_void_no_closing, METERED),
    ("a pause burns nothing", pauses_are_free, PAUSED),
    ("a pause does not say when it was", pauses_are_timeless, PAUSED),
    ("a trip does not say when its latch was", trips_are_timeless, WATCHED),
    (
        "a trip is as new as its carrying",
        trips_are_as_new_as_their_carrying,
        WATCHED,
    ),
    ("what latches again is news", old_findings_are_news, WATCHED),
    ("a breach renews a latch", latches_are_renewed, METERED),
    (
        "a latch is carried as often as one likes",
        latches_are_carried_again,
        WATCHED,
    ),
    ("a latched detector is not closed", latched_detectors_stay, METERED),
    ("an approval is not counted", approvals_are_lost, PAUSED),
    (
        "a delay passes while the cluster stands still",
        delays_need_no_slots,
        (Parts::HALTED_VAULT, "alarm"),
    ),
    (
        "an approval taken back stops the clock of two others",
        clocks_are_stopped,
        (Parts::PAPERS, "alarm"),
    ),
    ("one guardian holds", one_holds, PAUSED),
    (
        "an evacuation is confirmed again",
        evacuations_are_confirmed_again,
        MOVED,
    ),
    (
        "a vault is closed from when it was moved",
        vaults_close_when_moved,
        MOVED,
    ),
    ("a link that is off carries", links_that_are_off_carry, LINKED),
];

/// Those with which the adversary goes on forever.
pub const ENDLESS: [&str; 9] = [
    "a linked pause voids a resume",
    "a trip strikes proposals out",
    "a veto stands against one proposal",
    "a pause burns nothing",
    "a breach renews a latch",
    "who is removed vetoes alone",
    "a latched detector is not closed",
    "an approval is not counted",
    "a link that is off carries",
];

fn board(state: &mut State) -> &mut PauseBoard {
    Rc::make_mut(&mut state.board)
}

fn council(state: &mut State) -> &mut Council {
    Rc::make_mut(&mut state.council)
}

fn proposal(state: &mut State, number: usize) -> &mut Proposal {
    &mut Rc::make_mut(&mut state.proposals)[number].0
}

fn incident(state: &mut State) -> Option<&mut Incident> {
    Rc::make_mut(&mut state.incidents).last_mut()
}

fn latch_of(state: &mut State, which: Which) -> Option<&mut Latch> {
    let key = which.key(keys());
    if let Which::Breaker(_) = which {
        let breakers: &mut Vec<(_, OutflowBreaker)> = Rc::make_mut(&mut state.breakers);
        let found = breakers.iter_mut().find(|(own, _)| *own == key);
        return found.map(|(_, breaker)| &mut breaker.latch);
    }
    let found = Rc::make_mut(&mut state.detectors)
        .iter_mut()
        .find(|(own, _)| *own == key);
    found.map(|(_, detector)| match detector {
        AnyDetector::Price(breaker) => &mut breaker.latch,
        AnyDetector::Solvency(breaker) => &mut breaker.latch,
        AnyDetector::Authority(watch) => &mut watch.latch,
    })
}

/// The number of an unpause that is to run, and when it was proposed.
fn unpause(state: &State, what: &Move) -> Option<(usize, u64)> {
    let Move::Act(_, Action::Execute(number)) = what else {
        return None;
    };
    let (proposal, decision) = &state.proposals[*number];
    matches!(decision, Decision::Resume { .. } | Decision::Reopen(_)).then_some((*number, proposal.created_slot))
}

/// Refused where something is as new as the unpause.
fn unless(state: &State, what: &Move, newest: u64) -> Result<State, CoreError> {
    match unpause(state, what) {
        Some((_, slot)) if newest >= slot => Err(CoreError::TightenedSince),
        _ => step(state, what),
    }
}

fn trips_void(state: &State, what: &Move) -> Result<State, CoreError> {
    let rows = [&state.board.domain_row, &state.board.rows[usize::from(COMPARTMENT)]];
    let newest = rows.into_iter().map(trip_slot).max();
    unless(state, what, newest.unwrap_or(0))
}

fn pauses_void(state: &State, what: &Move) -> Result<State, CoreError> {
    unless(state, what, state.board.guardian_pause_slot)
}

fn links_void(state: &State, what: &Move) -> Result<State, CoreError> {
    unless(state, what, state.board.linked_slot)
}

fn trips_strike_out(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::Propagate(_)) = what {
        for number in 0..next.proposals.len() {
            proposal(&mut next, number).state = proposal_state::VETOED;
        }
    }
    Ok(next)
}

fn unpauses_know_all(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if let Some((number, _)) = unpause(&state, what) {
        proposal(&mut state, number).created_slot = state.at.slot;
    }
    step(&state, what)
}

fn unpauses_accept_all(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if unpause(state, what).is_some() {
        board(&mut next).unpaused_slot = next.at.slot;
    }
    Ok(next)
}

fn freezes_are_unpaused(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if unpause(&state, what).is_some() {
        board(&mut state).frozen_slot = 0;
        Rc::make_mut(&mut state.domain).confirmed_slot = 0;
    }
    step(&state, what)
}

fn links_survive(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if unpause(state, what).is_some() {
        for (row, old) in board(&mut next).rows.iter_mut().zip(&state.board.rows) {
            (row.linked, row.linked_until) = (old.linked, old.linked_until);
        }
    }
    Ok(next)
}

fn vetoes_stand_for_nothing(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::Veto(_)) = what {
        council(&mut next).vetoes = state.council.vetoes;
    }
    Ok(next)
}

fn vetoes_take_no_right(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    let rights = std::mem::replace(&mut council(&mut state).veto_rights, u8::MAX);
    let mut next = step(&state, what)?;
    council(&mut next).veto_rights = rights;
    Ok(next)
}

fn vetoes_stand_for_ever(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    let now = state.at.now;
    for kept in &mut council(&mut state).vetoes {
        kept.ts = kept.ts.map(|ts| if ts == 0 { 0 } else { now });
    }
    step(&state, what)
}

fn confirmations_void_no_closing(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if let Move::Act(_, Action::Execute(number)) = what
        && matches!(state.proposals[*number].1, Decision::Close(_))
    {
        Rc::make_mut(&mut state.domain).confirmed_slot = 0;
    }
    step(&state, what)
}

fn lower_limits_void_no_closing(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if let Move::Act(_, Action::Execute(_)) = what {
        for (_, breaker) in Rc::make_mut(&mut state.breakers) {
            breaker.lowered_slot = 0;
        }
    }
    step(&state, what)
}

fn resumes_end_by_name(state: &State, what: &Move) -> Result<State, CoreError> {
    if let Move::Act(_, Action::Execute(number)) = what
        && let Decision::Resume { incident } = state.proposals[*number].1
        && incident != state.domain.open_incident
    {
        return Err(CoreError::IncidentNotOpen);
    }
    step(state, what)
}

fn incidents_are_as_new_as_their_carrying(state: &State, what: &Move) -> Result<State, CoreError> {
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

fn nothing_is_found_in_force(state: &State, what: &Move) -> Result<State, CoreError> {
    if let Move::Act(_, Action::ObserveAuthority(number, _)) = what
        && let Some(latch) = state.latch(keys(), Which::Other(*number))
        && latch::is_in_force(latch, state.board.unpaused_slot, state.at.now)
    {
        return Ok(state.clone());
    }
    step(state, what)
}

fn nothing_is_forgotten(state: &State, what: &Move) -> Result<State, CoreError> {
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

fn the_removed_veto(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    for number in 0..next.proposals.len() {
        proposal(&mut next, number).removes = 0;
    }
    Ok(next)
}

fn pauses_are_free(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::Pause { .. }) = what {
        council(&mut next).members = state.council.members;
    }
    Ok(next)
}

fn pauses_are_timeless(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::Pause { .. }) = what {
        board(&mut next).guardian_pause_slot = 0;
    }
    Ok(next)
}

fn trips_are_timeless(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::Propagate(_)) = what {
        let board = board(&mut next);
        for row in [&mut board.domain_row].into_iter().chain(&mut board.rows) {
            row.trip_slot = [0; 6];
        }
    }
    Ok(next)
}

fn trips_are_as_new_as_their_carrying(state: &State, what: &Move) -> Result<State, CoreError> {
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

fn old_findings_are_news(state: &State, what: &Move) -> Result<State, CoreError> {
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

fn latches_are_renewed(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if let Move::Act(_, Action::Meter(..)) = what
        && let Some(latch) = latch_of(&mut state, Which::Breaker(0))
    {
        latch.until = 0;
    }
    step(&state, what)
}

fn latches_are_carried_again(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if let Move::Act(_, Action::Propagate(which)) = what
        && let Some(latch) = latch_of(&mut state, *which).filter(|latch| latch.state == latch_state::PROPAGATED)
    {
        latch.state = latch_state::LATCHED;
    }
    step(&state, what)
}

fn latched_detectors_stay(state: &State, what: &Move) -> Result<State, CoreError> {
    if let Move::Act(_, Action::Execute(number)) = what
        && let Decision::Close(which) = state.proposals[*number].1
        && let Some(latch) = state.latch(keys(), which)
        && latch::is_in_force(latch, state.board.unpaused_slot, state.at.now)
    {
        return Err(CoreError::LatchInForce);
    }
    step(state, what)
}

fn approvals_are_lost(state: &State, what: &Move) -> Result<State, CoreError> {
    let [_, second] = HONEST;
    match what {
        Move::Act(signer, Action::Approve(_)) if *signer == second => Ok(state.clone()),
        _ => step(state, what),
    }
}

fn delays_need_no_slots(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if let Move::Act(_, Action::Execute(number)) = what {
        proposal(&mut state, *number).approved_slot = 0;
    }
    step(&state, what)
}

fn clocks_are_stopped(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::Withdraw(number)) = what {
        proposal(&mut next, *number).approved_ts = 0;
    }
    Ok(next)
}

fn one_holds(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if let Move::Act(_, Action::Confirm) = what {
        council(&mut state).freeze_threshold = 1;
        let mut next = step(&state, what)?;
        council(&mut next).freeze_threshold = 2;
        return Ok(next);
    }
    step(&state, what)
}

fn evacuations_are_confirmed_again(state: &State, what: &Move) -> Result<State, CoreError> {
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

fn vaults_close_when_moved(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut next = step(state, what)?;
    if let Move::Act(_, Action::Custody(Do::Evacuate(vault, _))) = what {
        let slot = next.at.slot;
        Rc::make_mut(&mut next.custody).vaults[*vault].1.evacuated_slot = slot;
    }
    Ok(next)
}

fn links_that_are_off_carry(state: &State, what: &Move) -> Result<State, CoreError> {
    let mut state = state.clone();
    if let Move::Act(_, Action::Carry(..)) = what {
        for (_, link) in Rc::make_mut(&mut state.links) {
            link.compartments = 1 << COMPARTMENT;
        }
    }
    step(&state, what)
}

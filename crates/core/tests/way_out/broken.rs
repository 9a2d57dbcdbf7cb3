//! Acts that are broken on purpose, each as it once was or as it might be written.

mod closings;
mod members;
mod unpauses;

use std::rc::Rc;

use bulkhead_core::{
    CoreError,
    machine::{Action, Decision, State, Which},
    permissiveness::AnyDetector,
};
use bulkhead_interface::layout::{Council, Incident, Latch, OutflowBreaker, PauseBoard, Proposal};
use closings::{
    latched_detectors_stay, latches_are_carried_again, latches_are_renewed, links_that_are_off_carry,
    nothing_is_forgotten, nothing_is_found_in_force, old_findings_are_news, pauses_are_free, pauses_are_timeless,
    trips_are_as_new_as_their_carrying, trips_are_timeless,
};
use members::{
    approvals_are_lost, clocks_are_stopped, delays_need_no_slots, evacuations_are_confirmed_again, one_holds,
    the_removed_veto, vaults_close_when_moved, vetoes_stand_for_ever, vetoes_stand_for_nothing, vetoes_take_no_right,
};
use unpauses::{
    confirmations_void_no_closing, freezes_are_unpaused, incidents_are_as_new_as_their_carrying, links_survive,
    links_void, lower_limits_void_no_closing, pauses_void, resumes_end_by_name, trips_strike_out, trips_void,
    unpauses_accept_all, unpauses_know_all,
};

use crate::scene::{Move, Parts, Step, keys, step};

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

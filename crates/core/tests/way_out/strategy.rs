//! What the two honest members and their keepers do: one fixed rule that looks at nothing but how things stand.
//!
//! They close an alarm that has lapsed, run what has matured, approve each other's proposals, and propose what is wanted,
//! whichever of them no veto stands against: another council, once the hostile member has vetoed; an unpause, while anything is
//! closed; once an unpause has run, that what latches or is carried anew shall do so no more; rights for who has none left.
//! Where there is nothing of that to do they carry what has latched, and wait.

use std::rc::Rc;

use bulkhead_core::{
    custody::is_active,
    detectors::latch,
    machine::{Action, Decision, State, Which},
    proposals::proposal::{Status, progress},
};
use bulkhead_interface::{
    Pubkey,
    constants::{BPS, phase},
};

use crate::{
    books::{bit, counts, mask},
    scene::{
        COMPARTMENT, DETECTORS, ELSEWHERE, HEARTBEAT, HONEST, HOSTILE, Move, STRANGER, Step, UPSTREAM, an_hour, full,
        keys, latest, plan, wait,
    },
};

/// The domain operates, whole: nothing is closed or latched, full limits, the vault pays, and both can raise an alarm.
pub fn has_won(state: &State) -> bool {
    state.domain.state == phase::OPERATING && !wants_unpause(state) && !wants_rights(state) && limit_is_back(state)
}

fn limit_is_back(state: &State) -> bool {
    let now = state.at.now;
    state.breakers.iter().all(|(_, breaker)| now >= breaker.lowered_until)
}

fn is_latched(state: &State, which: Which) -> bool {
    let latch = state.latch(keys(), which);
    latch.is_some_and(|latch| latch::is_in_force(latch, state.board.unpaused_slot, state.at.now))
}

fn wants_unpause(state: &State) -> bool {
    let closed = mask(state, COMPARTMENT, state.at.now) | mask(state, ELSEWHERE, state.at.now);
    let vaults = &state.custody.vaults;
    closed != 0
        || state.domain.state != phase::OPERATING
        || state.board.domain_row.ramp_bps != BPS
        || DETECTORS.into_iter().any(|which| is_latched(state, which))
        || vaults
            .iter()
            .any(|(_, vault)| !is_active(vault, state.board.unpaused_slot))
}

fn wants_rights(state: &State) -> bool {
    without_rights(state).is_some()
}

fn without_rights(state: &State) -> Option<Pubkey> {
    let members = &state.council.members;
    let found = members
        .iter()
        .find(|member| HONEST.contains(&member.key) && member.pause_rights == 0);
    found.map(|member| member.key)
}

fn is_linked(state: &State) -> bool {
    let row = &state.board.rows[usize::from(COMPARTMENT)];
    row.linked != 0 && state.at.now < row.linked_until
}

/// Has this member ever vetoed in this council, whether that stands or not?
fn has_vetoed(state: &State, member: &Pubkey) -> bool {
    let place = state.council.members.iter().position(|known| known.key == *member);
    let by = |place: usize| u8::try_from(place + 1).expect("few");
    place.is_some_and(|place| state.council.vetoes.iter().any(|kept| kept.by.contains(&by(place))))
}

/// Everything that two of three have to decide now.
fn wanted(state: &State) -> Vec<Decision> {
    let mut all = vec![];
    if has_vetoed(state, &HOSTILE) {
        all.push(Decision::ChangeCouncil(Rc::new(plan(&HONEST))));
    }
    if wants_unpause(state) {
        all.extend(match state.domain.state {
            phase::OPERATING => full(state),
            _ => latest(state).map(|incident| Decision::Resume { incident }),
        });
    }
    // What comes back after an unpause, or where there is nothing to unpause, is closed for good.
    let unpaused = state.board.unpaused_slot;
    if unpaused != 0 {
        let anew = DETECTORS.into_iter().filter(|which| is_latched(state, *which));
        all.extend(anew.map(Decision::Close));
    }
    let is_on = state.links.iter().any(|(_, link)| link.compartments != 0);
    let is_anew = latest(state).is_none() || (unpaused != 0 && state.board.linked_slot >= unpaused);
    if is_on && is_linked(state) && is_anew {
        all.push(Decision::Close(Which::Link(UPSTREAM)));
    }
    if let Some(member) = without_rights(state) {
        all.push(Decision::Grant(member, 1));
    }
    all
}

/// Do two proposals decide the same?
pub fn is_same(one: &Decision, other: &Decision) -> bool {
    match (one, other) {
        (Decision::Resume { incident }, Decision::Resume { incident: other }) => incident == other,
        (Decision::Reopen(one), Decision::Reopen(other)) => one == other,
        (Decision::Close(one), Decision::Close(other)) => one == other,
        (Decision::ChangeCouncil(_), Decision::ChangeCouncil(_)) => true,
        (Decision::Grant(one, _), Decision::Grant(other, _)) => one == other,
        _ => false,
    }
}

fn act(signer: Pubkey, action: Action) -> Move {
    Move::Act(signer, action)
}

/// Running a proposal, in one transaction with what has to go before it: a latch is carried before its detector is closed.
pub fn running(state: &State, number: usize, step: Step) -> Option<Vec<Move>> {
    let run = act(STRANGER, Action::Execute(number));
    if let Decision::Close(which) = &state.proposals[number].1 {
        let carry = act(STRANGER, Action::Propagate(*which));
        if let Ok(carried) = step(state, &carry) {
            return step(&carried, &run).is_ok().then(|| vec![carry, run]);
        }
    }
    step(state, &run).is_ok().then(|| vec![run])
}

fn is_ready(state: &State, number: usize) -> bool {
    progress(&state.proposals[number].0, &state.council, state.at).status == Status::Ready
}

/// One that the honest made, and that may still do what it is for.
fn is_useful(state: &State, number: usize, step: Step) -> bool {
    HONEST.contains(&state.proposals[number].0.proposer)
        && (!is_ready(state, number) || running(state, number, step).is_some())
}

/// The first thing there is to do.
pub fn next(state: &State, step: Step) -> Vec<Move> {
    let now = state.at.now;
    let members = &state.council.members;
    let is_silent = |key: &&Pubkey| {
        members
            .iter()
            .any(|member| member.key == **key && now - member.last_active_ts > HEARTBEAT)
    };
    if let Some(silent) = HONEST.iter().find(is_silent) {
        return vec![act(*silent, Action::Heartbeat)];
    }
    let lapse = act(STRANGER, Action::Lapse);
    if step(state, &lapse).is_ok() {
        return vec![lapse];
    }
    let count = state.proposals.len();
    // Another council voids every other proposal, so that one comes last.
    let is_council = |number: &usize| matches!(state.proposals[*number].1, Decision::ChangeCouncil(_));
    let order = (0..count)
        .filter(|number| !is_council(number))
        .chain((0..count).filter(is_council));
    let mut ready = order.filter(|number| is_ready(state, *number));
    if let Some(run) = ready.find_map(|number| running(state, number, step)) {
        return run;
    }
    let useful: Vec<_> = (0..count).filter(|number| is_useful(state, *number, step)).collect();
    for (number, member) in useful.iter().flat_map(|number| HONEST.map(|member| (*number, member))) {
        let has_approved = state.proposals[number].0.approvals & u16::from(bit(&member)) != 0;
        if !has_approved && counts(&state.council, &member, now) {
            return vec![act(member, Action::Approve(number))];
        }
    }
    let is_missing = |decision: &Decision| {
        !useful
            .iter()
            .any(|number| is_same(&state.proposals[*number].1, decision))
    };
    let mut missing = wanted(state).into_iter().filter(is_missing);
    if let Some(proposing) = missing.find_map(|decision| proposing(state, &decision, step)) {
        return proposing;
    }
    waiting(state, step)
}

/// Proposing it, by the first whom nothing keeps from it: a slot later, so that it knows of whatever has happened so far.
fn proposing(state: &State, decision: &Decision, step: Step) -> Option<Vec<Move>> {
    let later = step(state, &wait(1, 0)).ok()?;
    let all = HONEST.map(|member| act(member, Action::Propose(decision.clone())));
    let proposal = all.into_iter().find(|what| step(&later, what).is_ok())?;
    Some(vec![wait(1, 0), proposal])
}

/// An hour, before which everything is carried: who makes a detector latch anew keeps nobody from waiting.
fn waiting(state: &State, step: Step) -> Vec<Move> {
    let (mut all, mut state) = (vec![], state.clone());
    for carry in DETECTORS.map(|which| act(STRANGER, Action::Propagate(which))) {
        if let Ok(next) = step(&state, &carry) {
            all.push(carry);
            state = next;
        }
    }
    all.push(an_hour());
    all
}

pub fn is_operating(state: &State) -> bool {
    state.domain.state == phase::OPERATING
}

/// Is what it would close there?
pub fn is_there(state: &State, decision: &Decision) -> bool {
    match decision {
        Decision::Close(Which::Link(_)) => true,
        Decision::Close(which) => state.latch(keys(), *which).is_some(),
        _ => true,
    }
}

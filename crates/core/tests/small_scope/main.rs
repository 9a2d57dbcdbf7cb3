//! Every state that a small domain can get into, within a few steps, from several beginnings.
//!
//! Two members, two compartments, one breaker and one that a proposal may open, a link that one may set, all five who could sign (members, fallback, the breaker's authority, a
//! stranger), every action with arguments that stand for the rest, and the times that matter: a second later, when a
//! pause ends, when a delay ends, when a proposal expires, when a member falls silent. From each beginning every path
//! of [`DEPTH`] steps is covered, of which [`WAITS`] let time pass:
//!
//! - what was not a matured proposal is at most as permissive as before (`core::permissiveness`);
//! - what was one had matured by the check's own books of since when enough members who count have consented to
//!   exactly this payload, or the fallback has while too few approvers were active;
//! - and then it loosened only what its kind is about;
//! - through a breaker that a proposal has opened nothing leaves in its first window.
//!
//! What it is not. Six steps do not lead from peace to an executed proposal with an incident in between, so there are
//! beginnings behind an alarm, a freeze, an approval and a long silence; what lies further away is the random tests' to
//! find. There is one proposal at a time, which can be edited. Arguments are representatives. States that differ in
//! nothing that will be looked at again, or only in which of the two equal members is which, are taken as one, and are
//! distinguished by 128 bits of hash.

mod beginnings;
mod books;
mod canon;
mod checker;
mod domain;

use std::{collections::HashSet, rc::Rc, time::Instant};

use beginnings::beginnings;
use books::{follow, has_matured, is_about, is_outdated};
use bulkhead_core::{
    CoreError,
    acts::{At, LinkTerms, NewBreaker, Reopening, change_council},
    breakers::window::{self, Limits, TripLimits},
    machine::{Action, BreakerPlan, Decision, Keys, State, Upstream, Which},
    pause::board,
    permissiveness::{Loosening, loosening},
    proposals::veto,
};
use bulkhead_guard::{action, board::SCOPE_DOMAIN};
use bulkhead_interface::{
    Pubkey,
    constants::{
        MIN_ESCAPE_SECONDS, MIN_FALLBACK_DELAY_SECONDS, VERSION, class, phase, proposal_flag, proposal_state, role,
        step,
    },
    layout::{Council, Domain, Latch, OutflowBreaker, PauseBoard, Policy, StandingVetoes},
};
use bytemuck::Zeroable;
use canon::fingerprint;
use checker::{Checker, Tally};
use domain::{actions, is_crank, keys, limits, linked, operating, plan, second_breaker, waits};

/// Steps from a beginning.
const DEPTH: usize = 6;
/// Of which time may pass in so many.
const WAITS: u8 = 2;
/// Fewer than these would mean that something is not reached any more.
const LEAST_STATES: usize = 500_000;
const LEAST_EDGES: usize = 5_000_000;
const LEAST_EXECUTIONS: usize = 10_000;

const DAY: i64 = 86_400;
const NOW: i64 = 20_000 * DAY + 40_000;
/// A pause ends.
const GUARDIAN_PAUSE: i64 = 1_800;
/// A delay ends.
const DELAY: i64 = 3_600;
/// A breaker's window.
const WINDOW: i64 = 4 * DELAY;
/// A proposal expires.
const EXPIRY: i64 = DELAY + 86_400;
/// A member falls silent a second later.
const HEARTBEAT: i64 = DAY;
/// Long enough for the fallback after that, to the second.
const FALLBACK: i64 = 7 * DAY;

const A: Pubkey = key(1);
const B: Pubkey = key(2);
const SUCCESSOR: Pubkey = key(3);
const FALLBACK_KEY: Pubkey = key(4);
const METER: Pubkey = key(5);
const UPSTREAM: Pubkey = key(40);
const STRANGER: Pubkey = key(6);
const SIGNERS: [Pubkey; 5] = [A, B, FALLBACK_KEY, METER, STRANGER];

const fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

/// Since when enough who count consented to what a proposal says: the books of the check.
type Since = [Option<i64>; 1];

#[derive(Clone)]
struct Node {
    state: State,
    since: Since,
    /// When a proposal has opened the second breaker.
    opened: Option<i64>,
    /// How often time has passed since the beginning.
    waits: u8,
}

type Step = fn(&State, &Keys, &Pubkey, &Action) -> Result<State, CoreError>;

#[test]
fn nothing_within_six_steps_loosens_without_a_matured_proposal() {
    let started = Instant::now();
    let names = beginnings().len();
    // Two at a time: the biggest first, in turns.
    let explore = move |half: usize| {
        let mut checker = Checker::new(State::step);
        for (name, start) in beginnings().into_iter().skip(half).step_by(2) {
            let before = (checker.tally.states, checker.tally.edges);
            if let Err(wrong) = checker.explore(start, DEPTH) {
                panic!("from {name}: {wrong:?}");
            }
            let Tally { states, edges, .. } = checker.tally;
            println!(
                "{:8} states, {:9} steps from {name}",
                states - before.0,
                edges - before.1
            );
        }
        checker.tally
    };
    let tallies = std::thread::scope(|scope| {
        let halves = [0, 1].map(|half| scope.spawn(move || explore(half)));
        halves.map(|half| half.join().expect("a step was wrong"))
    });
    let sum = |part: fn(&Tally) -> usize| tallies.iter().map(part).sum::<usize>();
    let (states, edges, executed) = (
        sum(|tally| tally.states),
        sum(|tally| tally.edges),
        sum(|tally| tally.executed),
    );
    let (refused, took) = (sum(|tally| tally.refused), started.elapsed());
    println!("{states} states, {edges} steps from {names} beginnings, {executed} of them executions");
    println!("{refused} steps refused, {took:.1?}");
    assert!(states > LEAST_STATES && edges > LEAST_EDGES, "less is reached than was");
    assert!(executed > LEAST_EXECUTIONS, "proposals do not run any more");
}

/// The check finds what it is for: each of these acts is broken in one way.
#[test]
fn a_broken_act_is_found() {
    // Resumes as soon as it is proposed.
    let instant: Step = |state, keys, signer, action| {
        let Action::Execute(number) = action else {
            return state.step(keys, signer, action);
        };
        let mut ripe = state.clone();
        let at = ripe.at;
        ripe.at.now = at.now + DELAY;
        let mut next = ripe.step(keys, signer, &Action::Execute(*number))?;
        next.at = at;
        Ok(next)
    };
    // A heartbeat makes a silent member count at once.
    let revived: Step = |state, keys, signer, action| {
        let mut next = state.step(keys, signer, action)?;
        if matches!(action, Action::Heartbeat) {
            for member in &mut Rc::make_mut(&mut next.council).members {
                member.active_from_ts = 0;
            }
        }
        Ok(next)
    };
    // Every pause replaces the one in force.
    let replaced: Step = |state, keys, signer, action| {
        let mut next = state.step(keys, signer, action)?;
        if let Action::Pause { scope: 0, mask } = action {
            Rc::make_mut(&mut next.board).rows[0].guardian_pause = *mask;
            Rc::make_mut(&mut next.board).domain_row.guardian_pause = 0;
        }
        Ok(next)
    };
    // A lapse closes nothing it should not, but forgets a confirmed hold.
    let forgotten: Step = |state, keys, signer, action| {
        let mut next = state.step(keys, signer, action)?;
        if matches!(action, Action::Propose(_)) {
            Rc::make_mut(&mut next.board).domain_row.freeze = 0;
        }
        Ok(next)
    };
    // A decision of peace runs though the domain was frozen since.
    let outdated: Step = |state, keys, signer, action| {
        let mut unknowing = state.clone();
        Rc::make_mut(&mut unknowing.domain).confirmed_slot = 0;
        unknowing.step(keys, signer, action)
    };
    // A breaker that a proposal opens begins as one of the set-up does.
    let empty: Step = |state, keys, signer, action| {
        let mut next = state.step(keys, signer, action)?;
        if matches!(action, Action::Execute(_)) && next.breakers.len() > state.breakers.len() {
            let breaker = &mut Rc::make_mut(&mut next.breakers)[1].1;
            (breaker.buckets, breaker.outflow) = ([0; 25], 0);
        }
        Ok(next)
    };
    // A link that is set opens what was closed by another.
    let unlinked: Step = |state, keys, signer, action| {
        let mut next = state.step(keys, signer, action)?;
        if matches!(action, Action::Execute(_)) && next.links.len() > state.links.len() {
            Rc::make_mut(&mut next.board).domain_row.guardian_pause = 0;
        }
        Ok(next)
    };
    // A veto starts the clock of the escape anew.
    let restarted: Step = |state, keys, signer, action| {
        let mut next = state.step(keys, signer, action)?;
        if matches!(action, Action::Veto(_)) {
            let now = next.at.now;
            Rc::make_mut(&mut next.domain).frozen_ts = now;
        }
        Ok(next)
    };
    for (name, step) in [
        ("restarted", restarted),
        ("empty", empty),
        ("unlinked", unlinked),
        ("outdated", outdated),
        ("instant", instant),
        ("revived", revived),
        ("replaced", replaced),
        ("forgotten", forgotten),
    ] {
        let found = beginnings()
            .into_iter()
            .find_map(|(_, start)| Checker::new(step).explore(start, 3).err());
        let found = found.unwrap_or_else(|| panic!("{name} was not found"));
        println!("{name}: {found:?}");
    }
}

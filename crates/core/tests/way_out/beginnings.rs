//! Where games begin.

use bulkhead_core::machine::{Action, CustodyAction as Do, Decision, Which};
use bulkhead_guard::board::SCOPE_DOMAIN;
use bulkhead_interface::constants::VETO_SECONDS;

use crate::{
    game::Node,
    scene::{
        BOOKS, DETECTORS, DUST, HEARTBEAT, HONEST, HOST, HOSTILE, HOUR, LIMIT, Move, Parts, ROUTE, SLOTS_AN_HOUR,
        STRANGER, UPSTREAM, UPSTREAM_SECONDS, WATCH, admin, after, an_hour, custody_of, keys, limits, reopening, wait,
    },
};

const FIRST: usize = 0;

fn act(signer: bulkhead_interface::Pubkey, action: Action) -> Move {
    Move::Act(signer, action)
}

/// Both of the honest do it.
fn both(action: &Action) -> [Move; 2] {
    HONEST.map(|member| act(member, action.clone()))
}

fn pause(scope: u8) -> Action {
    Action::Pause { scope, mask: 0 }
}

fn freeze() -> Vec<Move> {
    let [first, _] = HONEST;
    let mut story = vec![act(first, Action::OpenIncident)];
    story.extend(both(&Action::Confirm));
    story.push(wait(1, 0));
    story
}

fn evacuation(parts: Parts) -> Vec<Move> {
    let mut story: Vec<_> = both(&Action::Custody(Do::ConfirmEvacuation)).into();
    story.push(wait(1, 0));
    if parts.vault {
        story.extend([Do::Evacuate(0, ROUTE), Do::Deposit(0, DUST, 1)].map(|what| custody_of(STRANGER, what)));
    }
    story
}

/// Proposed, approved by both, an hour old.
fn matured(number: usize, decision: Decision) -> Vec<Move> {
    let [first, _] = HONEST;
    let mut story = vec![wait(1, 0), act(first, Action::Propose(decision))];
    story.extend(both(&Action::Approve(number)));
    story.push(an_hour());
    story
}

fn resume(number: usize) -> Decision {
    let (incident, _) = keys().incidents[number];
    Decision::Resume { incident }
}

/// Of a detector, or the link's, whichever there is.
fn closing(parts: Parts) -> Decision {
    let [breaker, watch, books, prices] = DETECTORS;
    let all = [
        (parts.breaker, breaker),
        (parts.watch, watch),
        (parts.books, books),
        (parts.prices, prices),
    ];
    let found = all.into_iter().find(|(is_there, _)| *is_there);
    Decision::Close(found.map_or(Which::Link(UPSTREAM), |(_, which)| which))
}

fn run(number: usize) -> Move {
    act(STRANGER, Action::Execute(number))
}

/// Everything that can latch has, and the upstream is paused.
fn latches(parts: Parts) -> Vec<Move> {
    let mut story = vec![];
    if parts.breaker {
        story.push(act(HOST, Action::Meter(0, 2 * LIMIT + 1)));
    }
    if parts.watch {
        story.push(act(STRANGER, Action::ObserveAuthority(WATCH, admin(1))));
    }
    if parts.books {
        story.push(act(STRANGER, Action::ObserveSolvency(BOOKS, 1_001, 1_000)));
    }
    if parts.prices {
        story.push(Move::Price { is_sound: false });
    }
    if parts.link {
        story.push(act(STRANGER, Action::Carry(0, u32::MAX, UPSTREAM_SECONDS)));
    }
    story
}

/// Every beginning, by name.
pub const NAMES: [&str; 16] = [
    "peace",
    "alarm",
    "paused",
    "lowered",
    "latched",
    "held",
    "held since",
    "evacuated",
    "evacuated since",
    "matured",
    "kept",
    "ramp",
    "decided",
    "no rights",
    "closing since",
    "barred",
];

/// Nobody was active for a month: another game, for it is a day longer.
pub const SILENT: &str = "silent";

pub fn beginning(name: &str, parts: Parts) -> Node {
    let [first, _] = HONEST;
    let alarm = || vec![act(HOSTILE, Action::OpenIncident)];
    let story = match name {
        "peace" => vec![],
        "alarm" => alarm(),
        "paused" => vec![act(first, pause(SCOPE_DOMAIN))],
        "lowered" if parts.breaker => vec![act(HOSTILE, Action::LowerLimit(0, limits(LIMIT / 2)))],
        "lowered" => vec![act(HOSTILE, pause(1))],
        "latched" => latches(parts),
        "held" => freeze(),
        // After a resume was proposed that is about to be run.
        "held since" => [
            alarm(),
            matured(FIRST, resume(0)),
            both(&Action::Confirm).into(),
            vec![wait(1, 0)],
        ]
        .concat(),
        "evacuated" => [freeze(), evacuation(parts)].concat(),
        "evacuated since" => [freeze(), matured(FIRST, resume(0)), evacuation(parts)].concat(),
        "matured" => [freeze(), matured(FIRST, resume(0))].concat(),
        "kept" => {
            // Made in peace, after an alarm that lapsed.
            let lapsed = vec![
                act(first, Action::OpenIncident),
                an_hour(),
                an_hour(),
                act(STRANGER, Action::Lapse),
            ];
            let before = after(parts, &lapsed);
            let full = reopening(&before.state, 10_000).expect("there was an incident");
            [lapsed, matured(FIRST, full)].concat()
        }
        "ramp" => {
            let resumed = [freeze(), matured(FIRST, resume(0)), vec![run(FIRST)]].concat();
            let before = after(parts, &resumed);
            let half = reopening(&before.state, 5_000).expect("there was an incident");
            [resumed, matured(FIRST, half), vec![run(FIRST), wait(1, 0)]].concat()
        }
        // Resumed while something newer is in force: the incident is over, and the next due.
        "decided" => [
            freeze(),
            matured(FIRST, resume(0)),
            latches(Parts {
                breaker: false,
                ..parts
            }),
            alarm_again(parts),
            vec![run(FIRST)],
        ]
        .concat(),
        // After the closing of a detector was proposed that is about to be run.
        "closing since" => [
            alarm(),
            matured(FIRST, closing(parts)),
            both(&Action::Confirm).into(),
            vec![wait(1, 0)],
        ]
        .concat(),
        // By a veto that ends while it is played.
        "barred" => {
            let left = VETO_SECONDS - HOUR;
            let slots = SLOTS_AN_HOUR * u64::try_from(left / HOUR).expect("a time");
            let proposal = Decision::Grant(first, 1);
            let vetoed = vec![act(first, Action::Propose(proposal)), act(HOSTILE, Action::Veto(FIRST))];
            [vetoed, vec![wait(slots, left)], alarm()].concat()
        }
        "no rights" => vec![act(first, pause(SCOPE_DOMAIN)), act(first, pause(1))],
        _ => {
            let month = HEARTBEAT + HOUR;
            let slots = SLOTS_AN_HOUR * u64::try_from(month / HOUR).expect("a time");
            [vec![wait(slots, month)], alarm()].concat()
        }
    };
    let mut node = after(parts, &story);
    (node.has_papers, node.halts) = (parts.papers, parts.halts);
    node
}

fn alarm_again(parts: Parts) -> Vec<Move> {
    if parts.watch {
        let which = crate::scene::DETECTORS[1];
        return vec![act(STRANGER, Action::Propagate(which))];
    }
    // A guardian's pause, newer than the resume.
    vec![act(HOSTILE, pause(1))]
}

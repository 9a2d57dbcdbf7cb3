//! Is there a way out, whatever is done against it? A game over the machine of the domain's own acts.
//!
//! Two honest members of three, with their keepers, want the domain to operate, and go by one fixed rule
//! ([`strategy`]). Before each of their steps, every hour of a wait among them, an adversary makes any one move or none
//! ([`adversary`]): it is the third member, who is guardian, approver and vetoer; every stranger; a host that finds
//! whatever it likes, and an upstream that pauses whenever it likes. From each beginning **every** play is played to its
//! end, with no bound on what the adversary does:
//!
//! - each ends with the domain operating, nothing closed and nothing latched, within [`LONGEST`] steps. A state that
//!   came back would be a play without an end; there is none, so that every wait has an end that nobody pushes away for
//!   free. Guardians' pauses are no exception, for they are spent, nor are vetoes: they stand for longer than any play, and
//!   who has given one is removed, which it does not stop alone;
//! - no unpause that has matured is refused but for what the members decided since, and no detector or link that is to be
//!   closed stays for latching or carrying again;
//! - after every step everything stands as the test's own books say ([`books`]), which are kept from what was done and
//!   not from what the acts made of it: nothing as new as an unpause's proposal is unpaused or accepted by it, everything older
//!   is, each pause costs a right and each veto takes one as long as it stands, nothing runs before two have consented for
//!   the whole delay or that knew nothing of what the guardians confirmed, and nobody stops a proposal, its clock or who
//!   would propose who may not.
//!
//! In some games the cluster stands still for an hour or two, whenever the adversary likes, while its clock goes on.
//!
//! What it is not. Every time is a multiple of an hour ([`scene`]), and whatever happens between two of them happens at
//! the first or the second. With any number of moves, games are played with a detector, the link or the vault at a time,
//! and a few with two; with all of them at once the adversary has [`FEW`] moves. The fallback, silence that sets in
//! during a game, restoration, queues, a route's faults and what is metered within limits are other tests'. States are
//! distinguished by 128 bits of hash, by what can still be looked at ([`canon`]); a test compares that with everything there is.

#![cfg(feature = "machine")]

mod adversary;
mod beginnings;
mod books;
mod broken;
mod canon;
mod game;
mod scene;
mod strategy;

use std::{rc::Rc, thread, time::Instant};

use crate::{
    beginnings::{NAMES, SILENT, beginning},
    books::Wrong,
    game::{ANY_ONE, Game, Rules, Tally, Worth},
    scene::{DELAY, EXPIRY, GUARDIAN_PAUSE, HEARTBEAT, HOUR, Parts, TRIP, step},
};

/// Moves the adversary has in all, where the game is about everything.
const FEW: u8 = 3;
const COUNTED: Rules = Rules {
    in_a_row: 1,
    in_all: Some(FEW),
};
/// Where there is much.
const FIVE: Rules = Rules {
    in_a_row: 1,
    in_all: Some(5),
};
/// Any two between two steps of the honest.
const TWO: Rules = Rules {
    in_a_row: 2,
    in_all: None,
};

/// Fewer than these would mean that something is not reached any more.
const LEAST: Tally = Tally {
    states: 2_500_000,
    edges: 6_000_000,
    won: 15_000,
    unpauses: 190_000,
    closed: 130_000,
    vetoed: 1_000_000,
    councils: 80_000,
};

/// Nor may any play be longer.
const LONGEST: Worth = Worth { steps: 81, hours: 15 };

/// Games with what they are played with, and where they begin: in two halves, which take about as long.
type Games = &'static [(Parts, Rules, &'static [&'static str])];

const LINK_AND_BREAKER: Parts = Parts {
    breaker: true,
    ..Parts::LINK
};
const WATCH_AND_BREAKER: Parts = Parts {
    breaker: true,
    ..Parts::WATCH
};

const HALVES: [Games; 2] = [
    &[
        (Parts::VAULT, ANY_ONE, &NAMES),
        (Parts::VAULT, ANY_ONE, &[SILENT]),
        (Parts::HALTED_VAULT, ANY_ONE, &["alarm", "matured"]),
        (Parts::VAULT, TWO, &["peace", "held", "evacuated"]),
        (Parts::HALTED_BREAKER, ANY_ONE, &["alarm"]),
        (Parts::PAPERS, ANY_ONE, &["alarm", "barred"]),
        (Parts::WATCH, ANY_ONE, &["peace", "decided", "closing since", "barred"]),
        (Parts::WATCH, TWO, &["alarm"]),
        (
            Parts::BREAKER,
            ANY_ONE,
            &[
                "peace",
                "lowered",
                "latched",
                "held",
                "kept",
                "decided",
                "no rights",
                "closing since",
            ],
        ),
    ],
    &[
        (
            Parts::LINK,
            ANY_ONE,
            &[
                "peace",
                "latched",
                "held",
                "evacuated",
                "kept",
                "decided",
                "closing since",
                "barred",
            ],
        ),
        (Parts::LINK, TWO, &["alarm"]),
        (Parts::BOOKS, ANY_ONE, &["decided"]),
        (Parts::PRICES, ANY_ONE, &["peace", "held", "decided"]),
        (LINK_AND_BREAKER, ANY_ONE, &["alarm"]),
        (WATCH_AND_BREAKER, FIVE, &["alarm"]),
        (
            Parts::ALL,
            COUNTED,
            &["peace", "latched", "held", "evacuated", "matured", "ramp", "decided"],
        ),
    ],
];

/// A play is a call in a call, as deep as it is long.
fn in_depth<T: Send>(play: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let deep = thread::Builder::new().stack_size(64 << 20);
        let playing = deep.spawn_scoped(scope, play).expect("a thread");
        playing.join().expect("a way out")
    })
}

fn play(games: Games) -> (Tally, Worth) {
    let (mut tally, mut worst) = (Tally::default(), Worth::default());
    for (parts, rules, names) in games {
        let started = Instant::now();
        let mut game = Game::new(step, *rules);
        let mut longest = Worth::default();
        for name in *names {
            match game.play(&beginning(name, *parts)) {
                Ok(worth) => longest = longest.or(worth),
                Err(fault) => panic!("from {name}, {parts}: {fault}"),
            }
        }
        let (Tally { states, edges, .. }, took) = (game.tally, started.elapsed());
        let Worth { steps, hours } = longest;
        println!(
            "{states:8} states, {edges:8} moves, {steps:3} steps, {hours:2} hours at most, {took:.1?}: {parts}, {rules:?}"
        );
        (tally, worst) = (tally.and(game.tally), worst.or(longest));
    }
    (tally, worst)
}

#[test]
fn whatever_is_done_against_it_the_domain_operates_again() {
    let started = Instant::now();
    let [first, second] = HALVES;
    let ((tally, worst), (others, other)) = thread::scope(|scope| {
        let second = scope.spawn(move || in_depth(|| play(second)));
        (in_depth(|| play(first)), second.join().expect("a way out"))
    });
    let (tally, worst) = (tally.and(others), worst.or(other));
    println!("{tally:?}, {worst:?}, {:.1?}", started.elapsed());
    assert!(
        tally.states > LEAST.states && tally.edges > LEAST.edges,
        "less is reached than was"
    );
    assert!(
        tally.won > LEAST.won && tally.unpauses > LEAST.unpauses,
        "fewer unpauses"
    );
    assert!(tally.closed > LEAST.closed, "detectors are not closed any more");
    assert!(
        tally.vetoed > LEAST.vetoed && tally.councils > LEAST.councils,
        "the hostile member is not got rid of"
    );
    // So nobody who was active when a game began falls silent in it, and nothing expires that was made in it or shortly
    // before, though the cluster stands still.
    let lasted = i64::from(worst.hours) * HOUR;
    assert!(lasted < HEARTBEAT && lasted + 4 * HOUR < EXPIRY);
    assert!(
        worst.steps <= LONGEST.steps && worst.hours <= LONGEST.hours,
        "it takes longer"
    );
}

/// What the adversary keeps closed by itself costs it a pause each time, and gains it no more than that pause, and the
/// delay of a proposal that the pause has made void.
#[test]
fn a_pause_gains_no_more_than_its_own_time() {
    let gained = u32::try_from((GUARDIAN_PAUSE + DELAY) / HOUR).expect("few");
    for (parts, from) in [
        (Parts::VAULT, "alarm"),
        (Parts::BREAKER, "alarm"),
        (Parts::LINK, "alarm"),
        (Parts::VAULT, "evacuated"),
    ] {
        let hours = |pauses: u8| {
            in_depth(|| {
                let mut start = beginning(from, parts);
                Rc::make_mut(&mut start.state.council).members[2].pause_rights = pauses;
                let worth = Game::new(step, ANY_ONE).play(&start);
                worth
                    .unwrap_or_else(|fault| panic!("from {from}, {parts}: {fault}"))
                    .hours
            })
        };
        let all = [0, 1, 2].map(hours);
        println!("{all:?} hours with so many pauses, from {from}: {parts}");
        assert!(all[1] <= all[0] + gained && all[2] <= all[1] + gained);
    }
}

/// Vetoes stand for longer than any play, and gain the adversary no more than its own removal takes and what it has vetoed
/// takes again, or the trip of what latches in the meantime; and more of them gain nothing.
#[test]
fn vetoes_gain_no_more_than_a_removal() {
    let gained = u32::try_from(TRIP.max(2 * DELAY) / HOUR).expect("few");
    for (parts, from) in [
        (Parts::VAULT, "alarm"),
        (Parts::PAPERS, "alarm"),
        (Parts::LINK, "alarm"),
        (Parts::BREAKER, "latched"),
        (Parts::WATCH, "alarm"),
    ] {
        let hours = |rights: u8| {
            in_depth(|| {
                let mut start = beginning(from, parts);
                Rc::make_mut(&mut start.state.council).veto_rights = rights;
                let worth = Game::new(step, ANY_ONE).play(&start);
                worth
                    .unwrap_or_else(|fault| panic!("from {from}, {parts}: {fault}"))
                    .hours
            })
        };
        let all = [0, 1, 2].map(hours);
        println!("{all:?} hours with so many vetoes, from {from}: {parts}");
        assert!(all[1] <= all[0] + gained && all[2] == all[1]);
    }
}

/// The game finds what it is for.
#[test]
fn a_broken_act_is_found() {
    for (name, broken, (parts, from)) in broken::ALL {
        let play = || in_depth(|| Game::new(broken, ANY_ONE).play(&beginning(from, parts)).err());
        let fault = play().unwrap_or_else(|| panic!("{name}: not found"));
        println!("{name}: {:?}, after {} moves", fault.wrong, fault.story.len());
    }
}

/// Nor does it need the books to see that a play never ends.
#[test]
fn a_play_without_an_end_is_found() {
    for name in broken::ENDLESS {
        let named = broken::ALL.into_iter().find(|(own, ..)| *own == name);
        let (_, broken, (parts, from)) = named.expect("one of them");
        let play = || {
            let mut start = beginning(from, parts);
            start.books = None;
            Game::new(broken, ANY_ONE).play(&start).err()
        };
        let fault = in_depth(play).unwrap_or_else(|| panic!("{name}: every play ends"));
        assert_eq!(fault.wrong, Wrong::Endless, "{name}: {fault}");
    }
}

/// What is left out of a state decides nothing: with states distinguished by everything there is, plays are as long.
#[test]
fn states_are_known_again_by_what_matters() {
    for (parts, from, in_all) in [
        (Parts::ALL, "peace", Some(2)),
        (Parts::ALL, "evacuated", Some(2)),
        (Parts::WATCH, "latched", Some(3)),
        (Parts::LINK, "latched", Some(4)),
        (Parts::PAPERS, "kept", Some(3)),
        (Parts::PAPERS, "barred", Some(3)),
        (Parts::HALTED_BREAKER, "latched", Some(3)),
        (Parts::PRICES, "latched", Some(4)),
        (Parts::VAULT, "alarm", Some(5)),
    ] {
        let rules = Rules { in_a_row: 1, in_all };
        let play = |knows| {
            in_depth(|| {
                let mut game = Game::new(step, rules).by(knows);
                let worth = game.play(&beginning(from, parts));
                (worth.unwrap_or_else(|fault| panic!("{fault}")), game.tally.states)
            })
        };
        let ((some, few), (all, many)) = (play(canon::canon), play(canon::whole));
        println!("{few} states of {many}, {all:?}, from {from}: {parts}");
        assert!(some == all && few < many);
    }
}

//! The escape's clock over every short history of pauses, trips, links, freezes and unpauses. Whoever holds both
//! thresholds may do all of them at any time; the law is what a holder can see: the clock starts anew only if the domain
//! let everyone act for a day since the last freeze.

use bulkhead_core::{acts::At, escape::clock, pause::board};
use bulkhead_guard::{action, board::SCOPE_DOMAIN};
use bulkhead_interface::{
    constants::{ESCAPE_RESET_SECONDS, MIN_ESCAPE_SECONDS, phase},
    layout::{Domain, PauseBoard},
};
use bytemuck::Zeroable;

const HOUR: i64 = 3_600;
/// Everything here begins and ends on a multiple of this.
const STEP: i64 = 8 * HOUR;
const START: i64 = 1_000 * STEP;
const DEPTH: usize = 7;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Wait,
    PauseOneCompartment,
    TripForLong,
    Link,
    Freeze,
    Unpause,
    /// Everything that one transaction can do: unpause, pause and nothing more.
    UnpauseAndPause,
}

const ACTS: [Act; 7] = [
    Act::Wait,
    Act::PauseOneCompartment,
    Act::TripForLong,
    Act::Link,
    Act::Freeze,
    Act::Unpause,
    Act::UnpauseAndPause,
];

#[derive(Clone)]
struct World {
    domain: Domain,
    board: PauseBoard,
    now: i64,
    slot: u64,
    /// For how long each action was allowed in every compartment since the last freeze ended, as a host sees it.
    seen_open: i64,
    /// How often the clock started anew.
    restarts: u32,
}

impl World {
    fn frozen() -> Self {
        let mut board = PauseBoard::zeroed();
        board::open(&mut board);
        let domain = Domain {
            state: phase::OPERATING,
            escape_seconds: 30 * 86_400,
            ..Domain::zeroed()
        };
        let mut world = Self {
            domain,
            board,
            now: START,
            slot: 10,
            seen_open: 0,
            restarts: 0,
        };
        world.freeze();
        world.wait();
        world
    }

    fn at(&self) -> At {
        At {
            slot: self.slot,
            now: self.now,
        }
    }

    fn freeze(&mut self) {
        if self.domain.state == phase::FROZEN {
            return;
        }
        let before = (self.domain.frozen_ts, self.domain.refrozen_ts);
        board::freeze(&mut self.board, self.slot);
        self.domain.state = phase::FROZEN;
        clock::begin(&mut self.domain, &self.board, self.now);
        let due = clock::due(&self.domain).expect("frozen");
        if self.domain.frozen_ts == before.0 {
            let again = if before.1 == 0 { self.now } else { before.1 };
            assert_eq!(due, (before.0 + 30 * 86_400).max(again + MIN_ESCAPE_SECONDS));
        } else {
            self.restarts += 1;
            assert_eq!(due, self.now + 30 * 86_400);
            let allowed = before.0 == 0 || self.seen_open >= ESCAPE_RESET_SECONDS;
            assert!(allowed, "open for {} hours only", self.seen_open / HOUR);
        }
    }

    fn pause(&mut self, scope: u8, until: i64) {
        let at = self.at();
        board::guardian_pause(&mut self.board, scope, action::WITHDRAW, until, at).expect("in range");
    }

    fn unpause(&mut self) {
        // A proposal of the slot before: it knows all that was closed in earlier steps.
        board::unpause(&mut self.board, self.slot);
        if self.domain.state == phase::FROZEN && self.board.domain_row.freeze == 0 {
            clock::end(&self.domain, &mut self.board, self.now);
            self.domain.state = phase::OPERATING;
            self.seen_open = 0;
        }
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Wait => {}
            Act::PauseOneCompartment => self.pause(5, self.now + STEP),
            Act::TripForLong => {
                let until = self.now + 3 * STEP;
                board::trip(&mut self.board, 2, action::BORROW, until, self.slot, self.now).expect("in range");
            }
            Act::Link => {
                board::link(
                    &mut self.board,
                    0b1000,
                    action::TRADE,
                    self.now + 2 * STEP,
                    self.slot,
                    self.now,
                );
            }
            Act::Freeze => self.freeze(),
            Act::Unpause => self.unpause(),
            Act::UnpauseAndPause => {
                self.unpause();
                self.pause(SCOPE_DOMAIN, self.now + STEP);
            }
        }
    }

    fn wait(&mut self) {
        let mut bytes = bulkhead_guard::board::DISCRIMINATOR.to_vec();
        let board = PauseBoard {
            version: bulkhead_guard::board::VERSION,
            ..self.board
        };
        bytes.extend_from_slice(bytemuck::bytes_of(&board));
        let is_open = [0, 2, 3, 5]
            .iter()
            .all(|compartment| bulkhead_guard::effective_mask(&bytes, *compartment, self.now).expect("a board") == 0);
        if is_open {
            self.seen_open += STEP;
        }
        self.now += STEP;
        self.slot += 100;
    }
}

fn explore(world: &World, depth: usize, visited: &mut u64, restarts: &mut u32) {
    *visited += 1;
    *restarts = (*restarts).max(world.restarts);
    if depth == 0 {
        return;
    }
    for act in ACTS {
        let mut next = world.clone();
        next.act(act);
        next.wait();
        explore(&next, depth - 1, visited, restarts);
    }
}

#[test]
fn the_clock_starts_anew_only_after_a_day_in_which_everyone_could_leave() {
    let (mut visited, mut restarts) = (0, 0);
    explore(&World::frozen(), DEPTH, &mut visited, &mut restarts);
    assert!(visited > 900_000, "{visited} histories");
    assert!(restarts > 1, "no history started the clock anew");
}

/// A stranger with capital may latch a breaker now and then: the day need not be in one piece.
#[test]
fn pauses_in_between_do_not_make_the_clock_go_on_for_ever() {
    let mut world = World::frozen();
    world.act(Act::Unpause);
    for _ in 0..3 {
        world.wait();
        world.act(Act::PauseOneCompartment);
        world.wait();
    }
    let before = world.domain.frozen_ts;
    world.act(Act::Freeze);
    assert_eq!(
        world.domain.frozen_ts, world.now,
        "three times eight open hours since {before}"
    );
}

/// The clock counts what is still closed when a freeze ends, and what was closed in the same transaction.
#[test]
fn who_pauses_over_the_day_gains_no_new_clock() {
    let mut world = World::frozen();
    world.act(Act::UnpauseAndPause);
    let frozen_ts = world.domain.frozen_ts;
    for _ in 0..30 {
        world.wait();
        world.pause(SCOPE_DOMAIN, world.now + STEP);
    }
    world.act(Act::Freeze);
    assert_eq!(world.domain.frozen_ts, frozen_ts);
    assert_eq!(world.domain.refrozen_ts, world.now);
}

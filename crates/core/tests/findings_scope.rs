//! What a resume takes of what detectors have found, over the machine.
//!
//! A domain is frozen over a stolen authority, a hole and a price that is not sure; a resume is proposed. From there every
//! path of [`DEPTH`] steps of a stranger who looks, carries and lets time pass, and of one who also finds something new:
//!
//! - of what was known nothing is left, whatever the stranger did: it operates, and no look latches again;
//! - of what is new everything is: it is in force after the resume, or a look puts it in force, it can be carried, and it
//!   closes.

use bulkhead_core::{
    acts::{self, At, NewDetector, Shown, Source, change_council},
    detectors::{latch, price::Config},
    machine::{Action, Decision, Keys, State, Which},
    pause::board,
    permissiveness::AnyDetector,
};
use bulkhead_guard::{action, effective_mask};
use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, phase, reading, role},
    layout::{AuthorityWatch, Council, Domain, Latch, PauseBoard, Policy, PriceBreaker, SolvencyBreaker},
};
use bytemuck::Zeroable;

const DEPTH: usize = 5;
const DAY: i64 = 86_400;
const NOW: i64 = 20_000 * DAY + 40_000;
/// A latch runs out.
const LATCH: i64 = 3_600;
/// A trip ends.
const TRIP: i64 = 2_000;
/// A delay ends.
const DELAY: i64 = 5_000;

const A: Pubkey = key(1);
const B: Pubkey = key(2);
const STRANGER: Pubkey = key(6);

const WATCH: usize = 0;
const BOOKS: usize = 1;
const PRICE: usize = 2;

const fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn keys() -> Keys {
    Keys {
        domain: key(10),
        detectors: vec![key(11), key(12), key(13)],
        incidents: (0..4).map(|number| (key(20 + number), 255)).collect(),
        proposals: [A, B].map(|proposer| (proposer, vec![(key(30), 255)])).into(),
        payer: key(7),
        ..Keys::default()
    }
}

fn council() -> Council {
    let policy = Policy {
        threshold: 2,
        delay_seconds: DELAY,
        expiry_seconds: 30 * DAY,
        ..Policy::zeroed()
    };
    let mut plan = Council {
        member_count: 2,
        freeze_threshold: 2,
        pause_rights: 2,
        veto_rights: 1,
        guardian_pause_seconds: 1_800,
        trip_seconds: TRIP,
        default_mask: action::DEFAULT_EMERGENCY,
        guardian_pauses_per_day: 2,
        guardian_pauses_in_a_row: 1,
        heartbeat_seconds: 30 * DAY,
        fallback_seconds: 30 * DAY,
        fallback: key(4),
        policies: [policy; 4],
        domain: key(10),
        ..Council::zeroed()
    };
    for (member, key) in plan.members.iter_mut().zip([A, B]) {
        (member.key, member.roles) = (key, role::GUARDIAN | role::APPROVER | role::VETOER);
    }
    let mut council = Council {
        version: VERSION,
        domain: key(10),
        ..Council::zeroed()
    };
    change_council(&mut council, &plan, NOW).expect("a sound council");
    council
}

/// Ten thousand, not sure by so many bps.
fn price(confidence: u64, ts: i64) -> Vec<u8> {
    [10_000_u64.to_le_bytes(), ts.to_le_bytes(), confidence.to_le_bytes()].concat()
}

fn detectors() -> Vec<(Pubkey, AnyDetector)> {
    let armed: Latch = latch::armed(1, 1, LATCH).expect("in range");
    let mut watch = AuthorityWatch {
        latch: armed,
        ..Zeroable::zeroed()
    };
    (watch.expected.reading, watch.expected.keys[0]) = (reading::READ, key(50));
    let books = SolvencyBreaker {
        latch: armed,
        tolerance: 10,
        ..Zeroable::zeroed()
    };
    let mut breaker = PriceBreaker::zeroed();
    let new = NewDetector {
        bump: 1,
        domain: key(10),
        board: key(14),
        compartment: 1,
        trip_scope: 1,
        latch_seconds: LATCH,
        proposed_slot: None,
    };
    let source = Source::Host {
        account: key(60),
        program: key(61),
        price_offset: 0,
        width: 8,
        is_signed: false,
        exponent: 0,
        time_offset: 8,
        confidence_offset: Some(16),
    };
    let config = Config {
        max_age_seconds: 60,
        min_interval_seconds: 1,
        max_confidence_bps: 100,
        ..Config::default()
    };
    let data = price(0, NOW);
    let shown = Shown {
        key: &key(60),
        owner: &key(61),
        data: &data,
    };
    acts::open_price_breaker(&mut breaker, &new, &source, &config, Some(shown)).expect("it opens");
    vec![
        (key(11), AnyDetector::Authority(watch)),
        (key(12), AnyDetector::Solvency(books)),
        (key(13), AnyDetector::Price(breaker)),
    ]
}

/// What has been found, and is there to be seen again.
fn known(state: &State, which: usize) -> Action {
    match which {
        WATCH => Action::ObserveAuthority(WATCH, key(51)),
        BOOKS => Action::ObserveSolvency(BOOKS, 1_000, 900),
        _ => Action::ObservePrice(PRICE, price(300, state.at.now)),
    }
}

/// Something else, or worse.
fn news(state: &State, which: usize) -> Action {
    match which {
        WATCH => Action::ObserveAuthority(WATCH, key(52)),
        BOOKS => Action::ObserveSolvency(BOOKS, 1_000, 880),
        _ => Action::ObservePrice(PRICE, price(500, state.at.now)),
    }
}

fn must(state: &State, signer: Pubkey, action: &Action) -> State {
    state
        .step(&keys(), &signer, action)
        .unwrap_or_else(|error| panic!("{action:?}: {error:?}"))
}

fn wait(state: &State, seconds: i64) -> State {
    let slots = u64::try_from(seconds).expect("a time") * 5 / 2 + 1;
    must(state, STRANGER, &Action::Wait { slots, seconds })
}

/// Held over all three, with a resume proposed and approved a slot later.
fn frozen() -> State {
    let mut pauses = PauseBoard {
        version: VERSION,
        ..PauseBoard::zeroed()
    };
    board::open(&mut pauses);
    let domain = Domain {
        version: VERSION,
        state: phase::OPERATING,
        ..Domain::zeroed()
    };
    let at = At { slot: 1_000, now: NOW };
    let mut state = State::new(at, domain, council(), pauses, vec![]);
    state.detectors = detectors().into();
    for which in [WATCH, BOOKS, PRICE] {
        state = wait(&state, 2);
        let look = known(&state, which);
        state = must(&state, STRANGER, &look);
        state = must(&state, STRANGER, &Action::Propagate(Which::Other(which)));
    }
    for guardian in [A, B] {
        state = must(&state, guardian, &Action::Confirm);
    }
    state = wait(&state, 2);
    let resume = Decision::Resume { incident: key(20) };
    state = must(&state, A, &Action::Propose(resume));
    for approver in [A, B] {
        state = must(&state, approver, &Action::Approve(0));
    }
    wait(&state, 2)
}

fn mask(state: &State) -> u32 {
    effective_mask(&state.board_bytes(), 1, state.at.now).expect("a board")
}

fn is_in_force(state: &State, which: usize) -> bool {
    let detector = state.latch(&keys(), Which::Other(which)).expect("it is open");
    latch::is_in_force(detector, state.board.unpaused_slot, state.at.now)
}

/// Executes the resume once it has matured.
fn resumed(state: &State) -> State {
    let ripe = wait(state, DELAY);
    must(&ripe, STRANGER, &Action::Execute(0))
}

fn is_unpaused(state: &State) {
    let mut state = resumed(state);
    assert_eq!((state.domain.state, mask(&state)), (phase::OPERATING, 0));
    for which in [WATCH, BOOKS, PRICE] {
        state = wait(&state, 2);
        let look = known(&state, which);
        state = must(&state, STRANGER, &look);
        assert!(!is_in_force(&state, which), "accepted");
    }
}

fn stays(state: &State, which: usize) {
    let mut state = resumed(state);
    if !is_in_force(&state, which) {
        // It has run out; what is there is seen again, and is as new.
        state = wait(&state, 2);
        let look = news(&state, which);
        state = must(&state, STRANGER, &look);
    }
    assert!(is_in_force(&state, which), "accepted what came later");
    if mask(&state) == 0 {
        state = must(&state, STRANGER, &Action::Propagate(Which::Other(which)));
    }
    assert!(mask(&state) != 0 && state.domain.state == phase::ALERT);
}

/// Every path. `found` is the one who has something new since.
fn explore(state: &State, found: Option<usize>, is_new: bool, depth: usize, count: &mut usize) {
    match found {
        Some(which) if is_new => stays(state, which),
        _ => is_unpaused(state),
    }
    *count += 1;
    if depth == 0 {
        return;
    }
    for seconds in [2, TRIP, LATCH] {
        explore(&wait(state, seconds), found, is_new, depth - 1, count);
    }
    for which in [WATCH, BOOKS, PRICE] {
        if let Ok(next) = state.step(&keys(), &STRANGER, &Action::Propagate(Which::Other(which))) {
            explore(&next, found, is_new, depth - 1, count);
        }
        let later = wait(state, 2);
        let is_news = found == Some(which);
        if is_news {
            explore(
                &must(&later, STRANGER, &news(&later, which)),
                found,
                true,
                depth - 1,
                count,
            );
        }
        if !is_news || !is_new {
            explore(
                &must(&later, STRANGER, &known(&later, which)),
                found,
                is_new,
                depth - 1,
                count,
            );
        }
    }
}

#[test]
fn a_stranger_keeps_nothing_that_a_resume_knew_of() {
    let mut count = 0;
    explore(&frozen(), None, false, DEPTH, &mut count);
    assert!(count > 5_000, "{count}");
}

#[test]
fn what_is_found_since_stays() {
    for which in [WATCH, BOOKS, PRICE] {
        let mut count = 0;
        explore(&frozen(), Some(which), false, DEPTH, &mut count);
        assert!(count > 5_000, "{count}");
    }
}

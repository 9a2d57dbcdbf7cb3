//! Snapshots in small: two positions, of which one can be moved behind the other and read again, two crankers of whom one
//! may be hostile, a host whose total anyone moves, and one override. Every state within five steps of six beginnings is
//! visited, and from each there is a way to a seal that leaves nobody out and counts nobody twice.

mod search;
mod state;

use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

use bulkhead_core::{
    CoreError,
    acts::{self, At, Gathered, ReaderKeys, Sealing, SnapshotKeys, Stated},
    pause::incident::mark,
    snapshots::{
        frontier::{self, Intake},
        layout::{self, Factors, identity},
        root,
    },
};
use bulkhead_interface::{
    Pubkey,
    constants::{MIN_ESCAPE_SECONDS, RESEAL_SECONDS, ledger_mode, phase, snapshot_flag, snapshot_state, step},
    layout::{Domain, Incident, Ledger, Snapshot, SnapshotShard},
};
use bytemuck::Zeroable;
use search::{search, stated};

/// What the positions hold, by number; their keys are of shard 0.
const AMOUNTS: [u64; 2] = [1, 40];
const ALL: u64 = AMOUNTS[0] + AMOUNTS[1];
const STEPS: usize = 5;

/// Where the search begins: nothing read; one shard that leaves somebody out and one that does not; the same with an
/// override matured for either; one that counts somebody twice; and one that leaves somebody out behind it.
const BEGINNINGS: [&[Action]; 6] = [
    &[],
    &READ,
    &[Action::Mature(0)],
    &[Action::Mature(1)],
    &TWICE,
    &[Action::Open(1), Action::Ingest(1, 1), Action::Ingest(1, MOVED)],
];
const TWICE: [Action; 7] = [
    Action::Open(0),
    Action::Ingest(0, 0),
    Action::Ingest(0, 1),
    Action::Ingest(0, MOVED),
    Action::Open(1),
    Action::Ingest(1, 0),
    Action::Ingest(1, 1),
];
/// What the first position holds, moved to an account behind the second. Who reads everything at one moment has it once.
const MOVED: usize = 2;
const READ: [Action; 5] = [
    Action::Open(0),
    Action::Ingest(0, 1),
    Action::Open(1),
    Action::Ingest(1, 0),
    Action::Ingest(1, 1),
];

const fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

const DOMAIN: Pubkey = key(101);
const INCIDENT: Pubkey = key(102);
const LEDGER: Pubkey = key(103);
const SNAPSHOT: Pubkey = key(104);
const HONEST: usize = 2;

#[derive(Clone, Copy, Debug)]
enum Action {
    Open(usize),
    Close(usize),
    Ingest(usize, usize),
    Seal(usize),
    /// Somebody else seals what a cranker has read.
    SealOf(usize),
    /// A proposal states what a shard gives, and matures.
    Mature(usize),
    Override(usize),
    Total(u128),
    Slot,
    Day,
    Restore,
    Reopen,
}

fn actions() -> Vec<Action> {
    use Action as A;
    let mut actions = vec![A::Slot, A::Day, A::Restore, A::Reopen];
    for total in [0, 1, u128::from(ALL) - 1, u128::from(ALL), u128::from(ALL) + 1] {
        actions.push(A::Total(total));
    }
    for cranker in 0..2 {
        actions.extend([
            A::Open(cranker),
            A::Close(cranker),
            A::Seal(cranker),
            A::SealOf(cranker),
            A::Mature(cranker),
        ]);
        actions.push(A::Override(cranker));
        actions.extend((0..=MOVED).map(|position| A::Ingest(cranker, position)));
    }
    actions
}

/// A rule that is left out, to see that it is missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    Nothing,
    /// Sealing goes on after the reopening.
    Thawed,
    /// Sealing goes on after the restoration.
    Restored,
    /// An older override undoes a later one.
    AnyOverride,
    /// A crank undoes an override.
    CrankOverOverride,
    /// A crank replaces a seal at any time.
    AnyTime,
    /// What somebody is still reading is sealed.
    HalfRead,
    /// An override that was executed later holds, whichever was proposed first.
    LastExecuted,
    /// A crank seals whatever it has.
    AnyTotal,
    /// A shard of the last seal does not say so.
    Unmarked,
    /// The first seal is the last word.
    FirstIsLast,
    /// The host's total stops an override.
    TotalStopsOverride,
    /// Only what leaves out less replaces a seal: one in excess is final.
    ExcessIsFinal,
    /// A seal that was the host's total to the unit is held against it anew.
    ExactIsNone,
}

#[derive(Clone)]
struct State {
    broken: Broken,
    domain: Domain,
    incident: Incident,
    ledger: Ledger,
    snapshot: Snapshot,
    shards: [Option<SnapshotShard>; 3],
    total: u128,
    /// Decisions that matured, an earlier and a later one.
    matured: [Option<(Stated, u64)>; 2],
    is_restored: bool,
    at: At,
}

#[test]
fn from_every_state_there_is_a_way_to_a_seal_that_leaves_nobody_out() {
    let (visited, seals) = search(Broken::Nothing);
    println!("{visited} states, {seals} seals");
    assert!(visited > 2_000 && seals > 100, "{visited} states, {seals} seals");
}

#[test]
fn broken_acts_are_found() {
    for broken in [
        Broken::Thawed,
        Broken::Restored,
        Broken::AnyOverride,
        Broken::CrankOverOverride,
        Broken::AnyTime,
        Broken::AnyTotal,
        Broken::HalfRead,
        Broken::LastExecuted,
        Broken::Unmarked,
        Broken::FirstIsLast,
        Broken::TotalStopsOverride,
        Broken::ExcessIsFinal,
        Broken::ExactIsNone,
    ] {
        assert!(
            std::panic::catch_unwind(|| search(broken)).is_err(),
            "{broken:?} was missed"
        );
    }
}

/// Who closes a shard that a seal rests on would take away what claims are proved against.
#[test]
fn what_a_seal_rests_on_stays_and_what_it_does_not_is_given_back() {
    let mut state = State::new(Broken::Nothing);
    for action in [
        Action::Open(0),
        Action::Ingest(0, 1),
        Action::Total(40),
        Action::Seal(0),
    ] {
        state.step(action).expect("the first seal");
    }
    assert_eq!(state.step(Action::Close(0)), Err(CoreError::SnapshotSealed));
    state.step(Action::Total(ALL.into())).expect("it moves");
    for action in [
        Action::Open(1),
        Action::Ingest(1, 0),
        Action::Ingest(1, 1),
        Action::Seal(1),
    ] {
        state.step(action).expect("it leaves out less");
    }
    state.step(Action::Close(0)).expect("nothing rests on it");
    assert_eq!(state.step(Action::Close(1)), Err(CoreError::SnapshotSealed));
}

/// Attack: pass the same override every week, so that the escape, which pays by one a week after it, never does.
#[test]
fn an_override_is_not_repeated_once_the_escape_is_due() {
    let mut state = State::new(Broken::Nothing);
    (state.domain.escape_seconds, state.domain.frozen_ts) = (MIN_ESCAPE_SECONDS, 1);
    state.at.now = 1;
    for action in [
        Action::Open(0),
        Action::Ingest(0, 1),
        Action::Mature(0),
        Action::Override(0),
    ] {
        state.step(action).expect("the first one, in time");
    }
    for action in [Action::Slot, Action::Mature(0), Action::Override(0)] {
        state.step(action).expect("a later decision, in time");
    }
    state.at.now += MIN_ESCAPE_SECONDS;
    for action in [Action::Slot, Action::Mature(0)] {
        state.step(action).expect("they decide again");
    }
    assert_eq!(state.step(Action::Override(0)), Err(CoreError::EscapeDue));
}

#[test]
fn where_nothing_is_sealed_an_override_seals_at_any_time() {
    let mut state = State::new(Broken::Nothing);
    (state.domain.escape_seconds, state.domain.frozen_ts) = (MIN_ESCAPE_SECONDS, 1);
    state.at.now = 1 + MIN_ESCAPE_SECONDS;
    for action in [
        Action::Open(0),
        Action::Ingest(0, 1),
        Action::Mature(0),
        Action::Override(0),
    ] {
        state.step(action).expect("nothing was sealed before");
    }
}

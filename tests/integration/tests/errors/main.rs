//! Every error by name: each is provoked on the built program, and no number ever changes. The list
//! comes from the IDL, so that a new error without a case fails.

mod accounts;
mod authority;
mod ballot_rules;
mod ballots;
mod breakers;
mod checkpoints;
mod contagion;
mod custody;
mod detectors;
mod escape;
mod host;
mod insurance;
mod interim;
mod linked;
mod messages;
mod pause;
mod proofs;
mod proposals;
mod queue;
mod restoration;
mod snapshots;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use bulkhead::error::BulkheadError;
use bulkhead_testbed::{Failure, Outcome};
use bulkhead_tests::refused;
use serde_json::Value;

/// What a case ends with.
pub type Refusal = Result<Outcome, Failure>;
/// An error, and the shortest way to it.
pub type Case = (BulkheadError, fn() -> Refusal);

const CASES: &[&[Case]] = &[
    accounts::CASES,
    authority::CASES,
    pause::CASES,
    proposals::CASES,
    breakers::CASES,
    contagion::CASES,
    messages::CASES,
    proofs::CASES,
    custody::CASES,
    queue::CASES,
    detectors::CASES,
    snapshots::CASES,
    linked::CASES,
    checkpoints::CASES,
    ballots::CASES,
    restoration::CASES,
    host::CASES,
    interim::CASES,
    escape::CASES,
    insurance::CASES,
    ballot_rules::CASES,
];

fn cases() -> impl Iterator<Item = &'static Case> {
    CASES.iter().copied().flatten()
}

#[test]
fn every_error_is_reached() {
    for (error, provoke) in cases() {
        refused(provoke(), *error);
    }
    let reached: BTreeMap<_, _> = cases()
        .map(|(error, _)| (error.name(), u64::from(u32::from(*error))))
        .collect();
    assert_eq!(reached.len(), cases().count(), "each error once");
    let idl = errors_of_the_idl();
    let missed: Vec<_> = idl.keys().filter(|name| !reached.contains_key(*name)).collect();
    assert!(missed.is_empty(), "no case provokes {missed:?}");
    assert_eq!(reached, idl, "the IDL is of another program");
}

/// `tests/vectors/errors.json` is what clients were built with: errors may be added and retired,
/// and a number never means anything else.
#[test]
fn numbers_never_change() {
    let frozen = read("tests/vectors/errors.json");
    let (live, retired) = (numbers(&frozen["errors"]), numbers(&frozen["retired"]));
    assert_eq!(errors_of_the_idl(), live);
    let all: BTreeSet<_> = live.values().chain(retired.values()).collect();
    assert_eq!(all.len(), live.len() + retired.len(), "a number was used again");
    let kept = live.keys().find(|name| retired.contains_key(*name));
    assert_eq!(kept, None, "retired and alive");
}

/// The guard speaks of a board in the program's own numbers.
#[test]
fn the_guards_numbers_are_the_programs() {
    use bulkhead_guard::GuardError as G;
    for (guard, program) in [
        (G::ActionPaused, BulkheadError::ActionPaused),
        (G::WrongBoard, BulkheadError::WrongBoard),
        (G::ForeignBoard, BulkheadError::ForeignBoard),
        (G::UnknownBoardVersion, BulkheadError::UnknownBoardVersion),
        (G::CompartmentOutOfRange, BulkheadError::CompartmentOutOfRange),
        (G::UnknownAction, BulkheadError::ArgumentOutOfRange),
    ] {
        assert_eq!(guard as u32, u32::from(program));
    }
}

fn errors_of_the_idl() -> BTreeMap<String, u64> {
    let idl = read("idl/bulkhead.json");
    let errors = idl["errors"].as_array().expect("a list of errors");
    let number = |error: &Value| Some((error["name"].as_str()?.to_owned(), error["code"].as_u64()?));
    errors.iter().filter_map(number).collect()
}

fn numbers(table: &Value) -> BTreeMap<String, u64> {
    let rows = table.as_object().expect("a table of errors").iter();
    rows.filter_map(|(name, number)| Some((name.clone(), number.as_u64()?)))
        .collect()
}

fn read(file: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

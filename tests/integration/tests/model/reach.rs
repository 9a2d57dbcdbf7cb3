//! The model reaches the whole program: every instruction of the IDL works at least once.

use bulkhead_tests::idl::Idl;

/// Ways through an instruction that have to have worked besides the plain one.
const ALSO: &[&str] = &["release_queued", "release_returning", "propose_fallback"];

/// What needs several others to have hit the same slot, and works in longer runs: a sample, a checkpoint of its very slot,
/// and the leaf proved while both are there. `checkpoints/samples.rs` has it by name.
///
/// What takes weeks without anybody resolving an incident, or months of claims, and what is required only by rules that
/// this model does not set: `escape`, `claims_deadline.rs` and `restart_gate.rs` have them by name, and
/// `recovery_lockstep.rs` in random order.
const SELDOM: &[&str] = &[
    "compare_sample",
    "open_escape",
    "fund_from_custody",
    "set_claim_terms",
    "extend_claims",
    "sweep_unclaimed",
    "close_restoration",
    "record_restart_check",
    "override_restart_check",
];

/// What never worked, though it has to in the share of `make test`.
pub fn never(worked: impl Fn(&str) -> bool) -> Vec<String> {
    let also = ALSO.iter().map(|name| (*name).to_owned());
    let all = Idl::read().instructions.into_keys().chain(also);
    all.filter(|name| !worked(name) && !SELDOM.contains(&name.as_str()))
        .collect()
}

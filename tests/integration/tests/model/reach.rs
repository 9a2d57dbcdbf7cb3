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

/// What the model does not do. Insurance has a model of its own in core, and the lockstep of `insurance/lockstep.rs`.
/// Interim claims are moves of `recovery_lockstep.rs` and of core's `recovery_scope`. What the domain has its host do is
/// played in core's `host_acts.rs` and `emergency_runs.rs`; `emergency_steps.rs`, `direct_vaults` and `upgrade_host` have
/// it by name. Messages that Wormhole posted are moves of `lockstep`, and so are other terms of a peer, which are proposed
/// too seldom here. Proofs of state are walked in core's `proofs/scope.rs`; `state_proofs` has them with real pages.
const ELSEWHERE: &[&str] = &[
    "open_insurance",
    "stake",
    "start_cooldown",
    "unstake",
    "pay_premium",
    "note_incident",
    "state_shortfall",
    "slash",
    "return_recovered",
    "register_peer",
    "accept_posted",
    "register_verifying_key",
    "require_proofs",
    "open_successor",
    "seal_successor",
    "fix_ledger",
    "open_proof",
    "open_run",
    "prove_page",
    "finish_run",
    "record_proof",
    "override_proof",
    "close_run",
    "close_proof",
    "close_fixed_ledger",
    "set_interim_rule",
    "open_interim",
    "fund_interim",
    "open_interim_page",
    "prove_interim_leaf",
    "claim_interim",
    "stop_interim_claim",
    "return_interim",
    "close_interim_proof",
    "register_emergency_steps",
    "start_emergency_run",
    "run_emergency_step",
    "register_direct_vault",
    "evacuate_direct",
    "upgrade_host",
    "register_emergency_build",
    "confirm_emergency_build",
    "deploy_emergency_build",
];

/// What never worked, though it has to in the share of `make test`.
pub fn never(worked: impl Fn(&str) -> bool) -> Vec<String> {
    let also = ALSO.iter().map(|name| (*name).to_owned());
    let all = Idl::read().instructions.into_keys().chain(also);
    let is_left_out = |name: &str| SELDOM.contains(&name) || ELSEWHERE.contains(&name);
    all.filter(|name| !worked(name) && !is_left_out(name)).collect()
}

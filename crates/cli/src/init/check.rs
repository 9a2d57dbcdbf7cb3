//! Checks the configuration before anything is sent, and names the key that the program would refuse. The program's own
//! code validates the arguments, as it validates a proposal's. A refusal is then explained in plain words for the
//! mistakes that configuration files commonly contain. This module adds no rule of its own, so it cannot contradict the
//! program.

use std::collections::BTreeSet;

use anchor_lang::{error::Error, prelude::Pubkey};
use bulkhead::{
    authority::core_error,
    decision::{Judge, Scene},
};
use bulkhead_client::bulkhead::instructions::{CouncilConfig, OpenBreakerArgs, OpenDomainArgs};
use bulkhead_core::{acts, detectors::latch};
use bulkhead_interface::{
    constants::{MAX_DELAY_SECONDS, MAX_TRIP_SECONDS, MIN_DELAY_SECONDS, MIN_RUN_SECONDS, role},
    layout::{Council, Domain},
};
use bytemuck::Zeroable;

use super::{
    config::{ConfigError, DomainConfig},
    plan::Step,
};

/// Validates a configuration as the program would.
///
/// # Errors
/// [`ConfigError`] with the key.
pub fn check(config: &DomainConfig, domain: Pubkey) -> Result<(), ConfigError> {
    let mut council: Box<Council> = Box::new(Council::zeroed());
    council.domain = domain;
    let program = Program { domain, council };
    let open = &config.domain;
    program.judge("council", &open.council, || why_council(&open.council))?;
    explained(open.check(), "", || why_domain(open))?;
    for (i, breaker) in config.breakers.iter().enumerate() {
        program.judge(&format!("breakers[{i}]"), breaker, || why_breaker(breaker))?;
    }
    for (i, vault) in config.vaults.iter().enumerate() {
        let (args, breaker) = (&vault.args, &vault.breaker);
        program.judge(&format!("vaults[{i}].breaker"), breaker, || why_breaker(breaker))?;
        program.judge(&format!("vaults[{i}]"), args, || {
            delay("queue_seconds", args.queue_seconds)
        })?;
    }
    for (i, ledger) in config.ledgers.iter().enumerate() {
        program.judge(&format!("ledgers[{i}]"), ledger, || None)?;
    }
    for (i, breaker) in config.price_breakers.iter().enumerate() {
        program.judge(&format!("price_breakers[{i}]"), breaker, || {
            why_latch(breaker.compartment, breaker.trip_scope, breaker.latch_seconds)
        })?;
    }
    Ok(())
}

/// Checks that no account is opened twice. The program would refuse the second step, with the first half already done.
///
/// # Errors
/// [`ConfigError`]
pub fn check_steps(steps: &[Step]) -> Result<(), ConfigError> {
    let mut opened = BTreeSet::new();
    let opens = |step: &&Step| !step.creates.is_empty();
    match steps.iter().filter(opens).find(|step| !opened.insert(step.target)) {
        None => Ok(()),
        Some(step) => Err(ConfigError::at(
            step.name,
            &format!("the file defines it twice: both entries would be {}", step.target),
        )),
    }
}

/// The program's validation of arguments, against a domain that does not exist yet.
struct Program {
    domain: Pubkey,
    council: Box<Council>,
}

impl Program {
    /// Reports a refusal with the reason that `why` finds, if any.
    fn judge(&self, key: &str, args: &impl Judge, why: impl FnOnce() -> Option<Why>) -> Result<(), ConfigError> {
        let scene = Scene {
            domain: self.domain,
            council: &self.council,
        };
        let judged = args.judge(&scene, &mut |asked| {
            acts::judge(asked, &Domain::zeroed(), &self.council)
                .map(|_| ())
                .map_err(core_error)
        });
        explained(judged, key, why)
    }
}

/// The wrong key, and the reason.
type Why = (&'static str, String);

fn explained(judged: Result<(), Error>, key: &str, why: impl FnOnce() -> Option<Why>) -> Result<(), ConfigError> {
    judged.map_err(|error| {
        let named = match error {
            Error::AnchorError(error) => format!("{}: {}", error.error_name, error.error_msg),
            Error::ProgramError(error) => error.program_error.to_string(),
        };
        match why() {
            None => ConfigError::at(key, &named),
            Some((field, reason)) if key.is_empty() => ConfigError::at(field, &reason),
            Some((field, reason)) => ConfigError::at(&format!("{key}.{field}"), &reason),
        }
    })
}

fn delay(key: &'static str, seconds: i64) -> Option<Why> {
    let is_sound = (MIN_DELAY_SECONDS..=MAX_DELAY_SECONDS).contains(&seconds);
    let range = format!("{seconds}; must be {MIN_DELAY_SECONDS} to {MAX_DELAY_SECONDS} seconds");
    (!is_sound).then_some((key, range))
}

fn why_domain(open: &OpenDomainArgs) -> Option<Why> {
    delay("vote_seconds", open.vote_seconds).or_else(|| Some(("quorum_bps", "1 to 10000".to_owned())))
}

fn why_latch(compartment: u8, scope: u8, seconds: i64) -> Option<Why> {
    let range = format!("a trip of 1 to {MAX_TRIP_SECONDS} seconds, of a compartment or of the domain");
    latch::armed(compartment, scope, seconds)
        .is_err()
        .then_some(("latch_seconds", range))
}

fn why_council(config: &CouncilConfig) -> Option<Why> {
    let mut seen = BTreeSet::new();
    if let Some(twice) = config.members.iter().find(|member| !seen.insert(member.key)) {
        return Some(("members", format!("{} is listed twice", twice.key)));
    }
    let with = |role: u8| config.members.iter().filter(|member| member.roles & role != 0).count();
    let (guardians, approvers) = (with(role::GUARDIAN), with(role::APPROVER));
    if usize::from(config.freeze_threshold) > guardians {
        let reason = format!("{} of {guardians} guardians", config.freeze_threshold);
        return Some(("freeze_threshold", reason));
    }
    let names = [
        "policies.loosen",
        "policies.constitution",
        "policies.custody",
        "policies.restoration",
    ];
    for (name, policy) in names.into_iter().zip(&config.policies) {
        if usize::from(policy.threshold) > approvers {
            let reason = format!("a threshold of {} of {approvers} approvers", policy.threshold);
            return Some((name, reason));
        }
        if policy.expiry_seconds < policy.delay_seconds.saturating_add(MIN_RUN_SECONDS) {
            let reason = "a proposal would expire within a day after its delay, before anyone can run it";
            return Some((name, reason.to_owned()));
        }
    }
    None
}

fn why_breaker(breaker: &OpenBreakerArgs) -> Option<Why> {
    let plan = breaker.plan();
    let trip = plan.trip.or_twice(&plan.limits);
    let sub_windows = i64::from(breaker.sub_windows);
    let share = breaker.limit.checked_div(breaker.sub_windows.into()).unwrap_or(0);
    let reasons = [
        (
            breaker.slot_limit > breaker.limit,
            "slot_limit",
            format!("{} in a slot, but {} in a window", breaker.slot_limit, breaker.limit),
        ),
        (
            breaker.shard >= breaker.shards,
            "shard",
            format!("{} of {}, counted from 0", breaker.shard, breaker.shards),
        ),
        (
            breaker.slot_limit < breaker.shards.into(),
            "slot_limit",
            "at least one shard would have a slot limit of 0".to_owned(),
        ),
        (
            breaker.limit_bps != 0 && breaker.slot_bps > breaker.limit_bps,
            "slot_bps",
            format!("{} in a slot, but {} in a window", breaker.slot_bps, breaker.limit_bps),
        ),
        (
            (breaker.limit_bps != 0 || breaker.slot_bps != 0) && breaker.reference == Pubkey::default(),
            "reference",
            "is missing: bps limits are a share of its balance".to_owned(),
        ),
        (
            trip.limit < breaker.limit,
            "trip_limit",
            format!("latches at {}, but {} may leave in a window", trip.limit, breaker.limit),
        ),
        (
            breaker.limit_bps == 0 && trip.bps != 0,
            "trip_bps",
            "has no effect without limit_bps".to_owned(),
        ),
        (
            trip.bps < breaker.limit_bps,
            "trip_bps",
            format!(
                "latches at {}, but {} may leave in a window",
                trip.bps, breaker.limit_bps
            ),
        ),
        (
            breaker.inflow_credit > share,
            "inflow_credit",
            format!("{}, but at most limit / sub_windows, {share}", breaker.inflow_credit),
        ),
        (
            !(sub_windows..=MAX_DELAY_SECONDS).contains(&breaker.window_seconds),
            "window_seconds",
            format!("{sub_windows} to {MAX_DELAY_SECONDS} seconds"),
        ),
    ];
    let found = reasons.into_iter().find(|(is_wrong, ..)| *is_wrong);
    found
        .map(|(_, field, reason)| (field, reason))
        .or_else(|| why_latch(breaker.compartment, breaker.trip_scope, breaker.latch_seconds))
}

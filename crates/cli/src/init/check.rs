//! What the program would refuse, said by key before anything is sent: by the rules of `core`, and in plainer words where a
//! file is wrong in a way that people's files are.

use std::collections::BTreeSet;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::bulkhead::instructions::{CouncilConfig, OpenBreakerArgs};
use bulkhead_core::{council, latch};
use bulkhead_interface::{
    constants::{MAX_DELAY_SECONDS, MAX_TRIP_SECONDS, MIN_DELAY_SECONDS, MIN_RUN_SECONDS, role},
    layout::Council,
};
use bytemuck::Zeroable;

use super::{
    config::{ConfigError, DomainConfig},
    plan::Step,
};

/// Judges a configuration as the program would.
///
/// # Errors
/// [`ConfigError`] by key.
pub fn check(config: &DomainConfig, domain: Pubkey) -> Result<(), ConfigError> {
    check_council(&config.domain.council, domain)?;
    delay("vote_seconds", config.domain.vote_seconds)?;
    for (i, breaker) in config.breakers.iter().enumerate() {
        check_breaker(&format!("breakers[{i}]"), breaker)?;
    }
    for (i, vault) in config.vaults.iter().enumerate() {
        check_breaker(&format!("vaults[{i}].breaker"), &vault.breaker)?;
        delay(&format!("vaults[{i}].queue_seconds"), vault.args.queue_seconds)?;
    }
    for (i, breaker) in config.price_breakers.iter().enumerate() {
        let key = format!("price_breakers[{i}]");
        check_latch(&key, breaker.compartment, breaker.trip_scope, breaker.latch_seconds)?;
    }
    Ok(())
}

fn delay(key: &str, seconds: i64) -> Result<(), ConfigError> {
    if (MIN_DELAY_SECONDS..=MAX_DELAY_SECONDS).contains(&seconds) {
        return Ok(());
    }
    let range = format!("{seconds}; it has to be {MIN_DELAY_SECONDS} to {MAX_DELAY_SECONDS} seconds");
    Err(ConfigError::at(key, &range))
}

fn check_latch(key: &str, compartment: u8, scope: u8, seconds: i64) -> Result<(), ConfigError> {
    latch::armed(compartment, scope, seconds).map(|_| ()).map_err(|_| {
        let range = format!("a trip of 1 to {MAX_TRIP_SECONDS} seconds, of a compartment or of the domain");
        ConfigError::at(&format!("{key}.latch_seconds"), &range)
    })
}

/// No account is opened twice: the second time the program would refuse, with the first half done.
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
            &format!("the file has it twice: both would be {}", step.target),
        )),
    }
}

fn check_council(config: &CouncilConfig, domain: Pubkey) -> Result<(), ConfigError> {
    let mut seen = BTreeSet::new();
    if let Some(twice) = config.members.iter().find(|member| !seen.insert(member.key)) {
        return Err(ConfigError::at(
            "council.members",
            &format!("{} stands twice", twice.key),
        ));
    }
    let with = |role: u8| config.members.iter().filter(|member| member.roles & role != 0).count();
    let (guardians, approvers) = (with(role::GUARDIAN), with(role::APPROVER));
    if usize::from(config.hold_threshold) > guardians {
        let told = format!("{} of {guardians} guardians", config.hold_threshold);
        return Err(ConfigError::at("council.hold_threshold", &told));
    }
    let names = ["loosen", "constitution", "custody", "restoration"];
    for (name, policy) in names.iter().zip(&config.policies) {
        let key = format!("council.policies.{name}");
        if usize::from(policy.threshold) > approvers {
            let told = format!("a threshold of {} of {approvers} approvers", policy.threshold);
            return Err(ConfigError::at(&key, &told));
        }
        if policy.expiry_seconds < policy.delay_seconds.saturating_add(MIN_RUN_SECONDS) {
            return Err(ConfigError::at(
                &key,
                "it would expire within a day of its delay, before anybody runs it",
            ));
        }
    }
    let mut plan: Box<Council> = Box::new(Council::zeroed());
    plan.domain = domain;
    plan.member_count = u8::try_from(config.members.len()).unwrap_or(u8::MAX);
    plan.hold_threshold = config.hold_threshold;
    plan.pause_rights = config.pause_rights;
    plan.veto_rights = config.veto_rights;
    plan.contain_seconds = config.contain_seconds;
    plan.trip_seconds = config.trip_seconds;
    plan.default_mask = config.default_mask;
    plan.heartbeat_seconds = config.heartbeat_seconds;
    plan.contains_per_day = config.contains_per_day;
    plan.contains_in_a_row = config.contains_in_a_row;
    plan.fallback = config.fallback;
    plan.fallback_seconds = config.fallback_seconds;
    for (policy, new) in plan.policies.iter_mut().zip(&config.policies) {
        policy.threshold = new.threshold;
        policy.delay_seconds = new.delay_seconds;
        policy.expiry_seconds = new.expiry_seconds;
    }
    for (member, new) in plan.members.iter_mut().zip(&config.members) {
        (member.key, member.roles) = (new.key, new.roles);
    }
    let rules = "different members with roles, thresholds within reach, delays of an hour to 90 days, pauses and trips of at \
                 most 72 hours, a heartbeat of a day to a year, a fallback of a week or more that is no member, caps, rights \
                 and a mask that are not empty";
    council::check(&plan).map_err(|_| ConfigError::at("council", &format!("InvalidCouncil: it has to have {rules}")))
}

fn check_breaker(key: &str, breaker: &OpenBreakerArgs) -> Result<(), ConfigError> {
    let at = |field: &str, told: String| Err(ConfigError::at(&format!("{key}.{field}"), &told));
    if breaker.slot_limit > breaker.limit {
        let told = format!("{} in a slot, but {} in a window", breaker.slot_limit, breaker.limit);
        return at("slot_limit", told);
    }
    if breaker.shard >= breaker.shards {
        return at(
            "shard",
            format!("{} of {}, counted from 0", breaker.shard, breaker.shards),
        );
    }
    if breaker.slot_limit < breaker.shards.into() {
        return at("slot_limit", "nothing could leave through every shard".into());
    }
    if breaker.limit_bps != 0 && breaker.slot_bps > breaker.limit_bps {
        let told = format!("{} in a slot, but {} in a window", breaker.slot_bps, breaker.limit_bps);
        return at("slot_bps", told);
    }
    if (breaker.limit_bps != 0 || breaker.slot_bps != 0) && breaker.reference == Pubkey::default() {
        return at("reference", "is missing: the balance that bps are of".into());
    }
    if !(i64::from(breaker.sub_windows)..=MAX_DELAY_SECONDS).contains(&breaker.window_seconds) {
        return at(
            "window_seconds",
            format!("{} to {MAX_DELAY_SECONDS} seconds", breaker.sub_windows),
        );
    }
    check_latch(key, breaker.compartment, breaker.trip_scope, breaker.latch_seconds)
}

//! From the first stake to the last slash.

use bulkhead_interface::{
    Pubkey,
    constants::{
        BPS, MAX_COOLDOWN_SECONDS, MAX_EXIT_FREEZE_SECONDS, MAX_FUNDING_SECONDS, MAX_INSURANCE_POOLS,
        MAX_UNSTAKE_WINDOW_SECONDS, MIN_COOLDOWN_SECONDS, MIN_EXIT_FREEZE_SECONDS, MIN_FUNDING_SECONDS,
        MIN_UNSTAKE_WINDOW_SECONDS, VIRTUAL_SHARES, insurance_flag,
    },
    layout::{Domain, InsurancePool, InsuranceStake, InsuranceTerms},
};

use crate::{
    CoreError,
    insurance::{exits, premium, shares},
    proposals::acts::decide,
};

pub use super::{
    cover::{NewCover, Shortfall, VaultFunds, as_vault, return_recovered, slash, state_shortfall, to_return, to_slash},
    exits::{Noted, note as note_incident},
};

/// Are these terms within their bounds?
///
/// # Errors
/// [`CoreError::InsuranceTermsInvalid`].
pub fn check_insurance_terms(order: u8, terms: &InsuranceTerms) -> Result<(), CoreError> {
    let is_sound = order < MAX_INSURANCE_POOLS
        && (1..=BPS).contains(&terms.cap_bps)
        && terms.minimum_assets > 0
        && (MIN_COOLDOWN_SECONDS..=MAX_COOLDOWN_SECONDS).contains(&terms.cooldown_seconds)
        && (MIN_UNSTAKE_WINDOW_SECONDS..=MAX_UNSTAKE_WINDOW_SECONDS).contains(&terms.window_seconds)
        && (MIN_EXIT_FREEZE_SECONDS..=MAX_EXIT_FREEZE_SECONDS).contains(&terms.freeze_seconds)
        && (MIN_FUNDING_SECONDS..=MAX_FUNDING_SECONDS).contains(&terms.funding_seconds);
    // A vault that is named twice would count twice, and a gap would hide what comes after it from a reader.
    if is_sound && is_list(&terms.vaults) && is_list(&terms.detectors) {
        Ok(())
    } else {
        Err(CoreError::InsuranceTermsInvalid)
    }
}

/// Different addresses first, then zeros.
fn is_list(keys: &[Pubkey]) -> bool {
    let none = Pubkey::default();
    let is_sound = |(place, key): (usize, &Pubkey)| {
        let before = keys.get(..place).unwrap_or_default();
        if *key == none {
            keys.get(place..).unwrap_or_default().iter().all(|later| *later == none)
        } else {
            before.iter().all(|other| other != key)
        }
    };
    keys.iter().enumerate().all(is_sound)
}

/// The addresses of a list, without its unused rows.
pub fn insured(keys: &[Pubkey]) -> impl Iterator<Item = &Pubkey> {
    keys.iter().filter(|key| **key != Pubkey::default())
}

/// Opens a pool, or announces new terms of one (`is_new` false). Only in peace. Nobody who is in is held to terms they
/// did not have the time to leave: a cooldown and a window. `proposed_slot` is `None` during set-up.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_insurance(
    pool: &mut InsurancePool,
    domain: &Domain,
    terms: &InsuranceTerms,
    is_new: bool,
    proposed_slot: Option<u64>,
    now: i64,
) -> Result<(), CoreError> {
    check_insurance_terms(pool.order, terms)?;
    decide(&mut pool.decided_slot, proposed_slot)?;
    if domain.open_incident != Pubkey::default() {
        return Err(CoreError::WrongPhase);
    }
    if is_new {
        pool.terms = *terms;
        pool.next_incident = domain.incident_count;
        pool.premium_ts = now;
        pool.premium_end_ts = now;
        return Ok(());
    }
    exits::check_peace(pool, domain, false)?;
    exits::settle_terms(pool, now);
    pool.next_terms = *terms;
    pool.flags |= insurance_flag::TERMS_ANNOUNCED;
    pool.terms_ts = exits::notice_end(pool, now.max(pool.freeze_last_ts));
    Ok(())
}

/// Stakes tokens that `arrived`. Only in peace: who comes after a breach would pay for it, or buy what a reserve that is
/// released later makes dearer. Returns the shares.
///
/// # Errors
/// A named [`CoreError`].
pub fn stake(
    pool: &mut InsurancePool,
    stake: &mut InsuranceStake,
    domain: &Domain,
    is_latched: bool,
    arrived: u64,
    now: i64,
) -> Result<u64, CoreError> {
    exits::check_peace(pool, domain, is_latched)?;
    premium::earn(pool, now)?;
    exits::settle_terms(pool, now);
    let made = shares::shares_floor(arrived, pool.assets, pool.shares).ok_or(CoreError::Overflow)?;
    let held = stake.shares.checked_add(made).ok_or(CoreError::Overflow)?;
    if made == 0 || held < VIRTUAL_SHARES {
        return Err(CoreError::TooFewShares);
    }
    pool.assets = pool.assets.checked_add(arrived).ok_or(CoreError::Overflow)?;
    pool.shares = pool.shares.checked_add(made).ok_or(CoreError::Overflow)?;
    stake.shares = held;
    Ok(made)
}

/// Begins the cooldown of `count` shares, in place of any before; of none to end it. The shares are slashable until they
/// are unstaked. The times are those of the terms in force, whatever is announced.
///
/// # Errors
/// A named [`CoreError`].
pub fn start_cooldown(pool: &InsurancePool, stake: &mut InsuranceStake, count: u64, now: i64) -> Result<(), CoreError> {
    if count > stake.shares {
        return Err(CoreError::TooFewShares);
    }
    let end = now
        .checked_add(pool.terms.cooldown_seconds)
        .ok_or(CoreError::Overflow)?;
    let window_end = end.checked_add(pool.terms.window_seconds).ok_or(CoreError::Overflow)?;
    stake.cooling = count;
    (stake.cooldown_end_ts, stake.window_end_ts) = if count == 0 { (0, 0) } else { (end, window_end) };
    Ok(())
}

/// Unstakes `count` cooled shares for what they are worth without the reserve. Returns the amount.
///
/// # Errors
/// A named [`CoreError`].
pub fn unstake(
    pool: &mut InsurancePool,
    stake: &mut InsuranceStake,
    domain: &Domain,
    is_latched: bool,
    count: u64,
    now: i64,
) -> Result<u64, CoreError> {
    exits::check_exits(pool, domain, is_latched, now)?;
    exits::check_window(pool, stake, now)?;
    premium::earn(pool, now)?;
    if pool.incident == Pubkey::default() {
        exits::settle_terms(pool, now);
    }
    let cooling = stake.cooling.checked_sub(count).ok_or(CoreError::TooFewShares)?;
    let left = stake.shares.checked_sub(count).ok_or(CoreError::TooFewShares)?;
    if count == 0 || (left != 0 && left < VIRTUAL_SHARES) {
        return Err(CoreError::TooFewShares);
    }
    let amount = shares::worth(pool, count).ok_or(CoreError::Overflow)?;
    if amount == 0 {
        return Err(CoreError::WorthNothing);
    }
    pool.assets = pool.assets.checked_sub(amount).ok_or(CoreError::Overflow)?;
    pool.shares = pool.shares.checked_sub(count).ok_or(CoreError::Overflow)?;
    (stake.cooling, stake.shares) = (cooling, left);
    Ok(amount)
}

/// Anyone pays a premium that `arrived`. It is earned over time, in every phase.
///
/// # Errors
/// A named [`CoreError`].
pub fn pay_premium(pool: &mut InsurancePool, arrived: u64, now: i64) -> Result<(), CoreError> {
    premium::pay(pool, arrived, now)
}

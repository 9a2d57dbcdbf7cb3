//! When stakers may leave.
//!
//! Exits are closed from the first latch until the shortfall is stated: then a leaver leaves its part of it behind. Anyone
//! tells the pool of every incident, in order, so no account has to be believed about what is open.
//!
//! Closures have a written end. A series of closures begins with an incident and ends at the latest
//! `freeze_seconds` later. Only after exits were open for a whole unstake window does another incident begin a new
//! series. So whoever opens incident after incident closes exits no longer than that.

use bulkhead_interface::{
    Pubkey,
    constants::{domain_flag, incident_state, insurance_flag, step},
    layout::{Domain, Incident, InsurancePool, InsuranceStake, Restoration},
};

use crate::CoreError;

/// What a call of [`note`] told the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The beginning of the incident.
    pub begun: bool,
    /// Its end.
    pub ended: bool,
}

/// Tells the pool that an incident began, or ended, or both. `restoration` is the incident's of the pool's ledger, if it
/// has one: it is over only when its shortfall is stated.
///
/// # Errors
/// A named [`CoreError`].
pub fn note(
    pool: &mut InsurancePool,
    (key, incident): (&Pubkey, &Incident),
    restoration: Option<&Restoration>,
) -> Result<Noted, CoreError> {
    if incident.domain != pool.domain {
        return Err(CoreError::ForeignAccount);
    }
    let begun = pool.incident == Pubkey::default();
    if begun {
        begin(pool, key, incident)?;
    } else if pool.incident != *key {
        return Err(CoreError::IncidentNoted);
    }
    let is_over = incident.state == incident_state::CLOSED;
    let is_covered = pool.flags & insurance_flag::COVERED != 0;
    // Of another token it is only where the ledger's number was given to another ledger.
    let needs_cover = restoration.is_some_and(|restoration| restoration.mint == pool.mint);
    let ended = is_over && (is_covered || !needs_cover);
    if ended {
        end(pool, time_of(incident, step::REOPEN));
    } else if !begun {
        return Err(if is_over {
            CoreError::ShortfallNotStated
        } else {
            CoreError::IncidentNoted
        });
    }
    Ok(Noted { begun, ended })
}

fn begin(pool: &mut InsurancePool, key: &Pubkey, incident: &Incident) -> Result<(), CoreError> {
    if incident.index != pool.next_incident {
        return Err(CoreError::IncidentNoted);
    }
    let opened = time_of(incident, step::PAUSE);
    settle_terms(pool, opened);
    let is_new = opened >= pool.freeze_last_ts.saturating_add(pool.terms.window_seconds);
    if is_new || pool.freeze_end_ts == 0 {
        pool.freeze_start_ts = opened;
        pool.freeze_end_ts = opened.saturating_add(pool.terms.freeze_seconds);
    }
    pool.incident = *key;
    pool.flags &= !insurance_flag::COVERED;
    pool.next_incident = pool.next_incident.checked_add(1).ok_or(CoreError::Overflow)?;
    Ok(())
}

fn end(pool: &mut InsurancePool, closed: i64) {
    if pool.flags & insurance_flag::COVERED == 0 {
        open_exits(pool, closed);
    }
    pool.incident = Pubkey::default();
    pool.flags &= !insurance_flag::COVERED;
}

/// Exits are open again from `ts`. Announced terms wait as long as they would if they were announced now: who was kept
/// in by the closure may leave before they apply.
pub(super) fn open_exits(pool: &mut InsurancePool, ts: i64) {
    pool.freeze_last_ts = ts.min(pool.freeze_end_ts).max(pool.freeze_last_ts);
    if pool.flags & insurance_flag::TERMS_ANNOUNCED != 0 {
        pool.terms_ts = pool.terms_ts.max(notice_end(pool, pool.freeze_last_ts));
    }
}

/// When terms that are announced at `now` may apply: everyone who is in can leave first.
pub(super) const fn notice_end(pool: &InsurancePool, now: i64) -> i64 {
    now.saturating_add(pool.terms.cooldown_seconds)
        .saturating_add(pool.terms.window_seconds)
}

/// Announced terms apply once their notice is over, outside of incidents and stated shortfalls.
pub(super) const fn settle_terms(pool: &mut InsurancePool, now: i64) {
    if pool.flags & insurance_flag::TERMS_ANNOUNCED != 0 && pool.reserve == 0 && now >= pool.terms_ts {
        pool.terms = pool.next_terms;
        pool.flags &= !insurance_flag::TERMS_ANNOUNCED;
    }
}

fn time_of(incident: &Incident, step: usize) -> i64 {
    incident.steps.get(step).map_or(0, |step| step.ts)
}

/// Has the pool noted everything that happened so far?
fn check_noted(pool: &InsurancePool, domain: &Domain) -> Result<(), CoreError> {
    let is_open = domain.open_incident != Pubkey::default() && domain.flags & domain_flag::DECIDED == 0;
    let open = if is_open {
        domain.open_incident
    } else {
        Pubkey::default()
    };
    if pool.next_incident == domain.incident_count && pool.incident == open {
        Ok(())
    } else {
        Err(CoreError::IncidentNotNoted)
    }
}

/// Nothing is open that could slash: no incident, no latch that anyone could propagate, no stated shortfall.
///
/// # Errors
/// A named [`CoreError`].
pub fn check_peace(pool: &InsurancePool, domain: &Domain, is_latched: bool) -> Result<(), CoreError> {
    check_noted(pool, domain)?;
    if pool.incident != Pubkey::default() {
        return Err(CoreError::ExitsClosed);
    }
    if is_latched {
        return Err(CoreError::DetectorLatched);
    }
    if pool.reserve != 0 {
        return Err(CoreError::ShortfallPending);
    }
    Ok(())
}

/// Are exits open? `is_latched`: a detector of the pool has latched, and its trip can be propagated.
///
/// # Errors
/// A named [`CoreError`].
pub fn check_exits(pool: &InsurancePool, domain: &Domain, is_latched: bool, now: i64) -> Result<(), CoreError> {
    check_noted(pool, domain)?;
    if pool.incident != Pubkey::default() {
        let is_covered = pool.flags & insurance_flag::COVERED != 0;
        return if is_covered || now >= pool.freeze_end_ts {
            Ok(())
        } else {
            Err(CoreError::ExitsClosed)
        };
    }
    if is_latched {
        return Err(CoreError::DetectorLatched);
    }
    Ok(())
}

/// Is the stake in its unstake window? A window that had not ended when a series of closures began is followed by a
/// whole window after the last of them.
///
/// # Errors
/// [`CoreError::NotCooled`].
pub fn check_window(pool: &InsurancePool, stake: &InsuranceStake, now: i64) -> Result<(), CoreError> {
    let is_closed = pool.incident != Pubkey::default() && pool.flags & insurance_flag::COVERED == 0;
    let reopened = if is_closed {
        pool.freeze_end_ts
    } else {
        pool.freeze_last_ts
    };
    let is_kept_in = pool.freeze_end_ts != 0 && stake.window_end_ts >= pool.freeze_start_ts;
    let is_in_time =
        now <= stake.window_end_ts || (is_kept_in && now <= reopened.saturating_add(pool.terms.window_seconds));
    if now >= stake.cooldown_end_ts && is_in_time {
        Ok(())
    } else {
        Err(CoreError::NotCooled)
    }
}

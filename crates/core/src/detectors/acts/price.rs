//! Opening and observing a price breaker.

use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, price_flag, price_rule, price_source},
    ids::PYTH_RECEIVER,
    layout::PriceBreaker,
};

use crate::{
    CoreError,
    acts::{At, decide},
    clock,
    detectors::{
        latch::{self, Effect, Evidence, Found},
        oracle,
        price::{self, Alarm, Config, MAX_LAG_SECONDS, Reading, Step},
    },
};

use super::{NewDetector, Shown};

/// Source of a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A Pyth feed.
    Pyth {
        /// The feed.
        feed: Pubkey,
        /// The only account that is read, if there is one.
        account: Option<Pubkey>,
    },
    /// An account of a host or an oracle.
    Host {
        /// The account.
        account: Pubkey,
        /// Its owner program.
        program: Pubkey,
        /// Offset of the price.
        price_offset: u32,
        /// Width of price and confidence in bytes.
        width: u8,
        /// Whether they are signed.
        is_signed: bool,
        /// The price is a multiple of ten to this power.
        exponent: i32,
        /// Offset of the timestamp.
        time_offset: u32,
        /// Offset of the confidence interval, if there is one.
        confidence_offset: Option<u32>,
    },
}

/// Opens a price breaker in an empty account. A price that is always read from one account must be readable now, so
/// that a wrong offset shows before the emergency and not during it. This reading does not enter the statistics.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_price_breaker(
    breaker: &mut PriceBreaker,
    new: &NewDetector,
    source: &Source,
    config: &Config,
    shown: Option<Shown>,
) -> Result<(), CoreError> {
    breaker.version = VERSION;
    breaker.bump = new.bump;
    breaker.compartment = new.compartment;
    breaker.domain = new.domain;
    breaker.board = new.board;
    breaker.latch = latch::armed(new.compartment, new.trip_scope, new.latch_seconds)?;
    decide(&mut breaker.decided_slot, new.proposed_slot)?;
    register(breaker, source);
    breaker.rules = price::rules(config, oracle::is_pinned(breaker))?;
    oracle::check(breaker)?;
    match shown {
        Some(shown) if oracle::is_pinned(breaker) => {
            oracle::read(breaker, shown.key, shown.owner, shown.data)?;
            Ok(())
        }
        None if oracle::is_pinned(breaker) => Err(CoreError::ForeignPrice),
        _ => Ok(()),
    }
}

fn register(breaker: &mut PriceBreaker, source: &Source) {
    match *source {
        Source::Pyth { feed, account } => {
            breaker.kind = price_source::PYTH;
            breaker.program = PYTH_RECEIVER;
            breaker.width = 8;
            breaker.source = feed;
            breaker.account = account.unwrap_or_default();
        }
        Source::Host {
            account,
            program,
            price_offset,
            width,
            is_signed,
            exponent,
            time_offset,
            confidence_offset,
        } => {
            breaker.kind = price_source::HOST;
            breaker.flags = if is_signed { price_flag::SIGNED } else { 0 };
            breaker.program = program;
            breaker.width = width;
            breaker.price_offset = price_offset;
            breaker.time_offset = time_offset;
            breaker.confidence_offset = confidence_offset.unwrap_or(oracle::NO_CONFIDENCE);
            breaker.exponent = exponent.into();
            breaker.source = account;
            breaker.account = account;
        }
    }
}

/// The result of observing a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Publish time of the price, or 0 without a price.
    pub ts: i64,
    /// The value it was compared with.
    pub step: Step,
    /// The rule that was broken or noted: one of `constants::price_rule`.
    pub rule: u8,
    /// Whether it has latched.
    pub is_latched: bool,
}

/// How long the only account that is read must be without a price, counted in slots.
pub const LOST_SECONDS: i64 = 60;
/// A loss that has not latched and that nobody has observed for this many slots starts over.
const LOSS_SLOTS: u64 = 9_000;

/// Anyone passes a price to a price breaker. The breaker adds it to its statistics or latches. Deviation, return,
/// drift, staleness and a wildly wrong date are reported once each: the statistics restart there, so each is a finding
/// of its own, newer than all before it. A missing price and a wide confidence interval are persistent states: they
/// remain the same finding until a price was in order ([`crate::detectors::latch`]), or until the confidence interval has widened
/// by as much as is allowed.
///
/// If only one account is read, it counts as lost when it contains no price, and latches when that has lasted: whoever
/// can close or recreate it cannot blind the breaker that way. A price that does not change is stale once it has stood
/// still by slots as well as by the clock, counted from the first observation that saw it and again from a restart of
/// the cluster. A price ahead of the clock is evaluated by its own time, because clusters' clocks lag, and is reported.
///
/// # Errors
/// [`CoreError`]; nothing is changed then.
pub fn observe_price(
    breaker: &mut PriceBreaker,
    shown: Shown,
    unpaused_slot: u64,
    at: At,
) -> Result<Observed, CoreError> {
    let reading = match oracle::read(breaker, shown.key, shown.owner, shown.data) {
        Ok(reading) => reading,
        Err(_) if oracle::is_pinned(breaker) && *shown.key == breaker.account => {
            return Ok(lost(breaker, unpaused_slot, at));
        }
        Err(error) => return Err(error),
    };
    let (ts, ahead) = (reading.ts, reading.ts.saturating_sub(at.now));
    if oracle::is_pinned(breaker) && ahead > i64::from(MAX_LAG_SECONDS) {
        return nonsense(breaker, &reading, ahead, unpaused_slot, at);
    }
    look(breaker, ts, unpaused_slot, at);
    if is_stale(breaker, ts, at.now) && !has_stood_still(breaker, at.slot) {
        // The cluster itself may have stood still: record it and evaluate at a later observation.
        return Ok(observed(
            breaker,
            ts,
            Step::default(),
            price_rule::STALE,
            None,
            unpaused_slot,
            at,
        ));
    }
    let (rules, is_restart) = (breaker.rules, breaker.restarted != 0);
    let step = price::step_after(&rules, &mut breaker.statistics, &reading, at.now, is_restart)?;
    if step.alarm.is_none() {
        in_order(breaker, unpaused_slot, at);
    }
    if breaker.statistics.last_ts == ts {
        breaker.restarted = 0;
    }
    let is_ahead = ahead > i64::from(rules.max_ahead_seconds);
    let shown_rule = if is_ahead { price_rule::AHEAD } else { price_rule::NONE };
    Ok(observed(breaker, ts, step, shown_rule, step.alarm, unpaused_slot, at))
}

/// Records when this state of the source was first seen, and whether the cluster stood still since the last
/// observation. Whatever price it is, the account is not lost.
fn look(breaker: &mut PriceBreaker, ts: i64, unpaused_slot: u64, at: At) {
    if breaker.noted == price_rule::LOST {
        in_order(breaker, unpaused_slot, at);
    }
    let slots = at.slot.saturating_sub(breaker.looked_slot);
    let is_restart = breaker.looked_slot != 0 && clock::stood_still(slots, at.now.saturating_sub(breaker.looked_ts));
    if is_restart {
        breaker.restarted = 1;
    }
    if is_restart || breaker.still_ts != ts {
        (breaker.still_ts, breaker.still_slot) = (ts, at.slot);
    }
    (breaker.looked_slot, breaker.looked_ts) = (at.slot, at.now);
    breaker.lost_slot = 0;
}

fn is_stale(breaker: &PriceBreaker, ts: i64, now: i64) -> bool {
    let seconds = breaker.rules.stale_seconds;
    seconds != 0 && now.saturating_sub(ts) > i64::from(seconds) && ts > breaker.statistics.stale_ts
}

fn has_stood_still(breaker: &PriceBreaker, slot: u64) -> bool {
    clock::has_lasted(breaker.still_slot, slot, breaker.rules.stale_seconds.into())
}

/// The only account that is read has no price.
fn lost(breaker: &mut PriceBreaker, unpaused_slot: u64, at: At) -> Observed {
    let since = breaker.lost_slot;
    let is_seen = since != 0 && at.slot.saturating_sub(breaker.looked_slot.max(since)) <= LOSS_SLOTS;
    if !is_seen {
        breaker.lost_slot = at.slot.max(1);
    }
    (breaker.looked_slot, breaker.looked_ts) = (at.slot, at.now);
    let lasted = at.slot.saturating_sub(breaker.lost_slot);
    let is_old = clock::has_lasted(breaker.lost_slot, at.slot, LOST_SECONDS);
    let alarm = is_old.then(|| Alarm {
        rule: price_rule::LOST,
        seen: lasted,
        allowed: clock::slots_of(LOST_SECONDS),
    });
    observed(breaker, 0, Step::default(), price_rule::LOST, alarm, unpaused_slot, at)
}

/// The only account that is read has a timestamp so far in the future that no clock lag explains it. The same state
/// trips once.
fn nonsense(
    breaker: &mut PriceBreaker,
    reading: &Reading,
    ahead: i64,
    unpaused_slot: u64,
    at: At,
) -> Result<Observed, CoreError> {
    if reading.ts == breaker.still_ts {
        return Err(CoreError::PriceNotNewer);
    }
    look(breaker, reading.ts, unpaused_slot, at);
    let alarm = Alarm {
        rule: price_rule::AHEAD,
        seen: ahead.unsigned_abs(),
        allowed: MAX_LAG_SECONDS.into(),
    };
    let nothing = Step::default();
    Ok(observed(
        breaker,
        reading.ts,
        nothing,
        price_rule::AHEAD,
        Some(alarm),
        unpaused_slot,
        at,
    ))
}

fn observed(
    breaker: &mut PriceBreaker,
    ts: i64,
    step: Step,
    shown: u8,
    alarm: Option<Alarm>,
    unpaused_slot: u64,
    at: At,
) -> Observed {
    let is_latched = alarm.is_some_and(|alarm| note(breaker, &alarm, unpaused_slot, at));
    Observed {
        ts,
        step,
        rule: alarm.map_or(shown, |alarm| alarm.rule),
        is_latched,
    }
}

/// Clears what is recorded.
fn in_order(breaker: &mut PriceBreaker, unpaused_slot: u64, at: At) {
    let nothing = Evidence { seen: 0, allowed: 0 };
    latch::look(&mut breaker.latch, Found::InOrder, nothing, unpaused_slot, at);
    (breaker.noted, breaker.noted_seen) = (price_rule::NONE, 0);
}

/// Returns whether it has latched.
fn note(breaker: &mut PriceBreaker, alarm: &Alarm, unpaused_slot: u64, at: At) -> bool {
    let noted = (alarm.rule == breaker.noted).then_some(breaker.noted_seen);
    let (found, smallest) = match alarm.rule {
        price_rule::LOST => (noted.map_or(Found::News, |_| Found::Same), alarm.seen),
        price_rule::CONFIDENCE => {
            let (found, smallest) = latch::compare(noted.map(u128::from), alarm.seen.into(), alarm.allowed.into());
            (found, u64::try_from(smallest).unwrap_or(u64::MAX))
        }
        _ => (Found::News, alarm.seen),
    };
    (breaker.noted, breaker.noted_seen) = (alarm.rule, smallest);
    let evidence = Evidence {
        seen: alarm.seen,
        allowed: alarm.allowed,
    };
    let effect = latch::look(&mut breaker.latch, found, evidence, unpaused_slot, at);
    matches!(effect, Effect::Latch | Effect::Again)
}

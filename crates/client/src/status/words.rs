//! Every word of a status in one place: phases, causes, faults, masks, times and amounts.

use bulkhead_core::{
    acts::At,
    clock::SLOT_MS,
    domain::council::members,
    proposals::proposal::{Progress, Status},
};
use bulkhead_interface::{
    constants::{CHOICE_NONE, CHOICE_NOTED, cause, phase, route_fault, step},
    layout::Council,
};

use crate::payload;

/// `2026-02-02 02:40:00 UTC`.
#[must_use]
pub fn utc(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Civil date of a day since 1970: H. Hinnant, "chrono-compatible low-level date algorithms", 2014.
    let shifted = days.saturating_add(719_468);
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let part = (5 * of_year + 2) / 153;
    let day = of_year - (153 * part + 2) / 5 + 1;
    let month = if part < 10 { part + 3 } else { part - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// The two largest units of a duration: `2 h 14 min`.
#[must_use]
pub fn span(seconds: i64) -> String {
    let mut rest = seconds.unsigned_abs();
    let mut parts = Vec::new();
    for (name, length) in [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)] {
        let count = rest / length;
        rest %= length;
        if count > 0 {
            parts.push(format!("{count} {name}"));
        } else if !parts.is_empty() {
            break;
        }
        if parts.len() == 2 {
            break;
        }
    }
    if parts.is_empty() {
        "0 s".to_owned()
    } else {
        parts.join(" ")
    }
}

/// How far away a time is: `in 2 h 14 min`, or `5 min ago`.
#[must_use]
pub fn from_now(ts: i64, now: i64) -> String {
    match ts.saturating_sub(now) {
        0 => "now".to_owned(),
        left if left > 0 => format!("in {}", span(left)),
        past => format!("{} ago", span(past)),
    }
}

/// A time, and how far away it is: `2026-02-02 02:40:00 UTC, in 2 h 14 min`.
#[must_use]
pub fn when(ts: i64, now: i64) -> String {
    format!("{}, {}", utc(ts), from_now(ts, now))
}

/// When an approved proposal can be executed. Its delay has to pass by the clock, and half of it in slots.
#[must_use]
pub fn due(progress: &Progress, at: At) -> String {
    let later = progress.eta.filter(|eta| at.now < *eta);
    let slots = progress.eta_slot.map_or(0, |slot| slot.saturating_sub(at.slot));
    match later {
        Some(eta) => format!("from {}", when(eta, at.now)),
        None if slots > 0 => {
            let seconds = i64::try_from(slots.saturating_mul(SLOT_MS) / 1_000).unwrap_or(i64::MAX);
            format!(
                "from slot {}, in about {}",
                at.slot.saturating_add(slots),
                span(seconds)
            )
        }
        None => "now".to_owned(),
    }
}

/// An amount in native units, with decimals if they are known.
#[must_use]
pub fn amount(amount: u64, decimals: Option<u8>) -> String {
    let Some(decimals) = decimals else {
        return format!("{} units", grouped(&amount.to_string()));
    };
    let decimals = usize::from(decimals);
    let digits = format!("{amount:0>width$}", width = decimals + 1);
    let (whole, part) = digits.split_at(digits.len() - decimals);
    let part = part.trim_end_matches('0');
    if part.is_empty() {
        grouped(whole)
    } else {
        format!("{}.{part}", grouped(whole))
    }
}

/// Digits in groups of three.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A phase of a domain.
#[must_use]
pub const fn phase(phase: u8) -> &'static str {
    match phase {
        phase::SETUP => "set-up",
        phase::OPERATING => "operating",
        phase::ALERT => "alert",
        phase::FROZEN => "frozen",
        phase::RECOVERING => "recovering",
        _ => "unknown",
    }
}

/// What opened an incident.
#[must_use]
pub const fn cause(cause: u8) -> &'static str {
    match cause {
        cause::GUARDIAN => "a guardian's alarm",
        cause::OUTFLOW => "an outflow breaker",
        cause::PRICE => "a price breaker",
        cause::SOLVENCY => "a solvency breaker",
        cause::AUTHORITY => "an authority watch",
        cause::ROUTE => "an evacuation route",
        _ => "unknown",
    }
}

/// A kind of detector, by the cause of its incidents.
#[must_use]
pub const fn detector(cause: u8) -> &'static str {
    match cause {
        cause::OUTFLOW => "outflow breaker",
        cause::PRICE => "price breaker",
        cause::SOLVENCY => "solvency breaker",
        cause::AUTHORITY => "authority watch",
        cause::ROUTE => "evacuation route",
        _ => "detector",
    }
}

/// A step of an incident's timeline.
#[must_use]
pub const fn step(step: usize) -> &'static str {
    match step {
        step::BREACH => "breach",
        step::PAUSE => "pause",
        step::FREEZE => "freeze",
        step::SNAPSHOT => "snapshot sealed",
        step::EVACUATION => "evacuation confirmed",
        step::EVACUATED => "evacuated",
        step::BALLOT => "vote began",
        step::RESTORATION => "restoration chosen",
        step::CLAIMS => "claims open",
        step::REOPEN => "reopened",
        _ => "unknown",
    }
}

/// What is wrong with an evacuation route.
#[must_use]
pub const fn route_fault(fault: u8) -> &'static str {
    match fault {
        route_fault::NONE => "sound",
        route_fault::GONE => "is closed, or is not a token account of the vault's mint",
        route_fault::OTHER_HOLDER => "changed hands: its holder is not the registered one",
        route_fault::FROZEN => "is frozen",
        route_fault::DELEGATED => "has a delegate who may spend from it",
        route_fault::CLOSABLE => "may be closed by somebody other than its holder",
        route_fault::WANTS_MEMO => "accepts only transfers with a memo",
        route_fault::EXTENSION => "has an extension that may refuse a transfer",
        _ => "has an unknown fault",
    }
}

/// The state of a proposal.
#[must_use]
pub const fn proposal(status: Status) -> &'static str {
    match status {
        Status::Executed => "executed",
        Status::Vetoed => "vetoed",
        Status::Stale => "void: the council has changed",
        Status::Expired => "expired",
        Status::Collecting => "collecting approvals",
        Status::FallbackNotDue => "void: approvers are active again",
        Status::Waiting => "approved, waiting",
        Status::Ready => "ready",
        Status::Refused => "void: something was decided or closed since",
    }
}

/// What a mask closes: `everything but deposit, claim`, or the actions by name.
#[must_use]
pub fn closed(mask: u32) -> String {
    /// The actions that hosts define.
    const HOST: u32 = 0xffff_0000;
    if mask == u32::MAX {
        return "everything".to_owned();
    }
    if mask & HOST == HOST {
        return format!("everything but {}", payload::actions(!mask).join(", "));
    }
    let mut parts: Vec<_> = payload::actions(mask).iter().map(ToString::to_string).collect();
    if mask & HOST != 0 {
        parts.push(format!("host actions {:#010x}", mask & HOST));
    }
    parts.join(", ")
}

/// The members who have any of `roles`, as a list.
#[must_use]
pub fn members_with(council: &Council, roles: u8) -> String {
    let found = members(council).iter().filter(|member| member.roles & roles != 0);
    let found: Vec<_> = found.map(|member| member.key.to_string()).collect();
    if found.is_empty() {
        "nobody".to_owned()
    } else {
        found.join(", ")
    }
}

/// What a vote is for.
#[must_use]
pub fn choice(choice: u8) -> String {
    match choice {
        CHOICE_NONE => "none of the candidates".to_owned(),
        CHOICE_NOTED => "nothing yet: a plug-in's weight is noted".to_owned(),
        number => format!("candidate {number}"),
    }
}

/// When a vote ends, or that it is over.
#[must_use]
pub fn vote_ends(ends_ts: i64, now: i64) -> String {
    if now < ends_ts {
        format!("the vote ends {}", when(ends_ts, now))
    } else {
        format!("the vote ended {}", when(ends_ts, now))
    }
}

/// `1 vault`, `2 vaults`.
#[must_use]
pub fn count(number: impl TryInto<u64>, noun: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_civil() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_827_415, "2000-02-29 12:30:15 UTC"),
            (1_770_000_000, "2026-02-02 02:40:00 UTC"),
            (-1, "1969-12-31 23:59:59 UTC"),
        ] {
            assert_eq!(utc(seconds), text);
        }
    }

    #[test]
    fn times_are_civil_and_spans_have_two_units() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_827_415, "2000-02-29 12:30:15 UTC"),
            (1_770_000_000, "2026-02-02 02:40:00 UTC"),
            (-1, "1969-12-31 23:59:59 UTC"),
        ] {
            assert_eq!(utc(seconds), text);
        }
        assert_eq!(span(8_077), "2 h 14 min");
        assert_eq!(span(86_400), "1 d");
        assert_eq!(span(86_401), "1 d");
        assert_eq!((span(0), span(61)), ("0 s".to_owned(), "1 min 1 s".to_owned()));
        assert_eq!(
            (from_now(10, 5), from_now(5, 10)),
            ("in 5 s".to_owned(), "5 s ago".to_owned())
        );
        assert_eq!(when(8_077, 0), "1970-01-01 02:14:37 UTC, in 2 h 14 min");
    }

    #[test]
    fn amounts_have_their_decimals() {
        assert_eq!(amount(1_234_567, Some(6)), "1.234567");
        assert_eq!(amount(1_234_500_000, Some(6)), "1,234.5");
        assert_eq!(amount(7, Some(6)), "0.000007");
        assert_eq!(amount(1_000, Some(0)), "1,000");
        assert_eq!(amount(123_456, None), "123,456 units");
    }

    #[test]
    fn masks_are_named_by_what_they_close_or_leave_open() {
        use bulkhead_guard::action;
        assert_eq!(closed(action::ALL), "everything");
        assert_eq!(
            closed(action::DEFAULT_EMERGENCY),
            "everything but deposit, repay, cancel, claim"
        );
        assert_eq!(closed(action::WITHDRAW | action::BORROW), "withdraw, borrow");
        assert_eq!(closed(action::WITHDRAW | 1 << 16), "withdraw, host actions 0x00010000");
    }
}

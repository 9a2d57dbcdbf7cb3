//! Numbers of the accounts in words, and tables of them.

use bulkhead_client::payload::duration;
use bulkhead_core::{acts::At, detectors::latch};
use bulkhead_guard::action;
use bulkhead_interface::{
    constants::{SCOPE_DOMAIN, cause, phase, release_state, role, route_fault, vault_state},
    layout::Latch,
};

use crate::{
    init::config::{ACTIONS, ROLES},
    proposal::utc,
};

/// Reads `withdraw,borrow`, or `all`.
pub(crate) fn actions(text: &str) -> Result<u32, String> {
    text.split(',').map(str::trim).try_fold(0, |bits, name| {
        if name == "all" {
            return Ok(action::ALL);
        }
        let known = ACTIONS.iter().find(|(known, _)| *known == name);
        let all = || ACTIONS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        known
            .map(|(_, bit)| bits | bit)
            .ok_or_else(|| format!("{name:?} is none of all, {}", all()))
    })
}

/// The names of the actions in a mask.
pub(crate) fn action_names(mask: u32) -> Vec<&'static str> {
    let held = ACTIONS.iter().filter(|(_, bit)| mask & bit != 0);
    held.map(|(name, _)| *name).collect()
}

/// A mask in words.
pub(crate) fn closed(mask: u32) -> String {
    match mask {
        0 => "nothing".into(),
        action::ALL => "everything".into(),
        action::FROZEN => "everything except claim".into(),
        mask => action_names(mask).join(", "),
    }
}

/// The names of a member's roles.
pub(crate) fn roles(bits: u8) -> Vec<&'static str> {
    let held = ROLES.iter().filter(|(_, bit)| u32::from(bits & role::ALL) & bit != 0);
    held.map(|(name, _)| *name).collect()
}

/// A compartment or the domain.
pub(crate) fn scope(scope: u8) -> String {
    match scope {
        SCOPE_DOMAIN => "the whole domain".into(),
        compartment => format!("compartment {compartment}"),
    }
}

/// A time, and how far away it is.
pub(crate) fn time(ts: i64, now: i64) -> String {
    match ts {
        0 => "never".into(),
        ts if ts > now => format!("{} (in {})", utc(ts), duration(ts.saturating_sub(now))),
        ts => format!("{} ({} ago)", utc(ts), duration(now.saturating_sub(ts))),
    }
}

/// The phase of a domain.
pub(crate) const fn phase_name(state: u8) -> &'static str {
    match state {
        phase::SETUP => "set-up",
        phase::OPERATING => "operating",
        phase::ALERT => "alert",
        phase::FROZEN => "frozen",
        phase::RECOVERING => "recovering",
        _ => "unknown",
    }
}

/// What began an incident.
pub(crate) const fn cause_name(number: u8) -> &'static str {
    match number {
        cause::GUARDIAN => "a guardian",
        cause::OUTFLOW => "an outflow breaker",
        cause::PRICE => "a price breaker",
        cause::SOLVENCY => "a solvency breaker",
        cause::AUTHORITY => "an authority watch",
        cause::ROUTE => "an evacuation route",
        _ => "unknown",
    }
}

/// The state of a vault.
pub(crate) const fn vault_name(state: u8) -> &'static str {
    match state {
        vault_state::ACTIVE => "active",
        vault_state::EVACUATED => "evacuated",
        _ => "unknown",
    }
}

/// The state of a release.
pub(crate) const fn release_name(state: u8) -> &'static str {
    match state {
        release_state::QUEUED => "queued",
        release_state::PAID => "paid",
        release_state::CANCELLED => "cancelled",
        _ => "unknown",
    }
}

/// What is wrong with an evacuation route.
pub(crate) const fn fault_name(fault: u8) -> &'static str {
    match fault {
        route_fault::NONE => "none",
        route_fault::GONE => "closed, or no token account of this mint",
        route_fault::OTHER_HOLDER => "held by somebody else",
        route_fault::FROZEN => "frozen",
        route_fault::DELEGATED => "a delegate may spend from it",
        route_fault::CLOSABLE => "somebody else may close it",
        route_fault::WANTS_MEMO => "requires a memo",
        route_fault::EXTENSION => "has an extension that may refuse a transfer",
        _ => "unknown",
    }
}

/// The state of a latch: one word for programs.
pub(crate) const fn latch_name(held: &Latch, unpaused_slot: u64, at: At) -> &'static str {
    match latch::status(held, unpaused_slot, at.now) {
        latch::LatchStatus::Armed => "armed",
        latch::LatchStatus::InForce => {
            if latch::is_news(held, unpaused_slot, at.now, false) {
                "latched, not on the board"
            } else {
                "latched"
            }
        }
        latch::LatchStatus::RunOut => "run out",
        latch::LatchStatus::Unpaused => "unpaused",
    }
}

/// Rows in columns as wide as their widest cell. The last column is not padded.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let head: Vec<String> = head.iter().map(ToString::to_string).collect();
    let all: Vec<&Vec<String>> = std::iter::once(&head).chain(rows).collect();
    let width = |column: usize| {
        let cells = all.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..head.len()).map(width).collect();
    let mut text = String::new();
    for row in all {
        let cells = row.iter().zip(&widths);
        let line: Vec<_> = cells.map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(line.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// `name  value` lines, the names in a column.
pub(crate) fn lines(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let line = |(name, value): &(&str, String)| format!("{name:<width$}  {value}\n");
    pairs.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_named_and_names_are_actions() {
        assert_eq!(actions("withdraw,borrow"), Ok(action::WITHDRAW | action::BORROW));
        assert_eq!(actions("all"), Ok(action::ALL));
        assert_eq!(closed(action::WITHDRAW | action::BORROW), "withdraw, borrow");
        assert_eq!(closed(action::FROZEN), "everything except claim");
        assert!(actions("withdraw,steal").is_err_and(|error| error.contains("\"steal\" is none of all, deposit")));
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![vec!["a".into(), "bcd".into()], vec!["efg".into(), "h".into()]];
        assert_eq!(table(&["one", "2"], &rows), "one  2\na    bcd\nefg  h\n");
    }
}

//! Words and tables of the verbs. Most words are those of a domain's status.

use bulkhead_client::{payload, status::words::when};
use bulkhead_core::{acts::At, detectors::latch};
use bulkhead_guard::action;
use bulkhead_interface::{
    constants::{release_state, vault_state},
    layout::Latch,
};

/// What `other` stands for: the actions without a name of their own.
const OTHER: &str = "other";

/// Reads `withdraw,borrow`, or `all`.
pub(crate) fn actions(text: &str) -> Result<u32, String> {
    let bits = (0..u32::BITS).map(|place| 1_u32 << place);
    let named: Vec<_> = bits
        .flat_map(|bit| payload::actions(bit).into_iter().map(move |name| (name, bit)))
        .collect();
    let all = named.iter().fold(0, |all, (_, bit)| all | bit);
    text.split(',').map(str::trim).try_fold(0, |mask, name| {
        let found = match name {
            "all" => Some(action::ALL),
            OTHER => Some(!all),
            name => named.iter().find(|(known, _)| *known == name).map(|(_, bit)| *bit),
        };
        let names = || named.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        found
            .map(|bits| mask | bits)
            .ok_or_else(|| format!("{name:?} is none of all, {}, {OTHER}", names()))
    })
}

/// Hexadecimal digits of any length.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    let digits: Option<Vec<_>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let pairs = digits?;
    let byte = |pair: &[u32]| pair.iter().fold(0, |byte, digit| byte << 4 | digit);
    pairs.chunks(2).map(|pair| u8::try_from(byte(pair)).ok()).collect()
}

/// A time, and how far away it is.
pub(crate) fn time(ts: i64, now: i64) -> String {
    match ts {
        0 => "never".into(),
        ts => when(ts, now),
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

/// The state of a latch.
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
    fn actions_are_read_by_the_names_that_they_are_shown_by() {
        assert_eq!(actions("withdraw,borrow"), Ok(action::WITHDRAW | action::BORROW));
        assert_eq!(actions("all"), Ok(action::ALL));
        let named: u32 = payload::actions(action::ALL)
            .iter()
            .map(|name| actions(name).unwrap_or(0))
            .sum();
        assert_eq!(actions(OTHER), Ok(!named));
        assert!(actions("withdraw,steal").is_err_and(|error| error.contains("\"steal\" is none of all, deposit")));
        assert!(actions("").is_err());
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![vec!["a".into(), "bcd".into()], vec!["efg".into(), "h".into()]];
        assert_eq!(table(&["one", "2"], &rows), "one  2\na    bcd\nefg  h\n");
    }
}

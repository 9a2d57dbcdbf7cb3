//! Durations, masks, roles and bytes in readable form.

use bulkhead::instructions::ByteFilterConfig;
use bulkhead_core::ledger_set;
use bulkhead_guard::action;
use bulkhead_interface::constants::{SCOPE_DOMAIN, role, transport};

/// Formats `90061` as `1 day 1 hour 1 minute 1 second`.
#[must_use]
pub fn duration(seconds: i64) -> String {
    let sign = if seconds < 0 { "minus " } else { "" };
    let mut rest = seconds.unsigned_abs();
    let mut parts = Vec::new();
    for (name, length) in [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)] {
        let count = rest / length;
        rest %= length;
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            parts.push(format!("{count} {name}{plural}"));
        }
    }
    if parts.is_empty() {
        return "0 seconds".to_owned();
    }
    format!("{sign}{}", parts.join(" "))
}

/// A compartment or the domain, as a pause names it.
#[must_use]
pub fn scope(scope: u8) -> String {
    if scope == SCOPE_DOMAIN {
        "the whole domain".to_owned()
    } else {
        format!("compartment {scope}")
    }
}

/// The numbers of the set bits.
pub(super) fn numbers(bits: u64) -> String {
    let set: Vec<_> = (0..64)
        .filter(|bit| bits >> bit & 1 == 1)
        .map(|bit| bit.to_string())
        .collect();
    if set.is_empty() {
        "none".to_owned()
    } else {
        set.join(", ")
    }
}

/// The numbers of a set of ledgers.
#[must_use]
pub fn set_of(bits: &[u8; 32]) -> String {
    let numbers: Vec<_> = ledger_set::numbers(bits).map(|number| number.to_string()).collect();
    if numbers.is_empty() {
        "none".to_owned()
    } else {
        numbers.join(", ")
    }
}

/// How messages arrive.
#[must_use]
pub fn transports(bits: u8) -> String {
    match bits {
        0 => "none".to_owned(),
        transport::WORMHOLE => "Wormhole".to_owned(),
        transport::ATTESTERS => "attesters".to_owned(),
        transport::ALL => "Wormhole and attesters".to_owned(),
        unknown => format!("unknown {unknown:#x}"),
    }
}

/// The roles of a member.
#[must_use]
pub fn roles_of(roles: u8) -> String {
    let names = [
        (role::GUARDIAN, "guardian"),
        (role::APPROVER, "approver"),
        (role::VETOER, "vetoer"),
        (role::ATTESTER, "attester"),
    ];
    let mut held: Vec<_> = names
        .into_iter()
        .filter(|(bit, _)| roles & bit != 0)
        .map(|(_, name)| name.to_owned())
        .collect();
    if roles & !role::ALL != 0 {
        held.push(format!("unknown {:#x}", roles & !role::ALL));
    }
    held.join(" and ")
}

/// The actions that Bulkhead names, by their bit.
const ACTIONS: [(u32, &str); 10] = [
    (action::DEPOSIT, "deposit"),
    (action::WITHDRAW, "withdraw"),
    (action::BORROW, "borrow"),
    (action::REPAY, "repay"),
    (action::TRADE, "trade"),
    (action::CANCEL, "cancel"),
    (action::LIQUIDATE, "liquidate"),
    (action::SETTLE, "settle"),
    (action::CLAIM, "claim"),
    (action::ADMIN, "admin"),
];

/// The actions of a mask that Bulkhead names. A host may define others.
#[must_use]
pub fn actions(mask: u32) -> Vec<&'static str> {
    let set = ACTIONS.into_iter().filter(|(bit, _)| mask & bit != 0);
    set.map(|(_, name)| name).collect()
}

/// A mask, with the Bulkhead actions that it leaves open. An emergency mask leaves only a few open.
pub(super) fn mask(mask: u32) -> String {
    let open = actions(!mask);
    if open.is_empty() {
        return format!("{mask:#010x}: leaves nothing open");
    }
    format!("{mask:#010x}: leaves {} open", open.join(", "))
}

pub(super) fn filter_text(ByteFilterConfig { offset, bytes }: &ByteFilterConfig) -> String {
    format!("{} at {offset}", hex(bytes))
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

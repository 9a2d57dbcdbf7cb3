//! Markets, authorities, and room for the board's key.

use serde::Serialize;

use crate::{
    find::{Position, has, hint},
    layout::{Kind, layout},
    model::{Encoding, Idl},
    names::words,
};

/// A type of market or vault, each of which can be paused alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Market {
    /// The account type.
    pub account: String,
    /// Why.
    pub reasons: Vec<String>,
}

/// An authority that may be watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Authority {
    /// The account type.
    pub account: String,
    /// The field.
    pub field: String,
    /// Its offset.
    pub offset: usize,
    /// Why.
    pub reason: String,
}

/// Bytes that an account keeps for later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Room {
    /// The account type.
    pub account: String,
    /// The field.
    pub field: String,
    /// Its offset.
    pub offset: usize,
    /// Bytes.
    pub size: usize,
    /// Does the board's key fit?
    pub fits_board: bool,
}

/// Bytes of the board's key and of a compartment.
const BOARD_AND_COMPARTMENT: usize = 33;

/// Words of accounts that belong to the whole host.
const GLOBAL: &[&str] = &["config", "global", "group", "state", "program", "protocol"];

/// Types of markets, pools and vaults.
#[must_use]
pub fn markets(idl: &Idl, positions: &[Position]) -> Vec<Market> {
    let known = [
        "bank",
        "custody",
        "farm",
        "locker",
        "market",
        "pool",
        "quarry",
        "reserve",
        "vault",
        "whirlpool",
    ];
    let named_by = |account: &str| {
        let by = positions
            .iter()
            .filter(|position| position.links.iter().any(|link| link.account == account));
        by.map(|position| position.account.clone()).collect::<Vec<_>>()
    };
    let mut all: Vec<(usize, Market)> = Vec::new();
    for account in &idl.accounts {
        let name = words(&account.name);
        let named_by = named_by(&account.name);
        let is_known = has(&name, &known)
            && !has(
                &name,
                &[
                    "config",
                    "position",
                    "user",
                    "event",
                    "fee",
                    "tick",
                    "stats",
                    "depositor",
                ],
            );
        if positions.iter().any(|position| position.account == account.name) || !is_known && named_by.is_empty() {
            continue;
        }
        let uses = idl.instructions.iter().filter(|instruction| {
            instruction
                .accounts
                .iter()
                .any(|meta| words(&meta.name) == name || name.starts_with(&words(&meta.name)))
        });
        let mut reasons = Vec::new();
        if !named_by.is_empty() {
            reasons.push(format!("named by {}", named_by.join(", ")));
        }
        if is_known {
            reasons.push("its name is one of markets".into());
        }
        let market = Market {
            account: account.name.clone(),
            reasons,
        };
        all.push((uses.count() + 8 * usize::from(is_known), market));
    }
    all.sort_by_key(|(uses, _)| std::cmp::Reverse(*uses));
    all.into_iter().map(|(_, market)| market).collect()
}

/// Fields with the keys of those who may configure.
#[must_use]
pub fn authorities(idl: &Idl, positions: &[Position]) -> Vec<Authority> {
    let mut all = Vec::new();
    for account in &idl.accounts {
        let is_position = positions.iter().any(|position| position.account == account.name);
        if is_position || hint(&words(&account.name)) > 3 {
            continue;
        }
        for field in &layout(idl, account, account.def.encoding).fields {
            let name = field.words();
            let offices = [
                "admin",
                "authority",
                "governance",
                "governor",
                "guardian",
                "manager",
                "multisig",
                "operator",
                "owner",
            ];
            let is_office = has(&name, &offices)
                && !has(
                    &name,
                    &[
                        "mint", "vault", "token", "pending", "new", "proposed", "user", "position",
                    ],
                );
            if let (true, Kind::Key, Some(offset)) = (is_office, &field.kind, field.place.fixed()) {
                all.push(Authority {
                    account: account.name.clone(),
                    field: field.name(),
                    offset,
                    reason: format!(
                        "`{}` of {} is named like one who configures",
                        field.name(),
                        account.name
                    ),
                });
            }
        }
    }
    all
}

/// Bytes that accounts keep for later, where a board's key finds room.
#[must_use]
pub fn rooms(idl: &Idl, positions: &[Position], markets: &[Market]) -> Vec<Room> {
    let mut all = Vec::new();
    for account in &idl.accounts {
        let is_position = positions.iter().any(|position| position.account == account.name);
        let is_market = markets.iter().any(|market| market.account == account.name);
        let is_global = has(&words(&account.name), GLOBAL);
        if is_position || !is_market && !is_global {
            continue;
        }
        for field in &layout(idl, account, account.def.encoding).fields {
            let is_spare = has(
                &field.words(),
                &["padding", "pad", "reserved", "unused", "extra", "buffer", "space"],
            );
            if let (true, Kind::Bytes { size, .. }, Some(offset)) = (is_spare, &field.kind, field.place.fixed()) {
                all.push(Room {
                    account: account.name.clone(),
                    field: field.name(),
                    offset,
                    size: *size,
                    fits_board: *size >= BOARD_AND_COMPARTMENT,
                });
            }
        }
    }
    all.sort_by_key(|room| std::cmp::Reverse(room.size));
    all
}

/// Types of accounts that may keep the board's key, the best first: one of the whole host with room, then markets.
#[must_use]
pub fn keepers(idl: &Idl, rooms: &[Room], markets: &[String]) -> Vec<String> {
    let is_global = |account: &str| !markets.iter().any(|market| market == account);
    let has_room = |account: &str| rooms.iter().any(|room| room.account == account && room.fits_board);
    let global = idl
        .accounts
        .iter()
        .map(|account| account.name.clone())
        .filter(|account| is_global(account) && has(&words(account), GLOBAL) && hint(&words(account)) <= 0);
    let mut all: Vec<String> = global.chain(markets.iter().cloned()).collect();
    all.sort_by_key(|account| (!has_room(account), !is_global(account)));
    all
}

/// Is an account of the encoding read by `AccountLoader`, whose bytes a handler may write in place?
#[must_use]
pub const fn is_zero_copy(encoding: Encoding) -> bool {
    matches!(encoding, Encoding::C | Encoding::Packed)
}

//! What the name of an account type says.

use super::vocabulary::is_any;

/// Words that say nothing about what an account is.
const EMPTY: &[&str] = &[
    "account", "data", "fixed", "header", "info", "state", "zc", "v", "0", "1", "2", "3", "4", "5",
];
/// Words of positions.
const POSITIONS: &[(&[&str], i32)] = &[
    (&["obligation", "obligations", "position", "positions"], 6),
    (&["deposit", "deposits", "depositor"], 5),
    (
        &[
            "balance", "escrow", "farmer", "lender", "borrower", "margin", "miner", "receipt", "staker", "stream",
            "ticket", "user", "vesting", "loan",
        ],
        4,
    ),
    (
        &[
            "claim",
            "dca",
            "entry",
            "investor",
            "lock",
            "lockup",
            "locked",
            "orders",
            "redeem",
            "share",
            "shares",
            "stake",
            "unstake",
            "voter",
            "withdraw",
            "withdrawal",
            "holder",
        ],
        3,
    ),
    (&["member", "order", "record", "request"], 2),
];
/// Words of everything else.
const OTHERS: &[(&[&str], i32)] = &[
    (
        &[
            "array",
            "bin",
            "bitmap",
            "event",
            "events",
            "history",
            "metadata",
            "multisig",
            "observation",
            "oracle",
            "proposal",
            "queue",
            "config",
            "configuration",
            "stats",
            "tick",
            "spending",
            "whitelist",
        ],
        6,
    ),
    (
        &[
            "batch",
            "distributor",
            "global",
            "governor",
            "program",
            "registrar",
            "registry",
            "settings",
            "transaction",
            "treasury",
            "controller",
        ],
        5,
    ),
    (
        &[
            "bank",
            "campaign",
            "custody",
            "fee",
            "group",
            "list",
            "locker",
            "market",
            "name",
            "pool",
            "quarry",
            "referral",
            "referrer",
            "reserve",
            "table",
            "tier",
            "perpetuals",
            "rewarder",
        ],
        4,
    ),
    (
        &[
            "authority",
            "bundle",
            "farm",
            "map",
            "mint",
            "strategy",
            "vault",
            "protocol",
        ],
        3,
    ),
    (&["fund"], 2),
];

/// How much the words of a type's name speak for a position, or against one. The last word that says something counts
/// most: a `StakePool` is a pool, a `PoolStake` a stake.
#[must_use]
pub fn hint(words: &[String]) -> i32 {
    let score = |word: &str| {
        let of = |list: &[(&[&str], i32)]| {
            list.iter()
                .find(|(known, _)| is_any(word, known))
                .map(|(_, score)| *score)
        };
        of(POSITIONS).unwrap_or(0) - of(OTHERS).unwrap_or(0)
    };
    let telling = || words.iter().filter(|word| !is_any(word, EMPTY));
    let head = telling().next_back().map_or(0, |word| score(word));
    let others: i32 = telling().map(|word| score(word)).sum::<i32>() - head;
    let is_account = i32::from(words.last().is_some_and(|word| word == "account"));
    head + head / 2 + others / 2 + is_account
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::words;

    #[test]
    fn the_last_word_counts_most() {
        let positions = [
            "Position",
            "PersonalPositionState",
            "UserVaultDeposit",
            "TicketAccountData",
            "LockerEscrow",
            "Miner",
        ];
        for name in positions {
            assert!(hint(&words(name)) > 3, "{name}: {}", hint(&words(name)));
        }
        for name in [
            "PoolState",
            "StakePool",
            "UserStats",
            "LendingMarket",
            "GlobalConfig",
            "DepositQueue",
            "SpotMarket",
        ] {
            assert!(hint(&words(name)) < 0, "{name}: {}", hint(&words(name)));
        }
    }
}

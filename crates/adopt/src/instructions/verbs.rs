//! What the words of an instruction's name say that it does.

use super::Action;
use crate::find::{has, is_any};

/// Words of actions, in the order in which they count: `repay_borrow` repays.
const VERBS: &[(Action, &[&str])] = &[
    (
        Action::Liquidate,
        &[
            "adl",
            "bankruptcy",
            "bankrupt",
            "deleverage",
            "liq",
            "liquidate",
            "liquidation",
            "seize",
            "socialize",
        ],
    ),
    (Action::Cancel, &["cancel", "prune"]),
    (Action::Repay, &["payback", "repay", "repayment"]),
    (
        Action::Settle,
        &[
            "accrue",
            "apply",
            "consume",
            "crank",
            "distribute",
            "process",
            "rebalance",
            "refresh",
            "settle",
            "sync",
        ],
    ),
    (
        Action::Withdraw,
        &[
            "burn",
            "claim",
            "collect",
            "decrease",
            "exit",
            "harvest",
            "payout",
            "redeem",
            "refund",
            "remove",
            "unlock",
            "unstake",
            "withdraw",
            "undelegate",
            "unbond",
        ],
    ),
    (Action::Borrow, &["borrow", "flash", "flashloan", "leverage", "loan"]),
    (
        Action::Trade,
        &[
            "bid", "buy", "exchange", "execute", "fill", "match", "modify", "place", "route", "sell", "swap", "take",
            "trade",
        ],
    ),
    (
        Action::Deposit,
        &[
            "add",
            "contribute",
            "deposit",
            "fund",
            "increase",
            "join",
            "lend",
            "lock",
            "provide",
            "stake",
            "subscribe",
            "supply",
            "topup",
            "delegate",
        ],
    ),
];
/// Words of configuration.
const ADMIN: &[&str] = &[
    "admin",
    "approve",
    "authority",
    "blacklist",
    "config",
    "configure",
    "disable",
    "enable",
    "freeze",
    "global",
    "migrate",
    "pause",
    "permission",
    "protocol",
    "resume",
    "set",
    "thaw",
    "treasury",
    "unpause",
    "whitelist",
];
/// Words of what an instruction adds or removes that is no token.
const NO_TOKENS: &[&str] = &[
    "authority",
    "bank",
    "config",
    "market",
    "member",
    "metadata",
    "oracle",
    "pool",
    "record",
    "reserve",
    "reward",
    "tier",
    "whitelist",
    "entry",
    "bundle",
    "list",
    "validator",
    "transaction",
    "key",
    "price",
];
/// Words of making and unmaking.
const MAKING: &[&str] = &["create", "init", "initialize", "new", "open", "register"];
const UNMAKING: &[&str] = &["close", "delete", "deregister"];

/// The action that a name says, and the word that says it.
pub fn verb(name: &[String]) -> Option<(Action, String)> {
    let configures = name.iter().find(|word| is_any(word, ADMIN));
    if let Some(word) = configures.filter(|word| {
        // `swap_with_config` swaps; `set_…` and `admin_…` configure, whatever follows.
        is_any(
            word,
            &[
                "admin",
                "set",
                "configure",
                "pause",
                "unpause",
                "migrate",
                "enable",
                "disable",
            ],
        ) || !VERBS.iter().any(|(_, known)| has(name, known))
    }) {
        return Some((Action::Admin, word.clone()));
    }
    for (action, known) in VERBS {
        let found = name.iter().enumerate().find(|(_, word)| is_any(word, known));
        let Some((at, word)) = found else { continue };
        let rest = name.get(at + 1..).unwrap_or_default();
        let is_listing = matches!(
            word.as_str(),
            "add" | "remove" | "delegate" | "approve" | "lock" | "unlock" | "modify" | "increase" | "decrease"
        );
        // `add_pool` configures; `add_liquidity` and `increase_position` deposit.
        if is_listing && has(rest, NO_TOKENS) && !has(rest, &["liquidity", "collateral", "stake", "position"]) {
            return Some((Action::Admin, word.clone()));
        }
        return Some((*action, word.clone()));
    }
    let is_made = name.iter().find(|word| {
        is_any(word, MAKING) || is_any(word, UNMAKING) || is_any(word, &["edit", "update", "change", "transfer"])
    });
    let made = is_made?;
    let is_users = has(
        name,
        &[
            "position",
            "user",
            "account",
            "obligation",
            "order",
            "orders",
            "escrow",
            "stake",
            "ticket",
            "vesting",
            "lock",
            "miner",
            "member",
        ],
    );
    // Who opens an account of their own does no harm; what makes a market does.
    (!is_users).then(|| (Action::Admin, made.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::words;

    fn says(name: &str) -> Option<Action> {
        verb(&words(name)).map(|(action, _)| action)
    }

    #[test]
    fn names_say_what_an_instruction_does() {
        for (name, action) in [
            ("deposit", Action::Deposit),
            ("increaseLiquidityV2", Action::Deposit),
            ("decrease_liquidity", Action::Withdraw),
            ("withdraw_obligation_collateral", Action::Withdraw),
            ("repayObligationLiquidity", Action::Repay),
            ("lending_account_borrow", Action::Borrow),
            ("liquidate_obligation", Action::Liquidate),
            ("placePerpOrder", Action::Trade),
            ("cancelOrders", Action::Cancel),
            ("settlePnl", Action::Settle),
            ("two_hop_swap", Action::Trade),
            ("set_fee_rate", Action::Admin),
            ("initializePool", Action::Admin),
            ("addBank", Action::Admin),
            ("admin_token_withdraw_fees", Action::Admin),
        ] {
            assert_eq!(says(name), Some(action), "{name}");
        }
    }

    /// A freeze leaves CLAIM open, for what a restoration owes. Rewards that a host pays out are a withdrawal.
    #[test]
    fn claiming_rewards_is_a_withdrawal() {
        for name in ["claim_rewards", "collectFees", "harvest", "claim"] {
            assert_eq!(says(name), Some(Action::Withdraw), "{name}");
        }
    }

    #[test]
    fn opening_an_account_of_ones_own_configures_nothing() {
        assert_eq!(says("open_position"), None);
        assert_eq!(says("initialize_user"), None);
    }
}

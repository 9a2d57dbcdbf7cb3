//! Which action of the guard an instruction is, by its name and by what it does with token accounts.

use bulkhead_guard::action;
use serde::Serialize;

use crate::{
    find::{Confidence, has, is_any},
    model::{Idl, Instruction, Meta},
    names::words,
};

/// An action of the guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Tokens come in.
    Deposit,
    /// Tokens go out.
    Withdraw,
    /// A loan.
    Borrow,
    /// It is paid back.
    Repay,
    /// An order or a swap.
    Trade,
    /// An order is taken back.
    Cancel,
    /// Somebody else's position is closed.
    Liquidate,
    /// Profit, loss and interest are booked.
    Settle,
    /// The configuration changes.
    Admin,
    /// None of these: a bit of the host's own.
    Other,
}

impl Action {
    /// The name of its constant in the guard. `Claim` is none of them: it is for what a restoration owes, and a freeze
    /// leaves it open.
    #[must_use]
    pub const fn constant(self) -> &'static str {
        match self {
            Self::Deposit => "action::DEPOSIT",
            Self::Withdraw => "action::WITHDRAW",
            Self::Borrow => "action::BORROW",
            Self::Repay => "action::REPAY",
            Self::Trade => "action::TRADE",
            Self::Cancel => "action::CANCEL",
            Self::Liquidate => "action::LIQUIDATE",
            Self::Settle => "action::SETTLE",
            Self::Admin => "action::ADMIN",
            Self::Other => "1 << 16",
        }
    }

    /// Its bit.
    #[must_use]
    pub const fn bit(self) -> u32 {
        match self {
            Self::Deposit => action::DEPOSIT,
            Self::Withdraw => action::WITHDRAW,
            Self::Borrow => action::BORROW,
            Self::Repay => action::REPAY,
            Self::Trade => action::TRADE,
            Self::Cancel => action::CANCEL,
            Self::Liquidate => action::LIQUIDATE,
            Self::Settle => action::SETTLE,
            Self::Admin => action::ADMIN,
            Self::Other => 1 << 16,
        }
    }
}

/// Which way tokens move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flow {
    /// None move.
    None,
    /// To the host.
    In,
    /// Out of the host.
    Out,
    /// Both, as in a swap.
    Both,
    /// They move; the IDL does not say which way.
    Unknown,
}

/// A guess at an instruction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Handler {
    /// The instruction.
    pub name: String,
    /// Its action.
    pub action: Action,
    /// How sure that is.
    pub confidence: Confidence,
    /// Which way tokens move.
    pub flow: Flow,
    /// The market or vault it is about: name of the instruction's account, account type.
    pub market: Option<(String, String)>,
    /// The account that may keep the board's key: name of the instruction's account, account type.
    pub keeper: Option<(String, String)>,
    /// Does it only read? Then nothing has to be guarded.
    pub is_view: bool,
    /// Why.
    pub reasons: Vec<String>,
}

/// Words of actions, in the order in which they count: `repay_borrow` repays.
const VERBS: &[(Action, &[&str])] = &[
    (Action::Liquidate, &["adl", "bankruptcy", "bankrupt", "deleverage", "liq", "liquidate", "liquidation", "seize", "socialize"]),
    (Action::Cancel, &["cancel", "prune"]),
    (Action::Repay, &["payback", "repay", "repayment"]),
    (Action::Settle, &[
        "accrue", "apply", "consume", "crank", "distribute", "process", "rebalance", "refresh", "settle", "sync",
    ]),
    (Action::Withdraw, &[
        "burn", "claim", "collect", "decrease", "exit", "harvest", "payout", "redeem", "refund", "remove", "unlock", "unstake",
        "withdraw", "undelegate", "unbond",
    ]),
    (Action::Borrow, &["borrow", "flash", "flashloan", "leverage", "loan"]),
    (Action::Trade, &[
        "bid", "buy", "exchange", "execute", "fill", "match", "modify", "place", "route", "sell", "swap", "take", "trade",
    ]),
    (Action::Deposit, &[
        "add", "contribute", "deposit", "fund", "increase", "join", "lend", "lock", "provide", "stake", "subscribe", "supply",
        "topup", "delegate",
    ]),
];
/// Words of configuration.
const ADMIN: &[&str] = &[
    "admin", "approve", "authority", "blacklist", "config", "configure", "disable", "enable", "freeze", "global", "migrate", "pause",
    "permission", "protocol", "resume", "set", "thaw", "treasury", "unpause", "whitelist",
];
/// Words of what an instruction adds or removes that is no token.
const NO_TOKENS: &[&str] = &[
    "authority", "bank", "config", "market", "member", "metadata", "oracle", "pool", "record", "reserve", "reward", "tier",
    "whitelist", "entry", "bundle", "list", "validator", "transaction", "key", "price",
];
/// Words of making and unmaking.
const MAKING: &[&str] = &["create", "init", "initialize", "new", "open", "register"];
const UNMAKING: &[&str] = &["close", "delete", "deregister"];
/// Words of reading.
const VIEWS: &[&str] = &["fetch", "get", "log", "quote", "simulate", "view"];
/// Words of signers that configure.
const OFFICERS: &[&str] = &["admin", "governance", "governor", "manager", "multisig", "operator", "protocol"];

/// Actions that change what somebody is owed.
const MOVES: &[Action] = &[
    Action::Deposit,
    Action::Withdraw,
    Action::Borrow,
    Action::Repay,
    Action::Trade,
    Action::Liquidate,
    Action::Settle,
];

/// Every instruction of the host.
#[must_use]
pub fn handlers(idl: &Idl, markets: &[String], keepers: &[String]) -> Vec<Handler> {
    idl.instructions.iter().map(|instruction| handler(instruction, markets, keepers)).collect()
}

fn handler(instruction: &Instruction, markets: &[String], keepers: &[String]) -> Handler {
    let name = words(&instruction.name);
    let flow = flow(instruction);
    let officer = officer(instruction);
    let mut reasons = Vec::new();
    let verb = verb(&name);
    let is_view = is_view(instruction, &name);
    let (action, confidence) = match (verb.clone(), officer) {
        _ if is_view => {
            reasons.push("it writes no account of its own".into());
            (Action::Other, Confidence::High)
        }
        // Whoever may configure may also rob: a stolen admin key is the case to plan for.
        (_, Some(signer)) => {
            reasons.push(format!("`{signer}` signs, who configures"));
            (Action::Admin, Confidence::High)
        }
        (Some((Action::Admin, word)), None) => {
            reasons.push(format!("`{word}` is in its name"));
            (Action::Admin, Confidence::Medium)
        }
        (Some((action, word)), None) => {
            reasons.push(format!("`{word}` is in its name"));
            let agrees = match action {
                Action::Deposit | Action::Repay => matches!(flow, Flow::In | Flow::Unknown),
                Action::Withdraw | Action::Borrow => matches!(flow, Flow::Out | Flow::Unknown | Flow::Both),
                _ => true,
            };
            if !agrees {
                reasons.push(format!("against it: token accounts say {}", said(flow)));
            }
            (action, if agrees { Confidence::High } else { Confidence::Medium })
        }
        (None, None) => {
            let action = match flow {
                Flow::In => Action::Deposit,
                Flow::Out => Action::Withdraw,
                Flow::Both => Action::Trade,
                Flow::Unknown | Flow::None => Action::Other,
            };
            match flow {
                Flow::None => reasons.push("nothing in it says what it does; it moves no tokens".into()),
                Flow::Unknown => reasons.push("nothing in its name says what it does, and it moves tokens: look at it".into()),
                _ => reasons.push(format!("token accounts say {}", said(flow))),
            }
            (action, Confidence::Low)
        }
    };
    if flow != Flow::None && verb.is_some() {
        reasons.push(said(flow).to_owned());
    }
    Handler {
        name: instruction.name.clone(),
        action,
        confidence,
        flow,
        market: market(instruction, markets),
        keeper: market(instruction, keepers),
        is_view,
        reasons,
    }
}

const fn said(flow: Flow) -> &'static str {
    match flow {
        Flow::None => "no tokens move",
        Flow::In => "tokens come in",
        Flow::Out => "tokens go out",
        Flow::Both => "tokens move both ways",
        Flow::Unknown => "tokens move, one way or the other",
    }
}

/// The action that a name says, and the word that says it.
fn verb(name: &[String]) -> Option<(Action, String)> {
    let configures = name.iter().find(|word| is_any(word, ADMIN));
    if let Some(word) = configures.filter(|word| {
        // `swap_with_config` swaps; `set_…` and `admin_…` configure, whatever follows.
        is_any(word, &["admin", "set", "configure", "pause", "unpause", "migrate", "enable", "disable"])
            || !VERBS.iter().any(|(_, known)| has(name, known))
    }) {
        return Some((Action::Admin, word.clone()));
    }
    for (action, known) in VERBS {
        let found = name.iter().enumerate().find(|(_, word)| is_any(word, known));
        let Some((at, word)) = found else { continue };
        let rest = name.get(at + 1..).unwrap_or_default();
        let is_listing = matches!(word.as_str(), "add" | "remove" | "delegate" | "approve" | "lock" | "unlock" | "modify" | "increase" | "decrease");
        // `add_pool` configures; `add_liquidity` and `increase_position` deposit.
        if is_listing && has(rest, NO_TOKENS) && !has(rest, &["liquidity", "collateral", "stake", "position"]) {
            return Some((Action::Admin, word.clone()));
        }
        return Some((*action, word.clone()));
    }
    let is_made = name.iter().find(|word| is_any(word, MAKING) || is_any(word, UNMAKING) || is_any(word, &["edit", "update", "change", "transfer"]));
    let made = is_made?;
    let is_users = has(name, &["position", "user", "account", "obligation", "order", "orders", "escrow", "stake", "ticket", "vesting", "lock", "miner", "member"]);
    // Who opens an account of their own does no harm; what makes a market does.
    (!is_users).then(|| (Action::Admin, made.clone()))
}

/// A signer that configures.
fn officer(instruction: &Instruction) -> Option<&str> {
    let signers = instruction.accounts.iter().filter(|meta| meta.is_signer);
    signers.map(|meta| meta.name.as_str()).find(|name| has(&words(name), OFFICERS))
}

/// Does it write nothing but what its name reads?
fn is_view(instruction: &Instruction, name: &[String]) -> bool {
    let writes = instruction.accounts.iter().any(|meta| meta.is_writable);
    !writes && name.first().is_some_and(|first| is_any(first, VIEWS))
}

/// Which way tokens move, by the roles of token accounts and of who signs for them.
fn flow(instruction: &Instruction) -> Flow {
    let is_token = |meta: &&Meta| {
        let words = words(&meta.name);
        meta.is_writable
            && !has(&words, &["program", "mint", "authority"])
            && (has(&words, &["ata", "vault", "custody", "treasury"])
                || has(&words, &["token"]) && has(&words, &["account", "owner", "user", "source", "destination", "vault", "a", "b", "x", "y", "0", "1", "in", "out", "input", "output"])
                || has(&words, &["source", "destination"]) && has(&words, &["liquidity", "collateral", "token", "account"]))
    };
    let has_program = instruction.accounts.iter().any(|meta| {
        let words = words(&meta.name);
        has(&words, &["token"]) && has(&words, &["program"])
    });
    let tokens: Vec<_> = instruction.accounts.iter().filter(is_token).collect();
    if !has_program || tokens.is_empty() {
        return Flow::None;
    }
    let is = |meta: &Meta, known: &[&str]| has(&words(&meta.name), known);
    let hosts = |meta: &&&Meta| is(meta, &["vault", "custody", "reserve", "pool", "treasury"]) && !is(meta, &["user", "owner", "source", "destination"]);
    let kept = tokens.iter().filter(hosts).count();
    let theirs = tokens.len().saturating_sub(kept);
    // Tokens of a vault leave by a signature of the host: an authority that does not sign the transaction.
    let is_authority = |meta: &Meta| !meta.is_signer && is(meta, &["authority", "signer"]) && !is(meta, &["event", "mint"]);
    let signs_itself = instruction.accounts.iter().any(is_authority);
    let named_in = tokens.iter().any(|meta| is(meta, &["source", "from"]));
    let named_out = tokens.iter().any(|meta| is(meta, &["destination", "dest", "to", "recipient", "receiver"]));
    match (kept, theirs) {
        _ if named_in && named_out => Flow::Both,
        (2.., 2..) if signs_itself => Flow::Both,
        _ if named_in => Flow::In,
        _ if named_out => Flow::Out,
        (1.., 1..) if signs_itself => Flow::Out,
        _ => Flow::Unknown,
    }
}

/// The market or vault that an instruction is about.
fn market(instruction: &Instruction, markets: &[String]) -> Option<(String, String)> {
    markets.iter().find_map(|market| {
        let wanted = bare(market);
        let found = instruction.accounts.iter().find(|meta| bare(&meta.name) == wanted);
        found.map(|meta| (meta.name.clone(), market.clone()))
    })
}

fn bare(name: &str) -> Vec<String> {
    let mut words = words(name);
    words.retain(|word| !is_any(word, &["account", "state", "info", "loader"]));
    words
}

/// Instructions that move value and write an account of this type.
#[must_use]
pub fn touching(idl: &Idl, account: &str) -> Vec<String> {
    let ty = bare(account);
    let is_it = |meta: &Meta| {
        let name = bare(&meta.name);
        meta.is_writable && (name == ty || ty.ends_with(&name) && !name.is_empty() || name.ends_with(&ty) && !ty.is_empty())
    };
    let moves = |instruction: &&Instruction| {
        let action = verb(&words(&instruction.name)).map(|(action, _)| action);
        action.is_some_and(|action| MOVES.contains(&action))
    };
    let all = idl.instructions.iter().filter(moves);
    let all = all.filter(|instruction| instruction.accounts.iter().any(is_it));
    all.map(|instruction| instruction.name.clone()).take(3).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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

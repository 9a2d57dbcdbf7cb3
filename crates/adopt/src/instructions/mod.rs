//! Which action of the guard an instruction is, by its name and by what it does with token accounts.

mod flow;
mod verbs;

use bulkhead_guard::action;
use serde::Serialize;

use crate::{
    find::{Confidence, has, is_any},
    model::{Idl, Instruction, Meta},
    names::words,
};

use self::{flow::flow, verbs::verb};

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

/// Words of reading.
const VIEWS: &[&str] = &["fetch", "get", "log", "quote", "simulate", "view"];
/// Words of signers that configure.
const OFFICERS: &[&str] = &[
    "admin",
    "governance",
    "governor",
    "manager",
    "multisig",
    "operator",
    "protocol",
];

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
    idl.instructions
        .iter()
        .map(|instruction| handler(instruction, markets, keepers))
        .collect()
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
                Flow::Unknown => {
                    reasons.push("nothing in its name says what it does, and it moves tokens: look at it".into())
                }
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

/// A signer that configures.
fn officer(instruction: &Instruction) -> Option<&str> {
    let signers = instruction.accounts.iter().filter(|meta| meta.is_signer);
    signers
        .map(|meta| meta.name.as_str())
        .find(|name| has(&words(name), OFFICERS))
}

/// Does it write nothing but what its name reads?
fn is_view(instruction: &Instruction, name: &[String]) -> bool {
    let writes = instruction.accounts.iter().any(|meta| meta.is_writable);
    !writes && name.first().is_some_and(|first| is_any(first, VIEWS))
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
        meta.is_writable
            && (name == ty || ty.ends_with(&name) && !name.is_empty() || name.ends_with(&ty) && !ty.is_empty())
    };
    let moves = |instruction: &&Instruction| {
        let action = verb(&words(&instruction.name)).map(|(action, _)| action);
        action.is_some_and(|action| MOVES.contains(&action))
    };
    let all = idl.instructions.iter().filter(moves);
    let all = all.filter(|instruction| instruction.accounts.iter().any(is_it));
    all.map(|instruction| instruction.name.clone()).take(3).collect()
}

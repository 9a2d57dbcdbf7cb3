//! What the rules of the file look for: pure functions of what was remembered, what is seen now, and the clock.

mod authority;
mod outflow;
mod price;
mod shrank;
mod upgraded;

use std::collections::{BTreeMap, BTreeSet};

use anchor_lang::prelude::Pubkey;
use serde::{Deserialize, Serialize};

pub use authority::Authority;
pub use outflow::Outflow;
pub use price::Pair;
pub use shrank::Shrank;
pub use upgraded::Upgraded;

use crate::{
    config::{Response, Severity},
    source::quorum::Eye,
    view::View,
};

/// A rule for one domain.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// The domain.
    pub domain: Pubkey,
    /// What it looks for.
    pub look: Look,
    /// What happens when a quorum finds it.
    pub response: Response,
    /// What is paused: a compartment, or 255 for the domain.
    pub scope: u8,
    /// Bits of the actions that are paused; 0 for the council's default.
    pub mask: u32,
    /// How long it has to be found, in seconds.
    pub stands_seconds: i64,
    /// How bad it is.
    pub severity: Severity,
}

/// What a rule looks for.
#[derive(Clone, Debug)]
pub enum Look {
    /// A balance that falls.
    Outflow(Outflow),
    /// A program that was upgraded.
    Upgraded(Upgraded),
    /// An authority that changed.
    Authority(Authority),
    /// A price away from another.
    Price(Box<Pair>),
    /// An account that shrank.
    Shrank(Shrank),
    /// A transaction that fails in simulation so often in a row.
    Canary(u32),
}

/// Something that a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is about.
    pub subject: String,
    /// With numbers.
    pub text: String,
}

impl Finding {
    fn about(subject: &Pubkey, text: String) -> Self {
        Self {
            subject: subject.to_string(),
            text,
        }
    }
}

/// What a rule remembers of earlier looks through the same endpoint.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub enum Memory {
    /// Nothing.
    #[default]
    Nothing,
    /// By account: the highest balance in each part of the window, with the number of the part.
    Highs(BTreeMap<String, Vec<(i64, u64)>>),
    /// By account: what was there when it was first seen.
    First(BTreeMap<String, String>),
}

impl Memory {
    fn highs(&self) -> BTreeMap<String, Vec<(i64, u64)>> {
        match self {
            Self::Highs(highs) => highs.clone(),
            _ => BTreeMap::new(),
        }
    }

    fn first(&self) -> BTreeMap<String, String> {
        match self {
            Self::First(first) => first.clone(),
            _ => BTreeMap::new(),
        }
    }
}

/// What came of a look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// What is remembered from now on.
    pub memory: Memory,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// Looks through one endpoint.
#[must_use]
pub fn judge(rule: &Rule, was: &Memory, view: &View, eye: &Eye) -> Judged {
    match &rule.look {
        Look::Outflow(look) => outflow::judge(look, was, view),
        Look::Upgraded(look) => upgraded::judge(look, was, view),
        Look::Authority(look) => authority::judge(look, was, view),
        Look::Price(look) => price::judge(look, view),
        Look::Shrank(look) => shrank::judge(look, was, view),
        Look::Canary(after) => canary(&rule.name, *after, eye),
    }
}

fn canary(name: &str, after: u32, eye: &Eye) -> Judged {
    let finding = eye.canaries.get(name).filter(|(in_a_row, _)| *in_a_row >= after);
    let findings = finding.map(|(in_a_row, text)| Finding {
        subject: name.to_owned(),
        text: format!("the simulated transaction has failed {in_a_row} times in a row: {text}"),
    });
    Judged {
        memory: Memory::Nothing,
        findings: findings.into_iter().collect(),
    }
}

/// The accounts that a rule needs, and the program data accounts.
pub fn keys(rule: &Rule, view: &View, keys: &mut BTreeSet<Pubkey>, programs: &mut BTreeSet<Pubkey>) {
    match &rule.look {
        Look::Outflow(look) => keys.extend(look.accounts(view)),
        Look::Upgraded(look) => programs.extend(look.data.iter().map(|(_, data)| *data)),
        Look::Authority(look) => keys.extend(&look.accounts),
        Look::Price(look) => keys.extend([look.price.account, look.other.account]),
        Look::Shrank(look) => keys.extend(&look.accounts),
        Look::Canary(_) => {}
    }
}

/// Compares what is there with what is in order: what the file names, or what was first seen.
fn compare_with_first(first: &mut BTreeMap<String, String>, key: &Pubkey, found: String) -> Option<String> {
    let known = first.entry(key.to_string()).or_insert_with(|| found.clone());
    (*known != found).then(|| known.clone())
}

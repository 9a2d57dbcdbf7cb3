//! What anyone may do for a domain, and when it is due: pure functions of the accounts, the schedule and the clock.
//!
//! Every act is harmless: the program refuses what is not due, a simulation comes before every transaction, and none of
//! them needs a key that can do more than pay fees. So the accounts they are derived from need no quorum.

mod attend;
mod cost;
mod looks;
mod recovery;
pub mod schedule;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::status::Accounts;
use bulkhead_core::acts::At;
use solana_instruction::Instruction;

pub use cost::{Cost, SIGNATURE_LAMPORTS, UNITS, costs};
pub use looks::needs;
pub use recovery::{Crank, CrankKind, cranks};

use crate::config;

/// A kind of duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Duty {
    Reference,
    Price,
    Solvency,
    Authority,
    Route,
    Propagate,
    Settle,
    Evacuate,
    Lapse,
    Close,
    Heartbeat,
    Snapshot,
    Claim,
    Checkpoint,
    Attest,
}

impl Duty {
    /// Its name in metrics and in the state.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Price => "price",
            Self::Solvency => "solvency",
            Self::Authority => "authority",
            Self::Route => "route",
            Self::Propagate => "propagate",
            Self::Settle => "settle",
            Self::Evacuate => "evacuate",
            Self::Lapse => "lapse",
            Self::Close => "close",
            Self::Heartbeat => "heartbeat",
            Self::Snapshot => "snapshot",
            Self::Claim => "claim",
            Self::Checkpoint => "checkpoint",
            Self::Attest => "attest",
        }
    }
}

/// One transaction that is due.
#[derive(Clone, Debug)]
pub struct Act {
    /// Kind of the duty.
    pub duty: Duty,
    /// The duty's name: its kind and its account.
    pub name: String,
    /// The domain.
    pub domain: Pubkey,
    /// Which act of the duty it is: of which period, or over which state. Each is done once.
    pub number: i64,
    /// The transaction.
    pub instructions: Vec<Instruction>,
    /// It closes something, so it is sent first and counts towards no budget.
    pub is_urgent: bool,
    /// If it is not known whether it was done, it is done: a second one would be refused.
    pub is_repeatable: bool,
}

/// What duties are derived from.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The accounts of the domain, and those outside it that it depends on.
    pub accounts: &'a Accounts,
    /// Slot and time of the cluster.
    pub at: At,
    /// Whether an account was read at all: one that was not is not gone.
    pub is_read: &'a dyn Fn(&Pubkey) -> bool,
    /// Who pays.
    pub payer: Pubkey,
    /// The members whose keys are here.
    pub members: &'a [Pubkey],
    /// The attester whose key is here.
    pub attester: Option<Pubkey>,
    /// Which duties are performed.
    pub duties: &'a config::Duties,
    /// How often.
    pub schedule: &'a config::Schedule,
}

impl Scene<'_> {
    fn domain(&self) -> Pubkey {
        self.accounts.domain()
    }

    fn act(&self, duty: Duty, account: &Pubkey, number: i64, instruction: Instruction) -> Act {
        Act {
            duty,
            name: format!("{}/{account}", duty.name()),
            domain: self.domain(),
            number,
            instructions: vec![instruction],
            is_urgent: false,
            is_repeatable: true,
        }
    }
}

/// Every act that is due, the urgent ones first.
#[must_use]
pub fn due(scene: &Scene) -> Vec<Act> {
    let mut acts = looks::looks(scene);
    acts.extend(attend::propagations(scene));
    acts.extend(attend::settlements(scene));
    acts.extend(attend::evacuations(scene));
    acts.extend(attend::lapses(scene));
    acts.extend(attend::leftovers(scene));
    acts.extend(attend::heartbeats(scene));
    acts.sort_by_key(|act| !act.is_urgent);
    acts
}

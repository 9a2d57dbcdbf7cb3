//! The result of a drill, and its three report formats.

mod chart;
#[cfg(test)]
pub(crate) mod example;
mod haircut;
mod html;
mod json;
mod markup;
mod scale;
mod terminal;

pub(crate) use haircut::thousandths;
pub use haircut::{Haircut, Haircuts};
pub use {html::html, json::json, terminal::terminal};

use serde::Serialize;

/// The complete result of a drill. Token amounts are native units of the quote token, and strings in JSON. `decimals`
/// is included, and one whole token stands for one dollar.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Name of the incident.
    pub incident: String,
    /// Name for people.
    pub title: String,
    /// Day of the incident, UTC.
    pub date: String,
    /// What happened, in one sentence.
    pub how: String,
    /// Number of margin accounts in the replay.
    pub positions: u32,
    /// Seed of the honest flow.
    #[serde(serialize_with = "amount")]
    pub seed: u64,
    /// Decimals of the quote token.
    pub decimals: u8,

    /// Real value in the protocol, in dollars.
    #[serde(serialize_with = "amount")]
    pub real_tvl_usd: u64,
    /// Real loss, in dollars.
    #[serde(serialize_with = "amount")]
    pub real_loss_usd: u64,
    /// Seconds until the real attack was stopped.
    pub real_stop_seconds: i64,
    /// What ended the real attack.
    pub real_stop: String,

    /// Slot of the first transaction of the attack.
    pub first_slot: u64,
    /// Slot of the transaction that exceeded a limit.
    pub breach_slot: u64,
    /// Slot of the latch, as the breaker records it.
    pub trip_slot: u64,
    /// Slot in which the pause came into force, as the incident records it.
    pub pause_slot: u64,

    /// Custody balance when the attack began.
    #[serde(serialize_with = "amount")]
    pub custody_before: u64,
    /// Loss without Bulkhead.
    #[serde(serialize_with = "amount")]
    pub loss_without: u64,
    /// Loss with Bulkhead.
    #[serde(serialize_with = "amount")]
    pub loss_with: u64,
    /// `loss_with / loss_without`.
    pub loss_ratio: f64,
    /// Maximum loss that the breaker allows in this attack.
    #[serde(serialize_with = "amount")]
    pub bound: u64,
    /// The rule that defines this maximum.
    pub bound_rule: String,
    /// The breaker's limit for one window.
    #[serde(serialize_with = "amount")]
    pub limit: u64,
    /// The breaker's limit for one slot.
    #[serde(serialize_with = "amount")]
    pub slot_limit: u64,
    /// The trip limits: first the one that the drill ran with, then the alternative. Empty if another detector latched.
    pub thresholds: Vec<Threshold>,
    /// Length of the window.
    pub window_seconds: i64,
    /// Seconds from the pause until the theft would have begun; 0 if both are the same moment.
    pub warning_seconds: i64,
    /// Amount that the attacker requested and did not get.
    #[serde(serialize_with = "amount")]
    pub stopped: u64,
    /// Deposits of the attacker that stayed in custody. They are not subtracted from the loss, but they are in the
    /// pool.
    #[serde(serialize_with = "amount")]
    pub left_behind: u64,

    /// Cost of setting up the protocol, which is not part of the emergency.
    pub setup: Cost,
    /// The phases of the emergency, in order.
    pub phases: Vec<Phase>,
    /// The attacker's attempts that Bulkhead refused.
    pub refused_attempts: Vec<Refusal>,
    /// Honest users, in the run with Bulkhead.
    pub honest: Honest,

    /// Was a state chosen and were claims paid? If not, the council resumed, and the following figures are 0.
    pub restored: bool,
    /// Number of leaves in the snapshot.
    pub leaves: u64,
    /// Sum of the leaves.
    #[serde(serialize_with = "amount")]
    pub claims_total: u64,
    /// Number of claims paid.
    pub claims: u64,
    /// Sum of the claims paid.
    #[serde(serialize_with = "amount")]
    pub claims_paid: u64,
    /// Amount that was shared out.
    #[serde(serialize_with = "amount")]
    pub pool: u64,
    /// Remainder of the pool after rounding.
    #[serde(serialize_with = "amount")]
    pub dust: u64,

    /// Sum of all token accounts of the quote token before the attack.
    #[serde(serialize_with = "amount")]
    pub tokens_before: u64,
    /// The same sum after the reopening.
    #[serde(serialize_with = "amount")]
    pub tokens_after: u64,

    /// The attacker's funds over time, in both runs.
    pub outflow: Outflow,
    /// Downstream protocols; empty in most drills.
    pub downstream: Vec<Dependent>,
    /// Bad debt and its cost, in a drill about it.
    pub haircuts: Option<Haircuts>,
    /// Facts without a source, in sentences.
    pub assumed: Vec<String>,
    /// All checks of the drill.
    pub checks: Vec<Check>,
}

/// A protocol that depends on the attacked one. Its figures are assumptions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dependent {
    /// Name of the protocol.
    pub name: String,
    /// Value in the protocol.
    #[serde(serialize_with = "amount")]
    pub tvl: u64,
    /// Amount that can be borrowed against the upstream's deposit tokens.
    #[serde(serialize_with = "amount")]
    pub exposed: u64,
    /// Amount lent against worthless deposit tokens without Bulkhead.
    #[serde(serialize_with = "amount")]
    pub loss_without: u64,
    /// Amount lent against worthless deposit tokens with Bulkhead.
    #[serde(serialize_with = "amount")]
    pub loss_with: u64,
    /// Maximum outflow that its own breaker would have allowed in a window, without a link.
    #[serde(serialize_with = "amount")]
    pub own_limit: u64,
    /// Slot in which the upstream's pause was propagated to it.
    pub linked_slot: u64,
    /// Duration of the propagated pause.
    pub linked_seconds: i64,
    /// Was it closed for this duration, and open afterwards?
    pub has_lapsed: bool,
    /// Number of refused loans.
    pub refused: u64,
    /// Number of trades tried in the compartment that does not depend on the upstream.
    pub trades: u64,
    /// Number of trades that succeeded.
    pub traded: u64,
}

/// Cost of a part of the drill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Number of transactions that landed.
    pub transactions: u64,
    /// Their compute units.
    pub compute_units: u64,
    /// Their fees.
    #[serde(serialize_with = "amount")]
    pub fee_lamports: u64,
}

/// One phase of the emergency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Phase {
    /// Name of the phase.
    pub name: String,
    /// Slot in which it was complete.
    pub slot: u64,
    /// Seconds from the breach until it was complete.
    pub seconds: i64,
    /// Cost of the phase.
    #[serde(flatten)]
    pub cost: Cost,
}

/// One attempt of the attacker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// Description of the attempt.
    pub attempt: String,
    /// Name of the error.
    pub error: String,
    /// Slot of the attempt.
    pub slot: u64,
}

/// What honest users did in the run with Bulkhead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Honest {
    /// Deposits that succeeded.
    pub deposits: u64,
    /// Withdrawals that were paid at once.
    pub withdrawals: u64,
    /// Withdrawals that the pause refused.
    pub refused: u64,
    /// Withdrawals that a limit queued.
    pub held_back: u64,
    /// Sum of the queued withdrawals, which the host has debited.
    #[serde(serialize_with = "amount")]
    pub held_back_amount: u64,
    /// Withdrawals requested in the hours before the attack.
    pub before: u64,
    /// Number of those that were queued.
    pub held_back_before: u64,
}

/// One trip limit, and its effect on the attack and on honest users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Threshold {
    /// Name of the trip limit.
    pub name: String,
    /// Threshold of the latch, for the amounts queued in a window.
    #[serde(serialize_with = "amount")]
    pub trip_limit: u64,
    /// Seconds from the first transaction of the attack to the latch.
    pub latched_after: i64,
    /// Amount that the attacker took.
    #[serde(serialize_with = "amount")]
    pub loss: u64,
    /// Amount that the attacker had queued by then. Guardians cannot cancel it, because it is older than the incident.
    #[serde(serialize_with = "amount")]
    pub waiting: u64,
    /// What honest users did until the attack was over.
    pub honest: Honest,
}

/// Both curves of the plot.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outflow {
    /// Without Bulkhead.
    pub without: Vec<Point>,
    /// With Bulkhead.
    pub with: Vec<Point>,
}

/// The attacker's funds at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// Seconds since the first transaction of the attack.
    pub seconds: i64,
    /// Native units.
    #[serde(serialize_with = "amount")]
    pub taken: u64,
}

/// One law that the drill checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Name of the law.
    pub name: String,
    /// Does the law hold?
    pub holds: bool,
    /// The figures.
    pub detail: String,
}

/// A 64-bit amount as a string, because JavaScript and jq round such numbers.
fn amount<S: serde::Serializer>(amount: &u64, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(amount)
}

impl std::ops::AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.transactions += other.transactions;
        self.compute_units += other.compute_units;
        self.fee_lamports += other.fee_lamports;
    }
}

impl Report {
    /// Cost of the whole emergency.
    #[must_use]
    pub fn total(&self) -> Cost {
        let mut total = Cost::default();
        for phase in &self.phases {
            total += phase.cost;
        }
        total
    }

    /// One whole quote token, which stands for one dollar.
    fn whole(&self) -> u64 {
        10u64.pow(self.decimals.into())
    }

    /// Formats native units in dollars.
    fn dollars(&self, amount: u64) -> String {
        scale::dollars(amount, self.whole())
    }
}

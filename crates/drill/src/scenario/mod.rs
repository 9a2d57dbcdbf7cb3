//! The attacks.

mod authorities;
mod markets;
mod one_transaction;
mod stolen_admin;
mod takeover;
mod thin_oracle;

pub(crate) use {authorities::aftermath, takeover::collect_late};

use anchor_lang::prelude::Pubkey;

use crate::{
    attempts::Attempts, dependent::Dependent, error::DrillError, flow::Flow, incident::Attack, phases::Recorder,
    report::Point, stage::Stage,
};

/// What an attack came to.
#[derive(Default)]
pub(crate) struct AttackOutcome {
    /// In custody when it began.
    pub custody_before: u64,
    /// What the attacker asked for.
    pub asked: u64,
    /// What the attacker got of other people's.
    pub taken: u64,
    /// Deposits of the attacker's own that stayed behind.
    pub left_behind: u64,
    /// What was taken, over time.
    pub points: Vec<Point>,
    /// Record of the release that was queued when it latched.
    pub queued: Option<Pubkey>,
    /// Those that were queued before: above the limit, and together below the trip limit.
    pub waiting: Vec<Pubkey>,
    /// Their sum.
    pub waiting_amount: u64,
    /// From the pause until the theft would have begun, where there is time between them.
    pub warning_seconds: i64,
    /// What was tried against the pause.
    pub attempts: Attempts,
}

impl AttackOutcome {
    /// Adds what has been taken by now to the curve.
    fn sample(&mut self, stage: &Stage) {
        self.points.push(Point {
            seconds: stage.now(),
            taken: self.taken,
        });
    }
}

/// Runs the attack of the stage's incident. With Bulkhead it ends after the pause, with everything
/// tried against it.
pub(crate) fn attack(
    stage: &mut Stage,
    dependents: &mut [Dependent],
    flow: &mut Flow,
    recorder: &mut Recorder,
) -> Result<AttackOutcome, DrillError> {
    match stage.incident.attack {
        Attack::StolenAdmin(facts) => stolen_admin::attack(stage, &facts, flow, recorder),
        Attack::OneTransaction(facts) => one_transaction::attack(stage, &facts, flow, recorder),
        Attack::Markets(facts) => markets::attack(stage, dependents, &facts, flow, recorder),
        Attack::ThinOracle(facts) => thin_oracle::attack(stage, &facts, flow, recorder),
        Attack::Authorities(facts) => authorities::attack(stage, &facts, flow, recorder),
    }
}

/// Moves of the honest flow while the attacker tries what it has.
const BYSTANDERS: usize = 6;

/// With Bulkhead: has the detector latched in this slot?
fn has_latched(stage: &Stage) -> bool {
    let slot = stage.slot();
    stage.latch().is_some_and(|latch| latch.ts != 0 && latch.slot == slot)
}

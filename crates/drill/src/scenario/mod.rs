//! The attack scenarios.

mod authorities;
mod bad_debt;
mod captured_vote;
mod crowd;
mod markets;
mod one_transaction;
mod priced;
mod shared_keys;
mod slow_drain;
mod stolen_admin;
mod takeover;
mod thin_oracle;

pub(crate) use {authorities::aftermath, captured_vote::FalseState, takeover::collect_late};

use anchor_lang::prelude::Pubkey;

use crate::{
    attempts::Attempts, dependent::Dependent, error::DrillError, flow::Flow, incident::Attack, phases::Recorder,
    recovery::ANSWER_SECONDS, report::Point, stage::Stage,
};

/// The outcome of an attack.
#[derive(Default)]
pub(crate) struct AttackOutcome {
    /// Custody balance when the attack began.
    pub custody_before: u64,
    /// Amount that the attacker requested.
    pub asked: u64,
    /// Amount of other people's funds that the attacker got.
    pub taken: u64,
    /// The attacker's own deposits that remained in custody.
    pub left_behind: u64,
    /// Amount taken over time.
    pub points: Vec<Point>,
    /// Record of the release that was queued when the breaker latched.
    pub queued: Option<Pubkey>,
    /// Releases queued before the latch: above the limit, and together below the trip limit.
    pub waiting: Vec<Pubkey>,
    /// Their sum.
    pub waiting_amount: u64,
    /// Seconds from the pause until the theft would have begun, if there is time between them.
    pub warning_seconds: i64,
    /// The attempts against the pause.
    pub attempts: Attempts,
    /// The state that the thief wants restored, if there is one.
    pub false_state: Option<FalseState>,
    /// What became of the thief's vote, in a drill about one.
    pub vote: Option<VoteOutcome>,
}

/// What became of a captured vote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VoteOutcome {
    /// Did the thief's state win the first vote?
    pub has_won: bool,
    /// Was the state restored that was read in the incident?
    pub is_undone: bool,
}

impl AttackOutcome {
    /// Adds the amount taken so far to the curve.
    fn sample(&mut self, stage: &Stage) {
        self.points.push(Point {
            seconds: stage.now(),
            taken: self.taken,
        });
    }
}

/// Runs the attack of the stage's incident. With Bulkhead it ends after the pause and all attempts against it.
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
        Attack::CapturedVote(facts) => captured_vote::attack(stage, &facts, flow, recorder),
        Attack::SlowDrain(facts) => slow_drain::attack(stage, &facts, flow, recorder),
        Attack::SharedKeys(facts) => shared_keys::attack(stage, &facts, flow, recorder),
        Attack::Crowd(facts) => crowd::attack(stage, &facts, flow, recorder),
        Attack::BadDebt(facts) => bad_debt::attack(stage, &facts, flow, recorder),
    }
}

/// Number of moves of the honest flow during the attacker's attempts.
const BYSTANDERS: usize = 6;

/// With Bulkhead: have the guardians answered by this time, in seconds from the attack's first transaction? What an attacker
/// would still try after that is counted and not sent, so that the recovery begins in time.
fn is_answered(stage: &Stage, recorder: &Recorder, at: i64) -> bool {
    let breach = recorder.breach_ts().map(|ts| ts - stage.incident.first_ts);
    breach.is_some_and(|breach| at >= breach + ANSWER_SECONDS)
}

/// With Bulkhead: has the detector latched in this slot?
fn has_latched(stage: &Stage) -> bool {
    let slot = stage.slot();
    stage.latch().is_some_and(|latch| latch.ts != 0 && latch.slot == slot)
}

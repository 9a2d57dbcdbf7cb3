//! Empties one market after another through a bug of the host, one transaction per market. Protocols that accept its
//! deposit tokens as collateral are affected too.
//!
//! As in [`one_transaction`](super::one_transaction), the attacker uses their own capital. The first transaction takes
//! as much as possible below the limit before it takes the rest.

use anchor_lang::solana_program::instruction::Instruction;
use example_exchange::constants::STALE_PRICE;
use solana_signer::Signer;

use super::{AttackOutcome, has_latched, one_transaction, takeover};
use crate::{
    dependent::{Agenda, Dependent, link_all},
    error::DrillError,
    flow::Flow,
    incident::Markets,
    phases::Recorder,
    stage::{DOLLAR, Stage},
};

pub(super) fn attack(
    stage: &mut Stage,
    dependents: &mut [Dependent],
    facts: &Markets,
    flow: &mut Flow,
    recorder: &mut Recorder,
) -> Result<AttackOutcome, DrillError> {
    flow.hour_before(stage);
    stage.at(0);
    let mut attack_outcome = AttackOutcome {
        custody_before: stage.custody(),
        ..AttackOutcome::default()
    };
    attack_outcome.sample(stage);
    let attacker = stage.attacker.insecure_clone();
    let market = stage.incident.loss_usd * DOLLAR / facts.count;
    let mut agenda = Agenda::of(dependents);
    let mut refused_markets = 0_u32;
    let mut paused = None;
    for (number, place) in (0..facts.count).zip(0_i64..) {
        let at = facts.over_seconds * place / i64::try_from(facts.count - 1).unwrap_or(1);
        agenda.until(stage, dependents, at);
        if place > 0 {
            stage.at(at - 1);
            flow.step(stage);
        }
        stage.at(at);
        let index = stage.next_release();
        let (steps, capital) = empty(stage, facts, market, number == 0, index);
        let before = stage.attacker_tokens();
        recorder.begin(&stage.machine);
        let result = stage.machine.send(&steps, &[&attacker]);
        attack_outcome.asked += capital * (STALE_PRICE - 1);
        if let Err(failure) = result {
            refused_markets += 1;
            paused.get_or_insert((failure, stage.slot()));
            continue;
        }
        let paid = stage.attacker_tokens() + capital - before;
        attack_outcome.taken += paid - paid / STALE_PRICE;
        attack_outcome.left_behind += capital - paid / STALE_PRICE;
        attack_outcome.sample(stage);
        if attack_outcome.queued.is_none() && has_latched(stage) {
            recorder.breach(&stage.machine);
            attack_outcome.queued = stage.record(attacker.pubkey(), index);
            stage.propagate_trip()?;
            recorder.end("pause", &stage.machine);
            link_all(stage, dependents)?;
            recorder.end("contagion", &stage.machine);
        }
    }
    agenda.until(stage, dependents, i64::MAX);
    if let Some((failure, slot)) = paused {
        let attempt = format!("empty the other markets, {refused_markets} of them");
        attack_outcome.attempts.note(&attempt, slot, Err(failure));
    }
    if attack_outcome.queued.is_some() {
        takeover::try_everything(stage, &mut attack_outcome);
    }
    attack_outcome.sample(stage);
    Ok(attack_outcome)
}

/// A transaction that takes `market` dollars more than it deposits, and the amount it deposits.
fn empty(stage: &Stage, facts: &Markets, market: u64, is_first: bool, index: u64) -> (Vec<Instruction>, u64) {
    let owner = stage.attacker.pubkey();
    let capital = market / (STALE_PRICE - 1);
    let step = stage.incident.tvl_usd * DOLLAR / 10_000 * facts.step_bps / STALE_PRICE;
    let small = if is_first { facts.redemptions - 1 } else { 0 };
    let wallet = (owner, stage.attacker_tokens);
    let steps = one_transaction::empty(&stage.exchange, wallet, capital, (step, small), index);
    (steps, capital)
}

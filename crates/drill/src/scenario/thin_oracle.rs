//! Collateral is valued by an oracle that reads one thin market. The attacker pushes that market up and borrows
//! everything against a profit that nobody could ever realise.
//!
//! With Bulkhead, a price breaker observes the oracle account. It latches while the price is still being pushed, before
//! anything can be borrowed against it. Earlier loans are within the collateral's real value and the limits of the
//! outflow.

use anchor_lang::solana_program::{instruction::Instruction, system_instruction};
use bulkhead_client::instructions as ix;
use bulkhead_testbed::keypair;
use example_exchange::state::ORACLE_PRICE_OFFSET;
use solana_signer::Signer;

use super::{
    AttackOutcome, has_latched,
    priced::{self, Market, QUIET_SECONDS, observe, publish},
    takeover,
};
use crate::{
    error::DrillError,
    flow::Flow,
    incident::ThinOracle,
    phases::Recorder,
    stage::{DOLLAR, Stage},
};

pub(super) fn attack(
    stage: &mut Stage,
    facts: &ThinOracle,
    flow: &mut Flow,
    recorder: &mut Recorder,
) -> Result<AttackOutcome, DrillError> {
    let market = priced::open(stage, facts.price_before)?;
    priced::peace(stage, &market, facts.price_before, facts.position, Some(flow))?;
    stage.at(0);
    let mut attack_outcome = AttackOutcome {
        custody_before: stage.custody(),
        ..AttackOutcome::default()
    };
    attack_outcome.sample(stage);

    let attacker = stage.attacker.insecure_clone();
    let position = facts.position * DOLLAR;
    let source = stage.give(&market.mint, &attacker, position);
    let put = stage
        .exchange
        .deposit_collateral(attacker.pubkey(), market.mint, source, position);
    stage.land("take the position", &[put], &[&attacker])?;
    push(stage, facts, &market, recorder, &mut attack_outcome)?;
    drain(stage, facts, &market, flow, &mut attack_outcome)?;
    if stage.protocol().is_some() {
        outwit(stage, &market, &mut attack_outcome);
        takeover::try_everything(stage, &mut attack_outcome);
    }
    // Nobody would pay for it any more.
    stage.machine.warp_seconds(QUIET_SECONDS);
    publish(stage, &market, facts.price_before)?;
    attack_outcome.sample(stage);
    Ok(attack_outcome)
}

/// The price rises in equal ratios. With Bulkhead the first step beyond the threshold ends it.
fn push(
    stage: &mut Stage,
    facts: &ThinOracle,
    market: &Market,
    recorder: &mut Recorder,
    attack_outcome: &mut AttackOutcome,
) -> Result<(), DrillError> {
    let first_loan = facts.push_at + facts.push_seconds + facts.every_seconds;
    for step in 1..=facts.push_steps {
        stage.at(facts.push_at + facts.push_seconds * i64::from(step) / i64::from(facts.push_steps));
        publish(stage, market, pushed(facts, step))?;
        recorder.begin(&stage.machine);
        observe(stage, market)?;
        if !has_latched(stage) {
            continue;
        }
        if attack_outcome.warning_seconds == 0 {
            recorder.breach(&stage.machine);
            stage.propagate_trip()?;
            recorder.end("pause", &stage.machine);
            attack_outcome.warning_seconds = first_loan - stage.now();
        } else {
            // Each further step beyond the threshold is a new finding, and is propagated like the first.
            stage.propagate_trip()?;
        }
    }
    Ok(())
}

/// The price after this many steps.
fn pushed(facts: &ThinOracle, step: u32) -> u64 {
    let ratio = facts.price_after as f64 / facts.price_before as f64;
    let share = f64::from(step) / f64::from(facts.push_steps);
    (facts.price_before as f64 * ratio.powf(share)).round() as u64
}

/// Equal loans until nothing is left, while the price is kept high.
fn drain(
    stage: &mut Stage,
    facts: &ThinOracle,
    market: &Market,
    flow: &mut Flow,
    attack_outcome: &mut AttackOutcome,
) -> Result<(), DrillError> {
    let attacker = stage.attacker.insecure_clone();
    let loans = u64::try_from(facts.drain_seconds / facts.every_seconds)
        .unwrap_or(1)
        .max(1);
    let part = stage.custody() / loans;
    let mut at = facts.push_at + facts.push_seconds;
    let (mut refused, mut paused) = (0_u32, None);
    for number in 1..=loans {
        at += facts.every_seconds;
        stage.at(at - 1);
        flow.step(stage);
        stage.at(at);
        publish(stage, market, facts.price_after)?;
        let amount = if number == loans {
            stage.custody()
        } else {
            part.min(stage.custody())
        };
        let index = stage.next_release();
        let borrow = stage
            .exchange
            .borrow(attacker.pubkey(), &market.mint, stage.attacker_tokens, amount, index);
        let before = stage.attacker_tokens();
        let result = stage.machine.send(&[borrow], &[&attacker]);
        attack_outcome.asked += part;
        attack_outcome.taken += stage.attacker_tokens() - before;
        attack_outcome.sample(stage);
        if let Err(failure) = result {
            refused += 1;
            paused.get_or_insert((failure, stage.slot()));
        }
    }
    if let Some((failure, slot)) = paused {
        let attempt = format!("borrow against the pushed price, {refused} times");
        attack_outcome.attempts.note(&attempt, slot, Err(failure));
    }
    Ok(())
}

/// Attempts against the breaker itself.
fn outwit(stage: &mut Stage, market: &Market, attack_outcome: &mut AttackOutcome) {
    let (Some(domain), Some(breaker)) = (stage.protocol().map(|protocol| protocol.domain), stage.detector) else {
        return;
    };
    let attacker = stage.attacker.insecure_clone();
    let mut account = stage.machine.account(&market.oracle).unwrap_or_default();
    account.data[ORACLE_PRICE_OFFSET..][..8].copy_from_slice(&38_000_u64.to_le_bytes());
    let forged = keypair("forged oracle").pubkey();
    stage.machine.write_account(&forged, account);
    let show = |price| ix::observe_price(domain, breaker, price);
    let payer = stage.machine.payer.pubkey();
    let around: Instruction = system_instruction::transfer(&attacker.pubkey(), &payer, 1);
    let attempts: [(&str, Vec<Instruction>); 4] = [
        ("observe a price account of the attacker's own", vec![show(forged)]),
        (
            "observe a price in the middle of a transaction",
            vec![around, show(market.oracle)],
        ),
        (
            "observe the same price again",
            vec![show(market.oracle), show(market.oracle)],
        ),
        ("prolong the pause by propagating the same latch again", {
            vec![ix::propagate_trip(domain, payer, breaker, 0)]
        }),
    ];
    for (attempt, instructions) in attempts {
        let result = stage.machine.send(&instructions, &[&attacker]);
        attack_outcome.attempts.note(attempt, stage.slot(), result);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::{Attack, find};

    #[test]
    fn the_push_ends_at_the_real_price_in_equal_ratios() {
        let Some(Attack::ThinOracle(facts)) = find("mango-2022-10").map(|incident| incident.attack) else {
            panic!("another attack");
        };
        assert_eq!(pushed(&facts, 0), facts.price_before);
        assert_eq!(pushed(&facts, facts.push_steps), facts.price_after);
        let ratio = |step| pushed(&facts, step + 1) as f64 / pushed(&facts, step) as f64;
        assert!((0..facts.push_steps).all(|step| (ratio(step) - 1.303).abs() < 0.002));
    }
}

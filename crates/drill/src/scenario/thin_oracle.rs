//! Collateral is valued by an oracle that reads one thin market. The attacker pushes that market up and borrows
//! everything against a profit that nobody could ever realise.
//!
//! With Bulkhead, a price breaker observes the oracle account; a proposal opened it the day before. Bystanders crank
//! every published price. The breaker latches while the price is still being pushed, before anything can be borrowed
//! against it. Earlier loans are within the collateral's real value and the limits of the outflow.

use anchor_lang::{
    prelude::Pubkey,
    solana_program::{instruction::Instruction, system_instruction},
};
use bulkhead::instructions::{OpenPriceBreakerArgs, PriceRulesConfig, PriceSource};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::constants::{MAX_TRIP_SECONDS, SCOPE_DOMAIN};
use bulkhead_testbed::keypair;
use example_exchange::state::{ORACLE_PRICE_OFFSET, ORACLE_TIME_OFFSET};
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::{AttackOutcome, has_latched, takeover};
use crate::{
    error::DrillError,
    flow::Flow,
    incident::ThinOracle,
    phases::Recorder,
    rng::Rng,
    stage::{DOLLAR, Stage},
};

/// Compartment of margin accounts.
const MARGIN: u8 = 0;
/// Seconds between two prices before the attack.
const QUIET_SECONDS: i64 = 60;
/// Warm-up time of the breaker before the last hour before the attack.
const LEARNING_SECONDS: i64 = 3_600;
/// Number of prices per honest deposit or withdrawal.
const PRICES_PER_MOVE: i64 = 5;
/// Amplitude of the honest price, in thousandths.
const NOISE: u64 = 5;

/// Trip threshold: a deviation of more than a quarter from the half-hour mean.
const RULES: PriceRulesConfig = PriceRulesConfig {
    max_age_seconds: 60,
    max_ahead_seconds: 10,
    min_interval_seconds: 5,
    stale_seconds: 0,
    max_confidence_bps: 0,
    warmup: 30,
    deviation_bps: 2_500,
    twap_seconds: 1_800,
    tau_seconds: 0,
    floor_ppm: 0,
    cap_ppm: 0,
    z_milli: 0,
    cusum_h_milli: 0,
    cusum_k_milli: 0,
    cusum_clip_milli: 0,
};

/// The market that the oracle reads.
struct Market {
    mint: Pubkey,
    publisher: Keypair,
    /// The oracle's account.
    oracle: Pubkey,
}

pub(super) fn attack(
    stage: &mut Stage,
    facts: &ThinOracle,
    flow: &mut Flow,
    recorder: &mut Recorder,
) -> Result<AttackOutcome, DrillError> {
    let market = open(stage, facts)?;
    peace(stage, facts, &market, flow)?;
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

/// The day before: lists the collateral and its oracle, and opens the breaker by proposal.
fn open(stage: &mut Stage, facts: &ThinOracle) -> Result<Market, DrillError> {
    let (mint, publisher) = (keypair("thin token").pubkey(), keypair("publisher"));
    let (admin, payer) = (stage.exchange.admin.insecure_clone(), stage.machine.payer.pubkey());
    stage.machine.create_mint(&mint, &publisher.pubkey(), 6);
    let list = stage
        .exchange
        .list_collateral(admin.pubkey(), payer, mint, facts.price_before);
    let open = stage
        .exchange
        .open_oracle(payer, mint, publisher.pubkey(), facts.price_before);
    stage.land("list collateral with an oracle", &[list, open], &[&admin])?;
    let oracle = stage.exchange.oracle(&mint);
    let market = Market {
        mint,
        publisher,
        oracle,
    };
    let Some(protocol) = stage.exchange.protocol.take() else {
        return Ok(market);
    };
    let offset = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
    let args = OpenPriceBreakerArgs {
        compartment: MARGIN,
        trip_scope: SCOPE_DOMAIN,
        latch_seconds: MAX_TRIP_SECONDS,
        source: PriceSource::Host {
            account: oracle,
            program: example_exchange::ID,
            price_offset: offset(ORACLE_PRICE_OFFSET),
            width: 8,
            is_signed: false,
            exponent: -6,
            time_offset: offset(ORACLE_TIME_OFFSET),
            confidence_offset: None,
        },
        rules: RULES,
    };
    let authority = protocol.mature(&mut stage.machine, &args);
    stage.detector = Some(pda::price_breaker(&protocol.domain, MARGIN, &oracle));
    stage.exchange.protocol = Some(protocol);
    stage.land(
        "open the price breaker",
        &[ix::open_price_breaker(authority, payer, args)],
        &[],
    )?;
    Ok(market)
}

/// The hours before: a price per minute, and honest users.
fn peace(stage: &mut Stage, facts: &ThinOracle, market: &Market, flow: &mut Flow) -> Result<(), DrillError> {
    let mut rng = Rng::new(facts.position);
    let first = -3_600 - LEARNING_SECONDS;
    for number in 0..-first / QUIET_SECONDS {
        stage.at(first + number * QUIET_SECONDS);
        let price = facts.price_before * (1_000 - NOISE + rng.below(2 * NOISE + 1)) / 1_000;
        publish(stage, market, price)?;
        observe(stage, market)?;
        if stage.now() >= -3_600 && number % PRICES_PER_MOVE == 0 {
            flow.step(stage);
        }
    }
    Ok(())
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

fn publish(stage: &mut Stage, market: &Market, price: u64) -> Result<(), DrillError> {
    let publish = stage
        .exchange
        .publish_price(&market.mint, market.publisher.pubkey(), price);
    stage
        .land("publish a price", &[publish], &[&market.publisher])
        .map(|_| ())
}

/// A bystander cranks the price breaker, if there is one.
fn observe(stage: &mut Stage, market: &Market) -> Result<(), DrillError> {
    let (Some(protocol), Some(breaker)) = (stage.protocol(), stage.detector) else {
        return Ok(());
    };
    let observe = ix::observe_price(protocol.domain, breaker, market.oracle);
    stage.land("observe a price", &[observe], &[]).map(|_| ())
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

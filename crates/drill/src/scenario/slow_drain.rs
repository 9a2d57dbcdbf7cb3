//! The host's admin key is stolen, and its thief takes a little at a time: less in any hour than the outflow may be, so
//! no limit notices.
//!
//! With Bulkhead, a solvency breaker compares what custody holds with what the host says that it owes; a proposal opened
//! it the day before. Funds that leave while the ledger stays as it is are missing, however slowly they leave. Once more
//! than the tolerance is missing, and for long enough, it latches.

use std::slice;

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::OpenSolvencyBreakerArgs;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::constants::{MAX_TRIP_SECONDS, SCOPE_DOMAIN};
use example_exchange::state::TOTAL_DEPOSITS_OFFSET;
use solana_signer::Signer;

use super::{AttackOutcome, has_latched, is_answered, stolen_admin, takeover};
use crate::{
    error::DrillError,
    flow::Flow,
    incident::SlowDrain,
    phases::Recorder,
    stage::{DOLLAR, Stage},
};

/// Compartment of margin accounts.
const MARGIN: u8 = 0;
/// One honest deposit or withdrawal for this many of the thief's.
const PARTS_PER_MOVE: u64 = 4;

pub(super) fn attack(
    stage: &mut Stage,
    facts: &SlowDrain,
    flow: &mut Flow,
    recorder: &mut Recorder,
) -> Result<AttackOutcome, DrillError> {
    open(stage, facts)?;
    flow.hour_before(stage);
    stage.at(0);
    let mut attack_outcome = AttackOutcome {
        custody_before: stage.custody(),
        ..AttackOutcome::default()
    };
    attack_outcome.sample(stage);
    let worthless = stolen_admin::hand_over(stage)?;
    drain(stage, facts, &worthless, flow, recorder, &mut attack_outcome)?;
    takeover::try_everything(stage, &mut attack_outcome);
    attack_outcome.sample(stage);
    Ok(attack_outcome)
}

/// The day before: the breaker, by a proposal.
fn open(stage: &mut Stage, facts: &SlowDrain) -> Result<(), DrillError> {
    let Some(protocol) = stage.exchange.protocol.take() else {
        return Ok(());
    };
    let liabilities = stage.exchange.key;
    let args = OpenSolvencyBreakerArgs {
        compartment: MARGIN,
        trip_scope: SCOPE_DOMAIN,
        latch_seconds: MAX_TRIP_SECONDS,
        liabilities,
        program: example_exchange::ID,
        offset: u32::try_from(TOTAL_DEPOSITS_OFFSET).unwrap_or(u32::MAX),
        width: 8,
        tolerance_bps: facts.tolerance_bps,
        tolerance: 0,
        min_age_seconds: facts.min_age_seconds,
        reserves: vec![stage.exchange.tokens],
    };
    let authority = protocol.mature(&mut stage.machine, &args);
    stage.detector = Some(pda::solvency_breaker(&protocol.domain, MARGIN, &liabilities));
    stage.exchange.protocol = Some(protocol);
    let open = ix::open_solvency_breaker(authority, stage.machine.payer.pubkey(), args);
    stage.land("open the solvency breaker", &[open], &[]).map(|_| ())
}

/// A bystander cranks the breaker, if there is one.
fn observe(stage: &mut Stage) -> Result<(), DrillError> {
    let (Some(protocol), Some(breaker)) = (stage.protocol(), stage.detector) else {
        return Ok(());
    };
    let reserves = slice::from_ref(&stage.exchange.tokens);
    let observe = ix::observe_solvency(protocol.domain, breaker, stage.exchange.key, reserves);
    stage
        .land("compare reserves and liabilities", &[observe], &[])
        .map(|_| ())
}

/// Equal loans against worthless collateral until all are requested.
fn drain(
    stage: &mut Stage,
    facts: &SlowDrain,
    worthless: &Pubkey,
    flow: &mut Flow,
    recorder: &mut Recorder,
    attack_outcome: &mut AttackOutcome,
) -> Result<(), DrillError> {
    let attacker = stage.attacker.insecure_clone();
    let part = stage.incident.loss_usd * DOLLAR / facts.withdrawals;
    let (mut refused_parts, mut paused) = (0_u32, None);
    let mut is_paused = false;
    for (number, place) in (0..facts.withdrawals).zip(0_i64..) {
        let at = place * facts.every_seconds;
        attack_outcome.asked += part;
        if is_answered(stage, recorder, at) {
            continue;
        }
        stage.at(at);
        let index = stage.next_release();
        let (key, tokens) = (attacker.pubkey(), stage.attacker_tokens);
        let borrow = stage.exchange.borrow(key, worthless, tokens, part, index);
        let before = stage.attacker_tokens();
        let result = stage.machine.send(&[borrow], &[&attacker]);
        attack_outcome.taken += stage.attacker_tokens() - before;
        attack_outcome.sample(stage);
        if let Err(failure) = result {
            refused_parts += 1;
            paused.get_or_insert((failure, stage.slot()));
        }
        if number % PARTS_PER_MOVE == 0 {
            flow.step(stage);
        }
        for later in [0, facts.min_age_seconds] {
            stage.at(at + later);
            recorder.begin(&stage.machine);
            observe(stage)?;
            if !is_paused && has_latched(stage) {
                is_paused = true;
                recorder.breach(&stage.machine);
                stage.propagate_trip()?;
                recorder.end("pause", &stage.machine);
            }
        }
    }
    if let Some((failure, slot)) = paused {
        let attempt = format!("continue to withdraw, {refused_parts} times");
        attack_outcome.attempts.note(&attempt, slot, Err(failure));
    }
    Ok(())
}

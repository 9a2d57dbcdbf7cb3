//! A routine upgrade makes the host accept what proves nothing. One key takes funds in one transaction, and hundreds of
//! others send the same transaction with their own address in it.
//!
//! The host of the drill verifies no messages: its upgrade lists a token that anyone can have as good collateral. What
//! counts is the form of the outflow: many keys, none of which takes much. A limit of each account would stop none of
//! them, and there is no key to blacklist. With Bulkhead the limits are those of the vault, whoever asks.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use bulkhead_testbed::keypair;
use example_exchange::constants::PRICE_SCALE;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::{AttackOutcome, has_latched, is_answered, takeover};
use crate::{
    error::DrillError,
    flow::Flow,
    incident::Crowd,
    phases::Recorder,
    stage::{DOLLAR, Stage},
};

/// What each key has of the worthless token.
const COLLATERAL: u64 = 1_000_000_000;
/// One honest deposit or withdrawal for this many copies.
const COPIES_PER_MOVE: u64 = 10;

pub(super) fn attack(
    stage: &mut Stage,
    facts: &Crowd,
    flow: &mut Flow,
    recorder: &mut Recorder,
) -> Result<AttackOutcome, DrillError> {
    let worthless = upgrade(stage)?;
    flow.hour_before(stage);
    stage.at(0);
    let mut attack_outcome = AttackOutcome {
        custody_before: stage.custody(),
        ..AttackOutcome::default()
    };
    attack_outcome.sample(stage);
    let rest = (stage.incident.loss_usd - facts.first_usd) * DOLLAR;
    let mut paused = None;
    let mut refused_copies = 0_u32;
    for (number, place) in (0..=facts.copies).zip(0_i64..) {
        let at = facts.over_seconds * place / i64::try_from(facts.copies).unwrap_or(1);
        let part = match number {
            0 => facts.first_usd * DOLLAR,
            // Rounding leaves something, and nobody wants more than there is.
            last if last == facts.copies => rest - rest / facts.copies * (facts.copies - 1),
            _ => rest / facts.copies,
        }
        .min(stage.custody());
        attack_outcome.asked += part;
        if is_answered(stage, recorder, at) {
            continue;
        }
        stage.at(at);
        let (key, steps, index) = copy(stage, &worthless, number, part);
        let before = stage.attacker_tokens();
        recorder.begin(&stage.machine);
        let result = stage.machine.send(&steps, &[&key]);
        attack_outcome.taken += stage.attacker_tokens() - before;
        attack_outcome.sample(stage);
        match result {
            Ok(_) if attack_outcome.queued.is_none() && has_latched(stage) => {
                recorder.breach(&stage.machine);
                attack_outcome.queued = stage.record(key.pubkey(), index);
                stage.propagate_trip()?;
                recorder.end("pause", &stage.machine);
            }
            // Above the limit a copy is queued.
            Ok(_) if stage.protocol().is_some() && stage.attacker_tokens() == before => {
                attack_outcome.waiting.extend(stage.record(key.pubkey(), index));
                attack_outcome.waiting_amount += part;
            }
            Ok(_) => {}
            Err(failure) => {
                refused_copies += 1;
                paused.get_or_insert((failure, stage.slot()));
            }
        }
        if number % COPIES_PER_MOVE == 0 {
            flow.step(stage);
        }
    }
    if let Some((failure, slot)) = paused {
        let attempt = format!("copy the transaction, by {refused_copies} keys");
        attack_outcome.attempts.note(&attempt, slot, Err(failure));
    }
    takeover::try_everything(stage, &mut attack_outcome);
    attack_outcome.sample(stage);
    Ok(attack_outcome)
}

/// The upgrade, by the host's own admin: a worthless token counts as collateral. Returns its mint.
fn upgrade(stage: &mut Stage) -> Result<Pubkey, DrillError> {
    let admin = stage.exchange.admin.insecure_clone();
    let worthless = keypair("zero mint").pubkey();
    stage.machine.create_mint(&worthless, &admin.pubkey(), 6);
    // Each key's collateral is worth more than all deposits.
    let price = stage.incident.tvl_usd * DOLLAR / COLLATERAL * 2 * PRICE_SCALE;
    let payer = stage.machine.payer.pubkey();
    let list = stage.exchange.list_collateral(admin.pubkey(), payer, worthless, price);
    stage.land("upgrade the host", &[list], &[&admin])?;
    Ok(worthless)
}

/// The transaction of one key: all pay into the same account, so that their sum can be read.
fn copy(stage: &mut Stage, worthless: &Pubkey, number: u64, part: u64) -> (Keypair, Vec<Instruction>, u64) {
    let key = keypair(&format!("copy {number}"));
    stage.machine.fund(&key.pubkey(), 1_000_000_000);
    let source = stage.give(worthless, &key, COLLATERAL);
    let (index, owner, payer) = (stage.next_release(), key.pubkey(), stage.machine.payer.pubkey());
    let exchange = &stage.exchange;
    let steps = vec![
        exchange.open_margin_account(owner, payer),
        exchange.deposit_collateral(owner, *worthless, source, COLLATERAL),
        exchange.borrow(owner, worthless, stage.attacker_tokens, part, index),
    ];
    (key, steps, index)
}

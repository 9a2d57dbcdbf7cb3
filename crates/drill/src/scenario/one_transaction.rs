//! Takes everything in one transaction, through a bug of the host.
//!
//! The attacker uses their own capital instead of a flash loan: a loan that cannot be repaid would revert the whole
//! transaction, and nothing would be lost. The loss is what custody pays the attacker, less the deposits that the
//! attacker gives up for it. The attacker's deposits that remain in custody are not subtracted from the loss.

use anchor_lang::{prelude::Pubkey, solana_program::instruction::Instruction};
use bulkhead_testbed::Exchange;
use example_exchange::constants::STALE_PRICE;
use solana_signer::Signer;

use super::{AttackOutcome, BYSTANDERS, has_latched, takeover};
use crate::{
    error::{DrillError, refused},
    flow::Flow,
    incident::OneTransaction,
    phases::Recorder,
    stage::Stage,
};

pub(super) fn attack(
    stage: &mut Stage,
    facts: &OneTransaction,
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

    // The bug pays `STALE_PRICE` for one: this much capital empties custody, including the capital itself.
    let capital = attack_outcome.custody_before / (STALE_PRICE - 1);
    let step = attack_outcome.custody_before / 10_000 * facts.step_bps / STALE_PRICE;
    let index = stage.next_release();
    let attacker = stage.attacker.insecure_clone();
    let owner = attacker.pubkey();
    let steps = empty(
        &stage.exchange,
        (owner, stage.attacker_tokens),
        capital,
        (step, facts.redemptions - 1),
        index,
    );
    let before = stage.attacker_tokens();
    recorder.begin(&stage.machine);
    stage
        .machine
        .send(&steps, &[&attacker])
        .map_err(|failure| refused("redeem at a stale price", &failure))?;
    let paid = stage.attacker_tokens() + capital - before;
    attack_outcome.asked = capital * STALE_PRICE - capital;
    attack_outcome.taken = paid - paid / STALE_PRICE;
    attack_outcome.left_behind = capital - paid / STALE_PRICE;
    attack_outcome.sample(stage);

    if has_latched(stage) {
        recorder.breach(&stage.machine);
        attack_outcome.queued = stage.record(owner, index);
        stage.propagate_trip()?;
        recorder.end("pause", &stage.machine);
        stage.at(5);
        let again = stage
            .exchange
            .redeem_at_stale_price(owner, stage.attacker_tokens, step, index + 1_000_000);
        let result = stage.machine.send(&[again], &[&attacker]);
        let slot = stage.slot();
        attack_outcome
            .attempts
            .note("redeem again after the pause", slot, result);
        takeover::try_everything(stage, &mut attack_outcome);
    }
    for second in 0..BYSTANDERS {
        stage.at(10 + i64::try_from(second).unwrap_or(0));
        flow.step(stage);
    }
    stage.at(60);
    attack_outcome.sample(stage);
    Ok(attack_outcome)
}

/// A deposit of `capital`, and redemptions of all of it: `count` of `step`, and the rest at once. `owner` is the key and
/// its token account.
pub(super) fn empty(
    exchange: &Exchange,
    (owner, tokens): (Pubkey, Pubkey),
    capital: u64,
    (step, count): (u64, u64),
    index: u64,
) -> Vec<Instruction> {
    let last = capital - step * count;
    let mut steps = vec![exchange.deposit(owner, tokens, capital)];
    for amount in std::iter::repeat_n(step, usize::try_from(count).unwrap_or(0)).chain([last]) {
        steps.push(exchange.redeem_at_stale_price(owner, tokens, amount, index));
    }
    steps
}

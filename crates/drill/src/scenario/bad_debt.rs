//! A lender's collateral is shares of another protocol's pool, and that pool is emptied. The loans were made long
//! before; nothing leaves the lender any more. It has bad debt, and whoever takes their deposit out before the pause
//! leaves it to those who stay.
//!
//! With Bulkhead at the lender, a price breaker observes what the shares are worth. It latches in the slot in which they
//! fall, nobody leaves first, and the loss is shared out by one rule. No pause takes a loan back. With Bulkhead at the
//! pool as well, the pool loses at most the limit of one slot, the shares keep their value, and there is no bad debt.

use bulkhead_testbed::{Exchange, ExchangeSetup, keypair};
use example_exchange::{
    constants::{LOAN_TO_VALUE_BPS, PRICE_SCALE, STALE_PRICE},
    state::MarginAccount,
};
use solana_signer::Signer;

use super::{
    AttackOutcome, has_latched, one_transaction,
    priced::{self, Market},
    takeover,
};
use crate::{
    error::DrillError,
    flow::Flow,
    incident::BadDebt,
    phases::Recorder,
    stage::{DOLLAR, Run, Stage, slot_limit},
};

/// What one native unit of the shares is worth until the theft.
const PAR: u64 = PRICE_SCALE;
/// When the first loan is made, in seconds from the theft.
const FIRST_LOAN: i64 = -22 * 3_600;
/// When the last one is.
const LAST_LOAN: i64 = priced::PEACE - 3_600;

pub(super) fn attack(
    stage: &mut Stage,
    facts: &BadDebt,
    flow: &mut Flow,
    recorder: &mut Recorder,
) -> Result<AttackOutcome, DrillError> {
    let market = priced::open(stage, PAR)?;
    let pool = Pool::set_up(stage, facts)?;
    lend(stage, &market)?;
    priced::peace(stage, &market, PAR, facts.pool_usd, None)?;
    stage.at(0);
    let mut attack_outcome = AttackOutcome {
        custody_before: stage.incident.tvl_usd * DOLLAR,
        asked: stage.incident.loss_usd * DOLLAR,
        ..AttackOutcome::default()
    };
    attack_outcome.sample(stage);
    let price = pool.rob(stage, facts)?;
    // The host's oracle knows no price of nothing.
    priced::publish(stage, &market, price.max(1))?;
    recorder.begin(&stage.machine);
    priced::observe(stage, &market)?;
    if has_latched(stage) {
        recorder.breach(&stage.machine);
        stage.propagate_trip()?;
        recorder.end("pause", &stage.machine);
    }
    attack_outcome.taken = bad_debt(stage, price);
    attack_outcome.sample(stage);
    for (number, place) in (0..facts.leavers).zip(1_i64..) {
        stage.at(place * facts.every_seconds);
        flow.leave(stage, usize::try_from(number).unwrap_or(usize::MAX));
    }
    if recorder.breach_slot().is_some() {
        let (borrower, index) = (stage.attacker.insecure_clone(), stage.next_release());
        let (key, tokens) = (borrower.pubkey(), stage.attacker_tokens);
        let more = stage.exchange.borrow(key, &market.mint, tokens, DOLLAR, index);
        let result = stage.machine.send(&[more], &[&borrower]);
        let slot = stage.slot();
        attack_outcome
            .attempts
            .note("borrow more against the shares", slot, result);
        takeover::try_everything(stage, &mut attack_outcome);
    }
    stage.at(stage.incident.stop_seconds);
    attack_outcome.sample(stage);
    Ok(attack_outcome)
}

/// The day before: loans within the limits of the outflow, up to what the collateral allows.
fn lend(stage: &mut Stage, market: &Market) -> Result<(), DrillError> {
    let borrower = stage.attacker.insecure_clone();
    let key = borrower.pubkey();
    let debt = stage.incident.loss_usd * DOLLAR;
    let shares = (debt * 10_000).div_ceil(u64::from(LOAN_TO_VALUE_BPS));
    let source = stage.give(&market.mint, &borrower, shares);
    let put = stage.exchange.deposit_collateral(key, market.mint, source, shares);
    stage.land("deposit shares of the pool", &[put], &[&borrower])?;
    let part = slot_limit(stage.incident);
    let loans = debt.div_ceil(part);
    for (number, place) in (0..loans).zip(0_i64..) {
        let gap = (LAST_LOAN - FIRST_LOAN) * place / i64::try_from(loans).unwrap_or(1);
        stage.at(FIRST_LOAN + gap);
        priced::publish(stage, market, PAR)?;
        let (amount, index) = (part.min(debt - part * number), stage.next_release());
        let tokens = stage.attacker_tokens;
        let borrow = stage.exchange.borrow(key, &market.mint, tokens, amount, index);
        stage.land("borrow against shares of the pool", &[borrow], &[&borrower])?;
    }
    Ok(())
}

/// What the borrower owes beyond what the collateral is worth at this price.
fn bad_debt(stage: &Stage, price: u64) -> u64 {
    let account = stage.exchange.margin(&stage.attacker.pubkey());
    let margin: MarginAccount = stage.machine.load(&account);
    let worth = u128::from(margin.collateral) * u128::from(price) / u128::from(PRICE_SCALE);
    margin.debt.saturating_sub(u64::try_from(worth).unwrap_or(u64::MAX))
}

/// The pool whose shares are the collateral.
struct Pool(Exchange);

impl Pool {
    /// Opens the pool, full.
    fn set_up(stage: &mut Stage, facts: &BadDebt) -> Result<Self, DrillError> {
        let value = facts.pool_usd * DOLLAR;
        let policy = stage.incident.policy;
        let exchange = Exchange::set_up(
            &mut stage.machine,
            &ExchangeSetup {
                name: "pool",
                protected: stage.run == Run::PoolToo,
                vulnerable_redemption: true,
                withdraw_limit: u64::MAX,
                limit: value / 10_000 * policy.limit_bps,
                slot_limit: value / 10_000 * policy.slot_limit_bps,
                trip_limit: 0,
                window_seconds: policy.window_seconds,
                upstream: None,
            },
        );
        let (provider, thief) = (keypair("pool provider"), keypair("pool thief"));
        let payer = stage.machine.payer.pubkey();
        for (key, amount) in [(&provider, value), (&thief, value / (STALE_PRICE - 1))] {
            stage.machine.fund(&key.pubkey(), 1_000_000_000);
            stage.give(&exchange.mint, key, amount);
            let open = exchange.open_margin_account(key.pubkey(), payer);
            stage.land("open an account of the pool", &[open], &[key])?;
        }
        let source = bulkhead_testbed::associated_token(&provider.pubkey(), &exchange.mint);
        let fill = exchange.deposit(provider.pubkey(), source, value);
        stage.land("fill the pool", &[fill], &[&provider])?;
        Ok(Self(exchange))
    }

    /// Takes what can be taken in one transaction. Returns what a share is worth then.
    fn rob(&self, stage: &mut Stage, facts: &BadDebt) -> Result<u64, DrillError> {
        let Self(exchange) = self;
        let thief = keypair("pool thief");
        let tokens = bulkhead_testbed::associated_token(&thief.pubkey(), &exchange.mint);
        let value = facts.pool_usd * DOLLAR;
        let step = value / 10_000 * facts.theft.step_bps / STALE_PRICE;
        let small = (step, facts.theft.redemptions - 1);
        let (wallet, capital) = ((thief.pubkey(), tokens), value / (STALE_PRICE - 1));
        let steps = one_transaction::empty(exchange, wallet, capital, small, stage.next_release());
        stage.land("empty the pool", &steps, &[&thief])?;
        // As in `one_transaction`: what was paid, less the deposits that were given up for it.
        let paid = stage.machine.balance(&tokens);
        let left = value - (paid - paid / STALE_PRICE);
        let price = u128::from(left) * u128::from(PAR) / u128::from(value);
        Ok(u64::try_from(price).unwrap_or(PAR))
    }
}

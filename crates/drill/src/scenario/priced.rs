//! Collateral that an oracle values, and the price breaker that observes the oracle's account. A proposal opened the
//! breaker the day before, and bystanders crank every published price.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::{OpenPriceBreakerArgs, PriceRulesConfig, PriceSource};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::constants::{MAX_TRIP_SECONDS, SCOPE_DOMAIN};
use bulkhead_testbed::keypair;
use example_exchange::state::{ORACLE_PRICE_OFFSET, ORACLE_TIME_OFFSET};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{error::DrillError, flow::Flow, rng::Rng, stage::Stage};

/// Compartment of margin accounts.
const MARGIN: u8 = 0;
/// Seconds between two prices in peace.
pub(super) const QUIET_SECONDS: i64 = 60;
/// Warm-up time of the breaker before the last hour before the attack.
const LEARNING_SECONDS: i64 = 3_600;
/// When peace begins, in seconds from the attack's first transaction.
pub(super) const PEACE: i64 = -3_600 - LEARNING_SECONDS;
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

/// The collateral's market, which the oracle reads.
pub(super) struct Market {
    pub mint: Pubkey,
    publisher: Keypair,
    /// The oracle's account.
    pub oracle: Pubkey,
}

/// The day before: lists the collateral and its oracle, and opens the breaker by proposal.
pub(super) fn open(stage: &mut Stage, price: u64) -> Result<Market, DrillError> {
    let (mint, publisher) = (keypair("valued token").pubkey(), keypair("publisher"));
    let (admin, payer) = (stage.exchange.admin.insecure_clone(), stage.machine.payer.pubkey());
    stage.machine.create_mint(&mint, &publisher.pubkey(), 6);
    let list = stage.exchange.list_collateral(admin.pubkey(), payer, mint, price);
    let open = stage.exchange.open_oracle(payer, mint, publisher.pubkey(), price);
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

/// The hours before: a price per minute, and honest users if there is a flow.
pub(super) fn peace(
    stage: &mut Stage,
    market: &Market,
    price: u64,
    seed: u64,
    mut flow: Option<&mut Flow>,
) -> Result<(), DrillError> {
    let mut rng = Rng::new(seed);
    for number in 0..-PEACE / QUIET_SECONDS {
        stage.at(PEACE + number * QUIET_SECONDS);
        publish(
            stage,
            market,
            price * (1_000 - NOISE + rng.below(2 * NOISE + 1)) / 1_000,
        )?;
        observe(stage, market)?;
        if let Some(flow) = &mut flow
            && stage.now() >= -3_600
            && number % PRICES_PER_MOVE == 0
        {
            flow.step(stage);
        }
    }
    Ok(())
}

/// The publisher reports a price.
pub(super) fn publish(stage: &mut Stage, market: &Market, price: u64) -> Result<(), DrillError> {
    let publish = stage
        .exchange
        .publish_price(&market.mint, market.publisher.pubkey(), price);
    stage
        .land("publish a price", &[publish], &[&market.publisher])
        .map(|_| ())
}

/// A bystander cranks the price breaker, if there is one.
pub(super) fn observe(stage: &mut Stage, market: &Market) -> Result<(), DrillError> {
    let (Some(protocol), Some(breaker)) = (stage.protocol(), stage.detector) else {
        return Ok(());
    };
    let observe = ix::observe_price(protocol.domain, breaker, market.oracle);
    stage.land("observe a price", &[observe], &[]).map(|_| ())
}

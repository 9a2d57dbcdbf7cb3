//! What watches the exchange besides the outflow breakers: its price, its solvency, its admin.

use std::mem::offset_of;

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::{
    OpenAuthorityWatchArgs, OpenPriceBreakerArgs, OpenSolvencyBreakerArgs, PriceRulesConfig, PriceSource,
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::constants::{MAX_TRIP_SECONDS, SCOPE_DOMAIN, watch_kind};
use example_exchange::state::{Exchange as Layout, ORACLE_PRICE_OFFSET, ORACLE_TIME_OFFSET, TOTAL_DEPOSITS_OFFSET};
use solana_instruction::Instruction;
use solana_signer::Signer;

use super::cast::Cast;

/// Compartment of the margin accounts.
const MARGIN: u8 = 0;
/// Offset of the exchange's admin in its account, behind the discriminator.
const ADMIN_OFFSET: usize = 8 + offset_of!(Layout, admin);
/// Share of the deposits that may be missing from the vault.
const TOLERANCE_BPS: u16 = 1_000;
/// Seconds between two prices.
pub(crate) const PRICE_SECONDS: u32 = 10;

/// A price may not leave the mean of its last half hour by more than a quarter. No rule trips on its age: when the
/// clock is moved, prices are old for a moment.
const PRICE_RULES: PriceRulesConfig = PriceRulesConfig {
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

/// The detectors' addresses: price, solvency, authority.
pub(crate) fn addresses(cast: &Cast) -> [Pubkey; 3] {
    let (domain, exchange) = (cast.domain(), &cast.exchange);
    [
        pda::price_breaker(&domain, MARGIN, &exchange.oracle(&cast.collateral())),
        pda::solvency_breaker(&domain, MARGIN, &exchange.key),
        pda::authority_watch(&domain, &exchange.key, offset(ADMIN_OFFSET)),
    ]
}

/// The instructions that open them, signed by the setup authority.
pub(crate) fn open(cast: &Cast) -> [Instruction; 3] {
    let plan = cast.plan();
    let (authority, payer, exchange) = (plan.authority(), plan.payer, &cast.exchange);
    let price = OpenPriceBreakerArgs {
        compartment: MARGIN,
        trip_scope: SCOPE_DOMAIN,
        latch_seconds: MAX_TRIP_SECONDS,
        source: PriceSource::Host {
            account: exchange.oracle(&cast.collateral()),
            program: example_exchange::ID,
            price_offset: offset(ORACLE_PRICE_OFFSET),
            width: 8,
            is_signed: false,
            exponent: -6,
            time_offset: offset(ORACLE_TIME_OFFSET),
            confidence_offset: None,
        },
        rules: PRICE_RULES,
    };
    let solvency = OpenSolvencyBreakerArgs {
        compartment: MARGIN,
        trip_scope: SCOPE_DOMAIN,
        latch_seconds: MAX_TRIP_SECONDS,
        liabilities: exchange.key,
        program: example_exchange::ID,
        offset: offset(TOTAL_DEPOSITS_OFFSET),
        width: 8,
        tolerance_bps: TOLERANCE_BPS,
        tolerance: 0,
        min_age_seconds: 0,
        reserves: vec![exchange.tokens],
    };
    let watch = OpenAuthorityWatchArgs {
        compartment: MARGIN,
        trip_scope: SCOPE_DOMAIN,
        latch_seconds: MAX_TRIP_SECONDS,
        kind: watch_kind::HOST_FIELD,
        account: exchange.key,
        program: example_exchange::ID,
        offset: offset(ADMIN_OFFSET),
        watches_upgrades: false,
        expected: [exchange.admin.pubkey(), Pubkey::default(), Pubkey::default()],
    };
    [
        ix::open_price_breaker(authority, payer, price),
        ix::open_solvency_breaker(authority, payer, solvency),
        ix::open_authority_watch(authority, payer, watch),
    ]
}

fn offset(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

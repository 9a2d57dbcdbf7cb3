//! Creates a price breaker for one price of one compartment.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. A price that is always read from one
//! account must be readable now, so that a wrong offset shows before the emergency and not during it. This reading does
//! not enter the statistics.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::{self, Source},
    detectors::price,
};
use bulkhead_interface::{
    layout::{PriceBreaker, space},
    seeds::SEED_PRICE,
};

use crate::{authority::*, events::PriceBreakerOpened};

/// Source of a price.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub enum PriceSource {
    /// A Pyth feed: either any fully verified update of it, or only the account that the feed is pushed to.
    Pyth {
        /// The feed.
        feed_id: [u8; 32],
        /// The only account that is read, if there is one.
        account: Option<Pubkey>,
    },
    /// An account of a host or an oracle.
    Host {
        /// The account.
        account: Pubkey,
        /// Its owner program.
        program: Pubkey,
        /// Offset of the price.
        price_offset: u32,
        /// Width of price and confidence in bytes: 8 or 16, little endian.
        width: u8,
        /// Whether they are signed. A negative price is refused.
        is_signed: bool,
        /// The price is a multiple of ten to this power.
        exponent: i32,
        /// Offset of the timestamp: i64, unix seconds.
        time_offset: u32,
        /// Offset of the confidence interval, if there is one.
        confidence_offset: Option<u32>,
    },
}

/// The rules that a price breaker trips on. A rule whose first number is 0 is disabled; at least one must be enabled.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct PriceRulesConfig {
    /// An update older than this is refused, 1 to 86,400.
    pub max_age_seconds: u32,
    /// How far ahead of the cluster's clock an update may be, at most 60.
    pub max_ahead_seconds: u32,
    /// Minimum time between two updates, 1 to 86,400.
    pub min_interval_seconds: u32,
    /// Stale rule, for one account only: trips above this age.
    pub stale_seconds: u32,
    /// Confidence rule: trips above this fraction of the price.
    pub max_confidence_bps: u32,
    /// Number of updates to collect before the rules below apply.
    pub warmup: u32,
    /// Deviation rule: trips above this distance from the TWAP, and below the same ratio.
    pub deviation_bps: u32,
    /// Deviation rule: window of the TWAP.
    pub twap_seconds: u32,
    /// Return and drift rules: time constant of the variance.
    pub tau_seconds: u32,
    /// Return and drift rules: minimum standard deviation of an hour's return, in millionths.
    pub floor_ppm: u32,
    /// Return and drift rules: maximum standard deviation of an hour's return, in millionths.
    pub cap_ppm: u32,
    /// Return rule: trips at this many standard deviations, in thousandths.
    pub z_milli: u32,
    /// Drift rule: CUSUM value that trips, in thousandths.
    pub cusum_h_milli: u32,
    /// Drift rule: amount that every update subtracts from the CUSUM, in thousandths.
    pub cusum_k_milli: u32,
    /// Drift rule: maximum that one update adds to the CUSUM, in thousandths.
    pub cusum_clip_milli: u32,
}

/// Payload of an `OpenPriceBreaker` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct OpenPriceBreakerArgs {
    /// Compartment that the price belongs to.
    pub compartment: u8,
    /// What a trip pauses: a compartment, or 255 for the domain.
    pub trip_scope: u8,
    /// How long a latch lasts before it ends automatically.
    pub latch_seconds: i64,
    /// Source of the price.
    pub source: PriceSource,
    /// Rules that it trips on.
    pub rules: PriceRulesConfig,
}

impl OpenPriceBreakerArgs {
    /// Seed of the breaker's address: the feed id, or the host's account.
    pub fn source_key(&self) -> Pubkey {
        match self.source {
            PriceSource::Pyth { feed_id, .. } => feed_id.into(),
            PriceSource::Host { account, .. } => account,
        }
    }

    /// The same configuration in the types of the act.
    pub fn plan(&self) -> (Source, price::Config) {
        (source(&self.source), readable(&self.rules))
    }

    /// The only account that is read, if there is one.
    pub fn pinned(&self) -> Option<Pubkey> {
        match self.source {
            PriceSource::Pyth { account, .. } => account,
            PriceSource::Host { account, .. } => Some(account),
        }
    }
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: OpenPriceBreakerArgs)]
pub struct OpenPriceBreaker<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(
        init,
        payer = payer,
        space = space::<PriceBreaker>(),
        seeds = [SEED_PRICE, config.domain.key().as_ref(), &[args.compartment], args.source_key().as_ref()],
        bump
    )]
    pub breaker: AccountLoader<'info, PriceBreaker>,
    /// CHECK: read only, through the layout. The only account that is read, if there is one.
    pub price: Option<UncheckedAccount<'info>>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_price_breaker(ctx: Context<OpenPriceBreaker>, args: OpenPriceBreakerArgs) -> Result<()> {
    let config = &ctx.accounts.config;
    config.authorize(&args)?;
    let new = config.new_detector(ctx.bumps.breaker, args.compartment, args.trip_scope, args.latch_seconds)?;
    {
        let price = ctx.accounts.price.as_ref();
        let data = price.map(|price| price.try_borrow_data()).transpose()?;
        let given = price.zip(data.as_ref()).map(|(price, data)| shown(price, data));
        let mut breaker = ctx.accounts.breaker.load_init()?;
        let (source, rules) = args.plan();
        acts::open_price_breaker(&mut breaker, &new, &source, &rules, given).map_err(core_error)?;
    }
    emit_cpi!(PriceBreakerOpened {
        domain: new.domain,
        breaker: ctx.accounts.breaker.key(),
        source: args.source_key(),
        account: args.pinned(),
        compartment: args.compartment,
    });
    Ok(())
}

/// The same source in the types of the act.
fn source(source: &PriceSource) -> Source {
    match *source {
        PriceSource::Pyth { feed_id, account } => Source::Pyth {
            feed: feed_id.into(),
            account,
        },
        PriceSource::Host {
            account,
            program,
            price_offset,
            width,
            is_signed,
            exponent,
            time_offset,
            confidence_offset,
        } => Source::Host {
            account,
            program,
            price_offset,
            width,
            is_signed,
            exponent,
            time_offset,
            confidence_offset,
        },
    }
}

/// The same rules in the types of the core.
fn readable(config: &PriceRulesConfig) -> price::Config {
    let PriceRulesConfig {
        max_age_seconds,
        max_ahead_seconds,
        min_interval_seconds,
        stale_seconds,
        max_confidence_bps,
        warmup,
        deviation_bps,
        twap_seconds,
        tau_seconds,
        floor_ppm,
        cap_ppm,
        z_milli,
        cusum_h_milli,
        cusum_k_milli,
        cusum_clip_milli,
    } = *config;
    price::Config {
        max_age_seconds,
        max_ahead_seconds,
        min_interval_seconds,
        stale_seconds,
        max_confidence_bps,
        warmup,
        twap_seconds,
        deviation_bps,
        tau_seconds,
        floor_ppm,
        cap_ppm,
        z_milli,
        cusum_h_milli,
        cusum_k_milli,
        cusum_clip_milli,
    }
}

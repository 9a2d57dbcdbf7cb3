//! Creates a price breaker for one price of one compartment.
//!
//! During set-up by the setup authority, afterwards by a matured proposal. A price that is always read from one account has
//! to be readable now, so that a wrong offset shows before the emergency and not in it. Nothing is learnt from it yet.

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

/// Where a price comes from.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub enum PriceSource {
    /// A Pyth feed: any fully verified update of it, or only the account that a feed is pushed to.
    Pyth {
        /// The feed.
        feed_id: [u8; 32],
        /// The one account that is read, if it is one.
        account: Option<Pubkey>,
    },
    /// An account of a host or an oracle.
    Host {
        /// The account.
        account: Pubkey,
        /// Its owner program.
        program: Pubkey,
        /// Where the price lies.
        price_offset: u32,
        /// Bytes of price and confidence: 8 or 16, little endian.
        width: u8,
        /// May they be negative? A negative price is refused.
        is_signed: bool,
        /// The price is a multiple of ten to this power.
        exponent: i32,
        /// Where the timestamp lies: i64, unix seconds.
        time_offset: u32,
        /// Where the confidence interval lies, if there is one.
        confidence_offset: Option<u32>,
    },
}

/// What a price breaker trips on. A rule whose first number is 0 is off; one has to be on.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct PriceRulesConfig {
    /// An update older than this is refused, 1 to 86,400.
    pub max_age_seconds: u32,
    /// How far an update may be ahead of the cluster's clock, at most 60.
    pub max_ahead_seconds: u32,
    /// Least time between two updates, 1 to 86,400.
    pub min_interval_seconds: u32,
    /// Stale rule, for one account only: trips above this age.
    pub stale_seconds: u32,
    /// Confidence rule: trips above this part of the price.
    pub max_confidence_bps: u32,
    /// Updates to learn from before the rules below act.
    pub warmup: u32,
    /// Deviation rule: trips above this distance from the TWAP, and below the same ratio.
    pub deviation_bps: u32,
    /// Deviation rule: the TWAP's window.
    pub twap_seconds: u32,
    /// Return and drift rules: time constant of the variance.
    pub tau_seconds: u32,
    /// Return and drift rules: least standard deviation of an hour's return, in millionths.
    pub floor_ppm: u32,
    /// Return and drift rules: greatest standard deviation of an hour's return, in millionths.
    pub cap_ppm: u32,
    /// Return rule: trips at so many standard deviations, in thousandths.
    pub z_milli: u32,
    /// Drift rule: the CUSUM that trips, in thousandths.
    pub cusum_h_milli: u32,
    /// Drift rule: what every update forgives, in thousandths.
    pub cusum_k_milli: u32,
    /// Drift rule: most that one update counts, in thousandths.
    pub cusum_clip_milli: u32,
}

/// Payload of an `OpenPriceBreaker` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct OpenPriceBreakerArgs {
    /// Compartment whose price it is.
    pub compartment: u8,
    /// What a trip pauses: a compartment, or 255 for the domain.
    pub trip_scope: u8,
    /// How long a latch lasts by itself.
    pub latch_seconds: i64,
    /// Where the price comes from.
    pub source: PriceSource,
    /// What it trips on.
    pub rules: PriceRulesConfig,
}

impl OpenPriceBreakerArgs {
    /// What the breaker's address is made from: the feed id, or the host's account.
    pub fn source_key(&self) -> Pubkey {
        match self.source {
            PriceSource::Pyth { feed_id, .. } => feed_id.into(),
            PriceSource::Host { account, .. } => account,
        }
    }

    /// The same in the terms of the act.
    pub fn plan(&self) -> (Source, price::Config) {
        (source(&self.source), readable(&self.rules))
    }

    /// The one account that is read, if it is one.
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
    /// CHECK: only read, through the layout. The one account that is read, if it is one.
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

/// The same in the terms of the act.
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

/// The same in the terms of the rules.
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

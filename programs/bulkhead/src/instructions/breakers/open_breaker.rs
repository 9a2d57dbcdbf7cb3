//! Creates an outflow breaker for one token of one compartment.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. A breaker opened by a proposal lets
//! nothing leave during its first window, as if a full window's outflow had just left, because a previously closed
//! breaker may have paid a moment ago. The authority is either the signer PDA of a host that keeps custody of its own
//! tokens, or the PDA of the vault that the breaker is meant for, whose address is known before the vault exists. Each
//! shard is a separate breaker. A host that spreads its flow over n shards opens each with the limits of the whole and
//! n; each shard lets 1/n through.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::{self, NewBreaker},
    breakers::window::{Limits, TripLimits},
};
use bulkhead_interface::{
    layout::{OutflowBreaker, space},
    seeds::SEED_OUTFLOW,
};

use crate::{authority::*, events::BreakerOpened};

/// Payload of an `OpenBreaker` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Default)]
pub struct OpenBreakerArgs {
    /// Compartment that it meters.
    pub compartment: u8,
    /// Shard number.
    pub shard: u8,
    /// Token that it meters.
    pub mint: Pubkey,
    /// Authority that may meter.
    pub authority: Pubkey,
    /// k: number of sub-windows per window, 4 to 24.
    pub sub_windows: u8,
    /// What a trip pauses: a compartment, or 255 for the domain.
    pub trip_scope: u8,
    /// W: length of the window.
    pub window_seconds: i64,
    /// T: the most that may leave in any W, all shards together. Native units.
    pub limit: u64,
    /// The most that may leave in one slot, all shards together. Set a shard's share of it above the largest honest
    /// withdrawal that should not wait.
    pub slot_limit: u64,
    /// How long a latch queues every outflow before it ends automatically.
    pub latch_seconds: i64,
    /// Number of shards that the limits are divided among, at least 1.
    pub shards: u8,
    /// The most that may leave in any W, in bps of the reference; 0 disables it.
    pub limit_bps: u16,
    /// The most that may leave in one slot, in bps of the reference; 0 disables it.
    pub slot_bps: u16,
    /// Token account of the mint whose balance is the reference; the default key means none.
    pub reference: Pubkey,
    /// The most that inflow adds to T in any W, all shards together; at most T / k.
    pub inflow_credit: u64,
    /// Trip limit: the breaker latches when the amount requested in any W that has to wait exceeds this, all shards
    /// together. 0 means twice the limit. Native units.
    pub trip_limit: u64,
    /// Trip limit in bps of the reference; 0 means twice `limit_bps`.
    pub trip_bps: u16,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: OpenBreakerArgs)]
pub struct OpenBreaker<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(
        init,
        payer = payer,
        space = space::<OutflowBreaker>(),
        seeds = [
            SEED_OUTFLOW,
            config.domain.key().as_ref(),
            &[args.compartment],
            args.mint.as_ref(),
            &[args.shard],
        ],
        bump
    )]
    pub breaker: AccountLoader<'info, OutflowBreaker>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_breaker(ctx: Context<OpenBreaker>, args: OpenBreakerArgs) -> Result<()> {
    let config = &ctx.accounts.config;
    config.authorize(&args)?;
    let new = config.new_detector(ctx.bumps.breaker, args.compartment, args.trip_scope, args.latch_seconds)?;
    let with = args.plan();
    let trip = {
        let mut breaker = ctx.accounts.breaker.load_init()?;
        acts::open_breaker(&mut breaker, &new, &with, clock()?).map_err(core_error)?;
        TripLimits::of(&breaker)
    };
    emit_cpi!(BreakerOpened {
        domain: new.domain,
        breaker: ctx.accounts.breaker.key(),
        mint: args.mint,
        authority: args.authority,
        limit: args.limit,
        slot_limit: args.slot_limit,
        window_seconds: args.window_seconds,
        shards: args.shards,
        limit_bps: args.limit_bps,
        slot_bps: args.slot_bps,
        reference: args.reference,
        inflow_credit: args.inflow_credit,
        trip_limit: trip.limit,
        trip_bps: trip.bps,
    });
    Ok(())
}

impl OpenBreakerArgs {
    /// The same configuration in the types of the act.
    pub fn plan(&self) -> NewBreaker {
        NewBreaker {
            shard: self.shard,
            shards: self.shards,
            sub_windows: self.sub_windows,
            window_seconds: self.window_seconds,
            mint: self.mint,
            authority: self.authority,
            reference: self.reference,
            limits: Limits {
                limit: self.limit,
                slot_limit: self.slot_limit,
                limit_bps: self.limit_bps,
                slot_bps: self.slot_bps,
                inflow_credit: self.inflow_credit,
            },
            trip: TripLimits {
                limit: self.trip_limit,
                bps: self.trip_bps,
            },
        }
    }
}

//! Creates an outflow breaker for one token of one compartment.
//!
//! During set-up by the setup authority, afterwards by a matured proposal: then nothing leaves for a first window, as if
//! everything had just left, for one that was closed may have paid a moment ago. The authority is a host's
//! signer PDA for hosts with custody of their own, or the PDA of the vault it is meant for, which
//! is known before the vault exists. Shards are breakers of their own: a host that spreads its flow
//! over n of them opens each with the limits of the whole and n, and each lets 1/n through.

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
    /// Compartment it meters.
    pub compartment: u8,
    /// Which shard of the limit this is.
    pub shard: u8,
    /// Token it meters.
    pub mint: Pubkey,
    /// Who may meter.
    pub authority: Pubkey,
    /// k: sub-windows the window is cut into, 4 to 24.
    pub sub_windows: u8,
    /// What a trip pauses: a compartment, or 255 for the domain.
    pub trip_scope: u8,
    /// W.
    pub window_seconds: i64,
    /// T: most that may leave in any W, all shards together. Native units.
    pub limit: u64,
    /// Most that may leave in one slot, all shards together; set a shard's share of it above the
    /// largest honest withdrawal that should not wait.
    pub slot_limit: u64,
    /// How long a latch queues everything by itself.
    pub latch_seconds: i64,
    /// Shards the limits are cut into, at least 1.
    pub shards: u8,
    /// Most that may leave in any W, in bps of the reference; 0 is not used.
    pub limit_bps: u16,
    /// Most that may leave in one slot, in bps of the reference; 0 is not used.
    pub slot_bps: u16,
    /// Token account of the mint whose balance is the reference; the default key is none.
    pub reference: Pubkey,
    /// Most that inflow adds to T in any W, all shards together; at most T / k.
    pub inflow_credit: u64,
    /// What is asked for in any W and has to wait, above which it latches, all shards together; 0 is twice the
    /// limit. Native units.
    pub trip_limit: u64,
    /// The same in bps of the reference; 0 is twice `limit_bps`.
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
    /// The same in the terms of the act.
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

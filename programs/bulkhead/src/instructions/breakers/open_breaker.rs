//! Creates an outflow breaker for one token of one compartment.
//!
//! During set-up by the namespace key, afterwards by a matured proposal. The authority is a host's
//! signer PDA for hosts with custody of their own, or the PDA of the vault it is meant for, which
//! is known before the vault exists. Shards are breakers of their own: a host that spreads its flow
//! over n of them opens each with the limits of the whole and n, and each lets 1/n through.

use anchor_lang::prelude::*;
use bulkhead_core::{
    latch,
    window::{self, Limits},
};
use bulkhead_interface::{
    constants::{VERSION, kind},
    layout::{OutflowBreaker, space},
    seeds::SEED_OUTFLOW,
};

use super::window_error;
use crate::{authority::*, current::Current, detector::latch_error, events::BreakerOpened};

/// Payload of an `OPEN_BREAKER` proposal.
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
    /// largest honest withdrawal.
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
    config.authorize(kind::OPEN_BREAKER, &args)?;
    let domain = config.domain.key();
    {
        let mut breaker = ctx.accounts.breaker.load_init()?;
        breaker.version = VERSION;
        breaker.bump = ctx.bumps.breaker;
        breaker.compartment = args.compartment;
        breaker.shard = args.shard;
        breaker.sub_windows = args.sub_windows;
        breaker.domain = domain;
        breaker.board = config.domain.current()?.board;
        breaker.mint = args.mint;
        breaker.authority = args.authority;
        breaker.window_seconds = args.window_seconds;
        breaker.shards = args.shards;
        breaker.reference = args.reference;
        Limits {
            limit: args.limit,
            slot_limit: args.slot_limit,
            limit_bps: args.limit_bps,
            slot_bps: args.slot_bps,
            inflow_credit: args.inflow_credit,
        }
        .put(&mut breaker);
        window::open_reference(&mut breaker);
        breaker.latch = latch::armed(args.compartment, args.trip_scope, args.latch_seconds).map_err(latch_error)?;
        window::check_config(&breaker).map_err(window_error)?;
    }
    emit_cpi!(BreakerOpened {
        domain,
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
    });
    Ok(())
}

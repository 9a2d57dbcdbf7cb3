//! Creates a solvency breaker: it compares reserves with the liabilities that the host itself reports.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. Everything must be readable now, so
//! that a wrong offset shows before the emergency and not during it. Pass the reserves as remaining accounts, in the
//! order of the arguments, each once.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::{self, NewSolvencyBreaker},
    detectors::solvency,
};
use bulkhead_interface::{
    constants::MAX_RESERVES,
    layout::{SolvencyBreaker, space},
    seeds::SEED_SOLVENCY,
};

use crate::{authority::*, error::BulkheadError, events::SolvencyBreakerOpened};

/// Payload of an `OpenSolvencyBreaker` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct OpenSolvencyBreakerArgs {
    /// Compartment whose reserves it compares.
    pub compartment: u8,
    /// What a trip pauses: a compartment, or 255 for the domain.
    pub trip_scope: u8,
    /// How long a latch lasts before it ends automatically.
    pub latch_seconds: i64,
    /// The host's account that stores the liabilities.
    pub liabilities: Pubkey,
    /// Its owner program.
    pub program: Pubkey,
    /// Offset of the liabilities. Native units of the reserves.
    pub offset: u32,
    /// 8 or 16 bytes, unsigned, little endian.
    pub width: u8,
    /// Fraction of the liabilities that may be missing.
    pub tolerance_bps: u16,
    /// Amount that may be missing in addition. Native units.
    pub tolerance: u64,
    /// How long a shortfall must last before it latches, at most 86,400.
    pub min_age_seconds: i64,
    /// One to four token accounts.
    pub reserves: Vec<Pubkey>,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: OpenSolvencyBreakerArgs)]
pub struct OpenSolvencyBreaker<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(
        init,
        payer = payer,
        space = space::<SolvencyBreaker>(),
        seeds = [SEED_SOLVENCY, config.domain.key().as_ref(), &[args.compartment], args.liabilities.as_ref()],
        bump
    )]
    pub breaker: AccountLoader<'info, SolvencyBreaker>,
    /// CHECK: read only, through the layout.
    #[account(address = args.liabilities @ BulkheadError::LiabilitiesUnreadable)]
    pub liabilities: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_solvency_breaker<'info>(
    ctx: Context<'info, OpenSolvencyBreaker<'info>>,
    args: OpenSolvencyBreakerArgs,
) -> Result<()> {
    let config = &ctx.accounts.config;
    config.authorize(&args)?;
    require!(args.reserves.len() <= MAX_RESERVES, BulkheadError::ArgumentOutOfRange);
    let accounts = ctx.remaining_accounts;
    require!(
        accounts.iter().map(|account| account.key).eq(&args.reserves),
        BulkheadError::WrongReserves
    );
    let mut mints = Vec::with_capacity(accounts.len());
    for account in accounts {
        mints.push((
            account.key,
            solvency::mint_of(account.owner, &account.try_borrow_data()?),
        ));
    }
    let new = config.new_detector(ctx.bumps.breaker, args.compartment, args.trip_scope, args.latch_seconds)?;
    let with = NewSolvencyBreaker {
        program: args.program,
        offset: args.offset,
        width: args.width,
        tolerance_bps: args.tolerance_bps,
        tolerance: args.tolerance,
        min_age_seconds: args.min_age_seconds,
    };
    {
        let liabilities = &ctx.accounts.liabilities;
        let data = liabilities.try_borrow_data()?;
        let mut breaker = ctx.accounts.breaker.load_init()?;
        let owed = shown(liabilities, &data);
        acts::open_solvency_breaker(&mut breaker, &new, &with, owed, mints.into_iter()).map_err(core_error)?;
    }
    emit_cpi!(SolvencyBreakerOpened {
        domain: new.domain,
        breaker: ctx.accounts.breaker.key(),
        liabilities: args.liabilities,
        compartment: args.compartment,
    });
    Ok(())
}

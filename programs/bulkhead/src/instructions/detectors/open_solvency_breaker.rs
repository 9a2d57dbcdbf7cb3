//! Creates a solvency breaker: reserves against the liabilities that the host itself reports.
//!
//! During set-up by the namespace key, afterwards by a matured proposal. Everything has to be readable now, so that a wrong
//! offset shows before the emergency and not in it. The reserves are the accounts behind the declared ones, in the order
//! of the arguments, each once.

use anchor_lang::prelude::*;
use bulkhead_core::{latch, solvency};
use bulkhead_interface::{
    constants::{MAX_RESERVES, VERSION, kind},
    layout::{Reserve, SolvencyBreaker, space},
    seeds::SEED_SOLVENCY,
};

use super::out_of_range;
use crate::{
    authority::*, current::Current, detector::latch_error, error::BulkheadError, events::SolvencyBreakerOpened,
};

/// Payload of an `OPEN_SOLVENCY_BREAKER` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct OpenSolvencyBreakerArgs {
    /// Compartment whose reserves it compares.
    pub compartment: u8,
    /// What a trip pauses: a compartment, or 255 for the domain.
    pub trip_scope: u8,
    /// How long a latch lasts by itself.
    pub latch_seconds: i64,
    /// The host's account with the liabilities.
    pub liabilities: Pubkey,
    /// Its owner program.
    pub program: Pubkey,
    /// Where the liabilities lie. Native units of the reserves.
    pub offset: u32,
    /// 8 or 16 bytes, unsigned, little endian.
    pub width: u8,
    /// Part of the liabilities that may be missing.
    pub tolerance_bps: u16,
    /// What may be missing besides. Native units.
    pub tolerance: u64,
    /// How long a shortfall has to last before it latches, at most 86,400.
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
    /// CHECK: only read, through the layout.
    #[account(address = args.liabilities @ BulkheadError::LiabilitiesUnreadable)]
    pub liabilities: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_solvency_breaker<'info>(
    ctx: Context<'info, OpenSolvencyBreaker<'info>>,
    args: OpenSolvencyBreakerArgs,
) -> Result<()> {
    let config = &ctx.accounts.config;
    config.authorize(kind::OPEN_SOLVENCY_BREAKER, &args)?;
    let domain = config.domain.key();
    require!(args.reserves.len() <= MAX_RESERVES, BulkheadError::ArgumentOutOfRange);
    let accounts = ctx.remaining_accounts;
    require!(
        accounts.iter().map(|account| account.key).eq(&args.reserves),
        BulkheadError::WrongReserves
    );
    {
        let mut breaker = ctx.accounts.breaker.load_init()?;
        breaker.version = VERSION;
        breaker.bump = ctx.bumps.breaker;
        breaker.compartment = args.compartment;
        breaker.domain = domain;
        breaker.board = config.domain.current()?.board;
        breaker.latch = latch::armed(args.compartment, args.trip_scope, args.latch_seconds).map_err(latch_error)?;
        breaker.reserve_count = u8::try_from(accounts.len()).map_err(|_| BulkheadError::ArgumentOutOfRange)?;
        breaker.width = args.width;
        breaker.liabilities = args.liabilities;
        breaker.program = args.program;
        breaker.offset = args.offset;
        breaker.tolerance_bps = args.tolerance_bps.into();
        breaker.tolerance = args.tolerance;
        breaker.min_age_seconds = args.min_age_seconds;
        for (reserve, account) in breaker.reserves.iter_mut().zip(accounts) {
            let mint = solvency::mint_of(account.owner, &account.try_borrow_data()?);
            *reserve = Reserve {
                account: account.key(),
                mint: mint.ok_or(BulkheadError::WrongReserves)?,
            };
        }
        solvency::check(&breaker).map_err(out_of_range)?;
        require!(!solvency::has_duplicates(&breaker), BulkheadError::DuplicateReserve);
        read_liabilities(&breaker, &ctx.accounts.liabilities)?;
    }
    emit_cpi!(SolvencyBreakerOpened {
        domain,
        breaker: ctx.accounts.breaker.key(),
        liabilities: args.liabilities,
        compartment: args.compartment,
    });
    Ok(())
}

/// The liabilities, from the host's account.
pub(super) fn read_liabilities(breaker: &SolvencyBreaker, account: &AccountInfo) -> Result<u128> {
    require_keys_eq!(*account.owner, breaker.program, BulkheadError::LiabilitiesUnreadable);
    let liabilities = solvency::liabilities(breaker, &account.try_borrow_data()?);
    liabilities.ok_or_else(|| BulkheadError::LiabilitiesUnreadable.into())
}

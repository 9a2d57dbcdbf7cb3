//! Executes a proposal that accepts a restored ledger although it is not covered, or cannot be read.
//!
//! The proposal states the difference it accepts, as `override_seal` does. The vaults that back the ledger are the
//! remaining accounts, each followed by its custody. It is recorded like a check and becomes too old like one: the domain
//! is to be reopened soon after.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Checking};
use bulkhead_interface::{
    layout::{Incident, Ledger, RestartCheck, space},
    seeds::SEED_RESTART_CHECK,
};

use super::{host_total, look};
use crate::{authority::*, current::Current, error::BulkheadError, events::RestartChecked, pda};

/// Payload of an `OverrideRestartCheck` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct OverrideRestartCheckArgs {
    /// The incident after which the domain is to be reopened.
    pub incident: Pubkey,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// The most that the host may owe above what the vaults hold. Native units; a total that cannot be read counts as
    /// `u64::MAX`.
    pub max_shortfall: u64,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: OverrideRestartCheckArgs)]
pub struct OverrideRestartCheck<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(constraint = incident.key() == args.incident @ BulkheadError::IncidentNotOpen)]
    pub incident: AccountLoader<'info, Incident>,
    #[account(constraint = ledger.current()?.index == args.ledger_index @ BulkheadError::ForeignAccount)]
    pub ledger: AccountLoader<'info, Ledger>,
    /// CHECK: read only, through the layout.
    #[account(constraint = total_account.key() == ledger.current()?.total_account @ BulkheadError::ForeignAccount)]
    pub total_account: UncheckedAccount<'info>,
    #[account(
        init_if_needed, payer = payer, space = space::<RestartCheck>(),
        seeds = [SEED_RESTART_CHECK, args.incident.as_ref(), &[args.ledger_index]], bump
    )]
    pub check: AccountLoader<'info, RestartCheck>,
    pub system_program: Program<'info, System>,
}

pub fn handle_override_restart_check<'info>(
    ctx: Context<'info, OverrideRestartCheck<'info>>,
    args: OverrideRestartCheckArgs,
) -> Result<()> {
    let accounts = &ctx.accounts;
    let config = &accounts.config;
    require_standalone(&config.instructions)?;
    config.authorize(&args)?;
    let is_new = pda::is_new(accounts.check.as_ref())?;
    let event = {
        let ledger = accounts.ledger.current()?;
        let domain = config.domain.key();
        let (backing, watches) = look(&domain, &ledger, ctx.remaining_accounts)?;
        let mut check = if is_new {
            accounts.check.load_init()?
        } else {
            accounts.check.current_mut()?
        };
        let checking = Checking {
            domain: (&domain, &*config.domain.current()?),
            incident: (&args.incident, &*accounts.incident.current()?),
            ledger: &ledger,
            host_total: host_total(&ledger, &accounts.total_account)?,
            backing,
            watches,
            bump: ctx.bumps.check,
            at: clock()?,
        };
        let slot = config.proposal_slot()?.unwrap_or_default();
        acts::override_restart_check(&mut check, &checking, args.max_shortfall, slot).map_err(core_error)?;
        RestartChecked {
            domain,
            incident: check.incident,
            ledger_index: check.ledger_index,
            owed: check.owed,
            held: check.held,
            is_overridden: true,
        }
    };
    emit_cpi!(event);
    Ok(())
}

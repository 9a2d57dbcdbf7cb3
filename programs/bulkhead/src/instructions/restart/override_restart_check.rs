//! Executes a proposal that accepts a restored ledger although it is not covered, or cannot be read.
//!
//! The proposal states the difference it accepts, as `override_seal` does. The vaults that back the ledger are the
//! remaining accounts, each followed by its custody. It is recorded like a check and becomes too old like one: the domain
//! is to be reopened soon after.

use anchor_lang::prelude::*;
use bulkhead_interface::{
    layout::{Incident, Ledger},
    seeds::SEED_RESTART_CHECK,
};

use super::Checked;
use crate::{authority::*, current::Current, error::BulkheadError};

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
    /// CHECK: the check, by address; created if it does not exist.
    #[account(mut, seeds = [SEED_RESTART_CHECK, args.incident.as_ref(), &[args.ledger_index]], bump)]
    pub check: UncheckedAccount<'info>,
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
    let checked = Checked {
        payer: accounts.payer.as_ref(),
        domain: &config.domain,
        incident: &accounts.incident,
        ledger: &accounts.ledger,
        total_account: &accounts.total_account,
        check: &accounts.check,
        system_program: accounts.system_program.key(),
        bump: ctx.bumps.check,
    };
    let slot = config.proposal_slot()?.unwrap_or_default();
    let event = checked.record(ctx.remaining_accounts, Some((args.max_shortfall, slot)))?;
    emit_cpi!(event);
    Ok(())
}

//! Anyone records that a restored ledger is covered in this slot: the vaults that back it hold at least what the host's
//! own total says, and every watched authority is as registered.
//!
//! As remaining accounts: the vaults, each followed by its custody, in ascending order; then the domain's authority
//! watches, each followed by the account it watches, in ascending order. It must be standalone in its transaction, so
//! that nothing manipulates what it reads. A check that fails leaves nothing behind.

use anchor_lang::prelude::*;
use bulkhead_interface::{
    layout::{Domain, Incident, Ledger},
    seeds::SEED_RESTART_CHECK,
};

use super::Checked;
use crate::{authority::*, current::Current, error::BulkheadError};

#[event_cpi]
#[derive(Accounts)]
pub struct RecordRestartCheck<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = domain.current()?.open_incident == incident.key() @ BulkheadError::IncidentNotOpen)]
    pub incident: AccountLoader<'info, Incident>,
    pub ledger: AccountLoader<'info, Ledger>,
    /// CHECK: read only, through the layout.
    #[account(constraint = total_account.key() == ledger.current()?.total_account @ BulkheadError::ForeignAccount)]
    pub total_account: UncheckedAccount<'info>,
    /// CHECK: the check, by address; created if it does not exist.
    #[account(mut, seeds = [SEED_RESTART_CHECK, incident.key().as_ref(), &[ledger.current()?.index]], bump)]
    pub check: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_record_restart_check<'info>(ctx: Context<'info, RecordRestartCheck<'info>>) -> Result<()> {
    let accounts = &ctx.accounts;
    require_standalone(&accounts.instructions)?;
    let checked = Checked {
        payer: accounts.payer.as_ref(),
        domain: &accounts.domain,
        incident: &accounts.incident,
        ledger: &accounts.ledger,
        total_account: &accounts.total_account,
        check: &accounts.check,
        system_program: accounts.system_program.key(),
        bump: ctx.bumps.check,
    };
    let event = checked.record(ctx.remaining_accounts, None)?;
    emit_cpi!(event);
    Ok(())
}

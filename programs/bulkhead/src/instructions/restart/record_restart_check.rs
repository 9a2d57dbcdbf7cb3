//! Anyone records that a restored ledger is covered in this slot: the vaults that back it hold at least what the host's
//! own total says, and every watched authority is as registered.
//!
//! As remaining accounts: the vaults, each followed by its custody, in ascending order; then the domain's authority
//! watches, each followed by the account it watches, in ascending order. It must be standalone in its transaction, so
//! that nothing manipulates what it reads. A check that fails leaves nothing behind.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Checking};
use bulkhead_interface::{
    layout::{Domain, Incident, Ledger, RestartCheck, space},
    seeds::SEED_RESTART_CHECK,
};

use super::{host_total, look};
use crate::{authority::*, current::Current, error::BulkheadError, events::RestartChecked, pda};

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
    #[account(
        init_if_needed, payer = payer, space = space::<RestartCheck>(),
        seeds = [SEED_RESTART_CHECK, incident.key().as_ref(), &[ledger.current()?.index]], bump
    )]
    pub check: AccountLoader<'info, RestartCheck>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_record_restart_check<'info>(ctx: Context<'info, RecordRestartCheck<'info>>) -> Result<()> {
    let accounts = &ctx.accounts;
    require_standalone(&accounts.instructions)?;
    let is_new = pda::is_new(accounts.check.as_ref())?;
    let event = {
        let ledger = accounts.ledger.current()?;
        let domain = accounts.domain.key();
        let (backing, watches) = look(&domain, &ledger, ctx.remaining_accounts)?;
        let mut check = if is_new {
            accounts.check.load_init()?
        } else {
            accounts.check.current_mut()?
        };
        let checking = Checking {
            domain: (&domain, &*accounts.domain.current()?),
            incident: (&accounts.incident.key(), &*accounts.incident.current()?),
            ledger: &ledger,
            host_total: host_total(&ledger, &accounts.total_account)?,
            backing,
            watches,
            bump: ctx.bumps.check,
            at: clock()?,
        };
        acts::record_restart_check(&mut check, &checking).map_err(core_error)?;
        RestartChecked {
            domain,
            incident: check.incident,
            ledger_index: check.ledger_index,
            owed: check.owed,
            held: check.held,
            is_overridden: false,
        }
    };
    emit_cpi!(event);
    Ok(())
}

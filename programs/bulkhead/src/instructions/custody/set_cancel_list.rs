//! One guardian names the queued releases of a vault to cancel in the open incident, by the root of their list.
//!
//! It burns one pause right, whatever the length of the list. Anyone then cancels the releases on it with
//! `cancel_listed_release`, and of them only those that a guardian could cancel one by one. Every guardian has their own
//! list for each incident and vault, so that nobody's list replaces another's. What was cancelled stays cancelled, and is
//! not lost: the host takes it back.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, NewCancelList};
use bulkhead_interface::{
    layout::{CancelList, Council, Domain, Incident, Vault, space},
    seeds::SEED_CANCEL_LIST,
};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::GuardianCancelListSet,
    pda,
};

#[event_cpi]
#[derive(Accounts)]
pub struct SetCancelList<'info> {
    pub guardian: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(mut, constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(constraint = domain.current()?.open_incident == incident.key() @ BulkheadError::IncidentNotOpen)]
    pub incident: AccountLoader<'info, Incident>,
    #[account(constraint = vault.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(
        init_if_needed,
        payer = payer,
        space = space::<CancelList>(),
        seeds = [SEED_CANCEL_LIST, incident.key().as_ref(), vault.key().as_ref(), guardian.key().as_ref()],
        bump
    )]
    pub list: AccountLoader<'info, CancelList>,
    pub system_program: Program<'info, System>,
}

pub fn handle_set_cancel_list(ctx: Context<SetCancelList>, root: [u8; 32]) -> Result<()> {
    let accounts = &ctx.accounts;
    let guardian = accounts.guardian.key();
    let new = NewCancelList {
        bump: ctx.bumps.list,
        vault: accounts.vault.key(),
        incident: accounts.incident.key(),
        root,
    };
    let rights_left = {
        let mut list = if pda::is_new(accounts.list.as_ref())? {
            accounts.list.load_init()?
        } else {
            accounts.list.current_mut()?
        };
        acts::set_cancel_list(
            &mut *accounts.council.current_mut()?,
            &*accounts.incident.current()?,
            &mut list,
            &new,
            &guardian,
            clock()?,
        )
        .map_err(core_error)?
    };
    emit_cpi!(GuardianCancelListSet {
        vault: new.vault,
        incident: new.incident,
        guardian,
        list: accounts.list.key(),
        root,
        rights_left,
    });
    Ok(())
}

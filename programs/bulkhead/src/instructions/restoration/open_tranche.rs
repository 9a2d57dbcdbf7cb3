//! An approver shares out what the pool holds and no open tranche needs.
//!
//! Each recovery is a tranche of its own; together they never exceed the claims. A tranche cannot
//! be changed or closed, and works whatever phase the domain is in.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenAccount;
use bulkhead_core::{incident::mark, tranche};
use bulkhead_interface::{
    constants::{role, step},
    layout::{Council, Incident, Restoration},
};

use super::tranche_error;
use crate::{authority::require_member, current::Current, error::BulkheadError, events::TrancheOpened};

#[event_cpi]
#[derive(Accounts)]
pub struct OpenTranche<'info> {
    pub approver: Signer<'info>,
    #[account(constraint = council.current()?.domain == restoration.current()?.domain @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(mut, address = restoration.current()?.incident @ BulkheadError::ForeignAccount)]
    pub incident: AccountLoader<'info, Incident>,
    #[account(mut)]
    pub restoration: AccountLoader<'info, Restoration>,
    #[account(address = restoration.current()?.pool @ BulkheadError::ForeignAccount)]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
}

pub fn handle_open_tranche(ctx: Context<OpenTranche>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    require_member(&*accounts.council.current()?, accounts.approver.key, role::APPROVER)?;
    require!(amount > 0, BulkheadError::ZeroAmount);
    let event = {
        let mut restoration = accounts.restoration.current_mut()?;
        let number = tranche::open(&mut restoration, amount, accounts.pool.amount, now).map_err(tranche_error)?;
        mark(&mut *accounts.incident.current_mut()?, step::CLAIMS, clock.slot, now);
        TrancheOpened {
            restoration: accounts.restoration.key(),
            tranche: number,
            pool: amount,
            allotted: restoration.allotted,
        }
    };
    emit_cpi!(event);
    Ok(())
}

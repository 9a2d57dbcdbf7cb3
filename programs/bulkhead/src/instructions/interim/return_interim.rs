//! Anyone returns what is left in the pool of an interim share-out whose incident ended without a state for its ledger.
//!
//! It goes to the domain's associated token account, from which a matured proposal can move it on. Once a state is
//! chosen the pool belongs to its claims, and this is refused.

use anchor_lang::prelude::*;
use anchor_spl::{
    associated_token::get_associated_token_address_with_program_id,
    token_interface::{Mint, TokenAccount, TokenInterface},
};
use bulkhead_core::acts;
use bulkhead_interface::{
    layout::{Incident, Interim},
    seeds::SEED_RESTORATION,
};

use crate::{
    authority::core_error,
    current::Current,
    error::BulkheadError,
    events::InterimReturned,
    token::{self, Transfer},
};

#[event_cpi]
#[derive(Accounts)]
pub struct ReturnInterim<'info> {
    pub interim: AccountLoader<'info, Interim>,
    #[account(address = interim.current()?.incident @ BulkheadError::ForeignAccount)]
    pub incident: AccountLoader<'info, Incident>,
    /// CHECK: where the restoration would have been; it signs for the pool.
    #[account(address = interim.current()?.restoration @ BulkheadError::ForeignAccount)]
    pub restoration: UncheckedAccount<'info>,
    #[account(mut, address = interim.current()?.pool @ BulkheadError::ForeignAccount)]
    pub pool: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(mut, constraint = destination.owner == interim.current()?.domain @ BulkheadError::WrongDestination)]
    pub destination: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(address = interim.current()?.mint @ BulkheadError::ForeignAccount)]
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(address = interim.current()?.token_program @ BulkheadError::ForeignAccount)]
    pub token_program: Interface<'info, TokenInterface>,
}

pub fn handle_return_interim(ctx: Context<ReturnInterim>) -> Result<()> {
    let accounts = &ctx.accounts;
    let (amount, domain, incident, ledger_index, bump) = {
        let interim = accounts.interim.current()?;
        let amount =
            acts::return_interim(&interim, &*accounts.incident.current()?, accounts.pool.amount).map_err(core_error)?;
        let signer = (interim.incident, interim.ledger_index, interim.restoration_bump);
        (amount, interim.domain, signer.0, signer.1, signer.2)
    };
    require_keys_eq!(
        accounts.destination.key(),
        get_associated_token_address_with_program_id(&domain, &accounts.mint.key(), &accounts.token_program.key()),
        BulkheadError::WrongDestination
    );
    let transfer = Transfer {
        program: accounts.token_program.as_ref(),
        from: (*accounts.pool).as_ref(),
        mint: (*accounts.mint).as_ref(),
        to: (*accounts.destination).as_ref(),
        authority: &accounts.restoration,
        decimals: accounts.mint.decimals,
    };
    let seeds: &[&[u8]] = &[SEED_RESTORATION, incident.as_ref(), &[ledger_index], &[bump]];
    let moved = token::transfer(&transfer, amount, &[seeds])?;
    emit_cpi!(InterimReturned {
        interim: accounts.interim.key(),
        destination: accounts.destination.key(),
        amount: moved.sent,
    });
    Ok(())
}

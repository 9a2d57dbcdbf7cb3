//! Anyone closes a restoration whose rest was swept, with its empty pool, once its incident is over. The rent of both
//! goes to the owner of the rest. Pages of claims can still be closed afterwards.

use anchor_lang::{prelude::*, solana_program::program::invoke_signed};
use anchor_spl::token_2022::spl_token_2022;
use bulkhead_core::acts;
use bulkhead_interface::{
    layout::{Domain, Incident, Restoration},
    seeds::SEED_RESTORATION,
};

use crate::{authority::core_error, current::Current, error::BulkheadError, events::RestorationClosed, token};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseRestoration<'info> {
    #[account(address = restoration.current()?.domain @ BulkheadError::ForeignAccount)]
    pub domain: AccountLoader<'info, Domain>,
    #[account(address = restoration.current()?.incident @ BulkheadError::ForeignAccount)]
    pub incident: AccountLoader<'info, Incident>,
    #[account(mut, close = receiver)]
    pub restoration: AccountLoader<'info, Restoration>,
    /// CHECK: the restoration's pool, matched by the stored address.
    #[account(mut, address = restoration.current()?.pool @ BulkheadError::ForeignAccount)]
    pub pool: UncheckedAccount<'info>,
    /// CHECK: the owner of the rest, who receives the rent.
    #[account(mut, address = restoration.current()?.rest_owner @ BulkheadError::ForeignAccount)]
    pub receiver: UncheckedAccount<'info>,
    /// CHECK: the restoration's token program, matched by the stored address.
    #[account(address = restoration.current()?.token_program @ BulkheadError::ForeignAccount)]
    pub token_program: UncheckedAccount<'info>,
}

pub fn handle_close_restoration(ctx: Context<CloseRestoration>) -> Result<()> {
    let accounts = &ctx.accounts;
    let (incident, ledger_index, bump) = {
        let plan = accounts.restoration.current()?;
        acts::close_restoration(&*accounts.domain.current()?, &*accounts.incident.current()?, &plan)
            .map_err(core_error)?;
        (plan.incident, plan.ledger_index, plan.bump)
    };
    require!(token::balance(&accounts.pool)? == 0, BulkheadError::ClaimsOpen);
    let close = spl_token_2022::instruction::close_account(
        accounts.token_program.key,
        &accounts.pool.key(),
        accounts.receiver.key,
        &accounts.restoration.key(),
        &[],
    )?;
    let seeds: &[&[u8]] = &[SEED_RESTORATION, incident.as_ref(), &[ledger_index], &[bump]];
    invoke_signed(
        &close,
        &[
            accounts.pool.to_account_info(),
            accounts.receiver.to_account_info(),
            accounts.restoration.to_account_info(),
        ],
        &[seeds],
    )?;
    emit_cpi!(RestorationClosed {
        restoration: accounts.restoration.key(),
        receiver: accounts.receiver.key(),
    });
    Ok(())
}

//! Anyone closes a deposit note that no longer covers anything. The rent goes to whoever paid it.

use anchor_lang::prelude::*;
use bulkhead_core::breakers::window;
use bulkhead_interface::layout::{DepositNote, OutflowBreaker, Vault};

use crate::{current::Current, error::BulkheadError, events::DepositNoteClosed};

#[derive(Accounts)]
pub struct CloseDepositNote<'info> {
    #[account(address = note.current()?.vault @ BulkheadError::ForeignAccount)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(address = vault.current()?.breaker @ BulkheadError::ForeignAccount)]
    pub breaker: AccountLoader<'info, OutflowBreaker>,
    #[account(mut, close = payer)]
    pub note: AccountLoader<'info, DepositNote>,
    /// CHECK: receives the rent; matched by the address in the note.
    #[account(mut, address = note.current()?.payer @ BulkheadError::ForeignAccount)]
    pub payer: UncheckedAccount<'info>,
}

pub fn handle_close_deposit_note(ctx: Context<CloseDepositNote>) -> Result<()> {
    let accounts = &ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    let evacuations = accounts.vault.current()?.evacuations;
    require!(
        window::is_over(
            &*accounts.note.current()?,
            &*accounts.breaker.current()?,
            evacuations,
            now
        ),
        BulkheadError::NoteInForce
    );
    emit!(DepositNoteClosed {
        note: accounts.note.key(),
    });
    Ok(())
}

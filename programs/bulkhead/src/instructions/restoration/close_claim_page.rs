//! Closes a page of claims when every claim of the restoration has been paid in full; the rent goes to who paid it.
//!
//! Anyone may. Never before: the page is what stops a second payment. Afterwards nothing can be paid any more, whatever
//! a new page says, for what was paid is all there ever was.

use anchor_lang::prelude::*;
use bulkhead_core::restoration::share::is_settled;
use bulkhead_interface::layout::{ClaimPage, Restoration};

use crate::{current::Current, error::BulkheadError, events::ClaimPageClosed};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseClaimPage<'info> {
    pub restoration: AccountLoader<'info, Restoration>,
    #[account(
        mut, close = payer,
        constraint = claims.current()?.restoration == restoration.key() @ BulkheadError::WrongClaimPage
    )]
    pub claims: AccountLoader<'info, ClaimPage>,
    /// CHECK: who paid the page's rent, and gets it back.
    #[account(mut, address = claims.current()?.payer @ BulkheadError::ForeignAccount)]
    pub payer: UncheckedAccount<'info>,
}

pub fn handle_close_claim_page(ctx: Context<CloseClaimPage>) -> Result<()> {
    let accounts = &ctx.accounts;
    require!(is_settled(&*accounts.restoration.current()?), BulkheadError::ClaimsOpen);
    let page = accounts.claims.current()?.page;
    emit_cpi!(ClaimPageClosed {
        restoration: accounts.restoration.key(),
        page,
    });
    Ok(())
}

//! Closes a page of claims once every claim of the restoration has been paid in full; the rent goes to whoever paid it.
//!
//! Anyone may call it. It is never possible earlier, because the page prevents a second payment. Afterwards nothing
//! more can be paid, whatever a new page says, because the full total has been paid out.

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
    /// CHECK: the payer of the page's rent, who gets it back.
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

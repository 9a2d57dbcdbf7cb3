//! Closes a page of claims once every claim of the restoration has been paid in full; the rent goes to whoever paid it.
//!
//! Anyone may call it. It is never possible earlier, because the page prevents a second payment. Afterwards nothing
//! more can be paid, whatever a new page says, because the full total has been paid out.

use anchor_lang::prelude::*;
use bulkhead_core::restoration::share::is_settled;
use bulkhead_interface::layout::{ClaimPage, Interim, Restoration};

use crate::{current::Current, error::BulkheadError, events::ClaimPageClosed};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseClaimPage<'info> {
    pub restoration: AccountLoader<'info, Restoration>,
    #[account(mut, close = payer)]
    pub claims: AccountLoader<'info, ClaimPage>,
    /// CHECK: the payer of the page's rent, who gets it back.
    #[account(mut, address = claims.current()?.payer @ BulkheadError::ForeignAccount)]
    pub payer: UncheckedAccount<'info>,
    /// The ledger's interim share-out, to close a page of the books that the restoration does not continue.
    #[account(constraint = interim.current()?.restoration == restoration.key() @ BulkheadError::ForeignAccount)]
    pub interim: Option<AccountLoader<'info, Interim>>,
}

pub fn handle_close_claim_page(ctx: Context<CloseClaimPage>) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.require_own()?;
    require!(is_settled(&*accounts.restoration.current()?), BulkheadError::ClaimsOpen);
    let page = accounts.claims.current()?.page;
    emit_cpi!(ClaimPageClosed {
        restoration: accounts.restoration.key(),
        page,
    });
    Ok(())
}

impl CloseClaimPage<'_> {
    /// Is the page of the restoration's books, or of those of the ledger's interim share-out?
    fn require_own(&self) -> Result<()> {
        let book = self.claims.current()?.restoration;
        let is_interims = match &self.interim {
            Some(interim) => book == interim.key() || book == interim.current()?.checkpoint,
            None => false,
        };
        require!(
            is_interims || book == self.restoration.current()?.book,
            BulkheadError::WrongClaimPage
        );
        Ok(())
    }
}

//! Closes a page of claims once no claim of the restoration can be paid any more: every claim was paid in full, or the
//! rest was swept after the end of claims. The rent goes to whoever paid it.
//!
//! Anyone may call it. It is never possible earlier, because the page prevents a second payment. It is possible later,
//! when the restoration itself was closed: its address stays empty for good.

use anchor_lang::prelude::*;
use bulkhead_core::acts::is_over;
use bulkhead_interface::layout::{ClaimPage, Interim, Restoration};

use crate::{
    current::{Current, if_there},
    error::BulkheadError,
    events::ClaimPageClosed,
};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseClaimPage<'info> {
    /// CHECK: the page's restoration, by address; it may have been closed.
    pub restoration: UncheckedAccount<'info>,
    #[account(mut, close = payer)]
    pub claims: AccountLoader<'info, ClaimPage>,
    /// CHECK: the payer of the page's rent, who gets it back.
    #[account(mut, address = claims.current()?.payer @ BulkheadError::ForeignAccount)]
    pub payer: UncheckedAccount<'info>,
    /// The ledger's interim share-out, to close a page of its books.
    #[account(constraint = interim.current()?.restoration == restoration.key() @ BulkheadError::ForeignAccount)]
    pub interim: Option<AccountLoader<'info, Interim>>,
}

pub fn handle_close_claim_page(ctx: Context<CloseClaimPage>) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.require_own()?;
    let is_open = if_there::<Restoration>(&accounts.restoration)?.is_some_and(|plan| !is_over(&plan));
    require!(!is_open, BulkheadError::ClaimsOpen);
    let page = accounts.claims.current()?.page;
    emit_cpi!(ClaimPageClosed {
        restoration: accounts.restoration.key(),
        page,
    });
    Ok(())
}

impl CloseClaimPage<'_> {
    /// Is the page of the restoration's own books, or of those of the ledger's interim share-out? The latter names a
    /// restoration only once a state was chosen.
    fn require_own(&self) -> Result<()> {
        let book = self.claims.current()?.restoration;
        let restoration = self.restoration.key();
        let is_interims = match &self.interim {
            Some(interim) => book == interim.key() || book == interim.current()?.checkpoint,
            None => if_there::<Restoration>(&self.restoration)?.is_some_and(|plan| plan.book == book),
        };
        require!(
            restoration != Pubkey::default() && (is_interims || book == restoration),
            BulkheadError::WrongClaimPage
        );
        Ok(())
    }
}

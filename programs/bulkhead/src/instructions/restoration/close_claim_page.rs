//! Closes a page of claims once no claim of the restoration can be paid any more: every claim was paid in full, or the
//! rest was swept after the end of claims. The rent goes to whoever paid it.
//!
//! Anyone may call it. It is never possible earlier, because the page prevents a second payment. It is possible later,
//! when the restoration itself was closed: its address stays empty for good.

use anchor_lang::prelude::*;
use bulkhead_core::restoration::claims::{PageOwner, may_close_page};
use bulkhead_interface::layout::{ClaimPage, Interim, Restoration};

use crate::{
    authority::core_error,
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
    let key = accounts.restoration.key();
    let (book, page) = {
        let page = accounts.claims.current()?;
        (page.restoration, page.page)
    };
    {
        let restoration = if_there::<Restoration>(&accounts.restoration)?;
        let owner = PageOwner {
            key: &key,
            restoration: restoration.as_deref(),
        };
        let interim = match &accounts.interim {
            Some(account) => Some((account.as_ref().key, account.current()?)),
            None => None,
        };
        let interim = interim.as_ref().map(|(key, interim)| (*key, &**interim));
        may_close_page(&book, owner, interim).map_err(core_error)?;
    }
    emit_cpi!(ClaimPageClosed { restoration: key, page });
    Ok(())
}

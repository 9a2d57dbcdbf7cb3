//! Anyone creates one page of claims: eight bytes per leaf, for 1,024 leaves.

use anchor_lang::prelude::*;
use bulkhead_core::restoration::claims::{page_leaves, page_len};
use bulkhead_interface::{
    constants::VERSION,
    layout::{ClaimPage, Restoration, space},
    seeds::SEED_CLAIMS,
};

use crate::{current::Current, error::BulkheadError, events::ClaimPageOpened};

#[event_cpi]
#[derive(Accounts)]
#[instruction(page: u16)]
pub struct OpenClaimPage<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub restoration: AccountLoader<'info, Restoration>,
    #[account(
        init, payer = payer, space = page_space(restoration.current()?.count, page)?,
        seeds = [SEED_CLAIMS, restoration.current()?.book.as_ref(), &page.to_le_bytes()], bump
    )]
    pub claims: AccountLoader<'info, ClaimPage>,
    pub system_program: Program<'info, System>,
}

/// Size of a page's account in books of `count` leaves: exactly what the page's leaves need.
pub(crate) fn page_space(count: u64, page: u16) -> Result<usize> {
    let leaves = page_leaves(count, page).ok_or(BulkheadError::WrongClaimPage)?;
    let bytes = page_len(leaves).and_then(|bytes| usize::try_from(bytes).ok());
    let space = bytes.and_then(|bytes| space::<ClaimPage>().checked_add(bytes));
    Ok(space.ok_or(BulkheadError::Overflow)?)
}

pub fn handle_open_claim_page(ctx: Context<OpenClaimPage>, page: u16) -> Result<()> {
    let accounts = &ctx.accounts;
    let restoration = accounts.restoration.key();
    let (book, leaves) = {
        let restoration = accounts.restoration.current()?;
        (restoration.book, restoration.count)
    };
    let count = page_leaves(leaves, page).ok_or(BulkheadError::WrongClaimPage)?;
    begin_page(
        &accounts.claims,
        book,
        page,
        count,
        ctx.bumps.claims,
        accounts.payer.key(),
    )?;
    emit_cpi!(ClaimPageOpened {
        restoration,
        page,
        count,
    });
    Ok(())
}

/// Initializes a page of a book.
pub(crate) fn begin_page(
    claims: &AccountLoader<ClaimPage>,
    book: Pubkey,
    page: u16,
    count: u32,
    bump: u8,
    payer: Pubkey,
) -> Result<()> {
    let mut claims = claims.load_init()?;
    claims.version = VERSION;
    claims.bump = bump;
    claims.page = page;
    claims.count = count;
    claims.restoration = book;
    claims.payer = payer;
    Ok(())
}

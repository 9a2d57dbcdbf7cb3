//! Anyone creates one page of the books that interim claims are recorded in: eight bytes per leaf, for 1,024 leaves.
//!
//! There are two books, for the leaves of the snapshot and for those of the checkpoint. The restoration of either state
//! continues its book. Works in every phase: claims of a third state read the snapshot's book.

use anchor_lang::prelude::*;
use bulkhead_core::{acts, restoration::claims::page_leaves};
use bulkhead_interface::{
    layout::{ClaimPage, Interim},
    seeds::SEED_CLAIMS,
};

use crate::{
    authority::core_error,
    current::Current,
    error::BulkheadError,
    events::ClaimPageOpened,
    instructions::restoration::{begin_page, page_space},
};

#[event_cpi]
#[derive(Accounts)]
#[instruction(of: u8, page: u16)]
pub struct OpenInterimPage<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub interim: AccountLoader<'info, Interim>,
    /// CHECK: the book; the handler checks that it is the one meant.
    pub book: UncheckedAccount<'info>,
    #[account(
        init, payer = payer, space = page_space(book_of(&interim, of)?.1, page)?,
        seeds = [SEED_CLAIMS, book.key().as_ref(), &page.to_le_bytes()], bump
    )]
    pub claims: AccountLoader<'info, ClaimPage>,
    pub system_program: Program<'info, System>,
}

/// Address and number of leaves of a book.
fn book_of(interim: &AccountLoader<Interim>, of: u8) -> Result<(Pubkey, u64)> {
    acts::interim_book((&interim.key(), &*interim.current()?), of).map_err(core_error)
}

/// `of`: one of `constants::proved`.
pub fn handle_open_interim_page(ctx: Context<OpenInterimPage>, of: u8, page: u16) -> Result<()> {
    let accounts = &ctx.accounts;
    let (book, leaves) = book_of(&accounts.interim, of)?;
    require_keys_eq!(accounts.book.key(), book, BulkheadError::WrongClaimPage);
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
        restoration: book,
        page,
        count,
    });
    Ok(())
}

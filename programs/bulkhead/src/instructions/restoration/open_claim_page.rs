//! Anyone creates the claim bits of one page of a tranche: one bit a leaf, for 65,536 leaves.

use anchor_lang::prelude::*;
use bulkhead_core::{
    claims::{bitmap_len, page_bits},
    tranche::check_open,
};
use bulkhead_interface::{
    constants::VERSION,
    layout::{ClaimBitmap, Restoration, space},
    seeds::SEED_CLAIMS,
};

use super::tranche_error;
use crate::{current::Current, error::BulkheadError, events::ClaimPageOpened};

#[event_cpi]
#[derive(Accounts)]
#[instruction(tranche: u8, page: u16)]
pub struct OpenClaimPage<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub restoration: AccountLoader<'info, Restoration>,
    #[account(
        init, payer = payer, space = page_space(&*restoration.current()?, tranche, page)?,
        seeds = [SEED_CLAIMS, restoration.key().as_ref(), &[tranche], &page.to_le_bytes()], bump
    )]
    pub claims: AccountLoader<'info, ClaimBitmap>,
    pub system_program: Program<'info, System>,
}

/// Bytes of the page's account: exactly the bits its leaves need.
fn page_space(restoration: &Restoration, tranche: u8, page: u16) -> Result<usize> {
    check_open(restoration, tranche).map_err(tranche_error)?;
    let bits = page_bits(restoration.count, page).ok_or(BulkheadError::WrongClaimPage)?;
    let bytes = usize::try_from(bitmap_len(bits)).map_err(|_| BulkheadError::Overflow)?;
    Ok(space::<ClaimBitmap>()
        .checked_add(bytes)
        .ok_or(BulkheadError::Overflow)?)
}

pub fn handle_open_claim_page(ctx: Context<OpenClaimPage>, tranche: u8, page: u16) -> Result<()> {
    let accounts = &ctx.accounts;
    let restoration = accounts.restoration.key();
    let count = page_bits(accounts.restoration.current()?.count, page).ok_or(BulkheadError::WrongClaimPage)?;
    {
        let mut claims = accounts.claims.load_init()?;
        claims.version = VERSION;
        claims.bump = ctx.bumps.claims;
        claims.tranche = tranche;
        claims.page = page;
        claims.count = count;
        claims.restoration = restoration;
    }
    emit_cpi!(ClaimPageOpened {
        restoration,
        tranche,
        page,
        count,
    });
    Ok(())
}

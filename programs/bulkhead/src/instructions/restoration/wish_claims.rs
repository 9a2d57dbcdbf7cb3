//! An owner wishes something for its claims in every restoration of a domain, also of incidents to come: that they are
//! paid to another address, that a program may consume them, or that no successor may.
//!
//! Only the owner can, by signature; a program signs for its PDA. It counts at once and until the owner wishes otherwise,
//! for nobody else loses by it. The owner's own associated token account can be paid at any time in spite of it.

use anchor_lang::{AccountsClose, prelude::*};
use bulkhead_core::acts::{self, NewWish};
use bulkhead_interface::{
    constants::claim_wish,
    layout::{ClaimRedirect, Domain, space},
    seeds::SEED_CLAIM_WISH,
};
use bytemuck::Zeroable;

use crate::{
    authority::{clock, core_error},
    current::Current,
    events::ClaimsWished,
    pda,
};

#[event_cpi]
#[derive(Accounts)]
pub struct WishClaims<'info> {
    /// Owner of the leaves.
    pub owner: Signer<'info>,
    /// Pays the rent, or receives it when the wish ends.
    #[account(mut)]
    pub payer: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(
        init_if_needed, payer = payer, space = space::<ClaimRedirect>(),
        seeds = [SEED_CLAIM_WISH, domain.key().as_ref(), owner.key().as_ref()], bump
    )]
    pub wish: AccountLoader<'info, ClaimRedirect>,
    pub system_program: Program<'info, System>,
}

pub fn handle_wish_claims(ctx: Context<WishClaims>, kind: u8, to: Pubkey) -> Result<()> {
    let accounts = &ctx.accounts;
    let new = NewWish {
        domain: accounts.domain.key(),
        owner: accounts.owner.key(),
        bump: ctx.bumps.wish,
    };
    accounts.domain.current()?;
    let mut account = if pda::is_new(accounts.wish.as_ref())? {
        ClaimRedirect::zeroed()
    } else {
        *accounts.wish.current()?
    };
    acts::wish_claims(&mut account, &new, (kind, to), clock()?.slot).map_err(core_error)?;
    if kind == claim_wish::NONE {
        accounts.wish.close(accounts.payer.to_account_info())?;
    } else {
        pda::write(accounts.wish.as_ref(), &account)?;
    }
    emit_cpi!(ClaimsWished {
        domain: new.domain,
        owner: new.owner,
        wish: kind,
        to,
    });
    Ok(())
}

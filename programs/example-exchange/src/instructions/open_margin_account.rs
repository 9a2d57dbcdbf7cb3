//! Creates the margin account of the signing owner. One per owner.

use anchor_lang::prelude::*;

use crate::{
    constants::VERSION,
    seeds::SEED_MARGIN,
    state::{Exchange, MarginAccount, space},
};

#[derive(Accounts)]
pub struct OpenMarginAccount<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(
        init,
        payer = payer,
        space = space::<MarginAccount>(),
        seeds = [SEED_MARGIN, exchange.key().as_ref(), owner.key().as_ref()],
        bump,
    )]
    pub margin: AccountLoader<'info, MarginAccount>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_margin_account(ctx: Context<OpenMarginAccount>) -> Result<()> {
    ctx.accounts.exchange.load()?.require_known()?;
    *ctx.accounts.margin.load_init()? = MarginAccount {
        version: VERSION,
        bump: ctx.bumps.margin,
        exchange: ctx.accounts.exchange.key(),
        owner: ctx.accounts.owner.key(),
        ..bytemuck::Zeroable::zeroed()
    };
    Ok(())
}

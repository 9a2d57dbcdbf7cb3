//! The admin lists a token that can be borrowed against, at a price that the admin sets.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_guard::action;

use crate::{
    error::ExchangeError,
    events::CollateralListed,
    gate::require_open,
    seeds::{SEED_COLLATERAL, SEED_COLLATERAL_TOKENS},
    state::{Collateral, Exchange},
};

#[derive(Accounts)]
pub struct ListCollateral<'info> {
    pub admin: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(has_one = admin @ ExchangeError::NotTheAdmin)]
    pub exchange: AccountLoader<'info, Exchange>,
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(
        init,
        payer = payer,
        space = Collateral::DISCRIMINATOR.len().saturating_add(Collateral::INIT_SPACE),
        seeds = [SEED_COLLATERAL, exchange.key().as_ref(), mint.key().as_ref()],
        bump,
    )]
    pub collateral: Account<'info, Collateral>,
    #[account(
        init,
        payer = payer,
        seeds = [SEED_COLLATERAL_TOKENS, exchange.key().as_ref(), mint.key().as_ref()],
        bump,
        token::mint = mint,
        token::authority = exchange,
        token::token_program = token_program,
    )]
    pub collateral_tokens: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

pub fn handle_list_collateral(ctx: Context<ListCollateral>, price: u64) -> Result<()> {
    {
        let exchange = ctx.accounts.exchange.load()?;
        require_open(&exchange, &exchange.margin_pool, &ctx.accounts.board, action::ADMIN)?;
    }
    let listed = Collateral {
        exchange: ctx.accounts.exchange.key(),
        mint: ctx.accounts.mint.key(),
        price,
        bump: ctx.bumps.collateral,
        oracle: Pubkey::default(),
    };
    emit!(CollateralListed {
        exchange: listed.exchange,
        mint: listed.mint,
        price,
    });
    ctx.accounts.collateral.set_inner(listed);
    Ok(())
}

//! An owner returns shares for their part of the pool.
//!
//! A release that has to wait burns the shares too: the record is then the owner's claim, and the claimed amount no
//! longer belongs to the pool.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{self, Burn, Mint, TokenAccount};
use bulkhead_guard::action;

use crate::{custody::*, error::ExchangeError, gate::require_open, shares::assets_floor, state::Exchange};

#[derive(Accounts)]
pub struct RemoveLiquidity<'info> {
    /// Also pays the rent of the record if the release has to wait.
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(mut, has_one = lp_mint @ ExchangeError::ForeignAccount)]
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(mut)]
    pub lp_mint: Box<InterfaceAccount<'info, Mint>>,
    /// The account whose shares are burned.
    #[account(mut)]
    pub shares: Box<InterfaceAccount<'info, TokenAccount>>,
    pub payout: Payout<'info>,
}

pub fn handle_remove_liquidity(ctx: Context<RemoveLiquidity>, shares: u64, release_index: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let (pool, token_program, assets) = {
        let exchange = accounts.exchange.load()?;
        require_open(&exchange, &exchange.lp_pool, &accounts.payout.board, action::WITHDRAW)?;
        (exchange.lp_pool, exchange.token_program, exchange.pool_assets)
    };
    let amount = assets_floor(shares, assets, accounts.lp_mint.supply).ok_or(ExchangeError::Overflow)?;
    require!(amount > 0, ExchangeError::NoAmountForShares);
    let outflow = accounts
        .payout
        .pay_out(&accounts.exchange, &pool, &accounts.owner, amount, release_index)?;
    let Outflow::Debit(amount) = outflow else {
        return Ok(());
    };
    accounts.exchange.load_mut()?.pool_assets = assets.checked_sub(amount).ok_or(ExchangeError::Overflow)?;
    let burn = Burn {
        mint: accounts.lp_mint.to_account_info(),
        from: accounts.shares.to_account_info(),
        authority: accounts.owner.to_account_info(),
    };
    token_interface::burn(CpiContext::new(token_program, burn), shares)
}

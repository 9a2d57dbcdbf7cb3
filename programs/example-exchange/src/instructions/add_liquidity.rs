//! Anyone adds tokens to the pool and receives shares for the amount that arrives.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{self, Mint, MintTo, TokenAccount};
use bulkhead_guard::action;

use crate::{error::ExchangeError, gate::require_open, shares::shares_floor, state::Exchange, tokens::*};

#[derive(Accounts)]
pub struct AddLiquidity<'info> {
    /// With custody, also pays the rent of Bulkhead's note.
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(mut, has_one = lp_mint @ ExchangeError::ForeignAccount)]
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(mut)]
    pub lp_mint: Box<InterfaceAccount<'info, Mint>>,
    /// Receives the shares.
    #[account(mut)]
    pub shares: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
    pub payin: Payin<'info>,
}

pub fn handle_add_liquidity(ctx: Context<AddLiquidity>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let (pool, token_program, decimals, signature) = {
        let exchange = accounts.exchange.load()?;
        require_open(&exchange, &exchange.lp_pool, &accounts.board, action::DEPOSIT)?;
        (
            exchange.lp_pool,
            exchange.token_program,
            exchange.decimals,
            exchange.signature(),
        )
    };
    let arrived = accounts.payin.take(
        &accounts.owner,
        &accounts.board,
        &pool,
        &token_program,
        amount,
        decimals,
    )?;
    let shares = {
        let mut exchange = accounts.exchange.load_mut()?;
        let shares = shares_floor(arrived, exchange.pool_assets, accounts.lp_mint.supply);
        exchange.pool_assets = exchange
            .pool_assets
            .checked_add(arrived)
            .ok_or(ExchangeError::Overflow)?;
        shares.ok_or(ExchangeError::Overflow)?
    };
    require!(shares > 0, ExchangeError::NoSharesForAmount);
    let mint = MintTo {
        mint: accounts.lp_mint.to_account_info(),
        to: accounts.shares.to_account_info(),
        authority: accounts.exchange.to_account_info(),
    };
    let seeds: &[&[u8]] = &signature.seeds();
    token_interface::mint_to(CpiContext::new_with_signer(token_program, mint, &[seeds]), shares)
}

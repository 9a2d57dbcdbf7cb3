//! An owner deposits collateral into the margin account, one kind at a time.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface, TransferChecked};
use bulkhead_guard::action;

use crate::{
    error::ExchangeError,
    gate::require_open,
    seeds::SEED_COLLATERAL_TOKENS,
    state::{Collateral, Exchange, MarginAccount},
    tokens::receive,
};

#[derive(Accounts)]
pub struct DepositCollateral<'info> {
    pub owner: Signer<'info>,
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(
        mut,
        has_one = owner @ ExchangeError::NotTheOwner,
        has_one = exchange @ ExchangeError::ForeignAccount,
    )]
    pub margin: AccountLoader<'info, MarginAccount>,
    #[account(has_one = exchange @ ExchangeError::ForeignAccount, has_one = mint @ ExchangeError::ForeignAccount)]
    pub collateral: Account<'info, Collateral>,
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(mut)]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        mut,
        seeds = [SEED_COLLATERAL_TOKENS, exchange.key().as_ref(), mint.key().as_ref()],
        bump,
    )]
    pub collateral_tokens: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

pub fn handle_deposit_collateral(ctx: Context<DepositCollateral>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    {
        let exchange = accounts.exchange.load()?;
        require_open(&exchange, &exchange.margin_pool, &accounts.board, action::DEPOSIT)?;
    }
    let transfer = TransferChecked {
        from: accounts.source.to_account_info(),
        mint: accounts.mint.to_account_info(),
        to: accounts.collateral_tokens.to_account_info(),
        authority: accounts.owner.to_account_info(),
    };
    let program = accounts.token_program.key();
    let arrived = receive(transfer, &program, amount, accounts.mint.decimals)?;
    let mut margin = accounts.margin.load_mut()?;
    let is_same = margin.collateral == 0 || margin.collateral_mint == accounts.mint.key();
    require!(is_same, ExchangeError::WrongCollateral);
    margin.collateral_mint = accounts.mint.key();
    margin.collateral = margin.collateral.checked_add(arrived).ok_or(ExchangeError::Overflow)?;
    Ok(())
}

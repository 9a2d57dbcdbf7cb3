//! An owner borrows against collateral, out of the deposits.
//!
//! Whatever the outcome, the position's collateral stays for the rest of the slot, so capital borrowed for one
//! transaction cannot secure a loan.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use crate::{
    credit::max_debt_floor,
    custody::*,
    error::ExchangeError,
    gate::require_open,
    state::{Collateral, Exchange, MarginAccount, Oracle},
};

#[derive(Accounts)]
pub struct Borrow<'info> {
    /// Also pays the rent of the record if the release has to wait.
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(
        mut,
        has_one = owner @ ExchangeError::NotTheOwner,
        has_one = exchange @ ExchangeError::ForeignAccount,
    )]
    pub margin: AccountLoader<'info, MarginAccount>,
    #[account(has_one = exchange @ ExchangeError::ForeignAccount)]
    pub collateral: Account<'info, Collateral>,
    /// The collateral's oracle, if it has one.
    pub oracle: Option<AccountLoader<'info, Oracle>>,
    pub payout: Payout<'info>,
}

pub fn handle_borrow(ctx: Context<Borrow>, amount: u64, release_index: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let pool = {
        let exchange = accounts.exchange.load()?;
        require_open(&exchange, &exchange.margin_pool, &accounts.payout.board, action::BORROW)?;
        exchange.margin_pool
    };
    let clock = Clock::get()?;
    let price = accounts
        .collateral
        .price_now(accounts.oracle.as_ref(), clock.unix_timestamp)?;
    let debt = {
        let mut margin = accounts.margin.load_mut()?;
        require_keys_eq!(
            margin.collateral_mint,
            accounts.collateral.mint,
            ExchangeError::WrongCollateral
        );
        let debt = margin.debt.checked_add(amount).ok_or(ExchangeError::Overflow)?;
        let most = max_debt_floor(margin.collateral, price).ok_or(ExchangeError::Overflow)?;
        require!(debt <= most, ExchangeError::CollateralTooSmall);
        margin.loan_slot = clock.slot;
        debt
    };
    let outflow = accounts
        .payout
        .pay_out(&accounts.exchange, &pool, &accounts.owner, amount, release_index)?;
    if let Outflow::Debit(amount) = outflow {
        accounts.margin.load_mut()?.debt = debt;
        let mut exchange = accounts.exchange.load_mut()?;
        exchange.total_debt = exchange.total_debt.checked_add(amount).ok_or(ExchangeError::Overflow)?;
    }
    Ok(())
}

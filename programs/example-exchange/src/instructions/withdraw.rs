//! An owner withdraws tokens from the margin account to any token account.
//!
//! Above one of Bulkhead's limits the tokens do not move now: with custody the release is queued and the account
//! debited, without custody nothing happens. In both cases the instruction succeeds.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use crate::{
    custody::*,
    error::ExchangeError,
    gate::require_open,
    state::{Exchange, MarginAccount},
};

#[derive(Accounts)]
pub struct Withdraw<'info> {
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
    pub payout: Payout<'info>,
}

pub fn handle_withdraw(ctx: Context<Withdraw>, amount: u64, release_index: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let pool = {
        let exchange = accounts.exchange.load()?;
        require_open(
            &exchange,
            &exchange.margin_pool,
            &accounts.payout.board,
            action::WITHDRAW,
        )?;
        exchange.margin_pool
    };
    require!(
        amount <= accounts.margin.load()?.deposit,
        ExchangeError::DepositTooSmall
    );
    let outflow = accounts
        .payout
        .pay_out(&accounts.exchange, &pool, &accounts.owner, amount, release_index)?;
    if let Outflow::Debit(amount) = outflow {
        accounts.debit(amount)?;
    }
    Ok(())
}

impl Withdraw<'_> {
    /// Subtracts `amount` from the margin account and the total.
    pub fn debit(&self, amount: u64) -> Result<()> {
        let mut margin = self.margin.load_mut()?;
        let mut exchange = self.exchange.load_mut()?;
        margin.deposit = margin
            .deposit
            .checked_sub(amount)
            .ok_or(ExchangeError::DepositTooSmall)?;
        exchange.total_deposits = exchange
            .total_deposits
            .checked_sub(amount)
            .ok_or(ExchangeError::Overflow)?;
        Ok(())
    }
}

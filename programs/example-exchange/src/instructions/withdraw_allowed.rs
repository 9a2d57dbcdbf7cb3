//! Anyone has the exchange pay the whole amount that an owner has allowed to the owner's associated token account.
//!
//! No other account of the owner is accepted. Otherwise whoever cranks would choose it: a stranger could create one and
//! close it while the release waits, or pick one that the owner cannot spend from.
//!
//! As in every withdrawal, nothing moves while Bulkhead denies it, and an amount that has to wait is queued and
//! debited. A denied amount stays allowed.

use anchor_lang::prelude::*;
use anchor_spl::associated_token::get_associated_token_address_with_program_id;
use bulkhead_guard::action;

use crate::{
    custody::*,
    error::ExchangeError,
    gate::require_open,
    state::{Exchange, MarginAccount},
};

/// Offset of the owner in a token account of both token programs: an associated account of the classic program can be
/// given away.
const HOLDER: core::ops::Range<usize> = 32..64;

#[derive(Accounts)]
pub struct WithdrawAllowed<'info> {
    /// Anyone; pays the rent of the record if the release has to wait.
    #[account(mut)]
    pub cranker: Signer<'info>,
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(mut, has_one = exchange @ ExchangeError::ForeignAccount)]
    pub margin: AccountLoader<'info, MarginAccount>,
    pub payout: Payout<'info>,
}

pub fn handle_withdraw_allowed(ctx: Context<WithdrawAllowed>, release_index: u64) -> Result<()> {
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
    let (owner, amount) = accounts.allowed()?;
    let quote = {
        let exchange = accounts.exchange.load()?;
        require!(amount <= exchange.withdraw_limit, ExchangeError::OverWithdrawLimit);
        exchange.quote()
    };
    let payer = Payer {
        rent: &accounts.cranker,
        owner: &owner,
    };
    let outflow = accounts
        .payout
        .pay_out_for(&accounts.exchange, &quote, &pool, payer, amount, release_index)?;
    if let Outflow::Debit(amount) = outflow {
        accounts.debit(amount)?;
    }
    Ok(())
}

impl WithdrawAllowed<'_> {
    /// The payee and the amount, if it goes to the owner.
    fn allowed(&self) -> Result<(Pubkey, u64)> {
        let margin = self.margin.load()?;
        let destination = &self.payout.destination;
        require_keys_eq!(
            *destination.owner,
            self.payout.token_program.key(),
            ExchangeError::ForeignAccount
        );
        let associated = get_associated_token_address_with_program_id(
            &margin.owner,
            self.payout.mint.key,
            self.payout.token_program.key,
        );
        let data = destination.try_borrow_data()?;
        require!(
            *destination.key == associated && data.get(HOLDER) == Some(margin.owner.as_ref()),
            ExchangeError::NotTheOwner
        );
        require!(margin.allowed <= margin.deposit, ExchangeError::DepositTooSmall);
        Ok((margin.owner, margin.allowed))
    }

    /// Subtracts `amount` from the margin account, the total and the allowance.
    fn debit(&self, amount: u64) -> Result<()> {
        let mut margin = self.margin.load_mut()?;
        let mut exchange = self.exchange.load_mut()?;
        let less = |from: u64| from.checked_sub(amount).ok_or(ExchangeError::Overflow);
        margin.deposit = less(margin.deposit)?;
        margin.allowed = less(margin.allowed)?;
        exchange.total_deposits = less(exchange.total_deposits)?;
        Ok(())
    }
}

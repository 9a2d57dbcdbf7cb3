//! Anyone has the exchange pay what an owner has allowed, all of it, to the owner's associated token account.
//!
//! To no other of the owner's: whoever cranks would choose it, and a stranger can make one that he closes again while the
//! release waits, or pick one that the owner cannot spend from.
//!
//! As in every withdrawal nothing moves while Bulkhead denies it, and what has to wait is queued and debited. What was
//! denied stays allowed.

use anchor_lang::prelude::*;
use anchor_spl::associated_token::get_associated_token_address_with_program_id;
use bulkhead_guard::action;

use crate::{
    custody::*,
    error::ExchangeError,
    gate::require_open,
    state::{Exchange, MarginAccount},
};

/// Where both token programs keep an account's owner: a classic associated account can be given away.
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
    /// Who is paid, and what, if it goes to the owner.
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

    /// Takes `amount` off the margin account, the total and what is allowed.
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

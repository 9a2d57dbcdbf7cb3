//! The bug that the drills exploit: it pays `STALE_PRICE` units for each unit of deposit it takes, as if the deposit
//! were a token whose price had not been read since it fell. One transaction can deposit a little and take everything
//! out.
//!
//! Enabled only if the exchange was initialized with `vulnerable_redemption`.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use super::Withdraw;
use crate::{
    constants::{STALE_PRICE, flag},
    custody::Outflow,
    error::ExchangeError,
    gate::require_open,
};

pub fn handle_redeem_at_stale_price(ctx: Context<Withdraw>, amount: u64, release_index: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let pool = {
        let exchange = accounts.exchange.load()?;
        require_open(
            &exchange,
            &exchange.margin_pool,
            &accounts.payout.board,
            action::WITHDRAW,
        )?;
        let is_vulnerable = exchange.flags & flag::VULNERABLE_REDEMPTION != 0;
        require!(is_vulnerable, ExchangeError::RedemptionDisabled);
        exchange.margin_pool
    };
    require!(
        amount <= accounts.margin.load()?.deposit,
        ExchangeError::DepositTooSmall
    );
    let paid = amount.checked_mul(STALE_PRICE).ok_or(ExchangeError::Overflow)?;
    let outflow = accounts
        .payout
        .pay_out(&accounts.exchange, &pool, &accounts.owner, paid, release_index)?;
    // The bug: the ledger decreases by less than the amount that left.
    if let Outflow::Debit(_) = outflow {
        accounts.debit(amount)?;
    }
    Ok(())
}

//! The admin sets the most that may leave in one outflow by the exchange's own rule, immediately and to any value. That
//! is the weakness of such a rule: whoever steals the admin key controls the limit.

use anchor_lang::prelude::*;

use super::Administer;
use crate::events::WithdrawLimitSet;

pub fn handle_set_withdraw_limit(ctx: Context<Administer>, limit: u64) -> Result<()> {
    ctx.accounts.require_open()?;
    let mut exchange = ctx.accounts.exchange.load_mut()?;
    emit!(WithdrawLimitSet {
        exchange: ctx.accounts.exchange.key(),
        previous: exchange.withdraw_limit,
        limit,
    });
    exchange.withdraw_limit = limit;
    Ok(())
}

//! The admin sets the most that may leave at once by the exchange's own rule, at once and to any
//! value. That is the weakness of such a rule: whoever takes the admin key takes it, too.

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

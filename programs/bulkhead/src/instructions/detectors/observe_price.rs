//! Anyone shows a price breaker a price. It learns from it, or latches.
//!
//! Refused by name: a price of another feed, account or program, one that is not fully verified, not newer than the last
//! one, too soon after it, too old, or further ahead of the clock than a clock ever lags. So whoever calls can choose
//! among true and recent prices, and nothing else. Alone in its transaction, so that no account can be bent for the
//! length of it. Where one account alone is read, its having no price, or one of a wild date, is a finding like any other.
//! A broken rule is no error, for that would leave no trace: it latches, once for each piece of evidence, whether a
//! latch is in force or not. It can never open an action.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{PauseBoard, PriceBreaker};

use super::report;
use crate::{authority::*, current::Current, error::BulkheadError, events::PriceObserved};

#[derive(Accounts)]
pub struct ObservePrice<'info> {
    #[account(mut)]
    pub breaker: AccountLoader<'info, PriceBreaker>,
    #[account(address = breaker.current()?.board @ BulkheadError::WrongBoard)]
    pub board: AccountLoader<'info, PauseBoard>,
    /// CHECK: only read, through the layout; key, owner and contents are checked there.
    pub price: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

pub fn handle_observe_price(ctx: Context<ObservePrice>) -> Result<()> {
    let accounts = &ctx.accounts;
    require_standalone(&accounts.instructions)?;
    let at = clock()?;
    let unpaused_slot = accounts.board.current()?.unpaused_slot;
    let mut breaker = accounts.breaker.current_mut()?;
    let observed = {
        let data = accounts.price.try_borrow_data()?;
        acts::observe_price(&mut breaker, shown(&accounts.price, &data), unpaused_slot, at).map_err(core_error)?
    };
    emit!(PriceObserved {
        breaker: accounts.breaker.key(),
        ts: observed.ts,
        log_price: observed.step.log_price,
        mean: observed.step.mean,
        z: observed.step.z,
        rule: observed.rule,
    });
    if observed.is_latched {
        report(accounts.breaker.key(), &breaker.latch);
    }
    Ok(())
}

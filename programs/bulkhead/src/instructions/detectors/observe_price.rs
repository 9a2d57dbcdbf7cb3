//! Anyone passes a price to a price breaker. The breaker adds it to its statistics or latches.
//!
//! The following prices are refused with a named error: a price from another feed, account or program, one that is not
//! fully verified, one that is not newer than the last, one that follows it too soon, one that is too old, and one that
//! is further ahead of the clock than a clock ever lags. So the caller can choose only among true and recent prices.
//! The instruction must be standalone in its transaction, so that no account can be manipulated for its duration. If
//! the breaker reads only one account, a missing price or a wildly wrong date is a finding like any other. A broken
//! rule is not an error, because an error would leave no trace: it latches, once for each piece of evidence, whether or
//! not a latch is in force. The instruction can never open an action.

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
    /// CHECK: read only, through the layout, which checks key, owner and contents.
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

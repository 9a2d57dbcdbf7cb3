//! Anyone shows a price breaker a price. It learns from it, or latches.
//!
//! Refused by name: a price of another feed, account or program, one that is not fully verified, not newer than the last
//! one, too soon after it, too old, or ahead of the clock. So whoever calls can choose among true and recent prices, and
//! nothing else. Alone in its transaction, so that no account can be bent for the length of it.
//! A broken rule is no error, for that would leave no trace: it latches, once for each piece of evidence, and a latch in
//! force is not renewed. It can never open an action.

use anchor_lang::prelude::*;
use bulkhead_core::{latch, oracle, price};
use bulkhead_interface::{
    constants::price_rule,
    layout::{PauseBoard, PriceBreaker},
};

use super::{price_error, report};
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
    require_alone(&accounts.instructions)?;
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let lifted_slot = accounts.board.current()?.lifted_slot;
    let mut breaker = accounts.breaker.current_mut()?;
    let reading = {
        let data = accounts.price.try_borrow_data()?;
        oracle::read(&breaker, accounts.price.key, accounts.price.owner, &data).map_err(price_error)?
    };
    let rules = breaker.rules;
    let step = price::step(&rules, &mut breaker.learnt, &reading, now).map_err(price_error)?;
    emit!(PriceObserved {
        breaker: accounts.breaker.key(),
        ts: reading.ts,
        log_price: step.log_price,
        mean: step.mean,
        z: step.z,
        rule: step.alarm.map_or(price_rule::NONE, |alarm| alarm.rule),
    });
    if let Some(alarm) = step.alarm
        && !latch::is_in_force(&breaker.latch, lifted_slot, now)
    {
        latch::set(&mut breaker.latch, alarm.seen, alarm.allowed, clock.slot, now);
        report(accounts.breaker.key(), &breaker.latch);
    }
    Ok(())
}

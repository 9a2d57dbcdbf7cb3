//! Anyone takes a sample of a breaker's reference: the balance of one token account.
//!
//! A sample either lowers the minimum of the window or leaves it unchanged, so nobody can raise a limit by observing.
//! The minimum rises only with time, after every sub-window of a whole window was sampled at a higher balance. The
//! instruction must be standalone in its transaction, so no flash loan is observed: neither a flash deposit nor a
//! balance that was borrowed away to close the limits.

use anchor_lang::prelude::*;
use bulkhead_core::breakers::window;
use bulkhead_interface::layout::OutflowBreaker;

use crate::{
    authority::{INSTRUCTIONS_SYSVAR, require_standalone},
    current::Current,
    error::BulkheadError,
    events::{ReferenceObserved, log},
    token,
};

#[derive(Accounts)]
pub struct ObserveReference<'info> {
    #[account(mut)]
    pub breaker: AccountLoader<'info, OutflowBreaker>,
    /// CHECK: matched by the address that the breaker stores; owner and mint are checked when it is read.
    #[account(address = breaker.current()?.reference @ BulkheadError::ForeignAccount)]
    pub reference: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

pub fn handle_observe_reference(ctx: Context<ObserveReference>) -> Result<()> {
    let accounts = &ctx.accounts;
    require_standalone(&accounts.instructions)?;
    let clock = Clock::get()?;
    let mut breaker = accounts.breaker.current_mut()?;
    let balance = token::holding(&accounts.reference, &breaker.mint)?;
    window::observe(&mut breaker, balance, clock.slot, clock.unix_timestamp);
    log(&ReferenceObserved {
        breaker: accounts.breaker.key(),
        balance,
        reference_min: breaker.reference_min,
    })
}

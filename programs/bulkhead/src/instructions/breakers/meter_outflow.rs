//! Asks a breaker whether an outflow may leave. For hosts that keep custody of their own tokens.
//!
//! The host calls it by CPI, signed by the breaker's authority. A breach is returned as a verdict, not as an error,
//! because an error would revert the latch as well. The host must end its own instruction with `Ok` and without moving
//! funds unless the verdict is `ALLOWED` (return data, one byte). The instruction can neither raise a limit nor clear a
//! latch.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_guard::action::WITHDRAW;
use bulkhead_interface::layout::OutflowBreaker;

use super::report_latch;
use crate::{
    authority::core_error,
    current::Current,
    events::{OutflowMetered, log},
    gate::Gate,
};

#[derive(Accounts)]
pub struct MeterOutflow<'info> {
    #[account(mut)]
    pub breaker: AccountLoader<'info, OutflowBreaker>,
    /// CHECK: the breaker's board; the guard checks its key, owner and bytes.
    pub board: UncheckedAccount<'info>,
    pub authority: Signer<'info>,
}

pub fn handle_meter_outflow(ctx: Context<MeterOutflow>, amount: u64) -> Result<u8> {
    let accounts = &ctx.accounts;
    let clock = Clock::get()?;
    let mut breaker = accounts.breaker.current_mut()?;
    let gate = Gate::read(&breaker.board, &accounts.board, breaker.compartment, WITHDRAW, &clock)?;
    let before = breaker.latch.until;
    let authority = accounts.authority.key;
    let verdict = acts::meter(&mut breaker, authority, amount, gate.is_closed, &gate.moment).map_err(core_error)?;
    report_latch(&breaker, accounts.breaker.as_ref().key, before, &gate.moment);
    log(&OutflowMetered {
        breaker: accounts.breaker.key(),
        amount,
        verdict: verdict.to_byte(),
    })?;
    Ok(verdict.to_byte())
}

//! Asks a breaker whether an outflow may leave. For hosts that keep custody of their own tokens.
//!
//! The host calls it by CPI, signed by the breaker's authority. A breach is returned as a verdict, not as an error,
//! because an error would revert the latch as well. The host must end its own instruction with `Ok` and without moving
//! funds unless the verdict is `ALLOWED` (return data, one byte). The instruction can neither raise a limit nor clear a
//! latch.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Shown};
use bulkhead_guard::action::WITHDRAW;
use bulkhead_interface::layout::OutflowBreaker;

use super::report_latch;
use crate::{
    authority::{core_error, shown},
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
    let MeterOutflow {
        breaker,
        board,
        authority,
    } = &*ctx.accounts;
    let data = board.try_borrow_data()?;
    meter(
        (breaker.as_ref().key, &mut *breaker.current_mut()?),
        &shown(board, &data),
        authority.key,
        amount,
    )
}

/// Meters an outflow and logs it; returns the verdict. `authority` has signed.
#[inline(always)]
pub(crate) fn meter(
    (key, breaker): (&Pubkey, &mut OutflowBreaker),
    board: &Shown,
    authority: &Pubkey,
    amount: u64,
) -> Result<u8> {
    let clock = Clock::get()?;
    let gate = Gate::read_shown(&breaker.board, board, breaker.compartment, WITHDRAW, &clock)?;
    let before = breaker.latch.until;
    let verdict = acts::meter(breaker, authority, amount, gate.is_closed, &gate.moment).map_err(core_error)?;
    report_latch(breaker, key, before, &gate.moment);
    log(&OutflowMetered {
        breaker: *key,
        amount,
        verdict: verdict.to_byte(),
    })?;
    Ok(verdict.to_byte())
}

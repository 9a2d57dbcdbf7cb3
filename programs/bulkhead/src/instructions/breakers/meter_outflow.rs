//! Asks a breaker whether an outflow may leave, for hosts with custody of their own.
//!
//! Called by CPI, signed by the breaker's authority. A breach is a verdict and not an error, for a
//! reverted instruction would take its latch with it: the host must end its own instruction `Ok`
//! without moving funds unless the answer is `ALLOWED` (return data, one byte). It can neither
//! raise a limit nor clear a latch.

use anchor_lang::prelude::*;
use bulkhead_core::verdict::Verdict;
use bulkhead_guard::action::WITHDRAW;
use bulkhead_interface::layout::OutflowBreaker;

use super::meter;
use crate::{
    current::Current,
    error::BulkheadError,
    events::{OutflowMetered, log},
    gate::Gate,
};

#[derive(Accounts)]
pub struct MeterOutflow<'info> {
    #[account(mut)]
    pub breaker: AccountLoader<'info, OutflowBreaker>,
    /// CHECK: the breaker's board: the guard checks key, owner and bytes.
    pub board: UncheckedAccount<'info>,
    pub authority: Signer<'info>,
}

pub fn handle_meter_outflow(ctx: Context<MeterOutflow>, amount: u64) -> Result<u8> {
    let accounts = &ctx.accounts;
    require!(amount > 0, BulkheadError::ZeroAmount);
    let clock = Clock::get()?;
    let mut breaker = accounts.breaker.current_mut()?;
    require_keys_eq!(
        breaker.authority,
        *accounts.authority.key,
        BulkheadError::NotMeterAuthority
    );
    let gate = Gate::read(&breaker.board, &accounts.board, breaker.compartment, WITHDRAW, &clock)?;
    let verdict = if gate.is_closed {
        Verdict::Denied
    } else {
        meter(&mut breaker, accounts.breaker.as_ref().key, amount, &gate.moment)
    };
    log(&OutflowMetered {
        breaker: accounts.breaker.key(),
        amount,
        verdict: verdict.to_byte(),
    })?;
    Ok(verdict.to_byte())
}

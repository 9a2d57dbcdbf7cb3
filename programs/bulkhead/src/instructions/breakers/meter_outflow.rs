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
use crate::{authority::require_version, error::BulkheadError, events::OutflowMetered, gate::Gate};

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
    let gate = {
        let breaker = accounts.breaker.load()?;
        require_version(breaker.version)?;
        require_keys_eq!(
            breaker.authority,
            *accounts.authority.key,
            BulkheadError::NotMeterAuthority
        );
        Gate::read(&breaker.board, &accounts.board, breaker.compartment, WITHDRAW, &clock)?
    };
    let verdict = if gate.is_closed {
        Verdict::Denied
    } else {
        meter(&accounts.breaker, amount, &gate.moment)?
    };
    emit!(OutflowMetered {
        breaker: accounts.breaker.key(),
        amount,
        verdict: verdict.to_byte(),
    });
    Ok(verdict.to_byte())
}

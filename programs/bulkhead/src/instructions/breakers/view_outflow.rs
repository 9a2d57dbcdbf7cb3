//! Returns how much may leave through a breaker now, and what limits it.
//!
//! Nobody signs and nothing is written. Hosts call it by CPI to learn the largest possible withdrawal; clients simulate
//! it. The answer holds for this slot, as long as nothing else leaves.

use anchor_lang::prelude::*;
use bulkhead_core::breakers::window::{self, Moment};
use bulkhead_guard::action::WITHDRAW;
use bulkhead_interface::layout::OutflowBreaker;

use crate::{current::Current, gate::Gate};

/// The return data, Borsh-encoded.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutflowView {
    /// The most that may leave now; zero while latched or paused.
    pub remaining: u64,
    /// Room in the window, ignoring latch and pause.
    pub in_window: u64,
    /// Room in the slot, ignoring latch and pause.
    pub in_slot: u64,
    /// Window limit in force, after reference, shards and ramp.
    pub limit: u64,
    /// When the latch in force ends; 0 if there is none.
    pub latched_until: i64,
    /// 1 if WITHDRAW is paused, else 0.
    pub is_paused: u8,
}

impl OutflowView {
    /// Combines the state of `breaker` and its board.
    #[must_use]
    pub fn of(breaker: &OutflowBreaker, at: &Moment, is_paused: bool) -> Self {
        let view = window::view(breaker, at);
        Self {
            remaining: if is_paused { 0 } else { view.remaining },
            in_window: view.in_window,
            in_slot: view.in_slot,
            limit: view.limit,
            latched_until: view.latched_until,
            is_paused: u8::from(is_paused),
        }
    }
}

#[derive(Accounts)]
pub struct ViewOutflow<'info> {
    pub breaker: AccountLoader<'info, OutflowBreaker>,
    /// CHECK: the breaker's board; the guard checks its key, owner and bytes.
    pub board: UncheckedAccount<'info>,
}

pub fn handle_view_outflow(ctx: Context<ViewOutflow>) -> Result<OutflowView> {
    let clock = Clock::get()?;
    let breaker = ctx.accounts.breaker.current()?;
    let gate = Gate::read(
        &breaker.board,
        &ctx.accounts.board,
        breaker.compartment,
        WITHDRAW,
        &clock,
    )?;
    Ok(OutflowView::of(&breaker, &gate.moment, gate.is_closed))
}

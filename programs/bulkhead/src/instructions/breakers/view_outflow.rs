//! Tells anyone how much may leave through a breaker now, and why not more.
//!
//! Nobody signs and nothing is written: hosts call it by CPI to know the largest withdrawal, clients
//! simulate it. What it answers holds for this slot and as long as nothing else leaves.

use anchor_lang::prelude::*;
use bulkhead_core::breakers::window::{self, Moment};
use bulkhead_guard::action::WITHDRAW;
use bulkhead_interface::layout::OutflowBreaker;

use crate::{current::Current, gate::Gate};

/// The answer, as Borsh.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutflowView {
    /// The most that may leave now: nothing while latched or paused.
    pub remaining: u64,
    /// Room in the window, latched and paused or not.
    pub in_window: u64,
    /// Room in the slot, latched and paused or not.
    pub in_slot: u64,
    /// Most in any window as it is in force: after reference, shards and stage.
    pub limit: u64,
    /// When the latch in force ends; 0 without one.
    pub latched_until: i64,
    /// Is WITHDRAW paused? 1 or 0.
    pub is_paused: u8,
}

impl OutflowView {
    /// What `breaker` and its board say together.
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
    /// CHECK: the breaker's board: the guard checks key, owner and bytes.
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

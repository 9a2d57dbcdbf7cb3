//! Returns which actions of a compartment are closed and until when, as return data: for wallets, bots and programs
//! without the guard.
//!
//! Anyone may call it for any board. It changes nothing.

use anchor_lang::prelude::*;
use bulkhead_core::pause::board;
use bulkhead_interface::layout::PauseBoard;

use crate::gate::{guard_error, typed};

/// What [`view_mask`](crate::bulkhead::view_mask) returns.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaskView {
    /// Every closed action: the masks of the domain and of the compartment, including timed masks that are in force.
    pub mask: u32,
    /// Share of the limits in force, in bps.
    pub ramp_bps: u16,
    /// When the first of the closed actions reopens automatically, or 0. Unix seconds.
    pub until: i64,
}

#[derive(Accounts)]
pub struct ViewMask<'info> {
    pub board: AccountLoader<'info, PauseBoard>,
}

pub fn handle_view_mask(ctx: Context<ViewMask>, compartment: u8) -> Result<MaskView> {
    let now = Clock::get()?.unix_timestamp;
    let data = ctx.accounts.board.as_ref().try_borrow_data()?;
    let view = board::view(&data, typed(&data)?, compartment, now).map_err(guard_error)?;
    Ok(MaskView {
        mask: view.mask,
        ramp_bps: view.ramp_bps,
        until: view.until,
    })
}

//! Reads the state of one compartment from a pause board, through the guard like any host.

use anchor_lang::prelude::*;
use bulkhead_core::{acts::Shown, breakers::window::Moment};
use bulkhead_guard::{GuardError, read_board};
use bulkhead_interface::layout::{PauseBoard, space};

use crate::{authority::shown, error::BulkheadError};

/// Is an action open, and what does a breaker need in order to meter it?
pub struct Gate {
    /// The action is paused.
    pub is_closed: bool,
    /// Time, ramp and last unpause.
    pub moment: Moment,
}

impl Gate {
    /// Reads `board`, which must be the board that was stored when the caller's account was opened.
    pub fn read(
        expected_board: &Pubkey,
        board: &AccountInfo,
        compartment: u8,
        action: u32,
        clock: &Clock,
    ) -> Result<Self> {
        let data = board.try_borrow_data()?;
        Self::read_shown(expected_board, &shown(board, &data), compartment, action, clock)
    }

    /// The same, from the board in the type the acts take.
    #[inline(always)]
    pub fn read_shown(
        expected_board: &Pubkey,
        board: &Shown,
        compartment: u8,
        action: u32,
        clock: &Clock,
    ) -> Result<Self> {
        let standing = read_board(
            expected_board.as_array(),
            board.key.as_array(),
            board.owner.as_array(),
            board.data,
            compartment,
            clock.unix_timestamp,
        )
        .map_err(guard_error)?;
        Ok(Self {
            is_closed: standing.mask & action != 0,
            moment: Moment {
                slot: clock.slot,
                now: clock.unix_timestamp,
                ramp_bps: standing.ramp_bps,
                unpaused_slot: typed(board.data)?.unpaused_slot,
            },
        })
    }
}

/// Interprets the bytes of a board as its layout.
#[inline(always)]
pub fn typed(data: &[u8]) -> Result<&PauseBoard> {
    let body = data.get(8..space::<PauseBoard>()).ok_or(BulkheadError::ForeignBoard)?;
    bytemuck::try_from_bytes(body).map_err(|_| BulkheadError::ForeignBoard.into())
}

/// The program's error for what the guard refuses: the same number.
pub fn guard_error(error: GuardError) -> Error {
    BulkheadError::from(error).into()
}

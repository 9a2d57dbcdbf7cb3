//! What a pause board says of one compartment, read through the guard as any host reads it.

use anchor_lang::prelude::*;
use bulkhead_core::window::Moment;
use bulkhead_guard::{GuardError, check, stage_bps};
use bulkhead_interface::layout::{PauseBoard, space};

use crate::error::BulkheadError;

/// Is an action open, and what does a breaker need to know to meter it?
pub struct Gate {
    /// The action is paused.
    pub is_closed: bool,
    /// Time, stage and last lift.
    pub moment: Moment,
}

impl Gate {
    /// Reads `board`, which must be the one that was stored when the caller's account was opened.
    pub fn read(
        expected_board: &Pubkey,
        board: &AccountInfo,
        compartment: u8,
        action: u32,
        clock: &Clock,
    ) -> Result<Self> {
        let data = board.try_borrow_data()?;
        let (key, owner) = (board.key.as_array(), board.owner.as_array());
        let checked = check(
            expected_board.as_array(),
            key,
            owner,
            &data,
            compartment,
            action,
            clock.unix_timestamp,
        );
        let is_closed = match checked {
            Ok(()) => false,
            Err(GuardError::ActionPaused) => true,
            Err(error) => return Err(guard_error(error)),
        };
        let typed = data.get(8..space::<PauseBoard>()).ok_or(BulkheadError::ForeignBoard)?;
        let typed: &PauseBoard = bytemuck::try_from_bytes(typed).map_err(|_| BulkheadError::ForeignBoard)?;
        Ok(Self {
            is_closed,
            moment: Moment {
                slot: clock.slot,
                now: clock.unix_timestamp,
                stage_bps: stage_bps(&data, compartment).map_err(guard_error)?,
                lifted_slot: typed.lifted_slot,
            },
        })
    }
}

/// Names the program's error for what the guard found; the numbers are the same.
pub fn guard_error(error: GuardError) -> Error {
    match error {
        GuardError::ActionPaused => BulkheadError::ActionPaused,
        GuardError::WrongBoard => BulkheadError::WrongBoard,
        GuardError::ForeignBoard => BulkheadError::ForeignBoard,
        GuardError::UnknownBoardVersion => BulkheadError::UnknownBoardVersion,
        GuardError::CompartmentOutOfRange => BulkheadError::CompartmentOutOfRange,
    }
    .into()
}

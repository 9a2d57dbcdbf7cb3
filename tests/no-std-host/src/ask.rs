//! Asks the guard and does nothing else, or does all but ask: the difference is what the guard costs.

use core::hint::black_box;

use bulkhead_guard::{GuardError, check_account};
use pinocchio::{
    AccountView, Address, ProgramResult,
    error::ProgramError,
    sysvars::{Sysvar, clock::Clock},
};

use crate::state::State;

pub fn process(program: &Address, accounts: &mut [AccountView], action: u64, is_asking: bool) -> ProgramResult {
    let [owner, vault, board] = accounts else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let state = State::load(program, vault, owner)?;
    let now = Clock::get()?.unix_timestamp;
    let action = u32::try_from(action).map_err(|_| ProgramError::InvalidInstructionData)?;
    let answer = if is_asking { ask } else { nothing };
    answer(&state, board, action, now).map_err(|error| ProgramError::Custom(error as u32))
}

// A function each, as a host's handlers are: in one, the two would fight for its registers.

#[inline(never)]
fn ask(state: &State, board: &AccountView, action: u32, now: i64) -> Result<(), GuardError> {
    let (key, owner, data) = (board.address(), board.owner(), board.try_borrow());
    check_account(&state.board, key, owner, data, state.compartment, action, now)
}

#[inline(never)]
fn nothing(state: &State, board: &AccountView, action: u32, now: i64) -> Result<(), GuardError> {
    black_box((state, board, action, now));
    Ok(())
}

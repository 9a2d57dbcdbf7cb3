//! A host that links nothing of Bulkhead: it has a copy of the guard's file. A test of the guard compares the two.
//!
//! Instruction data: the stored board's key, the compartment, the action. Account: the board.
#![no_std]
#![allow(unexpected_cfgs)]

// What this host does not ask for.
#[allow(dead_code)]
mod guard;

use pinocchio::{
    account_info::AccountInfo,
    program_error::ProgramError,
    pubkey::Pubkey,
    sysvars::{clock::Clock, Sysvar},
    ProgramResult,
};

use crate::guard::check_account;

mod entrypoint {
    use super::process;

    pinocchio::program_entrypoint!(process, 4);
    pinocchio::nostd_panic_handler!();
    pinocchio::no_allocator!();
}

/// Asks whether the action is open.
pub fn process(_program: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    let [board] = accounts else {
        return Err(ProgramError::NotEnoughAccountKeys);
    };
    let request: &[u8; 37] = data.try_into().map_err(|_| ProgramError::InvalidInstructionData)?;
    let (stored, rest) = request.split_at(32);
    let action = u32::from_le_bytes([rest[1], rest[2], rest[3], rest[4]]);
    let now = Clock::get()?.unix_timestamp;
    // SAFETY: nobody assigns the board to another program in between.
    let owner = unsafe { board.owner() };
    check_account(
        stored,
        board.key(),
        owner,
        board.try_borrow_data(),
        rest[0],
        action,
        now,
    )
    .map_err(|error| ProgramError::Custom(error as u32))
}

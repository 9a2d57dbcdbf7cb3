//! A host without Anchor, without solana-program and without the standard library: a vault of one
//! owner's SOL and tokens.
//!
//! - SOL lies in the vault's own account. Deposits ask the guard; withdrawals ask the guard and then
//!   the breaker, and lamports move only for a [`Permit`](bulkhead_cpi::Permit).
//! - Tokens lie in Bulkhead's custody. A release is booked only by a [`Debit`](bulkhead_cpi::Debit).
//!
//! That guard and calls stay free of the standard library and of allocation is proven by building
//! this program for the chain: it brings a panic handler of its own and no allocator. With any crate
//! in its graph that links `std` there would be two panic handlers, and with one that links `alloc`
//! an allocator would be missing. Neither links.
#![no_std]
#![deny(unused_must_use, missing_docs)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic
    )
)]

mod ask;
mod calls;
mod deposit;
mod release;
mod state;
mod withdraw;

use pinocchio::{AccountView, Address, ProgramResult, error::ProgramError};
pub use state::{KIND, SEED_OPERATOR, State};

/// First byte of the instruction data.
pub mod op {
    /// `state`, a [`State`](crate::State), into an empty account that signs. Accounts: vault.
    pub const OPEN: u8 = 0;
    /// `lamports: u64`. Accounts: owner, vault, board, breaker, operator, Bulkhead, System program.
    pub const DEPOSIT: u8 = 1;
    /// `lamports: u64`. Accounts: owner, vault, board, breaker, operator, Bulkhead.
    pub const WITHDRAW: u8 = 2;
    /// `amount: u64, index: u64`. Accounts: owner, vault, those of `release`, Bulkhead.
    pub const RELEASE: u8 = 3;
    /// `action: u64`. The guard's answer and nothing else. Accounts: owner, vault, board.
    pub const ASK: u8 = 4;
    /// Everything around [`ASK`] and no guard: the zero of the measurement.
    pub const NOTHING: u8 = 5;
}

/// Decodes the instruction and hands it on.
///
/// # Errors
/// The guard's errors as custom errors with their own numbers, else the runtime's.
pub fn process(program: &Address, accounts: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let (op, data) = data.split_first().ok_or(ProgramError::InvalidInstructionData)?;
    match *op {
        op::OPEN => state::open(program, accounts, data),
        op::DEPOSIT => deposit::process(program, accounts, word(data)?),
        op::WITHDRAW => withdraw::process(program, accounts, word(data)?),
        op::RELEASE => {
            let (amount, index) = data.split_at_checked(8).ok_or(ProgramError::InvalidInstructionData)?;
            release::process(program, accounts, word(amount)?, word(index)?)
        }
        op::ASK => ask::process(program, accounts, word(data)?, true),
        op::NOTHING => ask::process(program, accounts, word(data)?, false),
        _ => Err(ProgramError::InvalidInstructionData),
    }
}

fn word(data: &[u8]) -> Result<u64, ProgramError> {
    let bytes = data.try_into().map_err(|_| ProgramError::InvalidInstructionData)?;
    Ok(u64::from_le_bytes(bytes))
}

#[cfg(not(feature = "no-entrypoint"))]
mod entrypoint {
    pinocchio::program_entrypoint!(crate::process, 16);
    pinocchio::nostd_panic_handler!();
}

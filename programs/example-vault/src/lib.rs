//! A SOL vault without Anchor that uses only Bulkhead's guard: deposits and withdrawals stop when the board stored at
//! set-up says so.
//!
//! The whole integration is [`gate`]: the board's key in the host's own account, the board as a read-only account of
//! the instruction, and one call before anything is changed.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::integer_division,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

pub mod error;
pub mod gate;
pub mod instruction;
mod pda;
pub mod processor;
pub mod seeds;
pub mod state;

#[cfg(not(feature = "no-entrypoint"))]
mod entrypoint;

// The SHA-256 of `example-vault`, so nobody holds its key.
solana_program::declare_id!("5XWFycqq6oFx8E1TSf8N8p62JXBDCpF9j7D5m6bavJzy");

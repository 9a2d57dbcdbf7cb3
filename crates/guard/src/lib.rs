//! The check a host makes before it acts: is this action open right now?
//!
//! The guard reads the answer from the bytes of the domain's pause board. It needs no CPI, no allocation and no
//! dependency, so Anchor, native and pinocchio hosts share one rule. It fails closed: a board that is missing, foreign,
//! too short or of an unknown version stops the action.
//!
//! [`check`] reads plain bytes. Two features add the same check over an account: `check_account` for the `AccountInfo`
//! of Anchor and native programs, and `check_view` for pinocchio's `AccountView`.
//!
//! The host passes the board key that it stored at set-up. Never take that key from the transaction.
#![no_std]
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)
)]

pub mod action;
pub mod board;
mod check;
#[cfg(feature = "account-info")]
mod host;
#[cfg(feature = "pinocchio")]
mod view;

pub use check::{GuardError, PauseStatus, check, effective_mask, ramp_bps, read_board};
#[cfg(feature = "account-info")]
pub use host::check_account;
#[cfg(feature = "pinocchio")]
pub use view::check_view;

/// Address of the Bulkhead program: the SHA-256 of `bulkhead`, so no one has its private key.
/// 4bxSc1tT6ZULobp3Ldu7B786s9u8rdxdEYjwiNmkRQTH
pub const BULKHEAD_ID: [u8; 32] = [
    0x35, 0x87, 0x7f, 0x02, 0x34, 0xbd, 0x1c, 0x59, 0xd3, 0x91, 0xd7, 0x40, 0xf3, 0x56, 0x51, 0xaa, 0xea, 0xc5, 0x86,
    0x72, 0x69, 0xee, 0x9a, 0x92, 0x09, 0x30, 0x4b, 0x32, 0x3e, 0xc9, 0x60, 0xe0,
];

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

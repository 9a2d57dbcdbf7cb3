//! The check a host makes before it acts: is this action open right now?
//!
//! The guard reads the answer from the bytes of the domain's pause board. It needs no CPI, no allocation and no
//! dependency, so hosts of every framework and version share one rule. It fails closed: a board that is missing,
//! foreign, too short or of an unknown version stops the action.
//!
//! [`check`] reads plain bytes. [`check_account`] makes the same check over what a framework's account gives: key, owner
//! and borrowed data.
//!
//! The host passes the board key that it stored at set-up. Never take that key from the transaction.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(
    not(test),
    deny(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used)
)]

mod guard;

pub use guard::*;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

//! Bulkhead: disaster recovery that a protocol plugs in.
//!
//! Tightening is instant for anyone trusted with it; loosening is never instant for anyone.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::integer_division,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use anchor_lang::prelude::*;

pub mod authority;
pub mod error;
pub mod events;
pub mod instructions;
pub mod token;

pub use {bulkhead_interface as interface, bulkhead_interface::ID};
use instructions::*;

/// Anchor reads the program's address from here.
pub fn id() -> Pubkey {
    ID
}

#[program]
pub mod bulkhead {
    use super::*;

    pub fn open_domain(ctx: Context<OpenDomain>, args: OpenDomainArgs) -> Result<()> {
        handle_open_domain(ctx, args)
    }
}

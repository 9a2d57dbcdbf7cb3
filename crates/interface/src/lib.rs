//! What every program or client that talks to Bulkhead shares with it: program ids, PDA seeds, account layouts,
//! discriminators and the small closed sets of numbers (phases, roles, kinds, verdicts).
//!
//! Layouts are plain old data: fixed offsets, little endian, no `bool`, enum, `u128` or `Option`. Every account starts
//! with eight bytes of discriminator, then `version, bump, state, flags`.
#![cfg_attr(not(feature = "anchor"), no_std)]
#![deny(missing_docs)]

pub mod constants;
pub mod discriminator;
pub mod ids;
mod kind;
pub mod layout;
pub mod seeds;

pub use ids::ID;
pub use kind::ProposalKind;
/// The 32-byte address type. Named `Pubkey` because Anchor's IDL recognises that name.
pub use solana_address::Address as Pubkey;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

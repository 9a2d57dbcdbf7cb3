//! Bulkhead's hot-path instructions for hosts: `meter_outflow` and `release`, whose verdicts cause a compile error if
//! they are ignored, and `record_inflow`, which returns no verdict.
//!
//! A breach is a verdict and not an error, because an error would revert the latch that the breach has just set. So a
//! host has to inspect an `Ok`, which is easy to forget. This crate makes forgetting a compile error:
//! - Every verdict, and everything inside one, is `#[must_use]`. With `#![deny(unused_must_use)]` in the host, an
//!   ignored verdict does not compile.
//! - The amount comes only out of a [`Permit`] or a [`Debit`], and only once. Only the verdict of a [`Call`] contains
//!   them. Let the function that pays take a `Permit` and the function that books take a `Debit`. Then neither can be
//!   called for a refused outflow, or twice for an allowed one.
//! - [`Refused::finish`] ends the instruction of a refused outflow, with `Ok`.
//!
//! The crate depends on no framework. [`calls!`] writes the functions that call Bulkhead over the host's own accounts,
//! for every version of Anchor, solana-program and pinocchio; what they are made of, [`Call`], serves any other host.
//!
//! ```
//! use bulkhead_cpi::{Debit, Metered, Permit, Released};
//! # type Result = core::result::Result<(), &'static str>;
//! # fn pay(_: u64) -> Result { Ok(()) }
//!
//! /// What the host does after `meter_outflow`.
//! fn withdraw(metered: Metered) -> Result {
//!     match metered {
//!         Metered::Allowed(permit) => transfer(permit),
//!         Metered::Refused(refused) => refused.finish(),
//!     }
//! }
//!
//! fn transfer(permit: Permit) -> Result {
//!     pay(permit.into_amount())
//! }
//!
//! /// What the host does after `release`.
//! fn redeem(released: Released, balance: &mut u64) -> Result {
//!     match released {
//!         Released::Paid(debit) | Released::Queued(debit) => book(debit, balance),
//!         Released::Denied(refused) => refused.finish(),
//!     }
//! }
//!
//! fn book(debit: Debit, balance: &mut u64) -> Result {
//!     *balance = balance.checked_sub(debit.into_amount()).unwrap_or_default();
//!     Ok(())
//! }
//! ```
//!
//! A verdict that is ignored:
//! ```compile_fail
//! #![deny(unused_must_use)]
//! # fn meter() -> Result<bulkhead_cpi::Metered, &'static str> { unimplemented!() }
//! fn withdraw() -> Result<(), &'static str> {
//!     meter()?;
//!     Ok(())
//! }
//! ```
//! A permit that is not spent, and a debit that is not booked:
//! ```compile_fail
//! #![deny(unused_must_use)]
//! fn spend(permit: bulkhead_cpi::Permit) {
//!     permit.into_amount();
//! }
//! ```
//! ```compile_fail
//! #![deny(unused_must_use)]
//! fn book(debit: bulkhead_cpi::Debit) {
//!     debit.into_amount();
//! }
//! ```
//! A refusal that is not finished:
//! ```compile_fail
//! #![deny(unused_must_use)]
//! fn refuse(refused: bulkhead_cpi::Refused) {
//!     refused.finish::<&'static str>();
//! }
//! ```
//! A permit spent twice, or a debit booked twice:
//! ```compile_fail,E0382
//! fn twice(permit: bulkhead_cpi::Permit) -> u64 {
//!     permit.into_amount() + permit.into_amount()
//! }
//! ```
//! ```compile_fail,E0382
//! fn twice(debit: bulkhead_cpi::Debit) -> u64 {
//!     debit.into_amount() + debit.into_amount()
//! }
//! ```
//! ```compile_fail,E0599
//! fn copied(permit: &bulkhead_cpi::Permit) -> u64 {
//!     permit.clone().into_amount()
//! }
//! ```
//! A permit that nobody issued:
//! ```compile_fail,E0451
//! let permit = bulkhead_cpi::Permit { amount: 1 };
//! ```
//! An outflow that is paid whatever the verdict:
//! ```compile_fail,E0004
//! fn pay_anyway(metered: bulkhead_cpi::Metered) -> u64 {
//!     match metered {
//!         bulkhead_cpi::Metered::Allowed(permit) => permit.into_amount(),
//!     }
//! }
//! ```
//!
//! No type can keep a host from remembering the requested amount and paying that. What a type can do is give the paying
//! function an argument that only a verdict can supply.
#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
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

mod call;
mod calls;
mod consume;
mod verdict;

/// Address of the Bulkhead program.
pub use bulkhead_guard::BULKHEAD_ID;
#[doc(hidden)]
pub use call::of_bulkhead;
pub use call::{
    Call, MeterOutflow, ReceiveDeposit, RecordInflow, Release, TakeBackRelease, Use, METER_OUTFLOW, RECEIVE_DEPOSIT,
    RECORD_INFLOW, RELEASE, TAKE_BACK_RELEASE,
};
pub use consume::{consumed, ConsumeClaim, Consumed, Leaf, CONSUME_CLAIM};
pub use verdict::{Credit, Debit, Metered, NoVerdict, Permit, Refused, Released, ALLOWED, DENIED, QUEUED};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

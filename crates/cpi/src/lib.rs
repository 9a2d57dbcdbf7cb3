//! Bulkhead's hot-path instructions for hosts: `meter_outflow` and `release`, whose verdicts cause a compile error if
//! they are ignored, and `record_inflow`, which returns no verdict.
//!
//! A breach is a verdict and not an error, because an error would revert the latch that the breach has just set. So a
//! host has to inspect an `Ok`, which is easy to forget. This crate makes forgetting a compile error:
//! - Every verdict, and everything inside one, is `#[must_use]`. With `#![deny(unused_must_use)]` in the host, an
//!   ignored verdict does not compile.
//! - The amount comes only out of a [`Permit`] or a [`Debit`], and only once. Only this crate creates them. Let the
//!   function that pays take a `Permit` and the function that books take a `Debit`. Then neither can be called for a
//!   refused outflow, or twice for an allowed one.
//! - [`Refused::finish`] ends the instruction of a refused outflow, with `Ok`.
//!
//! ```
//! use bulkhead_cpi::{Debit, Metered, Permit, Released};
//! # type Result = core::result::Result<(), solana_program_error::ProgramError>;
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
//! # fn meter() -> Result<bulkhead_cpi::Metered, solana_program_error::ProgramError> { unimplemented!() }
//! fn withdraw() -> Result<(), solana_program_error::ProgramError> {
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
//!     refused.finish();
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
// Without an account feature, nothing uses the calls.
#![cfg_attr(not(any(feature = "account-info", feature = "pinocchio")), allow(dead_code))]

#[cfg(feature = "account-info")]
pub mod account_info;
mod call;
mod consume;
#[cfg(feature = "pinocchio")]
pub mod pinocchio;
mod verdict;

pub use call::{
    METER_OUTFLOW, MeterOutflow, RECEIVE_DEPOSIT, RECORD_INFLOW, RELEASE, ReceiveDeposit, RecordInflow, Release,
    TAKE_BACK_RELEASE, TakeBackRelease,
};
pub use consume::{CONSUME_CLAIM, ConsumeClaim, Consumed, Leaf};
pub use verdict::{ALLOWED, Credit, DENIED, Debit, Metered, Permit, QUEUED, Refused, Released};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

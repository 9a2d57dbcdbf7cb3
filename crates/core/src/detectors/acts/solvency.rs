//! Opening and observing a solvency breaker.

use bulkhead_interface::{
    Pubkey,
    constants::VERSION,
    layout::{Reserve, SolvencyBreaker},
};

use crate::{
    CoreError,
    acts::{At, decide},
    detectors::{
        latch::{self},
        solvency::{self, Observation},
    },
};

use super::{NewDetector, Shown};

/// Configuration that a solvency breaker is opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewSolvencyBreaker {
    /// Owner program of the account with the liabilities.
    pub program: Pubkey,
    /// Offset of the liabilities.
    pub offset: u32,
    /// Their width in bytes.
    pub width: u8,
    /// Fraction that may be missing.
    pub tolerance_bps: u16,
    /// Amount that may be missing in addition.
    pub tolerance: u64,
    /// How long a shortfall must last.
    pub min_age_seconds: i64,
}

/// Opens a solvency breaker in an empty account. Liabilities and reserves must be readable now.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_solvency_breaker<'a>(
    breaker: &mut SolvencyBreaker,
    new: &NewDetector,
    with: &NewSolvencyBreaker,
    liabilities: Shown,
    mints: impl ExactSizeIterator<Item = (&'a Pubkey, Option<Pubkey>)>,
) -> Result<(), CoreError> {
    breaker.version = VERSION;
    breaker.bump = new.bump;
    breaker.compartment = new.compartment;
    breaker.domain = new.domain;
    breaker.board = new.board;
    breaker.latch = latch::armed(new.compartment, new.trip_scope, new.latch_seconds)?;
    decide(&mut breaker.decided_slot, new.proposed_slot)?;
    breaker.reserve_count = u8::try_from(mints.len()).map_err(|_| CoreError::ArgumentOutOfRange)?;
    breaker.width = with.width;
    breaker.liabilities = *liabilities.key;
    breaker.program = with.program;
    breaker.offset = with.offset;
    breaker.tolerance_bps = with.tolerance_bps.into();
    breaker.tolerance = with.tolerance;
    breaker.min_age_seconds = with.min_age_seconds;
    for (reserve, (account, mint)) in breaker.reserves.iter_mut().zip(mints) {
        *reserve = Reserve {
            account: *account,
            mint: mint.ok_or(CoreError::WrongReserves)?,
        };
    }
    solvency::check(breaker)?;
    if solvency::has_duplicates(breaker) {
        return Err(CoreError::DuplicateReserve);
    }
    solvency::liabilities(breaker, liabilities.owner, liabilities.data).ok_or(CoreError::LiabilitiesUnreadable)?;
    Ok(())
}

/// The result of comparing reserves with liabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The liabilities; `u128::MAX` if they cannot be read.
    pub liabilities: u128,
    /// The finding.
    pub observation: Observation,
}

/// Anyone compares the reserves with the liabilities.
pub fn observe_solvency(
    breaker: &mut SolvencyBreaker,
    liabilities: Shown,
    reserves: u128,
    unpaused_slot: u64,
    at: At,
) -> Compared {
    let read = solvency::liabilities(breaker, liabilities.owner, liabilities.data);
    Compared {
        liabilities: read.unwrap_or(u128::MAX),
        observation: solvency::observe(breaker, read, reserves, unpaused_slot, at),
    }
}

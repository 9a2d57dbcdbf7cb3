//! Detectors other than the outflow breaker: opening, observing, closing.

mod price;
mod solvency;
mod watch;

use bulkhead_interface::{
    Pubkey,
    layout::{Council, Detector, Domain, PauseBoard},
};

use crate::{
    CoreError,
    acts::{check_closable, check_lowering_known, decide},
};

pub use {price::*, solvency::*, watch::*};

/// The configuration that every detector is opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewDetector {
    /// Bump of its PDA.
    pub bump: u8,
    /// Its domain.
    pub domain: Pubkey,
    /// The domain's board.
    pub board: Pubkey,
    /// Compartment it guards.
    pub compartment: u8,
    /// What a trip pauses.
    pub trip_scope: u8,
    /// How long a latch lasts before it ends automatically.
    pub latch_seconds: i64,
    /// Creation slot of the proposal that opens it; none during set-up.
    pub proposed_slot: Option<u64>,
}

/// An account as the transaction passes it.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// Its address.
    pub key: &'a Pubkey,
    /// Its owner program.
    pub owner: &'a Pubkey,
    /// Its bytes.
    pub data: &'a [u8],
}

/// The inputs for closing a detector.
#[derive(Clone, Copy)]
pub struct Closing<'a> {
    /// Common header of the detector.
    pub detector: &'a Detector,
    /// Slot in which a guardian last lowered its limits, which opening it again would restore in full. 0 if none did.
    pub lowered_slot: u64,
    /// Creation slot of the proposal that last configured it, or 0.
    pub decided_slot: u64,
}

/// Closes a detector of `domain`, by a proposal that is newer than its last configuration and than the guardian's
/// lowering. Its latch must be propagated first: see [`check_closable`]. A proposal that opens a detector from now on
/// must know of this closing and of what had latched, so a closing and an opening together cannot do what
/// [`crate::acts::set_limit`] refuses.
///
/// # Errors
/// A named [`CoreError`].
pub fn close_detector(
    (domain_key, domain): (&Pubkey, &mut Domain),
    closing: &Closing,
    council: &Council,
    board: &PauseBoard,
    proposed_slot: Option<u64>,
    now: i64,
) -> Result<(), CoreError> {
    if closing.detector.domain != *domain_key {
        return Err(CoreError::ForeignAccount);
    }
    check_closing(closing, council, board, proposed_slot, now)?;
    let latched_slot = closing.detector.latch.slot;
    let decided_slot = proposed_slot.unwrap_or_default().saturating_sub(1);
    domain.closed_slot = domain.closed_slot.max(latched_slot).max(decided_slot);
    Ok(())
}

/// An authority watch was opened: a restart check compares all of them.
pub const fn count_watch(domain: &mut Domain) {
    domain.watches = domain.watches.saturating_add(1);
}

/// An authority watch was closed.
pub const fn uncount_watch(domain: &mut Domain) {
    domain.watches = domain.watches.saturating_sub(1);
}

/// May it be closed?
pub(crate) fn check_closing(
    closing: &Closing,
    council: &Council,
    board: &PauseBoard,
    proposed_slot: Option<u64>,
    now: i64,
) -> Result<(), CoreError> {
    check_lowering_known(closing.lowered_slot, proposed_slot)?;
    decide(&mut { closing.decided_slot }, proposed_slot)?;
    check_closable(&closing.detector.latch, council, board, proposed_slot, now)
}

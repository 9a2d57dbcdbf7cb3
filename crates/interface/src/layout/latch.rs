//! What all detectors have in common: what they guard, and the latch that causes a trip.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

/// A trip to be propagated to the board, and how long it lasts.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Latch {
    /// One of `constants::latch_state`.
    pub state: u8,
    /// What a trip pauses: a compartment, or 255 for the domain.
    pub scope: u8,
    /// Slot in which the episode to be propagated began, 48 bits little endian. The breach is in this slot.
    pub begun_slot: [u8; 6],
    /// How long a latch lasts by itself.
    pub seconds: i64,
    /// When it last latched, or 0. Unix seconds.
    pub ts: i64,
    /// The latch is in force while the current time is before this time. Unix seconds.
    pub until: i64,
    /// Slot in which the latched condition was first seen. With several noted conditions, that of the newest. Latching
    /// again for the same reason keeps this slot.
    pub slot: u64,
    /// The value that was observed, in the detector's unit: an amount, a price, a shortfall.
    pub seen: u64,
    /// The value that would have been acceptable, in the same unit.
    pub allowed: u64,
}

const _: () = assert!(core::mem::size_of::<Latch>() == 56 && core::mem::align_of::<Latch>() == 8);

/// The beginning of every detector's account, after the discriminator: outflow, price and solvency breakers, authority
/// watches and vaults. `propagate_trip` reads no more than this.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Detector {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero. `latch` has the state.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Compartment it watches.
    pub compartment: u8,
    /// Defined by each detector.
    pub own: [u8; 3],
    /// Its domain.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
    /// Its trip.
    pub latch: Latch,
}

const _: () = assert!(core::mem::size_of::<Detector>() == 128 && core::mem::align_of::<Detector>() == 8);

/// Asserts that a layout begins like a [`Detector`].
macro_rules! begins_like_a_detector {
    ($layout:ty) => {
        const _: () = {
            use {crate::layout::Detector, core::mem::offset_of};
            assert!(offset_of!($layout, version) == offset_of!(Detector, version));
            assert!(offset_of!($layout, compartment) == offset_of!(Detector, compartment));
            assert!(offset_of!($layout, domain) == offset_of!(Detector, domain));
            assert!(offset_of!($layout, board) == offset_of!(Detector, board));
            assert!(offset_of!($layout, latch) == offset_of!(Detector, latch));
        };
    };
}
pub(super) use begins_like_a_detector;

//! The pause board: what is paused, by compartment and action.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use crate::constants::MAX_COMPARTMENTS;

/// The masks of one compartment, or of the domain. An action is closed if its bit is set in any mask in force.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct BoardRow {
    /// Actions frozen until a proposal unpauses them.
    pub freeze: u32,
    /// Actions paused by a guardian until `guardian_pause_until`.
    pub guardian_pause: u32,
    /// Actions paused by a detector until `trip_until`.
    pub trip: u32,
    /// Actions paused until `linked_until` because an upstream domain is paused. Links do not propagate this any
    /// further.
    pub linked: u32,
    /// Share of the limits in force after a reopening, in bps. 10,000 is the full limit.
    pub ramp_bps: u16,
    /// Slot of the newest latch in `trip`, 48 bits little endian. A proposal from that slot or earlier leaves `trip`
    /// closed.
    pub trip_slot: [u8; 6],
    /// Unix seconds. `guardian_pause` is in force while the current time is before this time.
    pub guardian_pause_until: i64,
    /// Unix seconds. `trip` is in force while the current time is before this time.
    pub trip_until: i64,
    /// Unix seconds. `linked` is in force while the current time is before this time.
    pub linked_until: i64,
}

const _: () = assert!(core::mem::size_of::<BoardRow>() == 48 && core::mem::align_of::<BoardRow>() == 8);

/// The account that hosts read before acting. The fields the guard reads come first and never move; their offsets are
/// constants of the guard.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::PAUSE_BOARD))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct PauseBoard {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Zero.
    pub padding: [u8; 4],
    /// Grows by one with every pause, freeze and unpause. Trips and links do not change it, and no decision is bound to
    /// it.
    pub epoch: u64,
    /// Liquidations stay closed until this time after a reopening. Unix seconds.
    pub grace_until: i64,
    /// Masks of the whole domain.
    pub domain_row: BoardRow,
    /// Masks of each compartment.
    pub rows: [BoardRow; MAX_COMPARTMENTS],
    /// Domain this board belongs to.
    pub domain: Pubkey,
    /// Its council.
    pub council: Pubkey,
    /// Slot in which the newest executed unpause was proposed. Latches from before that slot are void; later ones are
    /// not.
    pub unpaused_slot: u64,
    /// Slot an upstream's pause was last propagated to this board in. A proposal from that slot or earlier leaves
    /// linked pauses in force.
    pub linked_slot: u64,
    /// Slot of the newest guardian pause. A proposal from that slot or earlier leaves guardian pauses in force.
    pub guardian_pause_slot: u64,
    /// Slot of the newest freeze. A proposal from that slot or earlier does not unpause it.
    pub frozen_slot: u64,
    /// Latest end of any pause, trip or linked pause, even if an unpause removed it, and of the last freeze. Unix seconds.
    pub closed_until: i64,
    /// Seconds between the end of the last freeze and `closed_until` in which nothing was closed.
    pub open_seconds: i64,
    /// Zero; room for later versions.
    pub reserved: [u8; 16],
}

const _: () = assert!(core::mem::size_of::<PauseBoard>() == 3272 && core::mem::align_of::<PauseBoard>() == 8);

// The guard reads raw bytes: its offsets are those of these fields, including the discriminator.
const _: () = {
    use {bulkhead_guard::board, core::mem::offset_of};
    assert!(8 + offset_of!(PauseBoard, version) == board::VERSION_OFFSET);
    assert!(8 + offset_of!(PauseBoard, grace_until) == board::GRACE_UNTIL_OFFSET);
    assert!(8 + offset_of!(PauseBoard, domain_row) == board::DOMAIN_ROW_OFFSET);
    assert!(8 + offset_of!(PauseBoard, rows) == board::ROWS_OFFSET);
    assert!(core::mem::size_of::<BoardRow>() == board::ROW_SIZE);
    assert!(offset_of!(BoardRow, freeze) == board::FREEZE_OFFSET);
    assert!(offset_of!(BoardRow, guardian_pause) == board::GUARDIAN_PAUSE_OFFSET);
    assert!(offset_of!(BoardRow, trip) == board::TRIP_OFFSET);
    assert!(offset_of!(BoardRow, linked) == board::LINKED_OFFSET);
    assert!(offset_of!(BoardRow, ramp_bps) == board::RAMP_BPS_OFFSET);
    assert!(offset_of!(BoardRow, guardian_pause_until) == board::GUARDIAN_PAUSE_UNTIL_OFFSET);
    assert!(offset_of!(BoardRow, trip_until) == board::TRIP_UNTIL_OFFSET);
    assert!(offset_of!(BoardRow, linked_until) == board::LINKED_UNTIL_OFFSET);
};

//! Offsets of the bytes that the guard reads in a pause board account. They never change.

/// First eight bytes of a board.
pub const DISCRIMINATOR: [u8; 8] = *b"bhPauseB";
/// The layout version this guard understands.
pub const VERSION: u8 = 1;
/// Number of compartments of a domain.
pub const MAX_COMPARTMENTS: usize = 64;
/// Stands for the whole domain where a compartment is expected.
pub const SCOPE_DOMAIN: u8 = 255;

/// `version: u8`
pub const VERSION_OFFSET: usize = 8;
/// `grace_until: i64`, unix seconds
pub const GRACE_UNTIL_OFFSET: usize = 24;
/// The domain's own row
pub const DOMAIN_ROW_OFFSET: usize = 32;
/// The rows of compartments 0 to 63
pub const ROWS_OFFSET: usize = DOMAIN_ROW_OFFSET + ROW_SIZE;
/// Size of a row, in bytes
pub const ROW_SIZE: usize = 48;
/// Minimum length of a board, in bytes
pub const MIN_LEN: usize = ROWS_OFFSET + MAX_COMPARTMENTS * ROW_SIZE;

/// `freeze: u32` within a row
pub const FREEZE_OFFSET: usize = 0;
/// `guardian_pause: u32` within a row
pub const GUARDIAN_PAUSE_OFFSET: usize = 4;
/// `trip: u32` within a row
pub const TRIP_OFFSET: usize = 8;
/// `linked: u32` within a row
pub const LINKED_OFFSET: usize = 12;
/// `ramp_bps: u16` within a row
pub const RAMP_BPS_OFFSET: usize = 16;
/// `guardian_pause_until: i64` within a row, unix seconds
pub const GUARDIAN_PAUSE_UNTIL_OFFSET: usize = 24;
/// `trip_until: i64` within a row, unix seconds
pub const TRIP_UNTIL_OFFSET: usize = 32;
/// `linked_until: i64` within a row, unix seconds
pub const LINKED_UNTIL_OFFSET: usize = 40;

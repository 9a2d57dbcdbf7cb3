//! The whole guard, in one file and with no dependency. Whoever cannot link the crate copies this file into the program
//! as it is, says `mod guard;`, and keeps it equal to the one of the Bulkhead that is deployed: no rule of a board's
//! bytes is anywhere else.

use core::ops::Deref;

use self::board::*;

/// Address of the Bulkhead program: the SHA-256 of `bulkhead`, so no one has its private key.
/// 4bxSc1tT6ZULobp3Ldu7B786s9u8rdxdEYjwiNmkRQTH
pub const BULKHEAD_ID: [u8; 32] = [
    0x35, 0x87, 0x7f, 0x02, 0x34, 0xbd, 0x1c, 0x59, 0xd3, 0x91, 0xd7, 0x40, 0xf3, 0x56, 0x51, 0xaa, 0xea, 0xc5, 0x86,
    0x72, 0x69, 0xee, 0x9a, 0x92, 0x09, 0x30, 0x4b, 0x32, 0x3e, 0xc9, 0x60, 0xe0,
];

/// Why an action must not proceed. The numbers equal Bulkhead's error codes for the same conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum GuardError {
    /// The action is paused.
    ActionPaused = 6100,
    /// The account is not the board that the host stored.
    WrongBoard = 6101,
    /// The board is not owned by Bulkhead, or is not a board.
    ForeignBoard = 6102,
    /// The guard does not know the board's version.
    UnknownBoardVersion = 6103,
    /// The compartment is out of range. There are 64 compartments, 0 to 63.
    CompartmentOutOfRange = 6104,
    /// The action is 0, which names no action.
    UnknownAction = 6006,
}

/// Checks that `action` is open in `compartment` at `now`.
///
/// `expected_board` is the key that the host stored at set-up. `board_key`, `owner` and `data` describe the account in
/// the transaction. `action` may name several bits, all of which must be open. 0 is refused, because a host that asks
/// about no action has computed it wrongly. `now` is `Clock::unix_timestamp`.
///
/// # Errors
/// [`GuardError`]. On any error the host must not act.
#[inline(always)]
pub fn check(
    expected_board: &[u8; 32],
    board_key: &[u8; 32],
    owner: &[u8; 32],
    data: &[u8],
    compartment: u8,
    action: u32,
    now: i64,
) -> Result<(), GuardError> {
    if action == 0 {
        return Err(GuardError::UnknownAction);
    }
    if read_board(expected_board, board_key, owner, data, compartment, now)?.mask & action != 0 {
        return Err(GuardError::ActionPaused);
    }
    Ok(())
}

/// [`check`] over what any framework says of an account. `expected_board` is the key that the host stored at set-up;
/// `key`, `owner` and `data` are what the framework's own account gives, of whatever version:
///
/// | host | `key`, `owner`, `data` |
/// |---|---|
/// | Anchor, native | `board.key`, `board.owner`, `board.try_borrow_data()` |
/// | pinocchio 0.8 | `board.key()`, `unsafe { board.owner() }`, `board.try_borrow_data()` |
/// | pinocchio 0.9 | `board.key()`, `board.owner()`, `board.try_borrow_data()` |
/// | pinocchio 0.10 | `board.address()`, `unsafe { board.owner() }`, `board.try_borrow()` |
/// | pinocchio 0.11, 0.12 | `board.address()`, `board.owner()`, `board.try_borrow()` |
///
/// # Errors
/// [`GuardError`]. On any error the host must not act. A board that is mutably borrowed is treated as foreign, because
/// only Bulkhead may write one.
#[inline(always)]
pub fn check_account<Data, Error>(
    expected_board: impl AsRef<[u8]>,
    key: impl AsRef<[u8]>,
    owner: impl AsRef<[u8]>,
    data: Result<Data, Error>,
    compartment: u8,
    action: u32,
    now: i64,
) -> Result<(), GuardError>
where
    Data: Deref,
    Data::Target: AsRef<[u8]>,
{
    let expected_board = as_key(expected_board.as_ref()).ok_or(GuardError::WrongBoard)?;
    let key = as_key(key.as_ref()).ok_or(GuardError::WrongBoard)?;
    let owner = as_key(owner.as_ref()).ok_or(GuardError::ForeignBoard)?;
    let data = data.map_err(|_| GuardError::ForeignBoard)?;
    check(expected_board, key, owner, (*data).as_ref(), compartment, action, now)
}

/// Every framework's keys have 32 bytes, so this never fails there.
#[inline(always)]
fn as_key(bytes: &[u8]) -> Option<&[u8; 32]> {
    bytes.try_into().ok()
}

/// A board's state for one compartment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PauseStatus {
    /// Every closed action.
    pub mask: u32,
    /// Share of the limits in force, in bps.
    pub ramp_bps: u16,
}

/// The state that [`check`] decides by, including the ramp. For hosts that scale limits of their own.
///
/// # Errors
/// [`GuardError`]. On any error the host must not act. A paused action is not an error here.
#[inline(always)]
pub fn read_board(
    expected_board: &[u8; 32],
    board_key: &[u8; 32],
    owner: &[u8; 32],
    data: &[u8],
    compartment: u8,
    now: i64,
) -> Result<PauseStatus, GuardError> {
    if !same_key(board_key, expected_board) {
        return Err(GuardError::WrongBoard);
    }
    if !same_key(owner, &BULKHEAD_ID) {
        return Err(GuardError::ForeignBoard);
    }
    let row = row_offset(data, compartment)?;
    Ok(PauseStatus {
        mask: mask_at(data, row, now),
        ramp_bps: ramp_at(data, row),
    })
}

/// Every action closed in `compartment` at `now`: the domain's masks and the compartment's masks, timed masks until
/// they expire, and liquidation during a grace period.
///
/// # Errors
/// [`GuardError`] when `data` is not a board this guard understands.
#[inline(always)]
pub fn effective_mask(data: &[u8], compartment: u8, now: i64) -> Result<u32, GuardError> {
    Ok(mask_at(data, row_offset(data, compartment)?, now))
}

/// Share of the limits in force in `compartment`, in bps: the smaller of the domain's ramp and the compartment's ramp.
///
/// # Errors
/// [`GuardError`] when `data` is not a board this guard understands.
#[inline(always)]
pub fn ramp_bps(data: &[u8], compartment: u8) -> Result<u16, GuardError> {
    Ok(ramp_at(data, row_offset(data, compartment)?))
}

/// Checks that `data` is a board and returns the offset of a compartment's row.
#[inline(always)]
fn row_offset(data: &[u8], compartment: u8) -> Result<usize, GuardError> {
    if data.len() < MIN_LEN || read::<8>(data, 0) != DISCRIMINATOR {
        return Err(GuardError::ForeignBoard);
    }
    if read::<1>(data, VERSION_OFFSET) != [VERSION] {
        return Err(GuardError::UnknownBoardVersion);
    }
    let compartment = usize::from(compartment);
    if compartment >= MAX_COMPARTMENTS {
        return Err(GuardError::CompartmentOutOfRange);
    }
    // At most ROWS_OFFSET + 63 * 48.
    Ok(ROWS_OFFSET.wrapping_add(compartment.wrapping_mul(ROW_SIZE)))
}

#[inline(always)]
fn mask_at(data: &[u8], row: usize, now: i64) -> u32 {
    // The compartment's row comes first, so its number need not be kept while the other row is read.
    let mut mask = row_mask(data, row, now) | row_mask(data, DOMAIN_ROW_OFFSET, now);
    if now < read_i64(data, GRACE_UNTIL_OFFSET) {
        mask |= action::LIQUIDATE;
    }
    mask
}

#[inline(always)]
fn ramp_at(data: &[u8], row: usize) -> u16 {
    let of = |row: usize| u16::from_le_bytes(read(data, row.wrapping_add(RAMP_BPS_OFFSET)));
    of(DOMAIN_ROW_OFFSET).min(of(row))
}

#[inline(always)]
fn row_mask(data: &[u8], row: usize, now: i64) -> u32 {
    let mask = |offset: usize| u32::from_le_bytes(read(data, row.wrapping_add(offset)));
    let until = |offset: usize| read_i64(data, row.wrapping_add(offset));
    let mut closed = mask(FREEZE_OFFSET);
    if now < until(GUARDIAN_PAUSE_UNTIL_OFFSET) {
        closed |= mask(GUARDIAN_PAUSE_OFFSET);
    }
    if now < until(TRIP_UNTIL_OFFSET) {
        closed |= mask(TRIP_OFFSET);
    }
    if now < until(LINKED_UNTIL_OFFSET) {
        closed |= mask(LINKED_OFFSET);
    }
    closed
}

/// Compares word by word, because `==` on byte arrays compiles to a call to `memcmp`.
#[inline(always)]
fn same_key(a: &[u8; 32], b: &[u8; 32]) -> bool {
    let word = |key: &[u8; 32], offset| u64::from_ne_bytes(read(key, offset));
    word(a, 0) == word(b, 0) && word(a, 8) == word(b, 8) && word(a, 16) == word(b, 16) && word(a, 24) == word(b, 24)
}

#[inline(always)]
fn read_i64(data: &[u8], offset: usize) -> i64 {
    i64::from_le_bytes(read(data, offset))
}

/// Reads `N` bytes. Callers have checked the length, so the fallback is never taken. All ones would mean "closed" and
/// "forever".
#[inline(always)]
fn read<const N: usize>(data: &[u8], offset: usize) -> [u8; N] {
    match data.get(offset..offset.wrapping_add(N)) {
        Some(bytes) => bytes.try_into().unwrap_or([u8::MAX; N]),
        None => [u8::MAX; N],
    }
}

/// User actions, one bit each. Bits 16 to 31 are for the host to define.
pub mod action {
    /// Deposit funds.
    pub const DEPOSIT: u32 = 1 << 0;
    /// Withdraw funds.
    pub const WITHDRAW: u32 = 1 << 1;
    /// Borrow.
    pub const BORROW: u32 = 1 << 2;
    /// Repay debt.
    pub const REPAY: u32 = 1 << 3;
    /// Place an order or swap.
    pub const TRADE: u32 = 1 << 4;
    /// Cancel an order.
    pub const CANCEL: u32 = 1 << 5;
    /// Liquidate someone else's position.
    pub const LIQUIDATE: u32 = 1 << 6;
    /// Settle profit and loss.
    pub const SETTLE: u32 = 1 << 7;
    /// Claim what a restoration owes.
    pub const CLAIM: u32 = 1 << 8;
    /// Change the host's configuration.
    pub const ADMIN: u32 = 1 << 9;

    /// All actions.
    pub const ALL: u32 = u32::MAX;
    /// What an emergency closes unless the council sets another mask. Exits stay open: repaying, cancelling, topping up
    /// margin and claiming can only make users safer. Liquidation is closed, because nobody should lose a position they are
    /// not allowed to save.
    pub const DEFAULT_EMERGENCY: u32 = ALL & !(REPAY | CANCEL | DEPOSIT | CLAIM);
    /// What a freeze closes: everything except claims. A deposit or a repayment made while the ledger is being read would
    /// keep the snapshot from adding up. One made afterwards would be missing from the snapshot.
    pub const FROZEN: u32 = ALL & !CLAIM;
}

/// Offsets of the bytes that the guard reads in a pause board account. They never change.
pub mod board {
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
}

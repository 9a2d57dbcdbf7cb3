use crate::{BULKHEAD_ID, action, board::*};

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

use crate::{
    BULKHEAD_ID, action,
    board::*,
    words::{BULKHEAD_WORDS, BoardBytes, BoardWords, Words, aligned, same_words},
};

/// Why an action may not go on. The numbers are Bulkhead's error codes for the same facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum GuardError {
    /// The action is paused.
    ActionPaused = 6100,
    /// The account is not the board the host stored.
    WrongBoard = 6101,
    /// The board is not owned by Bulkhead, or is no board.
    ForeignBoard = 6102,
    /// The board's version is not one this guard knows.
    UnknownBoardVersion = 6103,
    /// There are 64 compartments, 0 to 63.
    CompartmentOutOfRange = 6104,
}

/// Is `action` open in `compartment` at `now`?
///
/// `expected_board` is the key the host stored at set-up; `board_key`, `owner` and `data` are of
/// the account in the transaction. `action` may name several bits: all of them must be open.
/// `now` is `Clock::unix_timestamp`.
///
/// # Errors
/// [`GuardError`], and then the host must not act.
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
    let places = (
        aligned(expected_board),
        aligned(board_key),
        aligned(owner),
        data.first_chunk().and_then(aligned::<MIN_LEN, _>),
    );
    match places {
        (Some(expected), Some(key), Some(owner), Some(board)) => answer(
            || same_words(key, expected),
            || same_words(owner, &BULKHEAD_WORDS),
            || mask_of::<BoardWords>(board, compartment, now),
            action,
        ),
        _ => check_bytes(expected_board, board_key, owner, data, compartment, action, now),
    }
}

/// [`check`] where a key does not lie aligned, or the board is short.
#[cold]
#[inline(never)]
fn check_bytes(
    expected_board: &[u8; 32],
    board_key: &[u8; 32],
    owner: &[u8; 32],
    data: &[u8],
    compartment: u8,
    action: u32,
    now: i64,
) -> Result<(), GuardError> {
    answer(
        || board_key == expected_board,
        || owner == &BULKHEAD_ID,
        || effective_mask(data, compartment, now),
        action,
    )
}

/// The first fact that is wrong.
#[inline(always)]
fn answer(
    right_key: impl FnOnce() -> bool,
    right_owner: impl FnOnce() -> bool,
    mask: impl FnOnce() -> Result<u32, GuardError>,
    action: u32,
) -> Result<(), GuardError> {
    if !right_key() {
        return Err(GuardError::WrongBoard);
    }
    if !right_owner() {
        return Err(GuardError::ForeignBoard);
    }
    if mask()? & action != 0 {
        return Err(GuardError::ActionPaused);
    }
    Ok(())
}

/// Every action closed in `compartment` at `now`: the domain's masks and the compartment's,
/// timed ones while they last, and liquidation during a grace period.
///
/// # Errors
/// [`GuardError`] when `data` is not a board this guard understands.
#[inline(always)]
pub fn effective_mask(data: &[u8], compartment: u8, now: i64) -> Result<u32, GuardError> {
    let board: &BoardBytes = data.first_chunk().ok_or(GuardError::ForeignBoard)?;
    match aligned(board) {
        Some(words) => mask_of::<BoardWords>(words, compartment, now),
        None => mask_of(board, compartment, now),
    }
}

/// Share of the limits in force in `compartment`, in bps: the smaller of the domain's stage and
/// the compartment's.
///
/// # Errors
/// [`GuardError`] when `data` is not a board this guard understands.
#[inline(always)]
pub fn stage_bps(data: &[u8], compartment: u8) -> Result<u16, GuardError> {
    let board: &BoardBytes = data.first_chunk().ok_or(GuardError::ForeignBoard)?;
    let row = row_offset(board, compartment)?;
    let of = |row: usize| board.u32(row.wrapping_add(STAGE_BPS_OFFSET)) as u16;
    Ok(of(DOMAIN_ROW_OFFSET).min(of(row)))
}

#[inline(always)]
fn mask_of<B: Words>(board: &B, compartment: u8, now: i64) -> Result<u32, GuardError> {
    let row = row_offset(board, compartment)?;
    // The compartment's row first: its number then need not be kept while the other is read.
    let mut mask = row_mask(board, row, now) | row_mask(board, DOMAIN_ROW_OFFSET, now);
    if now < board.time(GRACE_UNTIL_OFFSET) {
        mask |= action::LIQUIDATE;
    }
    Ok(mask)
}

#[inline(always)]
fn row_mask(board: &impl Words, row: usize, now: i64) -> u32 {
    let mut closed = board.u32(row.wrapping_add(HOLD_OFFSET));
    if now < board.time(row.wrapping_add(CONTAIN_UNTIL_OFFSET)) {
        closed |= board.u32(row.wrapping_add(CONTAIN_OFFSET));
    }
    if now < board.time(row.wrapping_add(TRIP_UNTIL_OFFSET)) {
        closed |= board.u32(row.wrapping_add(TRIP_OFFSET));
    }
    closed
}

/// Checks that this is a board and gives the offset of a compartment's row.
#[inline(always)]
fn row_offset(board: &impl Words, compartment: u8) -> Result<usize, GuardError> {
    if board.word(0) != u64::from_le_bytes(DISCRIMINATOR) {
        return Err(GuardError::ForeignBoard);
    }
    if board.word(VERSION_OFFSET) as u8 != VERSION {
        return Err(GuardError::UnknownBoardVersion);
    }
    let compartment = usize::from(compartment);
    if compartment >= MAX_COMPARTMENTS {
        return Err(GuardError::CompartmentOutOfRange);
    }
    // At most ROWS_OFFSET + 63 * 32.
    Ok(ROWS_OFFSET.wrapping_add(compartment.wrapping_mul(ROW_SIZE)))
}

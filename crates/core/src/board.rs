//! Changes to a pause board. Everything here but [`lift`] and [`reopen`] only tightens.

use bulkhead_guard::{
    action::HELD,
    board::{MAX_COMPARTMENTS, SCOPE_DOMAIN},
};
use bulkhead_interface::{
    constants::BPS,
    layout::{BoardRow, PauseBoard},
};

/// Scopes are 0 to 63, or 255 for the domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeOutOfRange;

/// Is `scope` a compartment or the domain?
#[must_use]
pub fn is_scope(scope: u8) -> bool {
    scope == SCOPE_DOMAIN || usize::from(scope) < MAX_COMPARTMENTS
}

/// A fresh board: nothing paused, full limits.
pub fn open(board: &mut PauseBoard) {
    board.domain_row.stage_bps = BPS;
    for row in &mut board.rows {
        row.stage_bps = BPS;
    }
}

/// A guardian closes `mask` until `until`. A pause that is still in force is only widened.
///
/// # Errors
/// [`ScopeOutOfRange`].
pub fn contain(board: &mut PauseBoard, scope: u8, mask: u32, until: i64, now: i64) -> Result<(), ScopeOutOfRange> {
    let row = row_mut(board, scope)?;
    (row.contain, row.contain_until) = widen(row.contain, row.contain_until, mask, until, now);
    touch(board);
    Ok(())
}

/// A breaker closes `mask` until `until`. A trip that is still in force is only widened.
///
/// # Errors
/// [`ScopeOutOfRange`].
pub fn trip(board: &mut PauseBoard, scope: u8, mask: u32, until: i64, now: i64) -> Result<(), ScopeOutOfRange> {
    let row = row_mut(board, scope)?;
    (row.trip, row.trip_until) = widen(row.trip, row.trip_until, mask, until, now);
    touch(board);
    Ok(())
}

/// The council freezes the whole domain until a proposal lifts it.
pub fn hold(board: &mut PauseBoard) {
    board.domain_row.hold |= HELD;
    touch(board);
}

/// Is any timed mask still in force?
#[must_use]
pub fn is_timed_pause_in_force(board: &PauseBoard, now: i64) -> bool {
    rows(board).any(|row| now < row.contain_until || now < row.trip_until)
}

/// Lifts every mask and voids every latch from before `slot`. Only a matured proposal may.
pub fn lift(board: &mut PauseBoard, slot: u64) {
    for row in rows_mut(board) {
        *row = BoardRow {
            stage_bps: row.stage_bps,
            ..bytemuck::Zeroable::zeroed()
        };
    }
    board.lifted_slot = slot;
    touch(board);
}

/// Lifts every mask and reopens at `stage_bps` of the limits, liquidations closed until
/// `grace_until`. Only a matured proposal may.
pub fn reopen(board: &mut PauseBoard, slot: u64, stage_bps: u16, grace_until: i64) {
    lift(board, slot);
    board.domain_row.stage_bps = stage_bps;
    board.grace_until = grace_until;
}

fn widen(mask: u32, until: i64, new_mask: u32, new_until: i64, now: i64) -> (u32, i64) {
    if now < until {
        (mask | new_mask, until.max(new_until))
    } else {
        (new_mask, new_until)
    }
}

fn touch(board: &mut PauseBoard) {
    board.epoch = board.epoch.saturating_add(1);
}

fn row_mut(board: &mut PauseBoard, scope: u8) -> Result<&mut BoardRow, ScopeOutOfRange> {
    if scope == SCOPE_DOMAIN {
        return Ok(&mut board.domain_row);
    }
    board.rows.get_mut(usize::from(scope)).ok_or(ScopeOutOfRange)
}

fn rows(board: &PauseBoard) -> impl Iterator<Item = &BoardRow> {
    core::iter::once(&board.domain_row).chain(&board.rows)
}

fn rows_mut(board: &mut PauseBoard) -> impl Iterator<Item = &mut BoardRow> {
    core::iter::once(&mut board.domain_row).chain(&mut board.rows)
}

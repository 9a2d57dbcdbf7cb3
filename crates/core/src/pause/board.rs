//! Changes to a pause board. Everything here except [`unpause`] and [`reopen`] only tightens.
//!
//! A decision covers what was known when it was proposed. So every mask stores the slot of its newest reason, and an
//! unpause compares that with the slot its proposal was created in, whenever it is executed. Nobody can void an unpause
//! by closing something in the meantime, and nobody can use an old unpause to open what was closed since.

use crate::CoreError;
use bulkhead_guard::{
    GuardError,
    action::FROZEN,
    board::{MAX_COMPARTMENTS, SCOPE_DOMAIN},
    effective_mask, ramp_bps,
};
use bulkhead_interface::{
    constants::BPS,
    layout::{BoardRow, PauseBoard},
};

use crate::{acts::At, clock};

/// Is `scope` a compartment or the domain?
#[must_use]
pub fn is_scope(scope: u8) -> bool {
    scope == SCOPE_DOMAIN || usize::from(scope) < MAX_COMPARTMENTS
}

/// Initializes a board: nothing paused, full limits.
pub fn open(board: &mut PauseBoard) {
    board.domain_row.ramp_bps = BPS;
    for row in &mut board.rows {
        row.ramp_bps = BPS;
    }
}

/// A guardian closes `mask` until `until`. A pause in force is only extended.
///
/// # Errors
/// [`CoreError::CompartmentOutOfRange`].
pub fn guardian_pause(board: &mut PauseBoard, scope: u8, mask: u32, until: i64, at: At) -> Result<(), CoreError> {
    let row = row_mut(board, scope)?;
    (row.guardian_pause, row.guardian_pause_until) =
        widen(row.guardian_pause, row.guardian_pause_until, mask, until, at.now);
    count_closed(board, until, at.now);
    board.guardian_pause_slot = board.guardian_pause_slot.max(at.slot);
    touch(board);
    Ok(())
}

/// A detector that latched in `latch_slot` closes `mask` until `until`. A trip in force is only extended. The epoch
/// does not change: making a detector latch affects nothing but this row.
///
/// # Errors
/// [`CoreError::CompartmentOutOfRange`].
pub fn trip(
    board: &mut PauseBoard,
    scope: u8,
    mask: u32,
    until: i64,
    latch_slot: u64,
    now: i64,
) -> Result<(), CoreError> {
    let row = row_mut(board, scope)?;
    let earlier = if now < row.trip_until { trip_slot(row) } else { 0 };
    (row.trip, row.trip_until) = widen(row.trip, row.trip_until, mask, until, now);
    row.trip_slot = clock::short(earlier.max(latch_slot));
    count_closed(board, until, now);
    Ok(())
}

/// Slot of the newest latch in a row's trip.
#[must_use]
pub const fn trip_slot(row: &BoardRow) -> u64 {
    clock::long(row.trip_slot)
}

/// An upstream's pause closes `mask` until `until` in the compartments of a bitmap. A linked pause in force is only
/// extended. Returns whether this closed anything more, or for longer; if not, nothing is changed.
///
/// The epoch does not change, as with a trip. [`unpause`] compares the slot.
pub fn link(board: &mut PauseBoard, compartments: u64, mask: u32, until: i64, slot: u64, now: i64) -> bool {
    let mut is_tighter = false;
    for (_, row) in (0_u32..)
        .zip(&mut board.rows)
        .filter(|(number, _)| has_bit(compartments, *number))
    {
        let (new_mask, new_until) = widen(row.linked, row.linked_until, mask, until, now);
        is_tighter |= (new_mask, new_until) != (row.linked, row.linked_until);
        (row.linked, row.linked_until) = (new_mask, new_until);
    }
    if is_tighter {
        board.linked_slot = slot;
        count_closed(board, until, now);
    }
    is_tighter
}

/// The council freezes the whole domain until a proposal unpauses it.
pub fn freeze(board: &mut PauseBoard, slot: u64) {
    board.domain_row.freeze |= FROZEN;
    board.frozen_slot = board.frozen_slot.max(slot);
    touch(board);
}

/// For how long nothing at all has been closed since the last freeze ended, in all. A pause that an unpause removed
/// counts to the end that it would have had.
#[must_use]
pub const fn open_seconds(board: &PauseBoard, now: i64) -> i64 {
    let since = now.saturating_sub(board.closed_until);
    board.open_seconds.saturating_add(if since > 0 { since } else { 0 })
}

/// Counts [`open_seconds`] from the end of a freeze. What is still in force then counts as closed.
pub(crate) fn count_open(board: &mut PauseBoard, now: i64) {
    let in_force = rows(board).flat_map(lapses).fold(now, i64::max);
    (board.open_seconds, board.closed_until) = (0, in_force);
}

fn count_closed(board: &mut PauseBoard, until: i64, now: i64) {
    board.open_seconds = open_seconds(board, now);
    board.closed_until = board.closed_until.max(until).max(now);
}

/// Is any of the domain's own timed masks still in force? A linked mask is not part of its incident: an upstream that
/// stays paused does not keep the incident open.
#[must_use]
pub fn is_timed_pause_in_force(board: &PauseBoard, now: i64) -> bool {
    rows(board).any(|row| now < row.guardian_pause_until || now < row.trip_until)
}

/// Was the freeze known to a proposal from `proposed_slot`?
#[must_use]
pub const fn knows_freeze(board: &PauseBoard, proposed_slot: u64) -> bool {
    board.domain_row.freeze == 0 || board.frozen_slot < proposed_slot
}

/// Removes what was known in `proposed_slot`, when the matured proposal for it was created: every mask and latch from
/// before that slot, and nothing from that slot or later. Guardian pauses share one slot, that of the newest, and so do
/// linked pauses: they stay together until they lapse.
pub fn unpause(board: &mut PauseBoard, proposed_slot: u64) {
    let is_freeze_known = knows_freeze(board, proposed_slot);
    let is_guardian_pause_known = board.guardian_pause_slot < proposed_slot;
    let is_linked_known = board.linked_slot < proposed_slot;
    for row in rows_mut(board) {
        if is_freeze_known {
            row.freeze = 0;
        }
        if is_guardian_pause_known {
            (row.guardian_pause, row.guardian_pause_until) = (0, 0);
        }
        if trip_slot(row) < proposed_slot {
            (row.trip, row.trip_until, row.trip_slot) = (0, 0, [0; 6]);
        }
        if is_linked_known {
            (row.linked, row.linked_until) = (0, 0);
        }
    }
    board.unpaused_slot = board.unpaused_slot.max(proposed_slot);
    touch(board);
}

/// [`unpause`], with limits at `ramp_bps` and liquidations closed until `grace_until`. Requires a matured proposal.
pub fn reopen(board: &mut PauseBoard, proposed_slot: u64, ramp_bps: u16, grace_until: i64) {
    unpause(board, proposed_slot);
    board.domain_row.ramp_bps = ramp_bps;
    board.grace_until = grace_until;
}

/// State of a compartment, and until when it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Every closed action.
    pub mask: u32,
    /// Share of the limits in force, in bps.
    pub ramp_bps: u16,
    /// When the first of the closed actions reopens automatically, or 0. Unix seconds.
    pub until: i64,
}

/// What hosts read for a compartment, and when that changes automatically. `data` is the account of `board`.
///
/// # Errors
/// [`GuardError`] as hosts get it.
pub fn view(data: &[u8], board: &PauseBoard, compartment: u8, now: i64) -> Result<View, GuardError> {
    let mask = effective_mask(data, compartment, now)?;
    let opens_at = |instant| effective_mask(data, compartment, instant).is_ok_and(|then| mask & !then != 0);
    let own = board.rows.get(usize::from(compartment));
    let ends = core::iter::once(&board.domain_row).chain(own).flat_map(lapses);
    let until = ends
        .chain([board.grace_until])
        .filter(|until| now < *until && opens_at(*until))
        .min();
    Ok(View {
        mask,
        ramp_bps: ramp_bps(data, compartment)?,
        until: until.unwrap_or(0),
    })
}

/// When each timed mask of a row lapses.
pub(crate) fn lapses(row: &BoardRow) -> [i64; 3] {
    [row.guardian_pause_until, row.trip_until, row.linked_until]
}

/// Is `number` in a bitmap of compartments?
#[must_use]
pub fn has_bit(compartments: u64, number: u32) -> bool {
    compartments.checked_shr(number).is_some_and(|rest| rest & 1 != 0)
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

fn row_mut(board: &mut PauseBoard, scope: u8) -> Result<&mut BoardRow, CoreError> {
    if scope == SCOPE_DOMAIN {
        return Ok(&mut board.domain_row);
    }
    board
        .rows
        .get_mut(usize::from(scope))
        .ok_or(CoreError::CompartmentOutOfRange)
}

fn rows(board: &PauseBoard) -> impl Iterator<Item = &BoardRow> {
    core::iter::once(&board.domain_row).chain(&board.rows)
}

fn rows_mut(board: &mut PauseBoard) -> impl Iterator<Item = &mut BoardRow> {
    core::iter::once(&mut board.domain_row).chain(&mut board.rows)
}

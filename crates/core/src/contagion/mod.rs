//! Links: a domain's pause closes the linked compartments of domains that depend on it, and nothing else of theirs.
//!
//! Only what the upstream's own council and detectors decided counts: freezes, guardian pauses and trips, never a pause
//! that was linked there. So a pause travels one link and no further, and a ring of links cannot keep itself closed. A
//! domain that depends on another through a third links to both.
//!
//! A false alarm ends here when it ends upstream: a linked pause lapses with the upstream's own masks. A freeze has no
//! end, so it is propagated for as long as our own trip would last, and again while it stays in force.
//!
//! A compartment has one linked mask. Two links that close different actions of it close all of them for as long as the
//! longer of the two lasts, so links into one compartment should close the same actions.

pub(crate) mod acts;

use bulkhead_interface::{
    constants::SCOPE_DOMAIN,
    layout::{BoardRow, Council, Link, PauseBoard},
};

use crate::{CoreError, pause::board::is_scope};

/// What a link closes in its compartments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Actions.
    pub mask: u32,
    /// Until when. Unix seconds.
    pub until: i64,
}

/// Validates a link before it is stored.
///
/// # Errors
/// [`CoreError`]
pub fn check(link: &Link) -> Result<(), CoreError> {
    if link.upstream == link.domain || link.upstream_board == link.board {
        return Err(CoreError::LinkedToItself);
    }
    if !is_scope(link.upstream_scope) {
        return Err(CoreError::CompartmentOutOfRange);
    }
    if link.upstream_mask == 0 {
        return Err(CoreError::ArgumentOutOfRange);
    }
    Ok(())
}

/// What the upstream's board closes through `link` at `now`, if anything. `council` is the dependent domain's.
#[must_use]
pub fn carried(link: &Link, upstream: &PauseBoard, council: &Council, now: i64) -> Option<Carried> {
    let until = rows_of(upstream, link.upstream_scope)
        .filter_map(|row| paused_until(row, link.upstream_mask, council.trip_seconds, now))
        .max()?;
    let mask = if link.mask == 0 {
        council.default_mask
    } else {
        link.mask
    };
    let is_on = link.compartments != 0 && mask != 0;
    is_on.then_some(Carried { mask, until })
}

/// The upstream's domain row, and the row of `scope` if that is a compartment.
fn rows_of(board: &PauseBoard, scope: u8) -> impl Iterator<Item = &BoardRow> {
    let own = (scope != SCOPE_DOMAIN).then(|| board.rows.get(usize::from(scope)));
    core::iter::once(&board.domain_row).chain(own.flatten())
}

/// How long the row's own masks keep any action of `counted` closed; nothing when they close none of it.
fn paused_until(row: &BoardRow, counted: u32, frozen_seconds: i64, now: i64) -> Option<i64> {
    let timed = [
        (row.guardian_pause, row.guardian_pause_until),
        (row.trip, row.trip_until),
    ];
    let timed = timed.into_iter().filter(|(_, until)| now < *until);
    let held = (row.freeze, now.saturating_add(frozen_seconds));
    timed
        .chain([held])
        .filter(|(mask, _)| mask & counted != 0)
        .map(|(_, until)| until)
        .max()
}

//! What an unpause opens and what it leaves closed, pause by pause. An unpause knows of what came before the slot it was proposed
//! in: whatever is newer stays, and what it knows of is accepted for good.

use bulkhead_core::pause::board::{knows_freeze, trip_slot};
use bulkhead_interface::layout::{BoardRow, PauseBoard};

use super::{difference::Direction, words::mask};

/// When a proposal was made, and when it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// Slot it was made or last edited in.
    pub proposed_slot: u64,
    /// Unix seconds of the cluster.
    pub now: i64,
}

/// What is closed, as it is, as it would be, and which way that is.
pub(super) type Line = (String, String, String, Direction);

/// Every pause of a board that is in force.
pub(super) fn lines(board: &PauseBoard, when: When) -> Vec<Line> {
    let named = board.rows.iter().enumerate();
    let named = named.map(|(number, row)| (format!("compartment {number}"), row));
    let all = core::iter::once(("the domain".to_owned(), &board.domain_row)).chain(named);
    all.flat_map(|(scope, row)| of_row(board, &scope, row, when)).collect()
}

fn of_row(board: &PauseBoard, scope: &str, row: &BoardRow, when: When) -> Vec<Line> {
    let in_force = |mask: u32, until: i64| if when.now < until { mask } else { 0 };
    let reasons = [
        (
            "freeze",
            row.freeze,
            knows_freeze(board, when.proposed_slot),
            board.frozen_slot,
        ),
        (
            "guardians' pause",
            in_force(row.guardian_pause, row.guardian_pause_until),
            board.guardian_pause_slot < when.proposed_slot,
            board.guardian_pause_slot,
        ),
        (
            "latch of a detector",
            in_force(row.trip, row.trip_until),
            trip_slot(row) < when.proposed_slot,
            trip_slot(row),
        ),
        (
            "pause of an upstream",
            in_force(row.linked, row.linked_until),
            board.linked_slot < when.proposed_slot,
            board.linked_slot,
        ),
    ];
    let told = |(what, closed, is_known, slot): (&str, u32, bool, u64)| {
        let (to, direction) = match (is_known, what) {
            (true, "latch of a detector") => ("is accepted, and opens".to_owned(), Direction::Looser),
            (true, _) => ("opens".to_owned(), Direction::Looser),
            (false, _) => (
                format!("STAYS: slot {slot} is not before the proposal"),
                Direction::Other,
            ),
        };
        (format!("{what} on {scope}"), mask(closed), to, direction)
    };
    reasons.into_iter().filter(|reason| reason.1 != 0).map(told).collect()
}

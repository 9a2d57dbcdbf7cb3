//! What an unpause opens and what it leaves closed, pause by pause. An unpause applies to what came before the slot in
//! which it was proposed: newer pauses stay, and older findings are accepted permanently.

use bulkhead_core::pause::board::{knows_freeze, trip_slot};
use bulkhead_interface::layout::{BoardRow, PauseBoard};

use super::{difference::Direction, words::mask};

/// The time of a proposal, and the current time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// Slot in which the proposal was created or last edited.
    pub proposed_slot: u64,
    /// Unix timestamp of the cluster, in seconds.
    pub now: i64,
}

/// What is closed: the present state, the next state, and the direction of the change.
pub(super) type Line = (String, String, String, Direction);

/// All pauses of a board that are in force.
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
            "guardian pause",
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
    let describe = |(what, closed, is_known, slot): (&str, u32, bool, u64)| {
        let (to, direction) = match (is_known, what) {
            (true, "latch of a detector") => ("accepted, and opens".to_owned(), Direction::Looser),
            (true, _) => ("opens".to_owned(), Direction::Looser),
            (false, _) => (
                format!("STAYS: slot {slot} is not before the proposal"),
                Direction::Other,
            ),
        };
        (format!("{what} on {scope}"), mask(closed), to, direction)
    };
    reasons
        .into_iter()
        .filter(|reason| reason.1 != 0)
        .map(describe)
        .collect()
}

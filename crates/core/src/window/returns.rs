//! What returns: a deposit that custody has seen arrive leaves again to who brought it, without filling the window.
//!
//! Who moves the same tokens in and out could otherwise fill everybody's window for fees alone. A note of vault and
//! owner keeps what arrived, by sub-window. A release to that owner first uses up what is left of it: such an outflow
//! is counted where it leaves, and what it gives back is taken off where it came in. So one pair of both weighs nothing
//! within a sub-window, nothing is paid out of others' deposits without filling the window, and the bound on what may
//! leave beyond what its taker brought in within the window is still T.
//!
//! The part that gives back falls out of the window before the part that leaves: whoever holds capital back for a while
//! and then takes it out fills the window for as long as it was held, and no more. A note ends with the sub-window it
//! came in: nobody keeps a right to leave for the day of need.

use bulkhead_interface::{
    constants::NOTE_ENTRIES,
    layout::{DepositNote, OutflowBreaker},
};

use super::ring::{add, count_outflow, newest_bucket, place};

/// Whose release it is.
pub struct Asker<'a> {
    /// The note of who asks.
    pub note: &'a mut DepositNote,
    /// Is its owner paid?
    pub is_owner: bool,
}

/// Notes that `amount` has arrived, in the sub-window of `now`. What is older than the window makes way; where there is
/// no room for another sub-window, the two oldest become one and end with the older.
pub fn note_deposit(note: &mut DepositNote, breaker: &OutflowBreaker, amount: u64, now: i64) {
    let newest = newest_bucket(breaker, now);
    let [first, second, third, fourth] = &mut note.entries;
    if first.amount != 0 && first.bucket == newest {
        first.amount = first.amount.saturating_add(amount);
        return;
    }
    let ends = newest.saturating_sub(breaker.sub_windows.into());
    let live = |entry: &bulkhead_interface::layout::NoteEntry| entry.amount != 0 && entry.bucket >= ends;
    if live(third) && live(fourth) {
        fourth.amount = fourth.amount.saturating_add(third.amount);
    } else if live(third) {
        *fourth = *third;
    } else {
        fourth.amount = 0;
    }
    *third = *second;
    *second = *first;
    first.bucket = newest;
    first.amount = amount;
    const { assert!(NOTE_ENTRIES == 4) };
}

/// What a note still covers. The breaker has advanced.
#[must_use]
pub fn left_of(note: &DepositNote, breaker: &OutflowBreaker) -> u64 {
    let ends = breaker.bucket.saturating_sub(breaker.sub_windows.into());
    let live = note.entries.iter().filter(|entry| entry.bucket >= ends);
    live.fold(0, |sum, entry| sum.saturating_add(entry.amount))
}

/// Does a note cover nothing any more at `now`?
#[must_use]
pub fn is_over(note: &DepositNote, breaker: &OutflowBreaker, now: i64) -> bool {
    let ends = newest_bucket(breaker, now).saturating_sub(breaker.sub_windows.into());
    note.entries
        .iter()
        .all(|entry| entry.amount == 0 || entry.bucket < ends)
}

/// Uses `amount` of a note that covers it, the newest part first.
pub(super) fn give_back(breaker: &mut OutflowBreaker, note: &mut DepositNote, amount: u64) {
    let newest = breaker.bucket;
    let ends = newest.saturating_sub(breaker.sub_windows.into());
    let mut left = amount;
    for entry in note.entries.iter_mut().filter(|entry| entry.bucket >= ends) {
        let used = entry.amount.min(left);
        entry.amount = entry.amount.saturating_sub(used);
        left = left.saturating_sub(used);
        // In and out in one sub-window: both would be forgotten at once.
        if used != 0 && entry.bucket != newest {
            count_outflow(breaker, used);
            let place = place(breaker, entry.bucket);
            add(&mut breaker.returns, place, used);
            breaker.returned = breaker.returned.saturating_add(used);
        }
    }
}

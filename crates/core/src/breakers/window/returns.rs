//! What returns: a deposit that custody has seen arrive leaves again to who brought it, and is counted nowhere.
//!
//! Who moves the same tokens in and out could otherwise fill everybody's window for fees alone. A note of vault and
//! owner keeps what arrived, by sub-window. A release to that owner first uses up what is left of it; only the rest is
//! looked at. So what a note covers never enters a sum that is others' too: it neither fills a window or a slot nor adds to
//! what latches, and nothing that is counted can be taken off again. **Law**: of any window, what was paid beyond notes is
//! at most `T + C`; what was paid by notes was brought in by the same owner within the window before, one unit for one.
//!
//! What has to wait uses its cover up, too, for it was not looked at; it is counted in full when it is settled.
//!
//! A note ends with the sub-window it came in: nobody keeps a right to leave for the day of need. It is of one opening of
//! the breaker, for another counts its sub-windows by other numbers, and ends with an evacuation, for then what it is of has
//! left.

use bulkhead_interface::{
    constants::NOTE_ENTRIES,
    layout::{DepositNote, NoteEntry, OutflowBreaker},
};

use super::ring::newest_bucket;

/// Whose release it is.
pub struct Asker<'a> {
    /// The note of who asks.
    pub note: &'a mut DepositNote,
    /// Is its owner paid?
    pub is_owner: bool,
}

/// What a note says of a release.
pub(super) struct Cover {
    /// So much of it was brought in by who is paid.
    pub covered: u64,
    /// What was brought in lately is to go elsewhere.
    pub is_diverted: bool,
}

/// Of `amount`, what the asker's note covers. The breaker has advanced.
#[inline]
pub(super) fn cover(breaker: &OutflowBreaker, asker: Option<&Asker>, amount: u64) -> Cover {
    let left = asker.map_or(0, |asker| left_of(asker.note, breaker));
    let is_owner = asker.is_none_or(|asker| asker.is_owner);
    Cover {
        covered: if is_owner { left.min(amount) } else { 0 },
        is_diverted: left != 0 && !is_owner,
    }
}

/// Notes that `amount` has arrived, in the sub-window of `now`, in a vault that was evacuated so often. What is older than
/// the window makes way; where there is no room for another sub-window, the two oldest become one and end with the older.
pub fn note_deposit(note: &mut DepositNote, breaker: &OutflowBreaker, evacuations: u32, amount: u64, now: i64) {
    let newest = newest_bucket(breaker, now);
    if (note.opened_slot, note.evacuations) != (breaker.opened_slot, evacuations) {
        note.entries = [bytemuck::Zeroable::zeroed(); NOTE_ENTRIES];
        (note.opened_slot, note.evacuations) = (breaker.opened_slot, evacuations);
    }
    let [first, second, third, fourth] = &mut note.entries;
    if first.amount != 0 && first.bucket == newest {
        first.amount = first.amount.saturating_add(amount);
        return;
    }
    let ends = newest.saturating_sub(breaker.sub_windows.into());
    let live = |entry: &NoteEntry| entry.amount != 0 && entry.bucket >= ends;
    if live(third) && live(fourth) {
        fourth.amount = fourth.amount.saturating_add(third.amount);
        fourth.bucket = fourth.bucket.min(third.bucket);
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

/// What a note still covers. The breaker has advanced and knows of the vault's evacuations.
#[must_use]
#[inline]
pub fn left_of(note: &DepositNote, breaker: &OutflowBreaker) -> u64 {
    if note.opened_slot != breaker.opened_slot || note.evacuations != breaker.evacuations {
        return 0;
    }
    let live = live_at(breaker);
    let left = note.entries.iter().filter(|entry| live(entry.bucket));
    left.fold(0, |sum, entry| sum.saturating_add(entry.amount))
}

/// Does a note cover nothing any more at `now`, in a vault that was evacuated so often?
#[must_use]
pub fn is_over(note: &DepositNote, breaker: &OutflowBreaker, evacuations: u32, now: i64) -> bool {
    let ends = newest_bucket(breaker, now).saturating_sub(breaker.sub_windows.into());
    let is_void = (note.opened_slot, note.evacuations) != (breaker.opened_slot, evacuations);
    let is_past = |entry: &NoteEntry| entry.amount == 0 || entry.bucket < ends;
    is_void || note.entries.iter().all(is_past)
}

/// Uses `amount` of a note that covers it, the newest part first.
#[inline]
pub(super) fn use_up(breaker: &OutflowBreaker, note: &mut DepositNote, amount: u64) {
    let live = live_at(breaker);
    let mut left = amount;
    for entry in note.entries.iter_mut().filter(|entry| live(entry.bucket)) {
        let used = entry.amount.min(left);
        entry.amount = entry.amount.saturating_sub(used);
        left = left.saturating_sub(used);
    }
}

/// Which sub-windows are of the window: neither past nor to come.
#[inline]
fn live_at(breaker: &OutflowBreaker) -> impl Fn(u64) -> bool + use<> {
    let newest = breaker.bucket;
    let ends = newest.saturating_sub(breaker.sub_windows.into());
    move |bucket| (ends..=newest).contains(&bucket)
}

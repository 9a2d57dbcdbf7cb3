//! Since when each mask and each latch has a reason: what an unpause knew of when it was proposed.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use bulkhead_core::permissiveness::AnyDetector;
use bulkhead_interface::{
    constants::latch_state,
    layout::{BoardRow, Latch, PauseBoard},
};

use crate::{acts::Act, site::Accounts};

/// The slots things were first seen in.
#[derive(Default)]
pub struct Reasons {
    contained: u64,
    held: u64,
    linked: u64,
    /// By row: the newest latch in its trip.
    trips: BTreeMap<usize, u64>,
    latches: BTreeMap<Pubkey, u64>,
}

/// The board's rows, the domain's first.
pub fn rows(board: &PauseBoard) -> impl Iterator<Item = &BoardRow> {
    std::iter::once(&board.domain_row).chain(&board.rows)
}

/// Is any timed mask of the domain's own in force?
pub fn is_paused(board: &PauseBoard, now: i64) -> bool {
    rows(board).any(|row| now < row.guardian_pause_until || now < row.trip_until)
}

/// Whatever can latch, with what it latched for, as far as that can be seen again: a route's fault, another authority.
fn latches(accounts: &Accounts) -> BTreeMap<Pubkey, (Latch, Vec<u8>)> {
    let breakers = accounts.breakers.iter().map(|(key, own)| (*key, (own.latch, vec![])));
    let vaults = accounts.vaults.iter();
    let vaults = vaults.map(|(key, own)| (*key, (own.latch, vec![own.latched_fault])));
    let detectors = accounts.detectors.iter().map(|(key, own)| {
        let observation = match own {
            AnyDetector::Authority(watch) => bytemuck::bytes_of(&watch.latched).to_vec(),
            _ => vec![],
        };
        (*key, (*own.latch(), observation))
    });
    breakers.chain(vaults).chain(detectors).collect()
}

impl Reasons {
    /// Follows a step that worked.
    pub fn follow(&mut self, act: &Act, before: &Accounts, after: &Accounts, slot: u64, now: i64, story: &str) {
        let (old_board, new_board) = (before.board(), after.board());
        for (place, (old, new)) in rows(&old_board).zip(rows(&new_board)).enumerate() {
            if (new.guardian_pause, new.guardian_pause_until) != (old.guardian_pause, old.guardian_pause_until)
                && new.guardian_pause != 0
            {
                self.contained = slot;
            }
            if new.freeze != 0 && old.freeze == 0 {
                self.held = slot;
            }
            if (new.linked, new.linked_until) != (old.linked, old.linked_until) && new.linked != 0 {
                self.linked = slot;
            }
            if (new.trip, new.trip_until, new.trip_slot) != (old.trip, old.trip_until, old.trip_slot) && new.trip != 0 {
                let Act::PropagateTrip(detector) = act else {
                    panic!("{story}: a trip without a latch");
                };
                let carried = self.latches[detector];
                let earlier = self.trips.get(&place).filter(|_| now < old.trip_until);
                self.trips.insert(place, carried.max(earlier.copied().unwrap_or(0)));
            }
        }
        let was = latches(before);
        for (key, (latch, observation)) in latches(after) {
            let old = was.get(&key).filter(|(old, _)| old.state != latch_state::ARMED);
            let is_gone = old.is_some_and(|(_, old)| *old != observation) && observation.iter().all(|byte| *byte == 0);
            if latch.state == latch_state::ARMED || is_gone {
                self.latches.remove(&key);
                continue;
            }
            let is_same = old.is_some_and(|(old, _)| (old.ts, old.until) == (latch.ts, latch.until));
            // What was there all the time is no news.
            let is_known = observation.iter().any(|byte| *byte != 0) && old.is_some_and(|(_, old)| *old == observation);
            if !is_same && !is_known {
                self.latches.insert(key, slot);
            }
            if let Some(first) = self.latches.get(&key) {
                assert_eq!(latch.slot, *first, "{story}: {key} latched in another slot");
            }
        }
    }

    /// An unpause from `proposed` takes what was there before that slot, and nothing from it or later.
    pub fn unpaused(&self, before: &PauseBoard, after: &PauseBoard, proposed: u64, story: &str) {
        assert!(
            before.domain_row.freeze == 0 || self.held < proposed,
            "{story}: held since"
        );
        assert_eq!(
            after.unpaused_slot,
            before.unpaused_slot.max(proposed),
            "{story}: what latched since is void"
        );
        for (place, (old, new)) in rows(before).zip(rows(after)).enumerate() {
            let kept = |mask: u32, until: i64, since: u64| if since < proposed { (0, 0) } else { (mask, until) };
            assert_eq!(new.freeze, 0, "{story}: the freeze stays");
            let tripped = self.trips.get(&place).copied().unwrap_or(0);
            for (what, own, kept) in [
                (
                    "trip",
                    (new.trip, new.trip_until),
                    kept(old.trip, old.trip_until, tripped),
                ),
                (
                    "pause",
                    (new.guardian_pause, new.guardian_pause_until),
                    kept(old.guardian_pause, old.guardian_pause_until, self.contained),
                ),
                (
                    "link",
                    (new.linked, new.linked_until),
                    kept(old.linked, old.linked_until, self.linked),
                ),
            ] {
                assert_eq!(own, kept, "{story}: {what} of row {place}");
            }
        }
    }
}

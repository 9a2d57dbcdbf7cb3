//! Compares two snapshots, by owner.

use std::{collections::BTreeMap, path::Path};

use bulkhead_interface::Pubkey;
use serde::Serialize;

use crate::{
    Error, Manifest, Position, Progress, folder,
    hex::{decimal, key},
};

/// The differences between a snapshot and a later one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// Total before.
    #[serde(with = "decimal")]
    pub total_before: u64,
    /// Total after.
    #[serde(with = "decimal")]
    pub total_after: u64,
    /// Number of leaves before.
    pub count_before: u64,
    /// Number of leaves after.
    pub count_after: u64,
    /// Number of leaves that are the same in both.
    pub unchanged: u64,
    /// Owners with differences, by key.
    pub owners: Vec<OwnerChange>,
}

/// The differences of one owner. A position that changed hands is gone for one owner and new for another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OwnerChange {
    /// The owner.
    #[serde(with = "key")]
    pub owner: Pubkey,
    /// Number of new positions.
    pub came: u64,
    /// Number of positions that are gone.
    pub went: u64,
    /// Number of positions whose amount changed.
    pub changed: u64,
    /// Sum of these positions before.
    #[serde(with = "decimal")]
    pub before: u64,
    /// Sum of these positions after.
    #[serde(with = "decimal")]
    pub after: u64,
}

/// Compares two snapshots' folders. It holds in memory the leaves of the earlier one and the owners that differ.
///
/// # Errors
/// [`Error`]
pub fn diff(before: &Path, after: &Path, progress: &dyn Progress) -> Result<Diff, Error> {
    let (old, new) = (Manifest::open(before)?, Manifest::open(after)?);
    progress.begin("compare", Some(old.roots.count + new.roots.count));
    let mut earlier: Vec<Position> = Vec::with_capacity(old.room_for_leaves());
    folder::hashed_leaves(before, &old, progress, |batch| earlier.extend_from_slice(batch))?;
    let mut changes = Changes::default();
    let mut rest = earlier.as_slice();
    // Leaves are ascending, because only ascending leaves hash to a root.
    folder::hashed_leaves(after, &new, progress, |batch| {
        for leaf in batch {
            while let Some((first, others)) = rest.split_first().filter(|(first, _)| first.key < leaf.key) {
                changes.went(first);
                rest = others;
            }
            match rest.split_first() {
                Some((first, others)) if first.key == leaf.key => {
                    changes.both(first, leaf);
                    rest = others;
                }
                _ => changes.came(leaf),
            }
        }
    })?;
    rest.iter().for_each(|leaf| changes.went(leaf));
    Ok(Diff {
        total_before: old.roots.total,
        total_after: new.roots.total,
        count_before: old.roots.count,
        count_after: new.roots.count,
        unchanged: changes.unchanged,
        owners: changes.owners.into_values().collect(),
    })
}

#[derive(Default)]
struct Changes {
    owners: BTreeMap<Pubkey, OwnerChange>,
    unchanged: u64,
}

impl Changes {
    fn of(&mut self, owner: Pubkey) -> &mut OwnerChange {
        self.owners.entry(owner).or_insert_with(|| OwnerChange {
            owner,
            ..OwnerChange::default()
        })
    }

    // The sums are parts of totals that fit. Leaves that do not fit are refused at the end.
    fn came(&mut self, leaf: &Position) {
        let own = self.of(leaf.owner);
        own.came += 1;
        own.after = own.after.saturating_add(leaf.amount);
    }

    fn went(&mut self, leaf: &Position) {
        let own = self.of(leaf.owner);
        own.went += 1;
        own.before = own.before.saturating_add(leaf.amount);
    }

    fn both(&mut self, old: &Position, new: &Position) {
        if old.owner != new.owner {
            self.went(old);
            self.came(new);
        } else if old.amount != new.amount {
            let own = self.of(new.owner);
            own.changed += 1;
            own.before = own.before.saturating_add(old.amount);
            own.after = own.after.saturating_add(new.amount);
        } else {
            self.unchanged += 1;
        }
    }
}

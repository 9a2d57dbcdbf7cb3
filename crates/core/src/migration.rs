//! Moving vaults to their routes: who is moved, and that nothing is lost on the way.

use bulkhead_interface::{
    Pubkey,
    layout::{MigratedVault, Migration},
};

use crate::mint::most_withheld;

/// Why a move cannot be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationError {
    /// Every row belongs to another vault.
    Full,
    /// Balances before and after do not add up.
    NotConserved,
    /// A sum does not fit 64 bits.
    Overflow,
}

/// Balances of both token accounts around one transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balances {
    /// Source before.
    pub source_before: u64,
    /// Source after.
    pub source_after: u64,
    /// Destination before.
    pub destination_before: u64,
    /// Destination after.
    pub destination_after: u64,
}

/// One transfer that adds up: `sent = received + fee`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Balance of the source before.
    pub before: u64,
    /// Left the source.
    pub sent: u64,
    /// Arrived.
    pub received: u64,
    /// Withheld by the token program.
    pub fee: u64,
    /// Balance of the source after.
    pub after: u64,
}

/// What a transfer of `amount` did, if it took exactly that from the source and brought it to the destination, no more
/// missing than a fee of `fee_bps`.
///
/// # Errors
/// [`MigrationError::NotConserved`].
pub fn conserve(amount: u64, fee_bps: u16, balances: &Balances) -> Result<Moved, MigrationError> {
    let sent = balances.source_before.checked_sub(balances.source_after);
    let received = balances.destination_after.checked_sub(balances.destination_before);
    match (sent, received) {
        (Some(sent), Some(received)) if sent == amount => {
            let fee = sent.checked_sub(received).ok_or(MigrationError::NotConserved)?;
            if fee > most_withheld(sent, fee_bps) {
                return Err(MigrationError::NotConserved);
            }
            Ok(Moved {
                before: balances.source_before,
                sent,
                received,
                fee,
                after: balances.source_after,
            })
        }
        _ => Err(MigrationError::NotConserved),
    }
}

/// Adds a move to its row, opening one when the vault has none for this destination yet. A vault
/// that receives more afterwards is moved again and added to the same row, of which
/// `before = moved + fee + after` holds throughout.
///
/// # Errors
/// [`MigrationError`]; nothing is changed then.
pub fn record(
    migration: &mut Migration,
    vault: &Pubkey,
    destination: &Pubkey,
    moved: &Moved,
    slot: u64,
    now: i64,
) -> Result<(), MigrationError> {
    let used = usize::from(migration.vault_count);
    let same = |row: &MigratedVault| row.vault == *vault && row.destination == *destination;
    let index = migration.vaults.iter().take(used).position(same).unwrap_or(used);
    let row = migration.vaults.get_mut(index).ok_or(MigrationError::Full)?;
    // What an earlier move left behind was counted then.
    let found = moved
        .before
        .checked_sub(row.after)
        .ok_or(MigrationError::NotConserved)?;
    let add = |sum: u64, part: u64| sum.checked_add(part).ok_or(MigrationError::Overflow);
    let next = MigratedVault {
        vault: *vault,
        destination: *destination,
        before: add(row.before, found)?,
        moved: add(row.moved, moved.received)?,
        fee: add(row.fee, moved.fee)?,
        after: moved.after,
        slot,
        ts: now,
    };
    if add(add(next.moved, next.fee)?, next.after)? != next.before {
        return Err(MigrationError::NotConserved);
    }
    *row = next;
    if index == used {
        migration.vault_count = migration.vault_count.checked_add(1).ok_or(MigrationError::Overflow)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulkhead_interface::constants::MAX_MIGRATED_VAULTS;

    fn key(n: u8) -> Pubkey {
        Pubkey::new_from_array([n; 32])
    }

    fn balances(source: (u64, u64), destination: (u64, u64)) -> Balances {
        Balances {
            source_before: source.0,
            source_after: source.1,
            destination_before: destination.0,
            destination_after: destination.1,
        }
    }

    fn move_all(amount: u64, fee: u64) -> Moved {
        conserve(amount, 10_000, &balances((amount, 0), (7, 7 + amount - fee))).unwrap()
    }

    #[test]
    fn a_transfer_adds_up_with_and_without_a_fee() {
        let moved = conserve(90, 400, &balances((100, 10), (5, 92))).unwrap();
        assert_eq!(
            moved,
            Moved {
                before: 100,
                sent: 90,
                received: 87,
                fee: 3,
                after: 10
            }
        );
    }

    #[test]
    fn what_does_not_add_up_is_refused() {
        let wrong = [
            balances((100, 11), (0, 90)),     // one too few left the source
            balances((100, 9), (0, 90)),      // one too many
            balances((100, 10), (0, 91)),     // more arrived than was sent
            balances((100, 10), (5, 4)),      // the destination lost
            balances((100, 10), (5, 90)),     // more was withheld than the fee
            balances((100, 10), (5, 5)),      // all of it was
            balances((100, 100), (100, 100)), // to itself
            balances((100, 190), (0, 90)),    // the source gained
        ];
        assert!(
            wrong
                .iter()
                .all(|case| conserve(90, 400, case) == Err(MigrationError::NotConserved))
        );
    }

    #[test]
    fn a_vault_moved_twice_has_one_row_that_adds_up() {
        let mut migration: Migration = bytemuck::Zeroable::zeroed();
        record(&mut migration, &key(1), &key(9), &move_all(1_000, 10), 3, 30).unwrap();
        record(&mut migration, &key(2), &key(9), &move_all(5, 0), 4, 40).unwrap();
        record(&mut migration, &key(1), &key(9), &move_all(50, 1), 5, 50).unwrap();
        assert_eq!(migration.vault_count, 2);
        let row = &migration.vaults[0];
        assert_eq!(
            (row.before, row.moved, row.fee, row.after, row.slot),
            (1_050, 1_039, 11, 0, 5)
        );
    }

    #[test]
    fn another_destination_is_another_row_and_the_last_row_is_the_last() {
        let mut migration: Migration = bytemuck::Zeroable::zeroed();
        for destination in 0..u8::try_from(MAX_MIGRATED_VAULTS).unwrap() {
            record(&mut migration, &key(1), &key(destination), &move_all(5, 0), 3, 30).unwrap();
        }
        let full = record(&mut migration, &key(1), &key(200), &move_all(5, 0), 3, 30);
        assert_eq!(full, Err(MigrationError::Full));
        record(&mut migration, &key(1), &key(3), &move_all(5, 0), 3, 30).unwrap();
    }

    #[test]
    fn sums_that_do_not_fit_change_nothing() {
        let mut migration: Migration = bytemuck::Zeroable::zeroed();
        record(&mut migration, &key(1), &key(9), &move_all(u64::MAX - 7, 0), 3, 30).unwrap();
        let error = record(&mut migration, &key(1), &key(9), &move_all(8, 0), 4, 40);
        assert_eq!(error, Err(MigrationError::Overflow));
        assert_eq!(
            (migration.vaults[0].before, migration.vaults[0].slot),
            (u64::MAX - 7, 3)
        );
    }
}

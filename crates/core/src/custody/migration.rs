//! Moving vaults to their routes: that nothing is lost on the way.

use crate::CoreError;
use bulkhead_interface::{Pubkey, layout::Evacuation};

use crate::mint::most_withheld;

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
/// [`CoreError::ConservationBroken`].
pub fn conserve(amount: u64, fee_bps: u16, balances: &Balances) -> Result<Moved, CoreError> {
    let sent = balances.source_before.checked_sub(balances.source_after);
    let received = balances.destination_after.checked_sub(balances.destination_before);
    match (sent, received) {
        (Some(sent), Some(received)) if sent == amount => {
            let fee = sent.checked_sub(received).ok_or(CoreError::ConservationBroken)?;
            if fee > most_withheld(sent, fee_bps) {
                return Err(CoreError::ConservationBroken);
            }
            Ok(Moved {
                before: balances.source_before,
                sent,
                received,
                fee,
                after: balances.source_after,
            })
        }
        _ => Err(CoreError::ConservationBroken),
    }
}

/// What a vault moves that has nothing in it, or no route that could take it.
#[must_use]
pub const fn nothing() -> Moved {
    Moved {
        before: 0,
        sent: 0,
        received: 0,
        fee: 0,
        after: 0,
    }
}

/// Has anything left the vault in the incident of this record? What an earlier incident left at the route has not.
#[must_use]
pub const fn has_moved(evacuation: &Evacuation) -> bool {
    evacuation.ts != 0
}

/// Adds a move to what the vault's last evacuation moved. A vault that receives more afterwards is moved again and added to
/// the same sums, of which `before = moved + fee + after` holds throughout; another destination starts anew.
///
/// # Errors
/// [`CoreError`]; nothing is changed then.
pub fn record(
    evacuation: &mut Evacuation,
    destination: &Pubkey,
    moved: &Moved,
    slot: u64,
    now: i64,
) -> Result<(), CoreError> {
    let mut sums = *evacuation;
    if sums.destination != *destination {
        sums = Evacuation {
            incident: evacuation.incident,
            destination: *destination,
            ..bytemuck::Zeroable::zeroed()
        };
    }
    // What an earlier move left behind was counted then.
    let found = moved
        .before
        .checked_sub(sums.after)
        .ok_or(CoreError::ConservationBroken)?;
    let add = |sum: u64, part: u64| sum.checked_add(part).ok_or(CoreError::Overflow);
    let next = Evacuation {
        before: add(sums.before, found)?,
        moved: add(sums.moved, moved.received)?,
        fee: add(sums.fee, moved.fee)?,
        after: moved.after,
        slot,
        ts: if moved.sent == 0 { sums.ts } else { now },
        ..sums
    };
    if add(add(next.moved, next.fee)?, next.after)? != next.before {
        return Err(CoreError::ConservationBroken);
    }
    *evacuation = next;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
                .all(|case| conserve(90, 400, case) == Err(CoreError::ConservationBroken))
        );
    }

    fn to(destination: u8, moves: &[(u64, u64)]) -> Evacuation {
        let mut sums: Evacuation = bytemuck::Zeroable::zeroed();
        for (slot, (amount, fee)) in (3..).zip(moves) {
            record(&mut sums, &key(destination), &move_all(*amount, *fee), slot, 30).unwrap();
        }
        sums
    }

    #[test]
    fn a_vault_moved_twice_adds_up() {
        let sums = to(9, &[(1_000, 10), (50, 1)]);
        assert_eq!(
            (sums.before, sums.moved, sums.fee, sums.after, sums.slot),
            (1_050, 1_039, 11, 0, 4)
        );
    }

    #[test]
    fn another_destination_starts_anew() {
        let mut sums = to(9, &[(1_000, 10)]);
        record(&mut sums, &key(8), &move_all(5, 0), 7, 70).unwrap();
        assert_eq!((sums.destination, sums.before, sums.moved), (key(8), 5, 5));
    }

    #[test]
    fn sums_that_do_not_fit_change_nothing() {
        let mut sums = to(9, &[(u64::MAX - 7, 0)]);
        let error = record(&mut sums, &key(9), &move_all(8, 0), 4, 40);
        assert_eq!(error, Err(CoreError::Overflow));
        assert_eq!((sums.before, sums.slot), (u64::MAX - 7, 3));
        sums.after = 6;
        let error = record(&mut sums, &key(9), &move_all(5, 0), 4, 40);
        assert_eq!(error, Err(CoreError::ConservationBroken), "less than was left behind");
    }
}

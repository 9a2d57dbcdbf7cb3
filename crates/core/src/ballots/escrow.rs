//! Governance tokens in escrow. Only tokens that were there before a vote started and stay until it ends count in it.
//! So tokens borrowed for the last second, or moved on from a vote that has ended, decide nothing.

use crate::CoreError;
use bulkhead_interface::layout::{VoteDeposit, VoterEscrow};

/// Adds what arrived. `vote_seconds` is the voting period of the domain's ballots: deposits older than that came before
/// every vote under way and are merged. When there is no room to track another deposit separately, it is merged with
/// the last one.
///
/// # Errors
/// [`CoreError::Overflow`].
pub fn deposit(escrow: &mut VoterEscrow, amount: u64, vote_seconds: i64, now: i64) -> Result<(), CoreError> {
    escrow.amount = escrow.amount.checked_add(amount).ok_or(CoreError::Overflow)?;
    for old in &mut escrow.recent {
        if now.saturating_sub(old.ts) >= vote_seconds {
            *old = VoteDeposit { ts: 0, amount: 0 };
        }
    }
    // An empty place first, else the latest.
    let by_age = |row: &&mut VoteDeposit| (row.amount == 0, row.ts);
    let row = escrow.recent.iter_mut().max_by_key(by_age).ok_or(CoreError::Overflow)?;
    let sum = row.amount.checked_add(amount).ok_or(CoreError::Overflow)?;
    *row = VoteDeposit { ts: now, amount: sum };
    Ok(())
}

/// The amount that counts in a vote that started at `starts_ts` and is under way: what was deposited before.
#[must_use]
pub fn weight(escrow: &VoterEscrow, starts_ts: i64) -> u64 {
    let late = escrow.recent.iter().filter(|row| row.ts >= starts_ts);
    late.fold(escrow.amount, |weight, row| weight.saturating_sub(row.amount))
}

/// Withdraws `amount`, latest deposits first.
///
/// # Errors
/// [`CoreError::EscrowLocked`], [`CoreError::EscrowTooSmall`].
pub fn withdraw(escrow: &mut VoterEscrow, amount: u64, now: i64) -> Result<(), CoreError> {
    if now < escrow.locked_until {
        return Err(CoreError::EscrowLocked);
    }
    escrow.amount = escrow.amount.checked_sub(amount).ok_or(CoreError::EscrowTooSmall)?;
    let mut left = amount;
    for _ in 0..escrow.recent.len() {
        let by_age = |row: &&mut VoteDeposit| (row.amount > 0, row.ts);
        if let Some(row) = escrow.recent.iter_mut().max_by_key(by_age) {
            let taken = left.min(row.amount);
            row.amount = row.amount.saturating_sub(taken);
            left = left.saturating_sub(taken);
        }
    }
    Ok(())
}

/// Locks everything until `until`; an earlier end never shortens a lock.
pub fn lock(escrow: &mut VoterEscrow, until: i64) {
    escrow.locked_until = escrow.locked_until.max(until);
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    const VOTE: i64 = 100;

    #[test]
    fn locked_until_the_last_ballot_ends() {
        let mut escrow = VoterEscrow::zeroed();
        deposit(&mut escrow, 10, VOTE, 50).expect("fits");
        lock(&mut escrow, 200);
        lock(&mut escrow, 100);
        assert_eq!(withdraw(&mut escrow, 1, 199), Err(CoreError::EscrowLocked));
        assert_eq!(withdraw(&mut escrow, 11, 200), Err(CoreError::EscrowTooSmall));
        assert_eq!(withdraw(&mut escrow, 10, 200), Ok(()));
        assert_eq!(deposit(&mut escrow, u64::MAX, VOTE, 200), Ok(()));
        assert_eq!(deposit(&mut escrow, 1, VOTE, 200), Err(CoreError::Overflow));
    }

    #[test]
    fn what_came_with_the_start_or_later_does_not_count() {
        let mut escrow = VoterEscrow::zeroed();
        deposit(&mut escrow, 10, VOTE, 1_000).expect("fits");
        assert_eq!((weight(&escrow, 1_000), weight(&escrow, 1_001)), (0, 10));
        // A ballot since 1,050. What came before counts, whatever comes later.
        deposit(&mut escrow, 20, VOTE, 1_040).expect("fits");
        deposit(&mut escrow, 600, VOTE, 1_050).expect("fits");
        for ts in 1_060..1_070 {
            deposit(&mut escrow, 5, VOTE, ts).expect("fits");
        }
        assert_eq!((escrow.amount, weight(&escrow, 1_050)), (680, 30));
        // What is taken out was the last that came.
        withdraw(&mut escrow, 650, 1_080).expect("not locked");
        assert_eq!(weight(&escrow, 1_050), 30);
        withdraw(&mut escrow, 4, 1_080).expect("not locked");
        assert_eq!(weight(&escrow, 1_050), 26);
    }
}

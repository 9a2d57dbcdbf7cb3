//! Sharing out what was recovered: each recovery is a tranche, all tranches together are at most
//! the claims, and every open tranche is covered by the pool.

use bulkhead_interface::layout::{Restoration, Tranche};

use crate::prorata::payout_floor;

/// Why a tranche refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrancheError {
    /// Too small, more than the claims, not covered by the pool, or no room for another one.
    Refused,
    /// There is no such tranche.
    NoSuchTranche,
    /// No leaf of this restoration has that amount.
    NotALeaf,
    /// The share rounds down to nothing.
    NothingToClaim,
    /// A sum does not fit, or a tranche would pay more than it has.
    Overflow,
}

/// What the pool still has to receive until every claim can be paid in full.
#[must_use]
pub fn lacking(restoration: &Restoration, balance: u64) -> u64 {
    restoration
        .total
        .saturating_sub(restoration.paid)
        .saturating_sub(balance)
}

/// Opens a tranche of `amount` and returns its number.
///
/// # Errors
/// [`TrancheError::Refused`].
pub fn open(restoration: &mut Restoration, amount: u64, balance: u64, now: i64) -> Result<u8, TrancheError> {
    let allotted = restoration.allotted.checked_add(amount).ok_or(TrancheError::Refused)?;
    let owed = restoration
        .allotted
        .checked_sub(restoration.paid)
        .ok_or(TrancheError::Overflow)?;
    let free = balance.saturating_sub(owed);
    let large_enough = amount >= restoration.min_tranche || allotted == restoration.total;
    if amount == 0 || !large_enough || allotted > restoration.total || amount > free {
        return Err(TrancheError::Refused);
    }
    let number = restoration.tranche_count;
    let row = restoration
        .tranches
        .get_mut(usize::from(number))
        .ok_or(TrancheError::Refused)?;
    *row = Tranche {
        pool: amount,
        paid: 0,
        opened_ts: now,
    };
    restoration.tranche_count = number.checked_add(1).ok_or(TrancheError::Overflow)?;
    restoration.allotted = allotted;
    Ok(number)
}

/// That tranche `number` is open.
///
/// # Errors
/// [`TrancheError::NoSuchTranche`].
pub fn check_open(restoration: &Restoration, number: u8) -> Result<(), TrancheError> {
    if number < restoration.tranche_count {
        Ok(())
    } else {
        Err(TrancheError::NoSuchTranche)
    }
}

/// Books the share of a leaf of `amount` in tranche `number` and returns it.
///
/// # Errors
/// [`TrancheError::NoSuchTranche`], [`TrancheError::NotALeaf`], [`TrancheError::NothingToClaim`].
pub fn pay(restoration: &mut Restoration, number: u8, amount: u64) -> Result<u64, TrancheError> {
    check_open(restoration, number)?;
    let total = restoration.total;
    let tranche = restoration
        .tranches
        .get_mut(usize::from(number))
        .ok_or(TrancheError::NoSuchTranche)?;
    let payout = payout_floor(amount, tranche.pool, total).ok_or(TrancheError::NotALeaf)?;
    if payout == 0 {
        return Err(TrancheError::NothingToClaim);
    }
    let paid = tranche.paid.checked_add(payout).ok_or(TrancheError::Overflow)?;
    if paid > tranche.pool {
        return Err(TrancheError::Overflow);
    }
    tranche.paid = paid;
    restoration.paid = restoration.paid.checked_add(payout).ok_or(TrancheError::Overflow)?;
    Ok(payout)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    fn restoration(total: u64, min_tranche: u64) -> Restoration {
        Restoration {
            total,
            min_tranche,
            ..Restoration::zeroed()
        }
    }

    #[test]
    fn tranches_need_their_minimum_unless_they_complete_the_claims() {
        let mut plan = restoration(100, 30);
        assert_eq!(open(&mut plan, 0, 100, 7), Err(TrancheError::Refused));
        assert_eq!(open(&mut plan, 29, 100, 7), Err(TrancheError::Refused));
        assert_eq!(open(&mut plan, 90, 100, 7), Ok(0));
        assert_eq!(open(&mut plan, 9, 100, 7), Err(TrancheError::Refused));
        assert_eq!(open(&mut plan, 11, 200, 7), Err(TrancheError::Refused));
        assert_eq!(open(&mut plan, 10, 100, 7), Ok(1));
        assert_eq!((plan.allotted, plan.tranche_count), (100, 2));
    }

    #[test]
    fn a_tranche_is_covered_beside_those_already_open() {
        let mut plan = restoration(1_000, 1);
        assert_eq!(open(&mut plan, 101, 100, 0), Err(TrancheError::Refused));
        assert_eq!(open(&mut plan, 100, 100, 0), Ok(0));
        assert_eq!(open(&mut plan, 1, 100, 0), Err(TrancheError::Refused));
        assert_eq!(pay(&mut plan, 0, 500), Ok(50));
        assert_eq!(open(&mut plan, 1, 50, 0), Err(TrancheError::Refused));
        assert_eq!(open(&mut plan, 1, 51, 0), Ok(1));
    }

    #[test]
    fn sixteen_tranches_are_all_there_are() {
        let mut plan = restoration(100, 1);
        for number in 0..16 {
            assert_eq!(open(&mut plan, 1, 100, 0), Ok(number));
        }
        assert_eq!(open(&mut plan, 1, 100, 0), Err(TrancheError::Refused));
    }

    #[test]
    fn a_tranche_never_pays_more_than_it_has() {
        let mut plan = restoration(10, 1);
        open(&mut plan, 5, 5, 0).expect("covered");
        assert_eq!(pay(&mut plan, 1, 10), Err(TrancheError::NoSuchTranche));
        assert_eq!(pay(&mut plan, 0, 11), Err(TrancheError::NotALeaf));
        assert_eq!(pay(&mut plan, 0, 1), Err(TrancheError::NothingToClaim));
        assert_eq!(pay(&mut plan, 0, 10), Ok(5));
        assert_eq!(pay(&mut plan, 0, 10), Err(TrancheError::Overflow));
        assert_eq!((plan.paid, plan.tranches[0].paid), (5, 5));
    }

    #[test]
    fn what_lacks_is_what_claims_still_need() {
        let mut plan = restoration(100, 1);
        assert_eq!(lacking(&plan, 30), 70);
        assert_eq!(lacking(&plan, 130), 0);
        open(&mut plan, 30, 30, 0).expect("covered");
        assert_eq!(pay(&mut plan, 0, 100), Ok(30));
        assert_eq!(lacking(&plan, 0), 70);
    }
}

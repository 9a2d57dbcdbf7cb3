//! Sharing out what was recovered. The shared sum only grows, and a leaf is paid its share of the sum minus what it
//! already received.
//!
//! Nobody chooses an amount: anyone can share out everything the pool holds that no share needs yet. So no key can hold
//! money back, and however small the steps are, a leaf receives the same from all of them as from their sum.

use bulkhead_interface::layout::Restoration;

use crate::{CoreError, restoration::prorata::payout_floor};

/// The unpaid amount of all claims: the pool never needs more.
const fn unpaid(restoration: &Restoration) -> u64 {
    restoration.total.saturating_sub(restoration.paid)
}

/// The amount that the pool still has to receive until every claim can be paid in full.
#[must_use]
pub const fn lacking(restoration: &Restoration, balance: u64) -> u64 {
    unpaid(restoration).saturating_sub(balance)
}

/// The part of the pool's balance that exceeds all claims can still be paid.
#[must_use]
pub const fn surplus(restoration: &Restoration, balance: u64) -> u64 {
    balance.saturating_sub(unpaid(restoration))
}

/// Has every claim been paid in full? Then no claim can be paid again, whatever becomes of its page.
#[must_use]
pub const fn is_settled(restoration: &Restoration) -> bool {
    restoration.paid >= restoration.total
}

/// Shares out everything that the pool holds and no share needs, up to the claims. Returns the amount.
///
/// # Errors
/// [`CoreError::NothingToShare`].
pub fn share_out(restoration: &mut Restoration, balance: u64) -> Result<u64, CoreError> {
    let owed = restoration
        .shared
        .checked_sub(restoration.paid)
        .ok_or(CoreError::Overflow)?;
    let free = balance.saturating_sub(owed);
    let added = free.min(restoration.total.saturating_sub(restoration.shared));
    if added == 0 {
        return Err(CoreError::NothingToShare);
    }
    restoration.shared = restoration.shared.checked_add(added).ok_or(CoreError::Overflow)?;
    Ok(added)
}

/// Records the payment that a leaf of `amount`, paid `paid` so far, receives now, and returns it.
///
/// # Errors
/// [`CoreError`] by name; nothing is changed then.
#[inline(always)]
pub fn pay(restoration: &mut Restoration, amount: u64, paid: &mut u64) -> Result<u64, CoreError> {
    let share = payout_floor(amount, restoration.shared, restoration.total).ok_or(CoreError::InvalidProof)?;
    let due = share.checked_sub(*paid).ok_or(CoreError::Overflow)?;
    if due == 0 {
        return Err(if share == 0 {
            CoreError::NothingToClaim
        } else {
            CoreError::AlreadyClaimed
        });
    }
    let sum = restoration.paid.checked_add(due).ok_or(CoreError::Overflow)?;
    if sum > restoration.shared {
        return Err(CoreError::Overflow);
    }
    (restoration.paid, *paid) = (sum, share);
    Ok(due)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    fn restoration(total: u64) -> Restoration {
        Restoration {
            total,
            ..Restoration::zeroed()
        }
    }

    #[test]
    fn all_that_is_free_is_shared_out_up_to_the_claims() {
        let mut plan = restoration(100);
        assert_eq!(share_out(&mut plan, 0), Err(CoreError::NothingToShare));
        assert_eq!(share_out(&mut plan, 30), Ok(30));
        assert_eq!(share_out(&mut plan, 30), Err(CoreError::NothingToShare));
        assert_eq!(share_out(&mut plan, 31), Ok(1));
        assert_eq!(share_out(&mut plan, 500), Ok(69));
        assert_eq!(share_out(&mut plan, u64::MAX), Err(CoreError::NothingToShare));
        assert_eq!(plan.shared, 100);
    }

    #[test]
    fn a_leaf_is_paid_its_share_less_what_it_got() {
        let mut plan = restoration(100);
        let mut paid = 0;
        assert_eq!(pay(&mut plan, 10, &mut paid), Err(CoreError::NothingToClaim));
        share_out(&mut plan, 9).expect("free");
        assert_eq!(pay(&mut plan, 10, &mut paid), Err(CoreError::NothingToClaim));
        share_out(&mut plan, 55).expect("free");
        assert_eq!(pay(&mut plan, 10, &mut paid), Ok(5));
        assert_eq!(pay(&mut plan, 10, &mut paid), Err(CoreError::AlreadyClaimed));
        share_out(&mut plan, 95).expect("free");
        assert_eq!(pay(&mut plan, 10, &mut paid), Ok(5));
        assert_eq!((plan.shared, plan.paid, paid), (100, 10, 10));
        assert_eq!(pay(&mut plan, 101, &mut paid), Err(CoreError::InvalidProof));
    }

    #[test]
    fn more_than_was_shared_out_is_never_paid() {
        let mut plan = restoration(100);
        share_out(&mut plan, 50).expect("free");
        plan.paid = 50;
        let mut paid = 0;
        assert_eq!(pay(&mut plan, 100, &mut paid), Err(CoreError::Overflow));
        assert_eq!((plan.paid, paid), (50, 0));
    }

    #[test]
    fn what_claims_cannot_need_is_surplus() {
        let mut plan = restoration(100);
        (plan.shared, plan.paid) = (60, 40);
        assert_eq!((lacking(&plan, 20), surplus(&plan, 20)), (40, 0));
        assert_eq!((lacking(&plan, 60), surplus(&plan, 60)), (0, 0));
        assert_eq!((lacking(&plan, 75), surplus(&plan, 75)), (0, 15));
    }
}

//! Many claims in one go: what cannot be paid is left out, and keeps nobody else from being paid.
//!
//! Whoever pushes claims does not choose their order, and anyone can claim, close or freeze between reading and paying.
//! If one of them could make a batch fail, it could make all of them fail, for one fee each.

use bulkhead_interface::{Pubkey, layout::Restoration};

use crate::{
    CoreError,
    restoration::{prorata::payout_floor, share},
    token,
    words::same_key,
};

/// Would a transfer to this token account of the owner go through, whatever else happens? `data` is what is stored at
/// the owner's associated address, under the token program. The address alone is not enough: the holder of such an
/// account can be changed.
#[must_use]
pub fn takes_claims(data: &[u8], owner: &Pubkey, mint: &Pubkey) -> bool {
    let is = |found: Option<[u8; 32]>, wanted: &Pubkey| found.is_some_and(|key| same_key(&key, wanted.as_array()));
    token::is_account(data)
        && token::is_initialized(data)
        && is(token::mint(data), mint)
        && is(token::holder(data), owner)
        && !token::is_frozen(data)
        && !token::wants_memo(data)
}

/// Records the payment that one leaf of a batch receives now, and returns it: zero if nothing is due to it, because
/// somebody was faster or because its share rounds down to nothing.
///
/// # Errors
/// What [`claim`](crate::acts::claim) says of a leaf that is not of this restoration.
pub fn claim_in_batch(restoration: &mut Restoration, amount: u64, paid: &mut u64) -> Result<u64, CoreError> {
    let share = payout_floor(amount, restoration.shared, restoration.total).ok_or(CoreError::InvalidProof)?;
    // It may have got more: an interim claim, of which not as much was shared out since.
    if share <= *paid {
        return Ok(0);
    }
    share::pay(restoration, amount, paid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use bytemuck::Zeroable;

    const OWNER: Pubkey = Pubkey::new_from_array([1; 32]);
    const MINT: Pubkey = Pubkey::new_from_array([2; 32]);

    fn account() -> Vec<u8> {
        let mut data = vec![0; 165];
        data[..32].copy_from_slice(MINT.as_ref());
        data[32..64].copy_from_slice(OWNER.as_ref());
        data[108] = 1;
        data
    }

    #[test]
    fn an_account_that_could_stop_a_transfer_is_left_out() {
        assert!(takes_claims(&account(), &OWNER, &MINT));
        assert!(!takes_claims(&[], &OWNER, &MINT));
        assert!(!takes_claims(&account()[..164], &OWNER, &MINT));
        assert!(!takes_claims(&account(), &MINT, &MINT));
        assert!(!takes_claims(&account(), &OWNER, &OWNER));
        for state in [0, 2] {
            let mut spoiled = account();
            spoiled[108] = state;
            assert!(!takes_claims(&spoiled, &OWNER, &MINT), "{state}");
        }
        // Token-2022, with `MemoTransfer` on and off.
        for (wanted, takes) in [(1, false), (0, true)] {
            let mut extended = account();
            extended.extend([2, 8, 0, 1, 0, wanted]);
            assert_eq!(takes_claims(&extended, &OWNER, &MINT), takes);
        }
    }

    #[test]
    fn a_leaf_that_was_paid_is_left_out_and_a_foreign_one_is_refused() {
        let mut plan = Restoration {
            total: 100,
            shared: 50,
            ..Restoration::zeroed()
        };
        let (mut one, mut two, mut dust) = (0, 5, 0);
        assert_eq!(claim_in_batch(&mut plan, 10, &mut one), Ok(5));
        assert_eq!(claim_in_batch(&mut plan, 10, &mut one), Ok(0));
        assert_eq!(claim_in_batch(&mut plan, 10, &mut two), Ok(0));
        assert_eq!(claim_in_batch(&mut plan, 1, &mut dust), Ok(0));
        let mut before = 6;
        assert_eq!((claim_in_batch(&mut plan, 10, &mut before), before), (Ok(0), 6));
        assert_eq!((plan.paid, one, two, dust), (5, 5, 5, 0));
        assert_eq!(claim_in_batch(&mut plan, 101, &mut dust), Err(CoreError::InvalidProof));
        assert_eq!(claim_in_batch(&mut plan, 100, &mut dust), Err(CoreError::Overflow));
    }
}

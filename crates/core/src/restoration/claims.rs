//! What every leaf was paid so far: where it is stored, eight bytes per leaf.
//!
//! A leaf's index has gaps between shards; its place does not. Places are dense over the leaves of all shards in order,
//! in pages of 1,024, so a page costs rent only for the leaves it serves.

use bulkhead_interface::{
    Pubkey,
    constants::{CLAIMS_PER_PAGE, SHARD_SHIFT, SHARDS, interim_state},
    layout::{Interim, Restoration, ShardRoot},
};

use crate::{CoreError, restoration::terms::is_over};

/// Bytes of a leaf.
pub const CLAIM_LEN: u32 = 8;

/// Where a leaf's number lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimPlace {
    /// Number of the page.
    pub page: u16,
    /// Number of the leaf within the page.
    pub at: u32,
}

/// The bits of an index that count within the shard.
const WITHIN_SHARD: u32 = u32::MAX >> (32 - SHARD_SHIFT);

/// The shard of a leaf.
#[must_use]
pub const fn shard_of(index: u32) -> u32 {
    index >> SHARD_SHIFT
}

/// The place of leaf `index`, or `None` when the sealed shards have no such leaf.
#[must_use]
pub fn locate(shards: &[ShardRoot; SHARDS], index: u32) -> Option<ClaimPlace> {
    let shard = shards.get(usize::try_from(shard_of(index)).ok()?)?;
    let within = index & WITHIN_SHARD;
    if within >= shard.count {
        return None;
    }
    let dense = shard.first.checked_add(within)?;
    Some(ClaimPlace {
        page: u16::try_from(dense.checked_div(CLAIMS_PER_PAGE)?).ok()?,
        at: dense.checked_rem(CLAIMS_PER_PAGE)?,
    })
}

/// Leaves of page `page` of a ledger with `count` leaves, or `None` when it has no such page.
#[must_use]
pub fn page_leaves(count: u64, page: u16) -> Option<u32> {
    let first = u64::from(page).checked_mul(u64::from(CLAIMS_PER_PAGE))?;
    match count.checked_sub(first) {
        None | Some(0) => None,
        Some(left) => u32::try_from(left.min(u64::from(CLAIMS_PER_PAGE))).ok(),
    }
}

/// Bytes that so many leaves take, of which there are at most a page.
#[must_use]
pub const fn page_len(leaves: u32) -> Option<u32> {
    leaves.checked_mul(CLAIM_LEN)
}

/// Amount that leaf `at` of a page was paid so far, little endian; `None` when the page has no such leaf.
#[must_use]
pub fn paid(page: &mut [u8], at: u32) -> Option<&mut [u8; 8]> {
    let start = usize::try_from(at.checked_mul(CLAIM_LEN)?).ok()?;
    page.get_mut(start..)?.first_chunk_mut()
}

/// The restoration whose claims a page may belong to, if it is not closed yet.
#[derive(Clone, Copy)]
pub struct PageOwner<'a> {
    /// Its address.
    pub key: &'a Pubkey,
    /// It, or `None` once it was closed, which happens only after the last of its claims.
    pub restoration: Option<&'a Restoration>,
}

/// May a page of `book` be closed? Only once no claim can be paid any more that the page would count against. A page
/// that is closed can be opened again, with zeros: closed too early, everything in it would be paid twice.
///
/// A book of `interim`, the ledger's interim share-out, names its restoration from the beginning. It can be closed only
/// once that restoration has begun.
///
/// # Errors
/// [`CoreError::WrongClaimPage`], [`CoreError::ClaimsOpen`].
pub fn may_close_page(
    book: &Pubkey,
    owner: PageOwner<'_>,
    interim: Option<(&Pubkey, &Interim)>,
) -> Result<(), CoreError> {
    match interim {
        None if book != owner.key => return Err(CoreError::WrongClaimPage),
        None => {}
        Some((key, interim)) => {
            let is_its = book == key || *book == interim.checkpoint;
            if !is_its || interim.restoration != *owner.key {
                return Err(CoreError::WrongClaimPage);
            }
            if interim.state != interim_state::ENDED {
                return Err(CoreError::ClaimsOpen);
            }
        }
    }
    if owner.restoration.is_some_and(|restoration| !is_over(restoration)) {
        return Err(CoreError::ClaimsOpen);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    /// Shards with 3, 0, 70,000 and 1 leaves.
    fn shards() -> [ShardRoot; SHARDS] {
        let mut shards = [ShardRoot::zeroed(); SHARDS];
        let mut first = 0;
        for (shard, count) in shards.iter_mut().zip([3, 0, 70_000, 1]) {
            (shard.first, shard.count) = (first, count);
            first += count;
        }
        shards
    }

    #[test]
    fn places_are_dense_over_the_shards() {
        let shards = shards();
        let place = |page, at| Some(ClaimPlace { page, at });
        assert_eq!(locate(&shards, 2), place(0, 2));
        assert_eq!(locate(&shards, 3), None);
        assert_eq!(locate(&shards, 1 << SHARD_SHIFT), None);
        assert_eq!(locate(&shards, 2 << SHARD_SHIFT), place(0, 3));
        assert_eq!(locate(&shards, (2 << SHARD_SHIFT) | 1_021), place(1, 0));
        assert_eq!(locate(&shards, 3 << SHARD_SHIFT), place(68, 371));
        assert_eq!(locate(&shards, 16 << SHARD_SHIFT), None);
        assert_eq!(locate(&shards, u32::MAX), None);
    }

    #[test]
    fn every_leaf_has_a_place_of_its_own() {
        let shards = shards();
        let mut places: Vec<_> = (0..16u32)
            .flat_map(|shard| (0..70_001u32).map(move |i| (shard << SHARD_SHIFT) | i))
            .filter_map(|index| locate(&shards, index))
            .map(|place| (place.page, place.at))
            .collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 70_004);
        assert_eq!(places.last(), Some(&(68, 371)));
    }

    #[test]
    fn the_most_leaves_a_ledger_can_have_have_pages() {
        let most = u64::from(u32::MAX >> (32 - SHARD_SHIFT)) + 1;
        let pages = (most * SHARDS as u64).div_ceil(u64::from(CLAIMS_PER_PAGE));
        assert!(pages <= u64::from(u16::MAX));
    }

    /// While interim claims run, their restoration is not there: that is no leave to close a page.
    #[test]
    fn a_page_of_interim_claims_closes_only_after_the_claims_of_a_chosen_state() {
        let [key, book, checkpoint, other] = [1, 2, 3, 4].map(|byte| Pubkey::new_from_array([byte; 32]));
        let mut interim = Interim::zeroed();
        (interim.restoration, interim.checkpoint) = (key, checkpoint);
        let mut plan = Restoration::zeroed();
        (plan.total, plan.shared) = (10, 10);
        let close = |of: &Pubkey, plan: Option<&Restoration>, interim: &Interim| {
            let owner = PageOwner {
                key: &key,
                restoration: plan,
            };
            may_close_page(of, owner, Some((&book, interim)))
        };
        for of in [&book, &checkpoint] {
            assert_eq!(close(of, None, &interim), Err(CoreError::ClaimsOpen));
        }
        interim.state = interim_state::ENDED;
        for of in [&book, &checkpoint] {
            assert_eq!(close(of, Some(&plan), &interim), Err(CoreError::ClaimsOpen));
            assert_eq!(close(of, None, &interim), Ok(()));
        }
        assert_eq!(close(&other, None, &interim), Err(CoreError::WrongClaimPage));
        assert_eq!(close(&key, None, &interim), Err(CoreError::WrongClaimPage));
        plan.paid = 10;
        assert_eq!(close(&book, Some(&plan), &interim), Ok(()));
        interim.restoration = other;
        assert_eq!(close(&book, Some(&plan), &interim), Err(CoreError::WrongClaimPage));
        let own = PageOwner {
            key: &key,
            restoration: None,
        };
        assert_eq!(may_close_page(&book, own, None), Err(CoreError::WrongClaimPage));
        assert_eq!(may_close_page(&key, own, None), Ok(()));
    }

    #[test]
    fn pages_are_as_long_as_their_leaves() {
        assert_eq!(page_leaves(2_052, 0), Some(1_024));
        assert_eq!(page_leaves(2_052, 2), Some(4));
        assert_eq!(page_leaves(2_052, 3), None);
        assert_eq!(page_leaves(1_024, 1), None);
        assert_eq!(page_leaves(0, 0), None);
        assert_eq!(
            (page_len(1), page_len(1_024), page_len(u32::MAX)),
            (Some(8), Some(8_192), None)
        );
    }

    #[test]
    fn a_page_has_no_leaf_behind_its_last() {
        let mut page = [0u8; 16];
        *paid(&mut page, 1).expect("there are two") = 7u64.to_le_bytes();
        assert_eq!(page[8], 7);
        assert_eq!(paid(&mut page, 2), None);
        assert_eq!(paid(&mut page, u32::MAX), None);
    }
}

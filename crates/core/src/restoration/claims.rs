//! What every leaf was paid so far: where it is stored, eight bytes per leaf.
//!
//! A leaf's index has gaps between shards; its place does not. Places are dense over the leaves of all shards in order,
//! in pages of 1,024, so a page costs rent only for the leaves it serves.

use bulkhead_interface::{
    constants::{CLAIMS_PER_PAGE, SHARD_SHIFT, SHARDS},
    layout::ShardRoot,
};

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

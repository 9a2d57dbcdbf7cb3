//! One bit a leaf and tranche: where it lies, and setting it once.
//!
//! A leaf's number has gaps between shards; its bit does not. Bits are dense over the leaves of all
//! shards in order, in pages of 65,536, so a page costs rent for the leaves it serves and no more.

use bulkhead_interface::{
    constants::{CLAIMS_PER_PAGE, SHARD_SHIFT, SHARDS},
    layout::ShardRoot,
};

/// The place of a leaf's bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimBit {
    /// Number of the page.
    pub page: u16,
    /// Number of the bit within the page.
    pub bit: u32,
}

/// The bits of an index that count within the shard.
const WITHIN_SHARD: u32 = u32::MAX >> (32 - SHARD_SHIFT);

/// The shard of a leaf.
#[must_use]
pub const fn shard_of(index: u32) -> u32 {
    index >> SHARD_SHIFT
}

/// The bit of leaf `index`, or `None` when the sealed shards have no such leaf.
#[must_use]
pub fn locate(shards: &[ShardRoot; SHARDS], index: u32) -> Option<ClaimBit> {
    let shard = shards.get(usize::try_from(shard_of(index)).ok()?)?;
    let within = index & WITHIN_SHARD;
    if within >= shard.count {
        return None;
    }
    let dense = shard.first.checked_add(within)?;
    Some(ClaimBit {
        page: u16::try_from(dense.checked_div(CLAIMS_PER_PAGE)?).ok()?,
        bit: dense.checked_rem(CLAIMS_PER_PAGE)?,
    })
}

/// Bits of page `page` of a ledger with `count` leaves, or `None` when it has no such page.
#[must_use]
pub fn page_bits(count: u64, page: u16) -> Option<u32> {
    let first = u64::from(page).checked_mul(u64::from(CLAIMS_PER_PAGE))?;
    match count.checked_sub(first) {
        None | Some(0) => None,
        Some(left) => u32::try_from(left.min(u64::from(CLAIMS_PER_PAGE))).ok(),
    }
}

/// Bytes that `bits` bits take.
#[must_use]
pub const fn bitmap_len(bits: u32) -> u32 {
    bits.div_ceil(8)
}

/// What became of a bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Was clear, is set.
    Set,
    /// Was set already.
    AlreadySet,
    /// The page has no such bit.
    OutOfRange,
}

/// Sets bit `bit` of a page, least significant bit of the first byte first.
pub fn mark(bits: &mut [u8], bit: u32) -> Mark {
    let byte = usize::try_from(bit >> 3).ok().and_then(|at| bits.get_mut(at));
    let mask = 1u8 << (bit & 7);
    match byte {
        None => Mark::OutOfRange,
        Some(byte) if *byte & mask != 0 => Mark::AlreadySet,
        Some(byte) => {
            *byte |= mask;
            Mark::Set
        }
    }
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
    fn bits_are_dense_over_the_shards() {
        let shards = shards();
        assert_eq!(locate(&shards, 2), Some(ClaimBit { page: 0, bit: 2 }));
        assert_eq!(locate(&shards, 3), None);
        assert_eq!(locate(&shards, 1 << SHARD_SHIFT), None);
        assert_eq!(locate(&shards, 2 << SHARD_SHIFT), Some(ClaimBit { page: 0, bit: 3 }));
        assert_eq!(
            locate(&shards, (2 << SHARD_SHIFT) | 65_533),
            Some(ClaimBit { page: 1, bit: 0 })
        );
        assert_eq!(
            locate(&shards, 3 << SHARD_SHIFT),
            Some(ClaimBit { page: 1, bit: 4_467 })
        );
        assert_eq!(locate(&shards, 16 << SHARD_SHIFT), None);
        assert_eq!(locate(&shards, u32::MAX), None);
    }

    #[test]
    fn every_leaf_has_a_bit_of_its_own() {
        let shards = shards();
        let mut bits: Vec<_> = (0..16u32)
            .flat_map(|shard| (0..70_001u32).map(move |i| (shard << SHARD_SHIFT) | i))
            .filter_map(|index| locate(&shards, index))
            .map(|place| (place.page, place.bit))
            .collect();
        bits.sort_unstable();
        bits.dedup();
        assert_eq!(bits.len(), 70_004);
        assert_eq!(bits.last(), Some(&(1, 4_467)));
    }

    #[test]
    fn pages_are_as_long_as_their_leaves() {
        assert_eq!(page_bits(70_004, 0), Some(65_536));
        assert_eq!(page_bits(70_004, 1), Some(4_468));
        assert_eq!(page_bits(70_004, 2), None);
        assert_eq!(page_bits(65_536, 1), None);
        assert_eq!(page_bits(0, 0), None);
        assert_eq!((bitmap_len(1), bitmap_len(8), bitmap_len(9)), (1, 1, 2));
    }

    #[test]
    fn a_bit_is_set_once() {
        let mut bits = [0u8; 2];
        assert_eq!(mark(&mut bits, 9), Mark::Set);
        assert_eq!(bits, [0, 2]);
        assert_eq!(mark(&mut bits, 9), Mark::AlreadySet);
        assert_eq!(mark(&mut bits, 8), Mark::Set);
        assert_eq!(mark(&mut bits, 16), Mark::OutOfRange);
        assert_eq!(mark(&mut bits, u32::MAX), Mark::OutOfRange);
    }
}

//! Sorts positions into the order of the leaves, in place.
//!
//! Keys are hashes or public keys, so their first bits divide them evenly. Positions are first divided into the sixteen
//! shards, then each shard into ranges that fit the processor's cache. Only these ranges are sorted by comparison.

use bulkhead_core::snapshots::merkle;
use bulkhead_interface::constants::SHARDS;

use crate::Position;

/// Ranges per shard: one for each value of the eight bits after the shard's four.
const STRETCHES: usize = 256;
/// A shard with fewer positions is sorted directly.
const SMALL: usize = 4 * STRETCHES;

/// Divides positions by shard.
pub(crate) fn by_shard(positions: &mut [Position]) -> [&mut [Position]; SHARDS] {
    part(positions, |position| merkle::shard_of(position.key.as_array()).into())
}

/// Sorts the positions of one shard by key.
pub(crate) fn by_key(positions: &mut [Position]) {
    if positions.len() < SMALL {
        return compare(positions);
    }
    let stretch = |position: &Position| {
        let [a, b, ..] = position.key.to_bytes();
        usize::from((a & 15) << 4 | b >> 4)
    };
    part::<STRETCHES>(positions, stretch).into_iter().for_each(compare);
}

/// Nearly all keys differ within their first eight bytes.
fn compare(positions: &mut [Position]) {
    let first = |position: &Position| {
        let [a, b, c, d, e, f, g, h, ..] = position.key.to_bytes();
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    };
    positions.sort_unstable_by(|a, b| first(a).cmp(&first(b)).then_with(|| a.key.cmp(&b.key)));
}

/// Partitions positions into N classes in place. Within a class the order is arbitrary.
fn part<const N: usize>(positions: &mut [Position], class: impl Fn(&Position) -> usize) -> [&mut [Position]; N] {
    let mut lens = [0; N];
    for position in &*positions {
        lens[class(position)] += 1;
    }
    let mut next = [0; N];
    let mut ends = [0; N];
    let mut sum = 0;
    for at in 0..N {
        next[at] = sum;
        sum += lens[at];
        ends[at] = sum;
    }
    for at in 0..N {
        while next[at] < ends[at] {
            let home = class(&positions[next[at]]);
            positions.swap(next[at], next[home]);
            next[home] += 1;
        }
    }
    let mut rest = positions;
    lens.map(|len| {
        let (own, others) = std::mem::take(&mut rest).split_at_mut(len);
        rest = others;
        own
    })
}

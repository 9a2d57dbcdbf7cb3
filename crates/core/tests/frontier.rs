//! The accumulator against the definition of the tree, for every shape a shard can take.

mod naive;

use bulkhead_core::snapshots::frontier::{self, FrontierError, MAX_LEAVES};
use bulkhead_interface::{
    Pubkey,
    constants::snapshot_state,
    layout::{Node, SnapshotShard},
};
use bytemuck::Zeroable;
use naive::*;
use proptest::prelude::*;

/// Builds a shard both ways, compares canopy and root, and checks a proof of every `step`th leaf.
fn compare(number: u8, count: u32, step: usize) {
    let rows = rows(number, count);
    let leaves = rows
        .iter()
        .enumerate()
        .map(|(place, row)| leaf(number, place as u32, row))
        .collect();
    let levels = levels(leaves);
    let mut shard = shard(number, &rows);
    let done = frontier::finish(&mut shard).unwrap();
    assert_eq!((done.count, shard.count), (count, count));
    assert_eq!(shard.state, snapshot_state::SEALED);
    assert_same(&done.root, &levels.last().unwrap()[0]);
    assert_eq!(done.root.sum, rows.iter().map(|row| row.2).sum::<u64>());
    let canopy = &levels[usize::from(shard.canopy_height)];
    assert_eq!(canopy.len(), 16);
    for (cap, expected) in shard.canopy.iter().zip(canopy) {
        assert_same(cap, expected);
    }
    for place in (0..rows.len()).step_by(step) {
        let proof = proof(&levels, place);
        verify(&shard, place as u32, &rows[place], &proof).unwrap();
    }
}

#[test]
fn every_boundary_of_the_limits() {
    for count in 0..=70 {
        compare(0, count, 1);
    }
    for boundary in [128u32, 256, 512, 1024, 4096] {
        for count in boundary - 1..=boundary + 1 {
            compare(15, count, 37);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn equals_the_definition(number in 0u8..16, count in 0u32..5000) {
        compare(number, count, 17);
    }

    #[test]
    fn zero_amounts_are_seen_and_are_no_leaves(amounts in prop::collection::vec(0u64..3, 0..200)) {
        let mut all = rows(4, amounts.len() as u32);
        for (row, amount) in all.iter_mut().zip(&amounts) {
            row.2 = *amount;
        }
        let mut with_zeros = shard(4, &all);
        prop_assert_eq!(with_zeros.seen as usize, amounts.len());
        let held: Vec<_> = all.into_iter().filter(|row| row.2 > 0).collect();
        let mut without = shard(4, &held);
        let (a, b) = (frontier::finish(&mut with_zeros).unwrap(), frontier::finish(&mut without).unwrap());
        prop_assert_eq!((a.root.hash, a.root.sum, a.count), (b.root.hash, b.root.sum, b.count));
    }
}

#[test]
fn a_position_counts_once_and_in_its_own_shard() {
    let all = rows(2, 3);
    let mut open = shard(2, &all);
    for row in &all {
        assert_eq!(append(&mut open, row), Err(FrontierError::NotAscending));
    }
    let mut key = [0xff; 32];
    for number in (0..16u8).filter(|number| *number != 2) {
        key[0] = number << 4 | 0xf;
        assert_eq!(append(&mut open, &(key, [1; 32], 1)), Err(FrontierError::WrongShard));
    }
    assert_eq!((open.count, open.seen), (3, 3));
    key[0] = 0x2f;
    append(&mut open, &(key, [1; 32], 0)).unwrap();
    // A position of amount zero holds its place in the order too.
    assert_eq!(append(&mut open, &(key, [1; 32], 1)), Err(FrontierError::NotAscending));
}

#[test]
fn the_smallest_key_can_come_first() {
    let mut open = shard(0, &[([0; 32], [1; 32], 5)]);
    assert_eq!((open.count, open.sum), (1, 5));
    assert_eq!(
        append(&mut open, &([0; 32], [1; 32], 5)),
        Err(FrontierError::NotAscending)
    );
}

#[test]
fn a_sealed_shard_takes_nothing_and_is_not_sealed_twice() {
    let all = rows(1, 20);
    let mut sealed = shard(1, &all[..10]);
    frontier::finish(&mut sealed).unwrap();
    assert_eq!(append(&mut sealed, &all[10]), Err(FrontierError::Sealed));
    assert!(matches!(frontier::finish(&mut sealed), Err(FrontierError::Sealed)));
}

#[test]
fn sums_beyond_64_bits_are_refused() {
    let mut all = rows(1, 2);
    all[0].2 = u64::MAX;
    let mut open = shard(1, &all[..1]);
    assert_eq!(append(&mut open, &all[1]), Err(FrontierError::SumOverflow));
}

#[test]
fn a_full_shard_takes_no_more_leaves() {
    let mut full = SnapshotShard {
        canopy_height: 16,
        canopy_count: 16,
        count: MAX_LEAVES,
        seen: MAX_LEAVES,
        canopy: [Node { hash: [9; 32], sum: 1 }; 16],
        last_key: Pubkey::default(),
        ..SnapshotShard::zeroed()
    };
    let key = [1; 32];
    assert_eq!(append(&mut full, &(key, key, 1)), Err(FrontierError::Full));
    assert_eq!(frontier::finish(&mut full).unwrap().root.sum, 16);
}

#[test]
fn a_shard_holds_exactly_its_capacity() {
    let mut open = SnapshotShard {
        tag: TAG,
        ..SnapshotShard::zeroed()
    };
    let mut key = [0; 32];
    for place in 0..MAX_LEAVES {
        key[4..8].copy_from_slice(&place.to_be_bytes());
        append(&mut open, &(key, key, 2)).unwrap();
    }
    key[3] = 1;
    assert_eq!(append(&mut open, &(key, key, 1)), Err(FrontierError::Full));
    assert_eq!((open.canopy_height, open.canopy_count), (16, 16));
    assert_eq!(frontier::finish(&mut open).unwrap().root.sum, 2 * u64::from(MAX_LEAVES));
}

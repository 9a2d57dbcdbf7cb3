//! A checkpoint's shards: together they make its root and its counts.

use super::*;

/// The shards of some counts; roots are any nodes.
fn shards(counts: [u32; 16]) -> [ShardRoot; 16] {
    let mut shards = [root::empty_shard(); 16];
    for ((shard, count), byte) in shards.iter_mut().zip(counts).zip(1..) {
        shard.count = count;
        if count != 0 {
            shard.root = Node {
                hash: [byte; 32],
                sum: 10,
            };
        }
    }
    shards
}

#[test]
fn shards_cannot_be_swapped_and_counts_cannot_be_moved() {
    let mut counts = [3; 16];
    counts[15] = 0;
    let mut right = shards(counts);
    let (node, count) = root::seal(&mut right).expect("small sums");
    let entry = Checkpoint {
        root: node.hash,
        total: node.sum,
        count,
        shards_hash: checkpoint::shards_hash(&right),
        ..Checkpoint::zeroed()
    };
    assert_eq!(checkpoint::require_shards(&entry, &mut right.clone()), Ok(()));
    let refused = |change: fn(&mut [ShardRoot; 16])| {
        let mut wrong = right;
        change(&mut wrong);
        assert_eq!(
            checkpoint::require_shards(&entry, &mut wrong),
            Err(CoreError::ShardsMismatch)
        );
    };
    refused(|shards| shards.swap(0, 1));
    refused(|shards| (shards[0].count, shards[1].count) = (2, 4));
    refused(|shards| shards[15].count = 1);
    refused(|shards| shards[0].root.sum = 11);
    refused(|shards| (shards[0].root.sum, shards[1].root.sum) = (9, 11));
    refused(|shards| shards[0].root.sum = u64::MAX);
    refused(|shards| shards[3].root.hash[0] ^= 1);
    refused(|shards| (shards[0].count, shards[1].count) = (u32::MAX, u32::MAX));
}

/// A shard has no leaf if and only if its root is that of nothing, also where the checkpoint commits to something else.
#[test]
fn a_shard_without_leaves_is_the_empty_one_and_no_other_is() {
    let with = |change: fn(&mut ShardRoot)| {
        let mut shards = shards([3, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        change(&mut shards[15]);
        let (node, count) = root::seal(&mut shards).expect("small sums");
        let entry = Checkpoint {
            root: node.hash,
            total: node.sum,
            count,
            shards_hash: checkpoint::shards_hash(&shards),
            ..Checkpoint::zeroed()
        };
        checkpoint::require_shards(&entry, &mut shards)
    };
    assert_eq!(with(|_| ()), Ok(()));
    for change in [
        |shard: &mut ShardRoot| shard.root.sum = 800,
        |shard: &mut ShardRoot| shard.root.hash = [9; 32],
        |shard: &mut ShardRoot| shard.count = 1,
    ] {
        assert_eq!(with(change), Err(CoreError::ShardsMismatch));
    }
}

/// The canopy of a shard that was read on chain seals the same shard, at the same height.
#[test]
fn a_shard_sealed_from_its_canopy_is_the_one_that_was_read() {
    let tag = [5; 32];
    let mut keys = vec![];
    for count in [1u32, 2, 15, 16, 17, 31, 32, 33, 255, 256, 257, 1_000] {
        keys.resize(count as usize, [0u8; 32]);
        for (number, key) in keys.iter_mut().enumerate() {
            key[24..].copy_from_slice(&(number as u64).to_be_bytes());
        }
        let mut read = SnapshotShard {
            tag,
            ..SnapshotShard::zeroed()
        };
        let mut intake = Intake::new(&mut read).expect("open");
        for key in &keys {
            intake.append(key, &[1; 32], 4).expect("ascending");
        }
        drop(intake);
        let expected = bulkhead_core::snapshots::frontier::finish(&mut read).expect("open");
        let mut given = SnapshotShard {
            tag,
            ..SnapshotShard::zeroed()
        };
        checkpoint::seal_shard(&mut given, &expected, &read.canopy).expect("its canopy");
        assert_eq!(
            (
                given.canopy_height,
                given.canopy_count,
                given.count,
                given.sum,
                given.state
            ),
            (read.canopy_height, read.canopy_count, read.count, read.sum, read.state),
            "{count}"
        );
        let mut wrong = read.canopy;
        wrong[0].hash[3] ^= 1;
        assert_eq!(
            checkpoint::seal_shard(&mut given, &expected, &wrong),
            Err(CoreError::ShardsMismatch)
        );
        wrong = read.canopy;
        wrong[0].sum = wrong[0].sum.wrapping_sub(1);
        assert_eq!(
            checkpoint::seal_shard(&mut given, &expected, &wrong),
            Err(CoreError::ShardsMismatch)
        );
    }
    let empty = [merkle::zero(0); 16];
    let nothing = checkpoint::seal_shard(&mut SnapshotShard::zeroed(), &root::empty_shard(), &empty);
    assert_eq!(nothing, Err(CoreError::ShardsMismatch));
    assert_eq!(checkpoint::canopy_height(1 << 20), Some(16));
    assert_eq!(checkpoint::canopy_height((1 << 20) + 1), None);
}

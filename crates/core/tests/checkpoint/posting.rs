//! What can be posted, and what its hash covers.

use super::*;

#[test]
fn a_slot_is_found_where_the_sysvar_has_it() {
    let slots: Vec<u64> = (1_000..1_600).filter(|slot| slot % 7 != 0).rev().take(512).collect();
    let data = sysvar(slots.iter().rev().copied());
    for slot in 0..2_000 {
        let expected = slots.contains(&slot).then(|| hash_of(slot));
        assert_eq!(checkpoint::slot_hash(&data, slot).copied(), expected, "{slot}");
    }
    for len in [0, 7, 8, 47, data.len() - 1] {
        assert_eq!(checkpoint::slot_hash(&data[..len], 1_599), None, "{len}");
    }
    let mut boast = data;
    boast[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_eq!(checkpoint::slot_hash(&boast, 1_599), None);
}

#[test]
fn a_checkpoint_is_of_a_recent_slot_of_this_fork_and_later_than_the_last() {
    let (mut log, council) = (log(), council(3));
    let at = Moment { slot: 2_000, now: 10 };
    let recent = sysvar((1_488..2_000).filter(|slot| *slot != 1_900));
    let mut try_post =
        |claim: Claim, poster| checkpoint::post(&mut log, &KEY, &council, poster, &claim, &seen(&claim, &recent), at);
    for slot in [0, 1_487, 1_900, 2_000, 2_001, u64::MAX] {
        assert_eq!(try_post(claim(slot), 0), Err(CoreError::SlotUnknown), "{slot}");
    }
    let lost = Claim {
        slot_hash: [1; 32],
        ..claim(1_950)
    };
    assert_eq!(try_post(lost, 0), Err(CoreError::SlotHashMismatch));
    try_post(claim(1_950), 0).expect("recent");
    for slot in [1_488, 1_949, 1_950] {
        assert_eq!(try_post(claim(slot), 1), Err(CoreError::CheckpointNotLater), "{slot}");
    }
    try_post(claim(1_951), 1).expect("later");
}

#[test]
fn the_hash_covers_every_byte_that_is_posted() {
    let base = checkpoint::entry_hash(&KEY, 3, &claim(5), &[6; 32]);
    let mut preimage = b"bulkhead-checkpoint-entry-v1".to_vec();
    preimage.extend_from_slice(KEY.as_ref());
    preimage.push(3);
    preimage.extend_from_slice(&5u64.to_le_bytes());
    preimage.extend_from_slice(&hash_of(5));
    preimage.extend_from_slice(&claim(5).root);
    preimage.extend_from_slice(&5u64.to_le_bytes());
    preimage.extend_from_slice(&7u64.to_le_bytes());
    preimage.extend_from_slice(&[4; 32]);
    preimage.extend_from_slice(&[6; 32]);
    assert_eq!(base, <[u8; 32]>::from(Sha256::digest(&preimage)));

    let tags = [
        checkpoint::tag(&KEY, &KEY, 3, 5),
        checkpoint::tag(&KEY, &KEY, 3, 6),
        checkpoint::tag(&KEY, &KEY, 4, 5),
        checkpoint::tag(&KEY, &Pubkey::default(), 3, 5),
        checkpoint::tag(&Pubkey::default(), &KEY, 3, 5),
        merkle::tag(&KEY, &KEY, 3),
    ];
    for (i, tag) in tags.iter().enumerate() {
        assert!(!tags[..i].contains(tag), "{i}");
    }
}

/// The worked example of `docs/snapshot-format.md`.
#[test]
fn the_page_has_the_right_bytes() {
    let program = bulkhead_interface::ID;
    let log = Pubkey::new_from_array([0x11; 32]);
    let slot = 400_000_000;
    let tag = checkpoint::tag(&program, &log, 0, slot);
    let (mut first, mut second) = ([0; 32], [0; 32]);
    (first[1], second[0]) = (1, 0x70);
    let mut shards = [root::empty_shard(); 16];
    for (shard, key, owner, amount) in [(0u8, first, [0x21; 32], 100), (7, second, [0x99; 32], 5)] {
        let mut canopy = [Node::zeroed(); 16];
        canopy[0] = merkle::leaf(&tag, merkle::leaf_index(shard, 0), &key, &owner, amount);
        let row = &mut shards[usize::from(shard)];
        (row.root, row.count) = (merkle::over_sixteen(&canopy).expect("small sums"), 1);
    }
    let (root, count) = root::seal(&mut shards).expect("small sums");
    let claim = Claim {
        slot,
        slot_hash: [0x22; 32],
        root: root.hash,
        total: root.sum,
        count: count.into(),
        shards_hash: checkpoint::shards_hash(&shards),
    };
    let entry = checkpoint::entry_hash(&log, 0, &claim, &[0x33; 32]);
    let hex = |bytes: &[u8; 32]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let page = include_str!("../../../../docs/snapshot-format.md");
    for bytes in [&tag, &root.hash, &claim.shards_hash, &entry] {
        assert!(page.contains(&hex(bytes)), "{}", hex(bytes));
    }
    assert_eq!((root.sum, count), (105, 2));
}

/// The allowed difference is a share of the greater total, rounded up, at every size.
#[test]
fn a_total_beyond_the_tolerance_is_refused() {
    for (a, b, beyond) in [
        (0, 0, false),
        (0, 1, false),
        (0, 2, true),
        (100, 99, false),
        (100, 98, true),
        (10_000, 9_900, false),
        (10_000, 9_899, true),
        (u64::MAX, u64::MAX - u64::MAX / 100, false),
        (u64::MAX, u64::MAX - u64::MAX / 50, true),
        (u64::MAX, 0, true),
    ] {
        assert_eq!(checkpoint::is_beyond_tolerance(&log(), a, b), beyond, "{a} {b}");
        assert_eq!(checkpoint::is_beyond_tolerance(&log(), b, a), beyond, "{b} {a}");
    }
    let (mut log, council) = (log(), council(3));
    let (claim, recent) = (claim(599), sysvar(590..600));
    let at = Moment { slot: 600, now: 0 };
    let mut beside = |host_total| {
        let seen = Seen {
            host_total,
            ..seen(&claim, &recent)
        };
        checkpoint::post(&mut log, &KEY, &council, 0, &claim, &seen, at).map(|_| ())
    };
    assert_eq!(beside(607), Err(CoreError::CheckpointTotalDiffers));
    assert_eq!(beside(606), Ok(()));
    assert_eq!(log.entries[0].host_total, 606);
}

//! What a checkpoint log can and cannot do, whoever posts what when.

use std::collections::BTreeMap;

use bulkhead_core::{
    checkpoint::{self, CheckpointError, Claim, Moment, Revealed},
    frontier::Intake,
    merkle, root,
};
use bulkhead_interface::{
    Pubkey,
    constants::{CHECKPOINTS, MIN_CHECKPOINT_INTERVAL, MIN_KEEP_SECONDS, checkpoint_state, role},
    layout::{Checkpoint, CheckpointLog, Council, LeafEvidence, Node, ShardRoot, SnapshotShard},
};
use bytemuck::Zeroable;
use proptest::{collection::vec, prelude::*};
use sha2::{Digest, Sha256};

const KEY: Pubkey = Pubkey::new_from_array([9; 32]);
const THRESHOLD: u8 = 2;

fn log() -> CheckpointLog {
    CheckpointLog {
        ledger_index: 3,
        threshold: THRESHOLD,
        min_interval_slots: MIN_CHECKPOINT_INTERVAL,
        keep_seconds: MIN_KEEP_SECONDS,
        ..CheckpointLog::zeroed()
    }
}

fn council(attesters: u8) -> Council {
    let mut council = Council::zeroed();
    council.member_count = attesters;
    for (member, number) in council.members.iter_mut().zip(1..=attesters) {
        member.key = Pubkey::new_from_array([number; 32]);
        member.roles = role::ATTESTER;
    }
    council
}

fn hash_of(slot: u64) -> [u8; 32] {
    Sha256::digest(slot.to_le_bytes()).into()
}

/// The sysvar with these slots, newest first.
fn sysvar(slots: impl DoubleEndedIterator<Item = u64>) -> Vec<u8> {
    let rows: Vec<_> = slots.rev().collect();
    let mut data = (rows.len() as u64).to_le_bytes().to_vec();
    for slot in rows {
        data.extend_from_slice(&slot.to_le_bytes());
        data.extend_from_slice(&hash_of(slot));
    }
    data
}

fn claim(slot: u64) -> Claim {
    Claim {
        slot,
        slot_hash: hash_of(slot),
        root: hash_of(slot ^ 1 << 63),
        total: slot,
        count: 7,
        shards_hash: [4; 32],
    }
}

/// Posts the checkpoint of the slot before `at`.
fn post(log: &mut CheckpointLog, council: &Council, poster: usize, at: Moment) -> Result<[u8; 32], CheckpointError> {
    let slot = at.slot - 1;
    let recent = sysvar(slot.saturating_sub(3)..=slot);
    checkpoint::post(log, &KEY, council, poster, &claim(slot), &recent, at)
}

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
    let mut try_post = |claim: Claim, poster| checkpoint::post(&mut log, &KEY, &council, poster, &claim, &recent, at);
    for slot in [0, 1_487, 1_900, 2_000, 2_001, u64::MAX] {
        assert_eq!(try_post(claim(slot), 0), Err(CheckpointError::UnknownSlot), "{slot}");
    }
    let lost = Claim {
        slot_hash: [1; 32],
        ..claim(1_950)
    };
    assert_eq!(try_post(lost, 0), Err(CheckpointError::ForeignFork));
    try_post(claim(1_950), 0).expect("recent");
    for slot in [1_488, 1_949, 1_950] {
        assert_eq!(try_post(claim(slot), 1), Err(CheckpointError::NotAscending), "{slot}");
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
        let mut caps = [Node::zeroed(); 16];
        caps[0] = merkle::leaf(&tag, merkle::leaf_index(shard, 0), &key, &owner, amount);
        let row = &mut shards[usize::from(shard)];
        (row.root, row.count) = (merkle::over_sixteen(&caps).expect("small sums"), 1);
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
    let page = include_str!("../../../docs/snapshot-format.md");
    for bytes in [&tag, &root.hash, &claim.shards_hash, &entry] {
        assert!(page.contains(&hex(bytes)), "{}", hex(bytes));
    }
    assert_eq!((root.sum, count), (105, 2));
}

#[test]
fn attesters_count_once_and_only_those_of_its_council() {
    let (mut log, mut council) = (log(), council(3));
    let hash = post(&mut log, &council, 0, Moment { slot: 600, now: 0 }).expect("first");
    let mut attest =
        |council: &Council, index, slot, hash: &[u8; 32]| checkpoint::attest(&mut log, council, index, slot, hash);
    assert_eq!(attest(&council, 0, 599, &hash), Err(CheckpointError::AlreadyAttested));
    assert_eq!(attest(&council, 1, 598, &hash), Err(CheckpointError::Missing));
    assert_eq!(attest(&council, 1, 599, &[0; 32]), Err(CheckpointError::Missing));
    council.config_epoch = 1;
    assert_eq!(attest(&council, 1, 599, &hash), Err(CheckpointError::OtherCouncil));
    council.config_epoch = 0;
    assert_eq!(attest(&council, 1, 599, &hash), Ok(true));
    assert_eq!(attest(&council, 1, 599, &hash), Err(CheckpointError::AlreadyAttested));
    assert_eq!(attest(&council, 2, 599, &hash), Ok(true));
    assert_eq!(log.entries[0].attesters, 0b111);
}

#[test]
fn only_what_was_attested_and_posted_before_the_breach_is_usable() {
    let (mut log, council) = (log(), council(3));
    let hash = post(&mut log, &council, 0, Moment { slot: 600, now: 0 }).expect("first");
    let usable = |log: &CheckpointLog, breach| checkpoint::require_usable(log, 599, breach).map(|entry| entry.slot);
    assert_eq!(usable(&log, 700), Err(CheckpointError::NotAttested));
    checkpoint::attest(&mut log, &council, 1, 599, &hash).expect("second");
    assert_eq!(usable(&log, 601), Ok(599));
    // Of a slot before the breach, but posted in its slot: with the theft in view.
    assert_eq!(usable(&log, 600), Err(CheckpointError::NotBeforeBreach));
    assert_eq!(
        checkpoint::require_usable(&log, 0, 700).err(),
        Some(CheckpointError::Missing)
    );
    log.entries[0].state = checkpoint_state::CONTESTED;
    assert_eq!(usable(&log, 700), Err(CheckpointError::Contested));
}

#[test]
fn rules_that_cannot_work_are_refused() {
    let council = council(3);
    assert_eq!(checkpoint::check_rules(&log(), &council), Ok(()));
    for broken in [
        CheckpointLog { threshold: 0, ..log() },
        CheckpointLog { threshold: 4, ..log() },
        CheckpointLog {
            min_interval_slots: MIN_CHECKPOINT_INTERVAL - 1,
            ..log()
        },
        CheckpointLog {
            min_interval_slots: checkpoint::MAX_INTERVAL + 1,
            ..log()
        },
        CheckpointLog {
            keep_seconds: MIN_KEEP_SECONDS - 1,
            ..log()
        },
        CheckpointLog {
            keep_seconds: i64::MAX,
            ..log()
        },
    ] {
        assert_eq!(
            checkpoint::check_rules(&broken, &council),
            Err(CheckpointError::OutOfRange)
        );
    }
}

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
        count: count.into(),
        shards_hash: checkpoint::shards_hash(&right),
        ..Checkpoint::zeroed()
    };
    assert_eq!(checkpoint::require_shards(&entry, &mut right.clone()), Ok(()));
    let refused = |change: fn(&mut [ShardRoot; 16])| {
        let mut wrong = right;
        change(&mut wrong);
        assert_eq!(
            checkpoint::require_shards(&entry, &mut wrong),
            Err(CheckpointError::WrongShards)
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

/// The caps of a shard that was read on chain seal the same shard, at the same height.
#[test]
fn a_shard_sealed_from_its_caps_is_the_one_that_was_read() {
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
        let expected = bulkhead_core::frontier::finish(&mut read).expect("open");
        let mut given = SnapshotShard {
            tag,
            ..SnapshotShard::zeroed()
        };
        checkpoint::seal_shard(&mut given, &expected, &read.caps).expect("its caps");
        assert_eq!(
            (given.cap_height, given.cap_count, given.count, given.sum, given.state),
            (read.cap_height, read.cap_count, read.count, read.sum, read.state),
            "{count}"
        );
        let mut wrong = read.caps;
        wrong[0].hash[3] ^= 1;
        assert_eq!(
            checkpoint::seal_shard(&mut given, &expected, &wrong),
            Err(CheckpointError::WrongShards)
        );
        wrong = read.caps;
        wrong[0].sum = wrong[0].sum.wrapping_sub(1);
        assert_eq!(
            checkpoint::seal_shard(&mut given, &expected, &wrong),
            Err(CheckpointError::WrongShards)
        );
    }
    let empty = [merkle::zero(0); 16];
    let nothing = checkpoint::seal_shard(&mut SnapshotShard::zeroed(), &root::empty_shard(), &empty);
    assert_eq!(nothing, Err(CheckpointError::WrongShards));
    assert_eq!(checkpoint::cap_height(1 << 20), Some(16));
    assert_eq!(checkpoint::cap_height((1 << 20) + 1), None);
}

/// A proof all the way up names the place of its leaf and no other.
#[test]
fn a_leaf_is_proved_at_its_place_only() {
    let tag = checkpoint::tag(&KEY, &KEY, 0, 1);
    let index = merkle::leaf_index(5, 9);
    let leaf = merkle::leaf(&tag, index, &[0x50; 32], &[1; 32], 40);
    let sibling = Node { hash: [8; 32], sum: 3 };
    for levels in 8..=checkpoint::MAX_DEPTH {
        let siblings = vec![sibling; levels];
        let proof: &[u8] = bytemuck::cast_slice(&siblings);
        let (mut node, mut below) = (leaf, 9u32);
        for level in 0..levels {
            if level == levels - 4 {
                below = 5;
            }
            let (left, right) = if below & 1 == 0 {
                (&node, &sibling)
            } else {
                (&sibling, &node)
            };
            node = merkle::inner(left, right).expect("small sums");
            below >>= 1;
        }
        let verify = |index, total, proof: &[u8]| checkpoint::verify_to_root(&leaf, index, proof, &node.hash, total);
        assert_eq!(verify(index, node.sum, proof), Ok(()), "{levels}");
        assert!(verify(index ^ 1, node.sum, proof).is_err());
        assert!(verify(index ^ 1 << 20, node.sum, proof).is_err());
        assert!(verify(index | 1 << 24, node.sum, proof).is_err());
        assert!(verify(index, node.sum + 1, proof).is_err());
        assert!(verify(index, node.sum, &proof[..proof.len() - 1]).is_err());
        assert!(verify(index, node.sum, &proof[40..]).is_err());
    }
    let deep = vec![sibling; checkpoint::MAX_DEPTH + 1];
    let shallow = vec![sibling; 3];
    for siblings in [deep, shallow] {
        let proof: &[u8] = bytemuck::cast_slice(&siblings);
        assert!(checkpoint::verify_to_root(&leaf, index, proof, &[0; 32], 0).is_err());
    }
}

fn evidence(log: &CheckpointLog, index: u32, key: [u8; 32], amount: u64) -> LeafEvidence {
    LeafEvidence {
        index,
        amount,
        slot: log.entries[0].slot,
        checkpoint: log.entries[0].hash,
        key: key.into(),
        ..LeafEvidence::zeroed()
    }
}

#[test]
fn a_contest_needs_a_contradiction_and_is_final() {
    let (mut log, council) = (log(), council(3));
    post(&mut log, &council, 0, Moment { slot: 600, now: 0 }).expect("first");
    let at = |index, key, amount| evidence(&log, index, [key; 32], amount);
    let (low, high, again) = (at(0, 1, 5), at(1, 2, 5), at(2, 2, 5));
    let (foreign_shard, nothing) = (at(3, 0x10, 5), at(3, 3, 0));
    let stale = LeafEvidence {
        checkpoint: [0; 32],
        ..again
    };
    for (first, second) in [
        (&low, None),
        (&low, Some(&high)),
        (&high, Some(&low)),
        (&high, Some(&high)),
    ] {
        let mut log = log;
        let result = checkpoint::contest(&mut log, first, second);
        assert_eq!(result, Err(CheckpointError::NoContradiction));
        assert_eq!(log.entries[0].state, checkpoint_state::POSTED);
    }
    for (first, second) in [
        (&high, Some(&again)),
        (&again, Some(&high)),
        (&foreign_shard, None),
        (&low, Some(&nothing)),
    ] {
        let mut log = log;
        checkpoint::contest(&mut log, first, second).expect("it contradicts");
        assert_eq!(log.entries[0].state, checkpoint_state::CONTESTED);
        assert_eq!(
            checkpoint::contest(&mut log, first, second),
            Err(CheckpointError::Contested)
        );
        let hash = log.entries[0].hash;
        let attested = checkpoint::attest(&mut log, &council, 1, 599, &hash);
        assert_eq!(attested, Err(CheckpointError::Contested));
    }
    for (first, second) in [(&stale, None), (&high, Some(&stale))] {
        assert_eq!(
            checkpoint::contest(&mut log, first, second),
            Err(CheckpointError::Missing)
        );
    }
}

/// Only what an honest tree is hashed from is well formed, at its own place and with its own sum.
#[test]
fn a_node_is_what_an_honest_tree_has_or_evidence() {
    let tag = checkpoint::tag(&KEY, &KEY, 0, 1);
    let siblings = [0u8; 40 * 10];
    let (shard, place) = (5, 9);
    let (key, sum, path) = ([0x50; 32], 40u64, shard << 6 | place);
    let leaf = |tag: &[u8; 32], index: u32, key: &[u8; 32], amount: u64| {
        let (index, amount) = (index.to_le_bytes(), amount.to_le_bytes());
        [&[0][..], tag, &index, key, &[1; 32], &amount].concat()
    };
    let index = merkle::leaf_index(5, place);
    let check = |preimage: &[u8], sum, path| {
        let node = Revealed {
            preimage,
            sum,
            path,
            siblings: &siblings,
        };
        checkpoint::is_well_formed(&node, &tag)
    };
    let right = leaf(&tag, index, &key, sum);
    assert!(check(&right, sum, path));
    assert!(!check(&right, sum + 1, path));
    assert!(!check(&right, sum, path ^ 1));
    assert!(!check(&right, sum, path ^ 1 << 6));
    assert!(!check(&right, sum, path | 1 << 10));
    assert!(!check(&leaf(&[0; 32], index, &key, sum), sum, path));
    assert!(!check(&leaf(&tag, index + 1, &key, sum), sum, path));
    assert!(!check(&leaf(&tag, index, &[0x60; 32], sum), sum, path));
    assert!(!check(&leaf(&tag, index, &key, 0), 0, path));
    assert!(!check(&right[..108], sum, path));
    assert!(!check(&[&right[..], &[0]].concat(), sum, path));

    let node = |left: u64, right: u64| {
        let (left, right) = (left.to_le_bytes(), right.to_le_bytes());
        [&[1][..], &[7; 32], &left, &[8; 32], &right].concat()
    };
    assert!(check(&node(30, 10), 40, path));
    assert!(!check(&node(30, 10), 41, path));
    assert!(!check(&node(u64::MAX, 1), 0, path));
    assert!(!check(&node(30, 10)[..80], 40, path));
    assert!(!check(&[], 0, path));
    assert!(!check(&[2; 81], 0, path));
}

/// One thing that happens: time passes, then somebody tries to post.
fn schedule() -> impl Strategy<Value = Vec<(i64, usize, bool)>> {
    let wait = prop_oneof![1i64..400, Just(210), 3_000i64..90_000, 86_400i64..900_000];
    vec((wait, 0usize..5, any::<bool>()), 1..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The chain has no gap, nothing in the log is ever rewritten, and nothing young is forgotten.
    #[test]
    fn the_log_forgets_by_age_alone(schedule in schedule()) {
        let (mut log, mut council) = (log(), council(5));
        let (mut slot, mut now) = (1_000u64, 0i64);
        let mut known: BTreeMap<u64, Checkpoint> = BTreeMap::new();
        let mut last = [0; 32];
        for (wait, poster, is_new_council) in schedule {
            now += wait;
            slot += u64::try_from(wait).expect("positive") * 5 / 2;
            council.config_epoch += u64::from(is_new_council && wait > 80_000);
            if let Ok(hash) = post(&mut log, &council, poster, Moment { slot, now }) {
                let entry = *checkpoint::latest(&log).expect("just posted");
                prop_assert_eq!(entry.previous, last);
                prop_assert_eq!(entry.hash, hash);
                prop_assert_eq!(hash, checkpoint::entry_hash(&KEY, 3, &claim(slot - 1), &last));
                known.insert(entry.slot, entry);
                last = hash;
            }
            for (slot, entry) in &known {
                let kept = checkpoint::find(&log, *slot);
                if let Ok(kept) = kept {
                    prop_assert_eq!(bytemuck::bytes_of(kept), bytemuck::bytes_of(entry));
                } else {
                    prop_assert!(now >= entry.posted_ts + MIN_KEEP_SECONDS, "a young one is gone");
                }
            }
            prop_assert!(checkpoint::entries(&log).count() <= CHECKPOINTS);
        }
    }

    /// Four attesters who post whenever they are let cannot keep the fifth from posting: whenever his
    /// own interval has passed and his own share has room, the log takes his.
    #[test]
    fn nobody_takes_anothers_place(schedule in schedule()) {
        let (mut log, council) = (log(), council(5));
        let (mut slot, mut now) = (1_000u64, 0i64);
        let mut own: Vec<(u64, i64)> = vec![];
        for (wait, griefer, is_honest_turn) in schedule {
            for griefer in [griefer % 4, (griefer + 1) % 4, (griefer + 2) % 4, (griefer + 3) % 4] {
                slot += 1;
                let _ = post(&mut log, &council, griefer, Moment { slot, now });
            }
            slot += 1;
            if is_honest_turn {
                let result = post(&mut log, &council, 4, Moment { slot, now });
                let is_soon = own.last().is_some_and(|(last, _)| slot < last + MIN_CHECKPOINT_INTERVAL);
                let young = own.iter().filter(|(_, posted)| now < posted + MIN_KEEP_SECONDS).count();
                let expected = if is_soon {
                    Err(CheckpointError::TooSoon)
                } else if young >= checkpoint::share(&council) {
                    Err(CheckpointError::Full)
                } else {
                    own.push((slot, now));
                    Ok(())
                };
                prop_assert_eq!(result.map(|_| ()), expected);
            }
            now += wait;
            slot += u64::try_from(wait).expect("positive") * 5 / 2;
        }
    }

    /// No two leaves of an honest tree contradict each other.
    #[test]
    fn an_honest_tree_cannot_be_contested(keys in proptest::collection::btree_set(any::<[u8; 32]>(), 2..60)) {
        let mut places = [0u32; 16];
        let leaves: Vec<_> = keys
            .iter()
            .map(|key| {
                let shard = merkle::shard_of(key);
                let place = places[usize::from(shard)];
                places[usize::from(shard)] += 1;
                LeafEvidence {
                    index: merkle::leaf_index(shard, place),
                    amount: 1,
                    key: (*key).into(),
                    ..LeafEvidence::zeroed()
                }
            })
            .collect();
        for a in &leaves {
            prop_assert!(!checkpoint::is_malformed(a));
            for b in &leaves {
                prop_assert!(!checkpoint::is_out_of_order(a, b));
            }
        }
    }
}

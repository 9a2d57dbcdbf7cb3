//! What a checkpoint log can and cannot do, whoever posts what when.

use std::collections::BTreeMap;

use bulkhead_core::{
    CoreError,
    checkpoint::{self, Claim, Moment, Seen},
    frontier::Intake,
    merkle, root,
};
use bulkhead_interface::{
    Pubkey,
    constants::{
        CHECKPOINTS, MAX_TOLERANCE_BPS, MIN_CHECKPOINT_INTERVAL, MIN_KEEP_SECONDS, MIN_TOLERANCE_BPS, checkpoint_state,
        log_flag, role,
    },
    layout::{Checkpoint, CheckpointLog, Council, Node, ShardRoot, SnapshotShard},
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
        tolerance_bps: 100,
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

/// The host says the same.
fn seen<'a>(claim: &Claim, slot_hashes: &'a [u8]) -> Seen<'a> {
    Seen {
        slot_hashes,
        host_total: claim.total,
    }
}

/// Posts the checkpoint of the slot before `at`.
fn post(log: &mut CheckpointLog, council: &Council, poster: usize, at: Moment) -> Result<[u8; 32], CoreError> {
    let slot = at.slot - 1;
    let recent = sysvar(slot.saturating_sub(3)..=slot);
    let claim = claim(slot);
    checkpoint::post(log, &KEY, council, poster, &claim, &seen(&claim, &recent), at)
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
    assert_eq!(attest(&council, 0, 599, &hash), Err(CoreError::AlreadyAttested));
    assert_eq!(attest(&council, 1, 598, &hash), Err(CoreError::NoSuchCheckpoint));
    assert_eq!(attest(&council, 1, 599, &[0; 32]), Err(CoreError::NoSuchCheckpoint));
    council.config_epoch = 1;
    assert_eq!(
        attest(&council, 1, 599, &hash),
        Err(CoreError::CheckpointOfOtherCouncil)
    );
    council.config_epoch = 0;
    assert_eq!(attest(&council, 1, 599, &hash), Ok(true));
    assert_eq!(attest(&council, 1, 599, &hash), Err(CoreError::AlreadyAttested));
    assert_eq!(attest(&council, 2, 599, &hash), Ok(true));
    assert_eq!(log.entries[0].attesters, 0b111);
}

/// Rules that come later neither attest nor lack anything of what is there.
#[test]
fn a_checkpoint_keeps_the_rules_it_was_posted_under() {
    let (mut log, council) = (log(), council(3));
    let hash = post(&mut log, &council, 0, Moment { slot: 600, now: 0 }).expect("first");
    log.threshold = 1;
    assert_eq!(
        checkpoint::require_usable(&log, 599, 700).err(),
        Some(CoreError::CheckpointNotAttested)
    );
    log.threshold = 3;
    assert_eq!(checkpoint::attest(&mut log, &council, 1, 599, &hash), Ok(true));
}

#[test]
fn only_what_was_attested_and_posted_before_the_breach_is_usable() {
    let (mut log, council) = (log(), council(3));
    let hash = post(&mut log, &council, 0, Moment { slot: 600, now: 0 }).expect("first");
    let usable = |log: &CheckpointLog, breach| checkpoint::require_usable(log, 599, breach).map(|entry| entry.slot);
    assert_eq!(usable(&log, 700), Err(CoreError::CheckpointNotAttested));
    checkpoint::attest(&mut log, &council, 1, 599, &hash).expect("second");
    assert_eq!(usable(&log, 601), Ok(599));
    // Of a slot before the breach, but posted in its slot: with the theft in view.
    assert_eq!(usable(&log, 600), Err(CoreError::CheckpointAfterBreach));
    assert_eq!(
        checkpoint::require_usable(&log, 0, 700).err(),
        Some(CoreError::NoSuchCheckpoint)
    );
    log.restored_slot = 599;
    assert_eq!(usable(&log, 700), Err(CoreError::CheckpointRestored));
    log.restored_slot = 598;
    // What the log says of later ones does not matter.
    (log.flags, log.tolerance_bps, log.threshold) = (log_flag::PUBLISHED_ONLY, 2_000, 3);
    assert_eq!(usable(&log, 700), Ok(599));
    log.entries[0].flags = log_flag::PUBLISHED_ONLY;
    log.entries[0].published = !1;
    assert_eq!(usable(&log, 700), Err(CoreError::CheckpointNotPublished));
    log.entries[0].published = !0;
    assert_eq!(usable(&log, 700), Ok(599));
    // A hundredth of 599, rounded up.
    for (differed, expected) in [(6, Ok(599)), (7, Err(CoreError::CheckpointDoubted))] {
        log.entries[0].differed = differed;
        assert_eq!(usable(&log, 700), expected, "{differed}");
    }
    log.entries[0].state = checkpoint_state::CONTESTED;
    assert_eq!(usable(&log, 700), Err(CoreError::CheckpointContested));
}

/// Whatever keeps a snapshot from being restored takes it away.
#[test]
fn a_snapshot_goes_for_what_came_out_since() {
    let (mut log, council) = (log(), council(3));
    let hash = post(&mut log, &council, 0, Moment { slot: 600, now: 0 }).expect("first");
    checkpoint::attest(&mut log, &council, 1, 599, &hash).expect("second");
    let goes = |log: &CheckpointLog, breach| checkpoint::require_unusable(log, 599, breach);
    assert_eq!(goes(&log, 601), Err(CoreError::CheckpointStands));
    assert_eq!(goes(&log, 600), Ok(()));
    assert_eq!(
        checkpoint::require_unusable(&log, 1, 601),
        Ok(()),
        "what is not in the log cannot be restored either"
    );
    // Its own restoration does not take it away.
    let mut restored = log;
    restored.restored_slot = 700;
    assert_eq!(goes(&restored, 601), Err(CoreError::CheckpointStands));
    let mut doubted = log;
    doubted.entries[0].differed = 300;
    assert_eq!(goes(&doubted, 601), Ok(()));
    log.entries[0].state = checkpoint_state::CONTESTED;
    assert_eq!(goes(&log, 601), Ok(()));
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
        CheckpointLog {
            tolerance_bps: MIN_TOLERANCE_BPS - 1,
            ..log()
        },
        CheckpointLog {
            tolerance_bps: MAX_TOLERANCE_BPS + 1,
            ..log()
        },
        CheckpointLog { flags: 2, ..log() },
    ] {
        assert_eq!(
            checkpoint::check_rules(&broken, &council),
            Err(CoreError::ArgumentOutOfRange)
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

/// The caps of a shard that was read on chain seal the same shard, at the same height.
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
        let expected = bulkhead_core::frontier::finish(&mut read).expect("open");
        let mut given = SnapshotShard {
            tag,
            ..SnapshotShard::zeroed()
        };
        checkpoint::seal_shard(&mut given, &expected, &read.canopy).expect("its caps");
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

    /// Four attesters who post whenever they are let cannot keep the fifth from posting, however often the council
    /// changes: whenever his own interval has passed and his own share has room, the log takes his. A key has one share.
    #[test]
    fn nobody_takes_anothers_place(schedule in schedule()) {
        let (mut log, mut council) = (log(), council(5));
        let (mut slot, mut now) = (1_000u64, 0i64);
        let mut own: Vec<(u64, i64)> = vec![];
        for (wait, griefer, is_honest_turn) in schedule {
            // The very same council is elected anew all the time.
            council.config_epoch += u64::from(wait % 3 == 0);
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
                    Err(CoreError::CheckpointTooSoon)
                } else if young >= CHECKPOINTS / 5 {
                    Err(CoreError::CheckpointLogFull)
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

    /// Keys come and go, too: who has less than the share then is finds a place, and so does who has nothing while those
    /// who come and go are fewer than there are parts.
    #[test]
    fn keys_that_come_and_go_leave_the_others_their_part(
        turns in vec((0usize..6, 1i64..90_000), 1..200),
        members in 2u8..6,
    ) {
        let (mut log, mut council) = (log(), council(members));
        let (mut slot, mut now) = (1_000u64, 0i64);
        let mut fresh = 100u8;
        for (turn, wait) in turns {
            let poster = turn % usize::from(members);
            if turn == 5 {
                // The last one is replaced, by one of its kind.
                council.members[usize::from(members) - 1].key = Pubkey::new_from_array([fresh; 32]);
                council.config_epoch += 1;
                fresh = fresh.wrapping_add(1).max(100);
            }
            let key = checkpoint::poster_of(&council.members[poster]);
            let young = checkpoint::entries(&log)
                .filter(|entry| entry.poster == key && now < entry.posted_ts + MIN_KEEP_SECONDS)
                .count();
            let share = checkpoint::share(&log, &council, now);
            let result = post(&mut log, &council, poster, Moment { slot, now });
            if young >= share {
                prop_assert_eq!(result, Err(CoreError::CheckpointLogFull));
            } else if share > 1 {
                prop_assert!(result.is_ok(), "{result:?}: {young} of {share}");
            }
            now += wait;
            slot += u64::try_from(wait).expect("positive") * 5 / 2 + MIN_CHECKPOINT_INTERVAL;
        }
    }
}

/// Two attesters, and one of them is replaced whenever it has used up its share: half of what is left, and half of that.
/// The honest one has places all the time.
#[test]
fn a_key_that_is_replaced_leaves_the_honest_one_half_of_what_is_left() {
    let (mut log, mut council) = (log(), council(2));
    let mut slot = 1_000;
    let mut taken = vec![];
    for epoch in 0..4u8 {
        council.config_epoch = epoch.into();
        council.members[1].key = Pubkey::new_from_array([50 + epoch; 32]);
        let mut posted = 0;
        while post(&mut log, &council, 1, Moment { slot, now: 0 }).is_ok() {
            posted += 1;
            slot += MIN_CHECKPOINT_INTERVAL;
        }
        taken.push(posted);
    }
    assert_eq!(taken, [20, 10, 5, 2]);
    assert_eq!(checkpoint::share(&log, &council, 0), 2);
    post(&mut log, &council, 0, Moment { slot, now: 0 }).expect("his place");
}

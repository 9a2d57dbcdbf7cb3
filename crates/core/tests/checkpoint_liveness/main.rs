//! No stranger and no single attester strikes out, pushes out, fills up or blocks honest checkpoints: every state within
//! five or six deeds of an adversary, and long random walks. The adversary is one attester, every stranger and the host, and
//! councils are elected all the time: the very same, or with another key of the adversary's.
//!
//! From every state there is a way out: once the host says its true total, an honest attester whose interval has passed
//! posts, another attests, and what they said can be put to the vote.

#![cfg(feature = "machine")]

mod broken;
#[path = "../honest_tree/mod.rs"]
mod honest_tree;

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap, HashSet},
    rc::Rc,
};

use bulkhead_core::{
    CoreError,
    acts::At,
    checkpoints::checkpoint::{self, Claim},
    machine::checkpoints::{Deed, Peace, ShownNode, ShownShards},
};
use bulkhead_interface::{
    Pubkey,
    constants::{CHECKPOINTS, MIN_CHECKPOINT_INTERVAL, MIN_KEEP_SECONDS, checkpoint_state, phase, total_unit},
    layout::{AmountField, ByteFilter, Checkpoint, CheckpointLog, Domain, LeafEvidence, Ledger, Scale},
};
use bytemuck::Zeroable;
use proptest::{collection::vec, prelude::*, sample::Index};

use crate::honest_tree::{Honest, KEY, PROGRAM, claim, council, empty_log};

const HONEST: [u8; 2] = [1, 2];
const HOSTILE: u8 = 3;
/// The key it is replaced by.
const HOSTILE_TOO: u8 = 33;
const STRANGER: u8 = 9;
/// What everybody has, together.
const TRUTH: u64 = 5;

fn key(number: u8) -> Pubkey {
    Pubkey::new_from_array([number; 32])
}

fn rows(first: u64) -> BTreeMap<[u8; 32], u64> {
    [([1; 32], first), ([2; 32], TRUTH - 1)].into()
}

/// What is true at a slot: nothing ever moves but by the adversary, who owns neither position.
fn truth(slot: u64) -> Rc<Honest> {
    tree(slot, 1)
}

/// A sound tree of something else.
fn lie(slot: u64) -> Rc<Honest> {
    tree(slot, 900)
}

fn tree(slot: u64, first: u64) -> Rc<Honest> {
    thread_local! {
        static MADE: RefCell<HashMap<(u64, u64), Rc<Honest>>> = RefCell::default();
    }
    let make = || Rc::new(Honest::new(slot, &rows(first)));
    MADE.with_borrow_mut(|made| made.entry((slot, first)).or_insert_with(make).clone())
}

/// A position as the host has it: owner, amount.
fn bytes(amount: u64) -> Vec<u8> {
    [&[7; 32][..], &amount.to_le_bytes()].concat()
}

fn peace() -> Peace {
    let mut ledger = Ledger {
        amount_count: 1,
        data_len: 40,
        total_width: 8,
        total_unit: total_unit::NATIVE,
        program: key(20),
        total_program: key(20),
        scale: Scale {
            multiplier: 1,
            divisor: 1,
            ..Scale::zeroed()
        },
        filters: [ByteFilter::zeroed(); 4],
        ..Ledger::zeroed()
    };
    ledger.amounts[0] = AmountField {
        offset: 32,
        width: 8,
        ..AmountField::zeroed()
    };
    Peace {
        at: At {
            slot: 10_000,
            now: 1_000_000,
        },
        program: PROGRAM,
        domain: Rc::new(Domain {
            state: phase::OPERATING,
            ..Domain::zeroed()
        }),
        council: Rc::new(council()),
        ledger: Rc::new(ledger),
        key: KEY,
        log: Rc::new(empty_log()),
        slot_hashes: vec![],
        total: TRUTH.to_le_bytes().to_vec(),
        evidence: BTreeMap::new(),
        disputes: BTreeMap::new(),
        samples: BTreeMap::new(),
    }
}

/// The sysvar of now.
fn with_hashes(mut state: Peace) -> Peace {
    let slots = (1..8).map(|back| state.at.slot.saturating_sub(back));
    state.slot_hashes = 7u64.to_le_bytes().to_vec();
    for slot in slots {
        state.slot_hashes.extend_from_slice(&slot.to_le_bytes());
        state.slot_hashes.extend_from_slice(&[3; 32]);
    }
    state
}

fn step(state: &Peace, signer: u8, deed: &Deed) -> Option<Peace> {
    state.step(&key(signer), deed).ok().map(with_hashes)
}

fn wait(state: &Peace, slots: u64, seconds: i64) -> Peace {
    step(state, STRANGER, &Deed::Wait { slots, seconds }).expect("time passes")
}

/// The honest two post and attest what is true of the slot that has just ended.
fn honest_posts(state: &Peace, poster: usize) -> Option<Peace> {
    let slot = state.at.slot - 1;
    let tree = truth(slot);
    let state = step(
        state,
        HONEST[poster],
        &Deed::Post(claim(slot, &tree.root, &tree.shards)),
    )?;
    let hash = checkpoint::find(&state.log, slot).ok()?.hash;
    step(&state, HONEST[1 - poster], &Deed::Attest(slot, hash))
}

fn is_true(entry: &Checkpoint) -> bool {
    entry.root == truth(entry.slot).root.hash
}

/// What somebody may say a checkpoint's shards are: nothing, the truth, or other counts.
fn shown_shards(slot: u64) -> [Option<ShownShards>; 3] {
    let right = truth(slot).shards;
    let mut wrong = right;
    wrong[0].count += 1;
    [None, Some(right), Some(wrong)].map(|shards| shards.map(|shards| ShownShards(Rc::new(shards))))
}

/// Everything the adversary may try now.
fn tries(state: &Peace) -> Vec<(u8, Deed)> {
    let mut all = vec![];
    let last = state.at.slot - 1;
    for total in [0, TRUTH, 900 + TRUTH - 1] {
        all.push((STRANGER, Deed::Say(total)));
    }
    for slot in [last, last - 1, last + 1] {
        for tree in [truth(slot), lie(slot)] {
            for signer in [HOSTILE, HOSTILE_TOO] {
                all.push((signer, Deed::Post(claim(slot, &tree.root, &tree.shards))));
            }
        }
    }
    all.push((
        STRANGER,
        Deed::Post(claim(last, &truth(last).root, &truth(last).shards)),
    ));
    all.push((STRANGER, Deed::Sample(state.at.slot, key(1), bytes(1))));
    for entry in checkpoint::entries(&state.log).filter(|entry| entry.slot + 3_000 > state.at.slot) {
        let slot = entry.slot;
        all.push((HOSTILE, Deed::Attest(slot, entry.hash)));
        all.push((STRANGER, Deed::Attest(slot, entry.hash)));
        for tree in [truth(slot), lie(slot)] {
            for (number, node) in tree
                .nodes
                .iter()
                .enumerate()
                .filter(|(_, node)| node.preimage[0] == 0 || node.path == 0)
            {
                for path in [node.path, node.path | 1 << 31, node.path ^ 1] {
                    let shown = ShownNode {
                        preimage: node.preimage.clone(),
                        sum: node.sum,
                        path,
                        siblings: node.siblings.clone(),
                    };
                    all.push((STRANGER, Deed::ContestNode(slot, shown)));
                }
                if let Some(leaf) = tree.leaves.get(number).filter(|_| node.preimage[0] == 0) {
                    let (index, key, owner) = (leaf.index, leaf.key, leaf.owner);
                    let prove = Deed::Prove(slot, index, key, owner, leaf.amount, node.siblings.clone());
                    all.push((STRANGER, prove));
                }
            }
        }
        for first in [(slot, 0), (slot, 1)] {
            for shards in shown_shards(slot) {
                all.push((STRANGER, Deed::Contest(first, Some((slot, 1)), shards)));
            }
            all.push((STRANGER, Deed::Dispute(first, bytes(77))));
            let shards = Some(ShownShards(Rc::new(truth(slot).shards)));
            all.push((STRANGER, Deed::Compare((slot, key(1)), Some(first), None, shards)));
            all.push((
                STRANGER,
                Deed::Compare((slot, key(1)), Some(first), Some((slot, 1)), None),
            ));
        }
    }
    for hostile in [HOSTILE, HOSTILE_TOO] {
        all.push((STRANGER, Deed::Elect(2, key(hostile))));
    }
    for (slots, seconds) in [(1, 0), (MIN_CHECKPOINT_INTERVAL, 205)] {
        all.push((STRANGER, Deed::Wait { slots, seconds }));
    }
    all
}

/// What is honest stays in the log, whole, and can be put to the vote of any incident that begins after it.
fn honest_stands(before: &Peace, after: &Peace) {
    for entry in checkpoint::entries(&before.log).filter(|entry| is_true(entry)) {
        let is_old = after.at.now >= entry.posted_ts + MIN_KEEP_SECONDS;
        let Ok(kept) = checkpoint::find(&after.log, entry.slot) else {
            assert!(is_old, "a young honest checkpoint is gone");
            continue;
        };
        assert_eq!(kept.hash, entry.hash);
        assert_ne!(
            kept.state,
            checkpoint_state::CONTESTED,
            "an honest checkpoint is struck out"
        );
        assert_eq!(kept.differed, 0, "an honest checkpoint is doubted");
        if kept.state == checkpoint_state::ATTESTED {
            let breach = kept.posted_slot + 1;
            assert!(checkpoint::require_usable(&after.log, kept.slot, breach).is_ok());
        }
        // A leaf is on record once: a record for each dispute.
        let records = after.disputes.keys().filter(|(slot, _)| *slot == entry.slot);
        assert_eq!(usize::from(kept.disputes), records.count());
    }
}

/// What the adversary has put into the log is, within the tolerance, what the host said then, and said by nobody else.
fn the_adversary_is_bounded(before: &Peace, after: &Peace) {
    const OWN: u16 = 1 << (HOSTILE - 1);
    for entry in checkpoint::entries(&after.log) {
        let known = checkpoint::find(&before.log, entry.slot).map_or(0, |entry| entry.attesters);
        assert_eq!(entry.attesters & !known & !OWN, 0, "somebody else is said to attest");
    }
    if after.log.posted == before.log.posted {
        return;
    }
    let total = before.total.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let entry = checkpoint::latest(&after.log).expect("just posted");
    // Lies are the adversary's, by the key that has just posted or by the other one.
    let other = [HOSTILE, HOSTILE_TOO]
        .map(|key| [key; 12])
        .into_iter()
        .find(|key| *key != entry.poster);
    let is_own = |lie: &&Checkpoint| {
        !is_true(lie) && Some(lie.poster) != other && after.at.now < lie.posted_ts + MIN_KEEP_SECONDS
    };
    let young = checkpoint::entries(&after.log).filter(is_own).count();
    assert!(young <= CHECKPOINTS / 3, "one key has more than its part");
    assert!(
        entry.total.abs_diff(total) <= entry.total.max(total).div_ceil(100),
        "a total that is not the host's"
    );
}

/// Both honest attesters can post now, if their own intervals have passed and their own shares have room.
fn there_is_a_way_out(state: &Peace) {
    let later = wait(state, MIN_CHECKPOINT_INTERVAL, 205);
    let truthful = step(&later, STRANGER, &Deed::Say(TRUTH)).expect("the host says the truth");
    for poster in [0, 1] {
        let name = checkpoint::poster_of(&later.council.members[poster]);
        let own = |entry: &&Checkpoint| entry.poster == name && later.at.now < entry.posted_ts + MIN_KEEP_SECONDS;
        let young = checkpoint::entries(&later.log).filter(own).count();
        // Who has less than an equal part of what the adversary's keys left, and that is something.
        let is_done = young >= checkpoint::share(&later.log, &later.council, later.at.now);
        let gone = |entry: &&Checkpoint| entry.poster == [HOSTILE; 12] || entry.poster == [HOSTILE_TOO; 12];
        let theirs = checkpoint::entries(&later.log).filter(gone).count();
        assert!(theirs <= 2 * CHECKPOINTS / 3, "the honest are left nothing");
        if is_done {
            continue;
        }
        let done = honest_posts(&truthful, poster).expect("an honest attester posts");
        let slot = truthful.at.slot - 1;
        assert!(checkpoint::require_usable(&done.log, slot, done.at.slot + 1).is_ok());
    }
}

/// A state as bytes, to know it again.
fn image(state: &Peace) -> Vec<u8> {
    let mut image = bytemuck::bytes_of(&*state.log).to_vec();
    image.extend_from_slice(&state.at.slot.to_le_bytes());
    image.extend_from_slice(&state.council.config_epoch.to_le_bytes());
    image.extend_from_slice(state.council.members[2].key.as_array());
    image.extend_from_slice(&state.total);
    for leaf in state.evidence.values().chain(state.disputes.values()) {
        image.extend_from_slice(bytemuck::bytes_of(leaf));
    }
    for sample in state.samples.values() {
        image.extend_from_slice(bytemuck::bytes_of(sample));
    }
    image
}

fn hash_of(state: &Peace) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(image(state)).into()
}

/// How a deed is done: as the acts say, or wrongly.
type Does = fn(&Peace, u8, &Deed) -> Option<Peace>;

/// Every state that the adversary reaches in so many deeds.
fn reach(beginning: Peace, deeds: usize, step: Does) -> usize {
    let mut known = HashSet::from([hash_of(&beginning)]);
    let mut row = vec![beginning];
    for _ in 0..deeds {
        let mut next = vec![];
        for state in &row {
            for (signer, deed) in tries(state) {
                let Some(after) = step(state, signer, &deed) else {
                    continue;
                };
                honest_stands(state, &after);
                the_adversary_is_bounded(state, &after);
                if known.insert(hash_of(&after)) {
                    there_is_a_way_out(&after);
                    next.push(after);
                }
            }
        }
        row = next;
    }
    known.len()
}

#[test]
fn nobody_strikes_out_or_blocks_what_is_honest() {
    let empty = with_hashes(peace());
    let sampled = step(&empty, STRANGER, &Deed::Sample(empty.at.slot, key(1), bytes(1))).expect("a sample");
    let posted = honest_posts(&wait(&sampled, 1, 0), 0).expect("peace");
    let twice = honest_posts(&wait(&posted, MIN_CHECKPOINT_INTERVAL, 205), 1).expect("peace");
    let states: usize = [(empty, 5), (posted, 5), (twice, 4), (crowded(), 4)]
        .into_iter()
        .map(|(beginning, deeds)| reach(beginning, deeds, step))
        .sum();
    assert!(states > 10_000, "{states} states");
}

/// The adversary has used up its share, with lies that the host agrees with.
fn crowded() -> Peace {
    let mut state = step(&with_hashes(peace()), STRANGER, &Deed::Say(904)).expect("exploited");
    for _ in 0..CHECKPOINTS / 3 {
        let slot = state.at.slot - 1;
        let tree = lie(slot);
        state = step(&state, HOSTILE, &Deed::Post(claim(slot, &tree.root, &tree.shards))).expect("its share");
        state = wait(&state, MIN_CHECKPOINT_INTERVAL, 205);
    }
    state
}

/// The check finds what it is for: an honest checkpoint struck out, and a hostile one that keeps everybody out.
#[test]
fn a_broken_state_is_found() {
    let posted = honest_posts(&wait(&with_hashes(peace()), 1, 0), 0).expect("peace");
    let broken = |change: fn(&mut CheckpointLog)| {
        let mut after = posted.clone();
        change(Rc::make_mut(&mut after.log));
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            honest_stands(&posted, &after);
            there_is_a_way_out(&after);
        }))
        .is_err()
    };
    assert!(!broken(|_| ()));
    assert!(broken(|log| log.entries[0].state = checkpoint_state::CONTESTED));
    assert!(broken(|log| log.entries[0].differed = 1));
    assert!(broken(|log| log.entries[0].disputes = 1));
    assert!(broken(|log| log.entries[0].state = checkpoint_state::EMPTY));
    assert!(broken(|log| {
        let young = log.entries[0];
        log.entries.fill(young);
        log.posted = CHECKPOINTS as u64;
    }));
    assert!(broken(|log| log.entries[0].slot = u64::MAX));
}

#[test]
fn a_broken_act_is_found() {
    let empty = with_hashes(peace());
    let posted = honest_posts(&wait(&empty, 1, 0), 0).expect("peace");
    let acts: [(&str, Does, bool); 9] = [
        ("none", step, false),
        ("long paths count", broken::long_paths_count, true),
        ("shown counts are believed", broken::shown_counts_are_believed, true),
        ("disputes repeat", broken::disputes_repeat, true),
        ("totals are believed", broken::totals_are_believed, true),
        ("samples are of any slot", broken::samples_are_of_any_slot, true),
        ("strangers post", broken::strangers_post, true),
        ("the young make room", broken::the_young_make_room, true),
        ("a new council begins anew", broken::a_new_council_begins_anew, true),
    ];
    for (name, step, is_broken) in acts {
        let walk = || [posted.clone(), crowded()].map(|beginning| reach(beginning, 3, step));
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(walk)).is_err();
        assert_eq!(found, is_broken, "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Further than the exhaustive check goes, with honest attesters who go on posting.
    #[test]
    fn honest_checkpoints_outlast_long_griefing(choices in vec((any::<Index>(), 0u8..10), 1..200)) {
        let mut state = with_hashes(peace());
        for (choice, turn) in choices {
            let is_adversary = turn > 2;
            let after = match turn {
                0 => Some(wait(&state, 200_000, 86_400)),
                1 | 2 => step(&state, STRANGER, &Deed::Say(TRUTH)).and_then(|state| honest_posts(&state, usize::from(turn) - 1)),
                _ => {
                    let tries = tries(&state);
                    let (signer, deed) = choice.get(&tries);
                    step(&state, *signer, deed)
                }
            };
            let Some(after) = after else { continue };
            honest_stands(&state, &after);
            if is_adversary {
                the_adversary_is_bounded(&state, &after);
            }
            state = after;
        }
        there_is_a_way_out(&state);
    }
}

/// What the adversary is given to prove is something: the lie is struck from no ballot by itself, and a leaf of it proves.
#[test]
fn the_adversary_is_able() {
    let mut state = step(&with_hashes(peace()), STRANGER, &Deed::Say(904)).expect("exploited");
    let slot = state.at.slot - 1;
    let tree = lie(slot);
    let said: Claim = claim(slot, &tree.root, &tree.shards);
    state = step(&state, HOSTILE, &Deed::Post(said)).expect("the host agrees with it");
    let able = |deed: fn(&Deed) -> bool| {
        tries(&state)
            .iter()
            .filter(|(_, found)| deed(found))
            .any(|(signer, found)| step(&state, *signer, found).is_some())
    };
    assert!(able(|deed| matches!(deed, Deed::Prove(..))));
    assert!(able(|deed| matches!(deed, Deed::Sample(..))));
    assert!(able(|deed| matches!(deed, Deed::Say(_))));
    assert!(!able(|deed| matches!(deed, Deed::ContestNode(..))));
    let proved = tries(&state)
        .iter()
        .filter(|(_, deed)| matches!(deed, Deed::Prove(..)))
        .filter_map(|(signer, deed)| step(&state, *signer, deed))
        .next()
        .expect("a leaf");
    let leaf: &LeafEvidence = proved.evidence.values().next().expect("it is kept");
    let dispute = Deed::Dispute((slot, leaf.index), bytes(77));
    let disputed = step(&proved, STRANGER, &dispute).expect("it differs");
    assert!(step(&disputed, STRANGER, &dispute).is_none(), "once");
}

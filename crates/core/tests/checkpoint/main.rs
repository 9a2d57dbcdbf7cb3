//! What a checkpoint log can and cannot do, whoever posts what when.

mod attesting;
mod places;
mod posting;
mod publishing;

use std::collections::BTreeMap;

use bulkhead_core::{
    CoreError,
    checkpoints::checkpoint::{self, Claim, Moment, Seen},
    snapshots::{frontier::Intake, merkle, root},
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

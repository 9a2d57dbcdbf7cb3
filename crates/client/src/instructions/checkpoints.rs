use super::*;
use bulkhead::instructions::{
    ContestNodeArgs, OpenCheckpointLogArgs, PostCheckpointArgs, ProveLeafArgs, SLOT_HASHES_SYSVAR, ShardSummary,
};
use bulkhead_interface::layout::{Node, ShardRoot};

/// `open_checkpoint_log`: during set-up, or with a matured proposal. An existing log gets new rules.
#[must_use]
pub fn open_checkpoint_log(authority: Authority, payer: Pubkey, args: OpenCheckpointLogArgs) -> Instruction {
    build(
        &bulkhead::accounts::OpenCheckpointLog {
            config: authority.accounts(),
            payer,
            ledger: pda::ledger(&authority.domain, args.ledger_index),
            log: pda::checkpoint_log(&authority.domain, args.ledger_index),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenCheckpointLog { args },
    )
}

/// `post_checkpoint`: signed by an attester, within minutes of the slot. `total_account` is the ledger's.
#[must_use]
pub fn post_checkpoint(
    domain: Pubkey,
    attester: Pubkey,
    ledger_index: u8,
    total_account: Pubkey,
    args: PostCheckpointArgs,
) -> Instruction {
    build(
        &bulkhead::accounts::PostCheckpoint {
            attester,
            domain,
            council: pda::council(&domain),
            log: pda::checkpoint_log(&domain, ledger_index),
            ledger: pda::ledger(&domain, ledger_index),
            total_account,
            slot_hashes: SLOT_HASHES_SYSVAR,
            instructions: INSTRUCTIONS_SYSVAR,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::PostCheckpoint { args },
    )
}

/// `attest_checkpoint`: signed by another attester, who names the checkpoint's hash.
#[must_use]
pub fn attest_checkpoint(domain: Pubkey, attester: Pubkey, ledger_index: u8, slot: u64, hash: [u8; 32]) -> Instruction {
    build(
        &bulkhead::accounts::AttestCheckpoint {
            attester,
            council: pda::council(&domain),
            log: pda::checkpoint_log(&domain, ledger_index),
            instructions: INSTRUCTIONS_SYSVAR,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::AttestCheckpoint { slot, hash },
    )
}

/// `prove_leaf`: anyone may store a leaf of a checkpoint as evidence.
#[must_use]
pub fn prove_leaf(log: Pubkey, payer: Pubkey, args: ProveLeafArgs) -> Instruction {
    build(
        &bulkhead::accounts::ProveLeaf {
            payer,
            log,
            evidence: pda::evidence(&log, args.slot, args.index, &payer),
            system_program: system_program::ID,
        },
        &bulkhead::instruction::ProveLeaf { args },
    )
}

/// `close_evidence`: the opener of the evidence reclaims its rent.
#[must_use]
pub fn close_evidence(payer: Pubkey, log: Pubkey, evidence: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::CloseEvidence {
            payer,
            log,
            evidence,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CloseEvidence {},
    )
}

/// `contest_checkpoint`: shows a leaf that no honest tree contains, or two leaves that no honest tree contains
/// together. With the checkpoint's shards: a leaf whose place does not fit the leaf counts.
#[must_use]
pub fn contest_checkpoint(
    log: Pubkey,
    first: Pubkey,
    second: Option<Pubkey>,
    shards: Option<&[ShardRoot]>,
) -> Instruction {
    build(
        &bulkhead::accounts::ContestCheckpoint {
            log,
            first,
            second,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::ContestCheckpoint {
            shards: shards.map(|shards| shards.iter().map(summary).collect()),
        },
    )
}

/// `contest_node`: shows a node that no honest tree contains.
#[must_use]
pub fn contest_node(log: Pubkey, args: ContestNodeArgs) -> Instruction {
    build(
        &bulkhead::accounts::ContestNode {
            log,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::ContestNode { args },
    )
}

/// `dispute_checkpoint`: shows a proved leaf of this slot and index, and the position's current account.
#[must_use]
pub fn dispute_checkpoint(
    domain: Pubkey,
    payer: Pubkey,
    ledger_index: u8,
    evidence: Pubkey,
    (slot, index): (u64, u32),
    position: Pubkey,
) -> Instruction {
    let log = pda::checkpoint_log(&domain, ledger_index);
    build(
        &bulkhead::accounts::DisputeCheckpoint {
            payer,
            log,
            ledger: pda::ledger(&domain, ledger_index),
            evidence,
            dispute: pda::dispute(&log, slot, index),
            position,
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::DisputeCheckpoint {},
    )
}

/// `publish_leaves`: anyone may send it, in ascending order of the keys, 72 bytes per leaf.
#[must_use]
pub fn publish_leaves(log: Pubkey, payer: Pubkey, slot: u64, number: u8, leaves: Vec<u8>) -> Instruction {
    build(
        &bulkhead::accounts::PublishLeaves {
            payer,
            log,
            shard: pda::publication(&log, slot, number, &payer),
            system_program: system_program::ID,
        },
        &bulkhead::instruction::PublishLeaves { slot, number, leaves },
    )
}

/// `finish_publication`: sent by the publisher of the shard's leaves, with the shards that the checkpoint commits to.
#[must_use]
pub fn finish_publication(log: Pubkey, payer: Pubkey, slot: u64, number: u8, shards: &[ShardRoot]) -> Instruction {
    build(
        &bulkhead::accounts::FinishPublication {
            payer,
            log,
            shard: pda::publication(&log, slot, number, &payer),
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::FinishPublication {
            slot,
            number,
            shards: shards.iter().map(summary).collect(),
        },
    )
}

/// `sample_position`: anyone may have the program read a position in `slot`. The transaction must land in that slot.
#[must_use]
pub fn sample_position(domain: Pubkey, payer: Pubkey, ledger_index: u8, slot: u64, position: Pubkey) -> Instruction {
    let log = pda::checkpoint_log(&domain, ledger_index);
    build(
        &bulkhead::accounts::SamplePosition {
            payer,
            domain,
            log,
            ledger: pda::ledger(&domain, ledger_index),
            position,
            sample: pda::sample(&log, slot, &position),
            instructions: INSTRUCTIONS_SYSVAR,
            system_program: system_program::ID,
        },
        &bulkhead::instruction::SamplePosition { slot },
    )
}

/// `compare_sample`: anyone may send it, with the position's leaf and the checkpoint's shards, or with proof that the
/// position has no leaf.
#[must_use]
pub fn compare_sample(
    log: Pubkey,
    sample: Pubkey,
    first: Option<Pubkey>,
    second: Option<Pubkey>,
    shards: Option<&[ShardRoot]>,
) -> Instruction {
    build(
        &bulkhead::accounts::CompareSample {
            log,
            sample,
            first,
            second,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CompareSample {
            shards: shards.map(|shards| shards.iter().map(summary).collect()),
        },
    )
}

/// `close_sample`: the sampler reclaims the rent.
#[must_use]
pub fn close_sample(payer: Pubkey, log: Pubkey, sample: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::CloseSample {
            payer,
            log,
            sample,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::CloseSample {},
    )
}

/// A shard as the program's arguments encode it.
fn summary(shard: &ShardRoot) -> ShardSummary {
    ShardSummary {
        root: shard.root.hash,
        sum: shard.root.sum,
        count: shard.count,
    }
}

/// `open_checkpoint_snapshot`: anyone may crank it, with the shards that the checkpoint commits to.
#[must_use]
pub fn open_checkpoint_snapshot(
    domain: Pubkey,
    payer: Pubkey,
    incident: Pubkey,
    ledger_index: u8,
    slot: u64,
    shards: &[ShardRoot],
) -> Instruction {
    build(
        &bulkhead::accounts::OpenCheckpointSnapshot {
            payer,
            domain,
            incident,
            log: pda::checkpoint_log(&domain, ledger_index),
            ledger: pda::ledger(&domain, ledger_index),
            snapshot: pda::checkpoint_snapshot(&incident, ledger_index, slot),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenCheckpointSnapshot {
            slot,
            shards: shards.iter().map(summary).collect(),
        },
    )
}

/// `open_checkpoint_shard`: anyone may crank it, with the sixteen canopy nodes of the shard.
#[must_use]
pub fn open_checkpoint_shard(payer: Pubkey, snapshot: Pubkey, number: u8, canopy: &[Node]) -> Instruction {
    build(
        &bulkhead::accounts::OpenCheckpointShard {
            payer,
            snapshot,
            shard: pda::shard(&snapshot, number, &payer),
            system_program: system_program::ID,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::OpenCheckpointShard {
            number,
            canopy: bytemuck::cast_slice(canopy).to_vec(),
        },
    )
}

/// `void_checkpoint_snapshot`: anyone may crank it, once the checkpoint behind it could no longer be opened.
#[must_use]
pub fn void_checkpoint_snapshot(log: Pubkey, incident: Pubkey, snapshot: Pubkey) -> Instruction {
    build(
        &bulkhead::accounts::VoidCheckpointSnapshot {
            log,
            snapshot,
            incident,
            event_authority: pda::event_authority(),
            program: bulkhead::ID,
        },
        &bulkhead::instruction::VoidCheckpointSnapshot {},
    )
}

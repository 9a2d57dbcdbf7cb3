//! 6540: checkpoints.

use bulkhead::{error::BulkheadError as E, instructions::PostCheckpointArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{MIN_CHECKPOINT_INTERVAL, log_flag},
    layout::CheckpointLog,
};
use bulkhead_snapshot::Tree;
use bulkhead_testbed::council_config;
use bulkhead_tests::{
    checkpoints::{Watched, leaf_of, statement},
    recovery::{LEDGER, forge, positions},
};
use solana_signer::Signer;

use crate::{Case, Refusal};

pub const CASES: &[Case] = &[
    (E::SlotUnknown, || {
        post_but(|args| PostCheckpointArgs {
            slot: args.slot + 1,
            ..args
        })
    }),
    (E::SlotHashMismatch, || {
        post_but(|args| PostCheckpointArgs {
            slot_hash: [0; 32],
            ..args
        })
    }),
    (E::CheckpointNotLater, || {
        let (mut watched, args) = fresh();
        watched.post(0, args.clone())?;
        watched.post(1, args)
    }),
    (E::CheckpointTooSoon, || {
        let (mut watched, args) = fresh();
        watched.post(0, args)?;
        let args = next(&mut watched);
        watched.post(0, args)
    }),
    (E::CheckpointLogFull, || {
        let (mut watched, args) = fresh();
        watched.post(0, args)?;
        loop {
            watched.machine.warp_slots(MIN_CHECKPOINT_INTERVAL);
            let args = next(&mut watched);
            watched.post(0, args)?;
        }
    }),
    (E::NoSuchCheckpoint, || {
        let (mut watched, args) = fresh();
        let incident = watched.freeze();
        let tree = watched.tree(args.slot, positions(4));
        watched.open_snapshot(incident, args.slot, tree.roots())
    }),
    (E::CheckpointOfOtherCouncil, || {
        let (mut watched, args) = fresh();
        let slot = args.slot;
        watched.post(0, args)?;
        let config = council_config(&watched.protocol.members);
        let authority = watched.protocol.mature(&mut watched.machine, &config);
        watched.machine.send(&[ix::change_council(authority, config)], &[])?;
        watched.attest(1, slot)
    }),
    (E::AlreadyAttested, || {
        let (mut watched, args) = fresh();
        let slot = args.slot;
        watched.post(0, args)?;
        watched.attest(0, slot)
    }),
    (E::CheckpointContested, || {
        let (mut watched, slot) = contested()?;
        watched.attest(2, slot)
    }),
    (E::CheckpointNotAttested, || {
        let (mut watched, args) = fresh();
        let (slot, tree) = (args.slot, watched.tree(args.slot, positions(4)));
        watched.post(0, args)?;
        let incident = watched.freeze();
        watched.open_snapshot(incident, slot, tree.roots())
    }),
    (E::CheckpointAfterBreach, || {
        let mut watched = Watched::new();
        let (slot, tree) = watched.attested(positions(4));
        let incident = watched.protocol.freeze(&mut watched.machine);
        watched.open_snapshot(incident, slot, tree.roots())
    }),
    (E::ShardsMismatch, || {
        let mut watched = Watched::new();
        let (slot, tree) = watched.attested(positions(4));
        let incident = watched.freeze();
        watched.open_snapshot(incident, slot, &tree.roots()[1..])
    }),
    (E::NoContradiction, || {
        let mut watched = Watched::new();
        let (slot, tree) = watched.attested(positions(4));
        let evidence = watched.prove(leaf_of(slot, &tree, &positions(4)[0].key))?;
        watched.contest(evidence, None)
    }),
    (E::EvidenceUsed, || {
        let mut watched = Watched::new();
        let (slot, tree) = watched.attested(positions(4));
        let key = positions(4)[0].key;
        let evidence = watched.prove(leaf_of(slot, &tree, &key))?;
        let dispute = watched.disputing(evidence);
        watched.machine.send(std::slice::from_ref(&dispute), &[])?;
        watched.machine.send(&[dispute], &[])
    }),
    (E::CheckpointStands, || {
        let mut watched = Watched::new();
        let (slot, tree) = watched.attested(positions(4));
        let incident = watched.freeze();
        watched.open_snapshot(incident, slot, tree.roots())?;
        let snapshot = pda::checkpoint_snapshot(&incident, LEDGER, slot);
        let void = ix::void_checkpoint_snapshot(watched.log, incident, snapshot);
        watched.machine.send(&[void], &[])
    }),
    (E::CheckpointTotalDiffers, || {
        let (mut watched, args) = fresh();
        let total = args.total + args.total / 50;
        watched.post_beside(0, args, total)
    }),
    (E::CheckpointRestored, || {
        let (mut watched, slot, tree) = with_log(|log| log.restored_slot = log.entries[0].slot)?;
        let incident = watched.freeze();
        watched.open_snapshot(incident, slot, tree.roots())
    }),
    (E::CheckpointNotPublished, || {
        let (mut watched, slot, tree) = with_log(|log| log.entries[0].flags = log_flag::PUBLISHED_ONLY)?;
        let incident = watched.freeze();
        watched.open_snapshot(incident, slot, tree.roots())
    }),
    (E::CheckpointDoubted, || {
        let (mut watched, slot, tree) = with_log(|log| log.entries[0].differed = log.entries[0].total)?;
        let incident = watched.freeze();
        watched.open_snapshot(incident, slot, tree.roots())
    }),
    (E::EvidenceNeeded, || {
        let mut watched = Watched::new();
        let (slot, tree) = watched.attested(positions(4));
        let evidence = watched.prove(leaf_of(slot, &tree, &positions(4)[0].key))?;
        let dispute = watched.disputing(evidence);
        let record = dispute.accounts[4].pubkey;
        watched.machine.send(&[dispute], &[])?;
        let payer = watched.machine.payer.pubkey();
        let close = ix::close_evidence(payer, watched.log, record);
        watched.machine.send(&[close], &[])
    }),
    (E::SampleOfOtherSlot, || {
        let mut watched = Watched::new();
        let (payer, domain) = (watched.machine.payer.pubkey(), watched.protocol.domain);
        let slot = watched.machine.clock().slot - 1;
        let sample = ix::sample_position(domain, payer, LEDGER, slot, positions(1)[0].key);
        watched.machine.send(&[sample], &[])
    }),
];

/// A log, and what may be posted in it now.
fn fresh() -> (Watched, PostCheckpointArgs) {
    let mut watched = Watched::new();
    let args = next(&mut watched);
    (watched, args)
}

/// An attested checkpoint in a log that was changed.
fn with_log(change: fn(&mut CheckpointLog)) -> Result<(Watched, u64, Tree), bulkhead_testbed::Failure> {
    let mut watched = Watched::new();
    let (slot, tree) = watched.attested(positions(4));
    let mut log = watched.log();
    change(&mut log);
    forge(&mut watched.machine, &watched.log, &log);
    Ok((watched, slot, tree))
}

fn next(watched: &mut Watched) -> PostCheckpointArgs {
    let slot = watched.slot();
    let tree = watched.tree(slot, positions(4));
    statement(slot, tree.root(), tree.roots())
}

fn post_but(spoil: fn(PostCheckpointArgs) -> PostCheckpointArgs) -> Refusal {
    let (mut watched, args) = fresh();
    watched.post(0, spoil(args))
}

/// A checkpoint with one position twice, struck out.
fn contested() -> Result<(Watched, u64), bulkhead_testbed::Failure> {
    let mut watched = Watched::new();
    let row = positions(1)[0];
    let (slot, tree) = watched.attested_lie(&[row, row]);
    let first = watched.prove(tree.leaf(slot, 0))?;
    let second = watched.prove(tree.leaf(slot, 1))?;
    watched.contest(first, Some(second))?;
    Ok((watched, slot))
}

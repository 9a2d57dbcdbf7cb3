//! Checkpoints: posted, attested, proved wrong, put to the vote.

use super::*;
use crate::checkpoints::{Forged, Watched, inflated, statement};
use bulkhead_snapshot::Position;

pub(super) fn visit(visitor: &mut dyn Visitor) {
    let Watched { machine, protocol, log } = Watched::new();
    let mut bench = Bench {
        visitor,
        machine,
        protocol,
    };
    let (payer, domain) = (bench.payer(), bench.protocol.domain);
    let (first, second) = (bench.member(0), bench.member(1));
    bench.machine.next_slot();
    bench.machine.write_slot_hashes(&[]);
    let slot = bench.machine.clock().slot - 1;

    // One position counted twice.
    let twice = Position {
        key: Pubkey::new_from_array([7; 32]),
        owner: keypair("twice").pubkey(),
        amount: 500,
    };
    let tag = bulkhead_core::checkpoint::tag(&bulkhead::ID, &log, LEDGER, slot);
    let tree = Forged::new(tag, &[twice, twice]);
    let post = ix::post_checkpoint(domain, first.pubkey(), LEDGER, statement(slot, &tree.root, &tree.roots));
    bench.row("post_checkpoint", post, &[&first]);
    let state: bulkhead_interface::layout::CheckpointLog = bench.machine.load(&log);
    let hash = state.entries[0].hash;
    let attest = ix::attest_checkpoint(domain, second.pubkey(), LEDGER, slot, hash);
    bench.row("attest_checkpoint", attest, &[&second]);

    bench.machine.next_slot();
    let incident = bench.protocol.hold(&mut bench.machine);
    let snapshot = pda::checkpoint_snapshot(&incident, LEDGER, slot);
    let open = ix::open_checkpoint_snapshot(domain, payer, incident, LEDGER, slot, &tree.roots);
    bench.row("open_checkpoint_snapshot", open, &[]);
    let open = ix::open_checkpoint_shard(payer, snapshot, 0, &tree.caps);
    bench.row("open_checkpoint_shard", open, &[]);

    let evidence = [0, 1].map(|index| pda::evidence(&log, slot, index, &payer));
    bench.row("prove_leaf", ix::prove_leaf(log, payer, tree.leaf(slot, 0)), &[]);
    bench.send(ix::prove_leaf(log, payer, tree.leaf(slot, 1)), &[]);
    bench
        .protocol
        .write_position(&mut bench.machine, &twice.key, &twice.owner, 499);
    let dispute = ix::dispute_checkpoint(domain, LEDGER, evidence[0], twice.key);
    bench.row("dispute_checkpoint", dispute, &[]);
    let contest = ix::contest_checkpoint(log, evidence[0], Some(evidence[1]));
    bench.row("contest_checkpoint", contest, &[]);
    bench.row("close_evidence", ix::close_evidence(payer, evidence[0]), &[]);
    let void = ix::void_checkpoint_snapshot(log, snapshot);
    bench.row("void_checkpoint_snapshot", void, &[]);
    a_lying_sum(bench.visitor);
}

/// Another checkpoint, whose total is more than its leaves have.
fn a_lying_sum(visitor: &mut dyn Visitor) {
    let mut watched = Watched::new();
    let slot = watched.slot();
    let tree = Forged::new(watched.tag(slot), &positions(2));
    let (args, contest) = inflated(slot, &tree);
    if let Err(failure) = watched.post(0, args) {
        panic!("{}\n{}", failure.error, failure.outcome.logs.join("\n"));
    }
    let Watched { machine, protocol, log } = watched;
    let mut bench = Bench {
        visitor,
        machine,
        protocol,
    };
    bench.row("contest_node", ix::contest_node(log, contest), &[]);
}

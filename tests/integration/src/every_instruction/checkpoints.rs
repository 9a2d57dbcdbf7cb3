//! Checkpoints: posted, attested, proved wrong, put to the vote.

use super::*;
use crate::checkpoints::{Forged, Watched, inflated, leaf_of, published, statement};
use bulkhead_snapshot::{Position, Tree};

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
    let tag = bulkhead_core::checkpoints::checkpoint::tag(&bulkhead::ID, &log, LEDGER, slot);
    let tree = Forged::new(tag, &[twice, twice]);
    bench.protocol.write_total(&mut bench.machine, tree.root.sum);
    let total = bench.protocol.total_account;
    let said = statement(slot, &tree.root, &tree.roots);
    let post = ix::post_checkpoint(domain, first.pubkey(), LEDGER, total, said);
    bench.row("post_checkpoint", post, &[&first]);
    let state: bulkhead_interface::layout::CheckpointLog = bench.machine.load(&log);
    let hash = state.entries[0].hash;
    let attest = ix::attest_checkpoint(domain, second.pubkey(), LEDGER, slot, hash);
    bench.row("attest_checkpoint", attest, &[&second]);

    bench.machine.next_slot();
    let incident = bench.protocol.freeze(&mut bench.machine);
    let snapshot = pda::checkpoint_snapshot(&incident, LEDGER, slot);
    let open = ix::open_checkpoint_snapshot(domain, payer, incident, LEDGER, slot, &tree.roots);
    bench.row("open_checkpoint_snapshot", open, &[]);
    let open = ix::open_checkpoint_shard(payer, snapshot, 0, &tree.canopy);
    bench.row("open_checkpoint_shard", open, &[]);

    let evidence = [0, 1].map(|index| pda::evidence(&log, slot, index, &payer));
    bench.row("prove_leaf", ix::prove_leaf(log, payer, tree.leaf(slot, 0)), &[]);
    bench.send(ix::prove_leaf(log, payer, tree.leaf(slot, 1)), &[]);
    bench
        .protocol
        .write_position(&mut bench.machine, &twice.key, &twice.owner, 499);
    let dispute = ix::dispute_checkpoint(domain, payer, LEDGER, evidence[0], (slot, 0), twice.key);
    bench.row("dispute_checkpoint", dispute, &[]);
    let contest = ix::contest_checkpoint(log, evidence[0], Some(evidence[1]), Some(&tree.roots));
    bench.row("contest_checkpoint", contest, &[]);
    bench.row("close_evidence", ix::close_evidence(payer, log, evidence[0]), &[]);
    let void = ix::void_checkpoint_snapshot(log, incident, snapshot);
    bench.row("void_checkpoint_snapshot", void, &[]);
    a_lying_sum(bench.visitor);
    published_and_sampled(bench.visitor);
}

/// An honest checkpoint, sampled in its slot and published.
fn published_and_sampled(visitor: &mut dyn Visitor) {
    let mut watched = Watched::new();
    let row = positions(1)[0];
    watched
        .protocol
        .write_position(&mut watched.machine, &row.key, &row.owner, row.amount);
    let slot = watched.machine.clock().slot;
    let Watched { machine, protocol, log } = watched;
    let mut bench = Bench {
        visitor,
        machine,
        protocol,
    };
    let (payer, domain) = (bench.payer(), bench.protocol.domain);
    let sample = ix::sample_position(domain, payer, LEDGER, slot, row.key);
    bench.row("sample_position", sample, &[]);
    bench.machine.next_slot();
    bench.machine.write_slot_hashes(&[]);

    let tag = bulkhead_core::checkpoints::checkpoint::tag(&bulkhead::ID, &log, LEDGER, slot);
    let tree = Tree::build(tag, vec![row]).unwrap_or_else(|error| panic!("{error}"));
    bench.protocol.write_total(&mut bench.machine, row.amount);
    let said = statement(slot, tree.root(), tree.roots());
    let (total, member) = (bench.protocol.total_account, bench.member(0));
    let post = ix::post_checkpoint(domain, member.pubkey(), LEDGER, total, said);
    bench.send(post, &[&member]);

    let leaf = leaf_of(slot, &tree, &row.key);
    let (evidence, number) = (pda::evidence(&log, slot, leaf.index, &payer), leaf.index >> 20);
    let number = u8::try_from(number).unwrap_or(u8::MAX);
    bench.send(ix::prove_leaf(log, payer, leaf), &[]);
    let sample = pda::sample(&log, slot, &row.key);
    let compare = ix::compare_sample(log, sample, Some(evidence), None, Some(tree.roots()));
    bench.row("compare_sample", compare, &[]);
    let publish = ix::publish_leaves(log, payer, slot, number, published(&[row]));
    bench.row("publish_leaves", publish, &[]);
    let finish = ix::finish_publication(log, payer, slot, number, tree.roots());
    bench.row("finish_publication", finish, &[]);

    // The log forgets the slot.
    let mut state: bulkhead_interface::layout::CheckpointLog = bench.machine.load(&log);
    state.entries[0].state = 0;
    crate::recovery::forge(&mut bench.machine, &log, &state);
    bench.machine.warp_seconds(state.keep_seconds);
    bench.row("close_sample", ix::close_sample(payer, log, sample), &[]);
}

/// Another checkpoint, whose total is more than its leaves have.
fn a_lying_sum(visitor: &mut dyn Visitor) {
    let mut watched = Watched::new();
    let slot = watched.slot();
    let tree = Forged::new(watched.tag(slot), &positions(2));
    let (args, contest) = inflated(slot, &tree, 1_000_000);
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

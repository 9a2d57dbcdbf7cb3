//! Every call fits a transaction, and the log an instruction.

use super::*;

/// Everything fits a plain transaction, proofs of a ledger of a million leaves among it.
#[test]
fn every_call_fits_a_transaction() {
    let watched = Watched::new();
    let (payer, domain) = (watched.machine.payer.pubkey(), watched.protocol.domain);
    let size = |instruction: Instruction| {
        let message = Message::new(&[instruction], Some(&payer));
        1 + 64 * usize::from(message.header.num_required_signatures) + message.serialize().len()
    };
    let tree = Forged::new([0; 32], &[position(1, 5)]);
    let prove = |levels: usize| {
        let mut args = tree.leaf(1, 0);
        args.proof = vec![0; 40 * levels];
        size(ix::prove_leaf(watched.log, payer, args))
    };
    let contest = |levels: usize| {
        size(ix::contest_node(
            watched.log,
            ContestNodeArgs {
                slot: 1,
                path: 0,
                sum: 5,
                preimage: vec![0; 109],
                proof: vec![0; 40 * levels],
            },
        ))
    };
    // 2^20 leaves in sixteen shards are 2^16 each: twelve levels below the canopy and eight above; one
    // level more where a shard has grown past that.
    assert!(
        prove(21) <= PACKET && contest(21) <= PACKET,
        "{}, {}",
        prove(21),
        contest(21)
    );
    assert!(prove(22) > PACKET, "then a lookup table is needed");

    let post = watched.posting(0, statement(1, &tree.root, &tree.roots));
    assert!(size(post) <= PACKET);
    let incident = pda::incident(&domain, 0);
    let open = ix::open_checkpoint_snapshot(domain, payer, incident, LEDGER, 1, &tree.roots);
    assert!(size(open) <= PACKET);
    let snapshot = pda::checkpoint_snapshot(&incident, LEDGER, 1);
    assert!(size(ix::open_checkpoint_shard(payer, snapshot, 0, &tree.canopy)) <= PACKET);
    let log = watched.log;
    assert!(size(ix::finish_publication(log, payer, 1, 0, &tree.roots)) <= PACKET);
    let sample = pda::sample(&log, 1, &log);
    let compare = ix::compare_sample(log, sample, Some(payer), Some(domain), Some(&tree.roots));
    assert!(size(compare) <= PACKET);
    let contest = ix::contest_checkpoint(log, payer, Some(domain), Some(&tree.roots));
    assert!(size(contest) <= PACKET);
    // A million leaves at 5,000 lamports a transaction: 0.39 SOL.
    let publish = |leaves: usize| size(ix::publish_leaves(log, payer, 1, 0, vec![0; 72 * leaves]));
    assert!(publish(12) <= PACKET, "{}", publish(12));
}

#[test]
fn the_log_is_as_long_as_one_instruction_may_create() {
    assert!(bulkhead_interface::layout::space::<CheckpointLog>() <= 10_240);
}

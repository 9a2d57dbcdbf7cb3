//! What strikes a checkpoint out, and what does not.

use super::*;

#[test]
fn a_position_counted_twice_strikes_the_checkpoint_out() {
    let mut watched = Watched::new();
    let rows = [position(1, 5), position(2, 7), position(2, 7)];
    let (slot, tree) = watched.attested_lie(&rows);
    let evidence = prove_all(&mut watched, slot, &tree, 3);
    refused(watched.contest(evidence[0], None), BulkheadError::NoContradiction);
    refused(
        watched.contest(evidence[0], Some(evidence[1])),
        BulkheadError::NoContradiction,
    );
    watched
        .contest(evidence[2], Some(evidence[1]))
        .expect("the same key twice");
    assert_eq!(watched.entry(slot).state, checkpoint_state::CONTESTED);
    refused(
        watched.contest(evidence[2], Some(evidence[1])),
        BulkheadError::CheckpointContested,
    );
    // Forever: nobody attests it again.
    refused(watched.attest(2, slot), BulkheadError::CheckpointContested);
    let incident = watched.freeze();
    refused(
        watched.open_snapshot(incident, slot, &tree.roots),
        BulkheadError::CheckpointContested,
    );
}

#[test]
fn leaves_out_of_order_in_a_foreign_shard_or_of_nothing_strike_it_out() {
    for (rows, count) in [
        (vec![position(3, 5), position(2, 7)], 2),
        (vec![position(0x21, 5)], 1),
        (vec![position(3, 0)], 1),
    ] {
        let mut watched = Watched::new();
        let (slot, tree) = watched.attested_lie(&rows);
        let evidence = prove_all(&mut watched, slot, &tree, count);
        watched
            .contest(evidence[0], evidence.get(1).copied())
            .expect("it contradicts");
        assert_eq!(watched.entry(slot).state, checkpoint_state::CONTESTED);
    }
}

/// A total that is more than the leaves have would pay everybody less.
#[test]
fn a_sum_that_is_more_than_is_below_it_strikes_the_checkpoint_out() {
    let mut watched = Watched::new();
    let slot = watched.slot();
    let tree = Forged::new(watched.tag(slot), &[position(1, 5), position(2, 7)]);
    let (args, contest) = inflated(slot, &tree, 1_000_000);
    watched.post(0, args).expect("an attester");
    watched.attest(1, slot).expect("another attester");
    let mut node = |change: fn(&mut ContestNodeArgs)| {
        let mut args = contest.clone();
        change(&mut args);
        watched.machine.send(&[ix::contest_node(watched.log, args)], &[])
    };
    refused(node(|args| args.sum -= 1_000_000), BulkheadError::InvalidProof);
    refused(node(|args| args.path = 1), BulkheadError::InvalidProof);
    refused(node(|args| args.preimage[5] ^= 1), BulkheadError::InvalidProof);
    refused(node(|args| args.proof.truncate(39)), BulkheadError::InvalidProof);
    refused(node(|args| args.proof.clear()), BulkheadError::InvalidProof);
    refused(node(|args| args.slot -= 1), BulkheadError::NoSuchCheckpoint);
    node(|_| ()).expect("it says a million more");
    refused(node(|_| ()), BulkheadError::CheckpointContested);
    assert_eq!(watched.entry(slot).state, checkpoint_state::CONTESTED);
}

/// A leaf bound to something else, or to another place, can never be claimed, but is in the total.
#[test]
fn a_leaf_bound_elsewhere_strikes_the_checkpoint_out() {
    let mut watched = Watched::new();
    let slot = watched.slot();
    let row = position(1, 5);
    let foreign = watched.tag(slot + 1);
    let tree = Forged::new(foreign, &[row]);
    watched
        .post(0, statement(slot, &tree.root, &tree.roots))
        .expect("an attester");
    let proof = tree.leaf(slot, 0).proof;
    let contest = ContestNodeArgs {
        slot,
        path: 0,
        sum: 5,
        preimage: leaf_bytes(&foreign, 0, &row),
        proof,
    };
    watched
        .machine
        .send(&[ix::contest_node(watched.log, contest)], &[])
        .expect("another checkpoint's leaf");
    assert_eq!(watched.entry(slot).state, checkpoint_state::CONTESTED);
}

/// What a leaf is hashed from.
fn leaf_bytes(tag: &[u8; 32], index: u32, row: &Position) -> Vec<u8> {
    [
        &[0][..],
        tag,
        &index.to_le_bytes(),
        row.key.as_ref(),
        row.owner.as_ref(),
        &row.amount.to_le_bytes(),
    ]
    .concat()
}

/// Every leaf of an honest checkpoint, revealed as it is, and the root itself.
#[test]
fn honest_nodes_are_no_evidence() {
    let mut watched = Watched::new();
    let rows = positions(40);
    let (slot, tree) = watched.attested(rows.clone());
    let tag = watched.tag(slot);
    for row in &rows {
        let leaf = leaf_of(slot, &tree, &row.key);
        let below = u32::try_from(leaf.proof.len() / 40 - 4).expect("levels");
        let (shard, place) = (leaf.index >> 20, leaf.index & 0xF_FFFF);
        let contest = ContestNodeArgs {
            slot,
            path: shard << below | place,
            sum: row.amount,
            preimage: leaf_bytes(&tag, leaf.index, row),
            proof: leaf.proof,
        };
        refused(
            watched
                .machine
                .send(&[ix::contest_node(watched.log, contest.clone())], &[]),
            BulkheadError::NoContradiction,
        );
        // Bits that no sibling reads say nothing of the tree.
        for bit in below + 4..32 {
            let mut aside = contest.clone();
            aside.path |= 1 << bit;
            refused(
                watched.machine.send(&[ix::contest_node(watched.log, aside)], &[]),
                BulkheadError::InvalidProof,
            );
        }
    }
    let mut nodes: Vec<_> = tree.roots().iter().map(|shard| shard.root).collect();
    while nodes.len() > 2 {
        nodes = nodes
            .chunks(2)
            .map(|pair| bulkhead_core::snapshots::merkle::inner(&pair[0], &pair[1]).expect("small sums"))
            .collect();
    }
    let contest = ContestNodeArgs {
        slot,
        path: 0,
        sum: tree.root().sum,
        preimage: [&[1], bytemuck::cast_slice(&nodes)].concat(),
        proof: vec![],
    };
    let contest = ix::contest_node(watched.log, contest);
    refused(watched.machine.send(&[contest], &[]), BulkheadError::NoContradiction);
    assert_eq!(watched.entry(slot).state, checkpoint_state::ATTESTED);
}

/// Every pair of leaves of an honest checkpoint, either way round, is no evidence.
#[test]
fn an_honest_checkpoint_cannot_be_contested() {
    let mut watched = Watched::new();
    let rows = positions(6);
    let (slot, tree) = watched.attested(rows.clone());
    let evidence: Vec<_> = rows
        .iter()
        .map(|row| watched.prove(leaf_of(slot, &tree, &row.key)).expect("a leaf"))
        .collect();
    for first in &evidence {
        refused(watched.contest(*first, None), BulkheadError::NoContradiction);
        for second in &evidence {
            refused(watched.contest(*first, Some(*second)), BulkheadError::NoContradiction);
        }
    }
    assert_eq!(watched.entry(slot).state, checkpoint_state::ATTESTED);
}

#[test]
fn made_up_leaves_are_no_evidence() {
    let mut watched = Watched::new();
    let rows = positions(40);
    let (slot, tree) = watched.attested(rows.clone());
    let right = leaf_of(slot, &tree, &rows[0].key);
    let mut richer = right.clone();
    richer.amount += 1;
    let mut other_owner = right.clone();
    other_owner.owner = keypair("thief").pubkey();
    let mut other_place = right.clone();
    other_place.index ^= 1;
    let mut shorter = right.clone();
    shorter.proof.truncate(shorter.proof.len() - 40);
    let mut ragged = right.clone();
    ragged.proof.pop();
    for args in [richer, other_owner, other_place, shorter, ragged] {
        refused(
            watched.prove(args).map(|_| Default::default()),
            BulkheadError::InvalidProof,
        );
    }
    watched.prove(right).expect("a leaf");
}

/// Evidence of one log says nothing of another, nor does that of one checkpoint of the next.
#[test]
fn evidence_serves_where_it_was_proved() {
    let mut watched = Watched::new();
    let (slot, lie) = watched.attested_lie(&[position(3, 5), position(2, 7)]);
    let evidence = prove_all(&mut watched, slot, &lie, 2);
    watched.machine.warp_slots(MIN_CHECKPOINT_INTERVAL);
    let (good, tree) = watched.attested(positions(6));
    let honest = watched
        .prove(leaf_of(good, &tree, &positions(6)[0].key))
        .expect("a leaf");
    // A leaf of another checkpoint beside it.
    refused(
        watched.contest(honest, Some(evidence[1])),
        BulkheadError::NoSuchCheckpoint,
    );
    // Dressed up as one of the good checkpoint, in a log of its own.
    let mut foreign: LeafEvidence = watched.machine.load(&evidence[0]);
    foreign.log = keypair("another log").pubkey();
    let copy = keypair("foreign evidence").pubkey();
    forge(&mut watched.machine, &copy, &foreign);
    refused(watched.contest(copy, None), BulkheadError::ForeignAccount);
    refused(watched.contest(honest, Some(copy)), BulkheadError::ForeignAccount);
    assert_eq!(watched.entry(good).state, checkpoint_state::ATTESTED);
}

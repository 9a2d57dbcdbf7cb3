//! Attack: m attesters post the honest root with the true total, and say another count. With a smaller one the leaves
//! behind it are in every sum and can never be claimed; with a larger one claims want longer proofs than the tree has, so
//! nobody can claim at all. Samples agree, evidence finds no contradiction, who recomputes root and total from an archive
//! finds them right, and what is unclaimable stays in the pool for ever. Each test succeeds when the attack does.

use anchor_lang::prelude::Pubkey;
use bulkhead::{error::BulkheadError, instructions::ContestNodeArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{checkpoint_state, kind},
    layout::Restoration,
};
use bulkhead_snapshot::Position;
use bulkhead_tests::{
    checkpoints::{Watched, leaf_of, statement},
    recovery::{LEDGER, Recovery, owner},
    refused,
};
use solana_signer::Signer;

fn row(first: u8, of: u64, amount: u64) -> Position {
    let mut key = [7; 32];
    key[0] = first;
    Position {
        key: Pubkey::new_from_array(key),
        owner: owner(of).pubkey(),
        amount,
    }
}

#[test]
fn a_leaf_behind_the_count_is_in_the_total_and_can_never_be_claimed() {
    assert_eq!(locked_for_ever(1), 900_000);
}

#[test]
fn a_count_that_is_too_large_locks_every_claim() {
    assert_eq!(locked_for_ever(17), 901_000);
}

/// What stays in the pool when two leaves are said to be `count`.
fn locked_for_ever(count: u32) -> u64 {
    let rows = vec![row(1, 0, 1_000), row(2, 1, 900_000)];
    let victim = rows[1];
    let mut watched = Watched::new();
    for row in &rows {
        watched
            .protocol
            .write_position(&mut watched.machine, &row.key, &row.owner, row.amount);
    }
    // Careful users sample every position in the slot.
    let slot = watched.machine.clock().slot;
    let (domain, payer) = (watched.protocol.domain, watched.machine.payer.pubkey());
    for row in &rows {
        let take = ix::sample_position(domain, payer, LEDGER, slot, row.key);
        watched.protocol.must(&mut watched.machine, &[take], &[]);
    }
    watched.slot();
    let tree = watched.tree(slot, rows.clone());
    let mut roots = *tree.roots();
    assert_eq!(roots[0].count, 2);
    roots[0].count = count;
    watched
        .post(0, statement(slot, tree.root(), &roots))
        .expect("an attester");
    watched.attest(1, slot).expect("another");

    // Samples agree, and nothing contradicts.
    for row in &rows {
        let evidence = watched.prove(leaf_of(slot, &tree, &row.key)).expect("a leaf");
        let sample = pda::sample(&watched.log, slot, &row.key);
        let compare = ix::compare_sample(watched.log, sample, Some(evidence), None, None);
        watched.machine.send(&[compare], &[]).expect("its leaf");
        refused(watched.contest(evidence, None), BulkheadError::NoContradiction);
    }
    let proof = leaf_of(slot, &tree, &victim.key);
    let contest = ContestNodeArgs {
        slot,
        path: proof.index,
        sum: victim.amount,
        preimage: [
            &[0][..],
            &watched.tag(slot),
            &proof.index.to_le_bytes(),
            victim.key.as_ref(),
            victim.owner.as_ref(),
            &victim.amount.to_le_bytes(),
        ]
        .concat(),
        proof: proof.proof,
    };
    refused(
        watched.machine.send(&[ix::contest_node(watched.log, contest)], &[]),
        BulkheadError::NoContradiction,
    );
    let entry = watched.entry(slot);
    assert_eq!((entry.agreed, entry.differed), (901_000, 0));
    assert_eq!(entry.state, checkpoint_state::ATTESTED);

    // It is put to the vote, elected, restored and paid for in full.
    let incident = watched.hold();
    watched
        .open_snapshot(incident, slot, &roots)
        .expect("sound as far as anybody sees");
    let snapshot = pda::checkpoint_snapshot(&incident, LEDGER, slot);
    let caps = tree.shard(0).expect("two leaves").caps;
    let open = ix::open_checkpoint_shard(payer, snapshot, 0, &caps);
    watched.protocol.must(&mut watched.machine, &[open], &[]);
    let recovery = Recovery {
        incident,
        snapshot,
        ballot: pda::ballot(&incident, LEDGER),
        restoration: pda::restoration(&incident, LEDGER),
        tree,
        protocol: watched.protocol,
    };
    let mut machine = watched.machine;
    recovery.elect(&mut machine);
    let authority = recovery
        .protocol
        .mature(&mut machine, kind::CHOOSE_RESTORATION, &recovery.args());
    recovery
        .choose(&mut machine, authority, recovery.args())
        .expect("elected");
    recovery.pay_out(&mut machine, 901_000);
    let _ = recovery.claim(&mut machine, &rows[0].key);
    let claim = recovery.claim(&mut machine, &victim.key);
    refused(claim, BulkheadError::InvalidProof);
    let refuge = machine.create_associated(&recovery.protocol.mint, &domain, 0);
    let back = ix::return_surplus(recovery.keys(), refuge);
    refused(machine.send(&[back], &[]), BulkheadError::NothingToMove);
    let state: Restoration = machine.load(&recovery.restoration);
    assert_eq!(state.shared, 901_000);
    machine.balance(&recovery.pool())
}

//! The honest root with the true total, and another count of its leaves: those behind a smaller one are in every sum and
//! could never be claimed, and a larger one would ask claims for longer proofs than the tree has.

use bulkhead_interface::layout::Restoration;

use super::*;

fn row(first: u8, of: u64, amount: u64) -> Position {
    let mut key = [7; 32];
    key[0] = first;
    Position {
        key: Pubkey::new_from_array(key),
        owner: owner(of).pubkey(),
        amount,
    }
}

fn two() -> [Position; 2] {
    [row(1, 0, 1_000), row(2, 1, 900_000)]
}

/// An honest tree over `rows` whose first shard is said to have `count` leaves, and every position sampled in its slot.
fn belied(rows: &[Position], count: u32) -> (Watched, u64, Tree, [ShardRoot; 16]) {
    let mut watched = Watched::new();
    for row in rows {
        watched
            .protocol
            .write_position(&mut watched.machine, &row.key, &row.owner, row.amount);
    }
    let slot = watched.machine.clock().slot;
    let (domain, payer) = (watched.protocol.domain, watched.machine.payer.pubkey());
    for row in rows {
        let take = ix::sample_position(domain, payer, LEDGER, slot, row.key);
        watched.protocol.must(&mut watched.machine, &[take], &[]);
    }
    watched.slot();
    let tree = watched.tree(slot, rows.to_vec());
    let mut roots = *tree.roots();
    roots[0].count = count;
    watched
        .post(0, statement(slot, tree.root(), &roots))
        .expect("an attester");
    watched.attest(1, slot).expect("another");
    (watched, slot, tree, roots)
}

/// One leaf is enough, and whoever shows it: the one behind the count, any of a tree that is lower than the count says, or
/// the last one where the count goes on.
#[test]
fn a_leaf_that_has_no_place_in_the_counts_strikes_the_checkpoint_out() {
    for (count, evidence) in [
        (1, [true, true]),
        (17, [true, true]),
        (33, [true, true]),
        (3, [false, true]),
        (2, [false, false]),
    ] {
        for (row, is_evidence) in two().iter().zip(evidence) {
            let (mut watched, slot, tree, roots) = belied(&two(), count);
            let leaf = watched.prove(leaf_of(slot, &tree, &row.key)).expect("a leaf");
            refused(watched.contest(leaf, None), BulkheadError::NoContradiction);
            let result = watched.contest_counts(leaf, &roots);
            if !is_evidence {
                refused(result, BulkheadError::NoContradiction);
                assert_eq!(watched.entry(slot).state, checkpoint_state::ATTESTED);
                continue;
            }
            result.expect("the tree has two");
            assert_eq!(watched.entry(slot).state, checkpoint_state::CONTESTED);
            let again = watched.contest_counts(leaf, &roots);
            refused(again, BulkheadError::CheckpointContested);
            let incident = watched.freeze();
            refused(
                watched.open_snapshot(incident, slot, &roots),
                BulkheadError::CheckpointContested,
            );
        }
    }
}

/// Nobody strikes out an honest one with counts of their own, and evidence of a wrong one says nothing of another.
#[test]
fn an_honest_checkpoint_stands_whatever_counts_are_shown() {
    for size in [1, 2, 15, 16, 17, 33] {
        let mut watched = Watched::new();
        // All in shard 1.
        let in_shard = |number: u8| {
            let mut row = row(0x10, number.into(), 5);
            row.key = Pubkey::new_from_array([[0x10, number]; 16].concat().try_into().expect("a key"));
            row
        };
        let rows: Vec<_> = (0..size).map(in_shard).collect();
        let (slot, tree) = watched.attested(rows.clone());
        for row in &rows {
            let leaf = watched.prove(leaf_of(slot, &tree, &row.key)).expect("a leaf");
            let honest = watched.contest_counts(leaf, tree.roots());
            refused(honest, BulkheadError::NoContradiction);
            for change in [
                |roots: &mut [ShardRoot; 16]| roots.iter_mut().for_each(|shard| shard.count /= 2),
                |roots: &mut [ShardRoot; 16]| roots.iter_mut().for_each(|shard| shard.count *= 32),
                |roots: &mut [ShardRoot; 16]| roots.rotate_left(1),
            ] {
                let mut others = *tree.roots();
                change(&mut others);
                refused(watched.contest_counts(leaf, &others), BulkheadError::ShardsMismatch);
            }
        }
        assert_eq!(watched.entry(slot).state, checkpoint_state::ATTESTED);
    }
}

/// Who was sampled and cannot claim was left out, and the samples keep the checkpoint from the vote.
#[test]
fn a_sample_says_that_its_leaf_cannot_be_claimed() {
    for (count, agreed, differed) in [(2, 901_000, 0), (1, 1_000, 900_000), (17, 0, 901_000)] {
        let (mut watched, slot, tree, roots) = belied(&two(), count);
        for row in two() {
            let leaf = watched.prove(leaf_of(slot, &tree, &row.key)).expect("a leaf");
            let sample = pda::sample(&watched.log, slot, &row.key);
            let compare = ix::compare_sample(watched.log, sample, Some(leaf), None, Some(&roots));
            watched.protocol.must(&mut watched.machine, &[compare], &[]);
        }
        let entry = watched.entry(slot);
        assert_eq!((entry.agreed, entry.differed), (agreed, differed));
        let incident = watched.freeze();
        let open = watched.open_snapshot(incident, slot, &roots);
        if differed == 0 {
            open.expect("every leaf is claimed");
        } else {
            refused(open, BulkheadError::CheckpointDoubted);
        }
    }
}

/// Whoever publishes the leaves finds another number of them: where only what was published is put to the vote, a wrong count
/// never is.
#[test]
fn wrong_counts_are_never_published() {
    for count in [1, 3, 17] {
        let (mut watched, slot, _, roots) = belied(&two(), count);
        let (log, payer) = (watched.log, watched.machine.payer.pubkey());
        let publish = ix::publish_leaves(log, payer, slot, 0, published(&two()));
        watched.protocol.must(&mut watched.machine, &[publish], &[]);
        let finish = ix::finish_publication(log, payer, slot, 0, &roots);
        refused(watched.machine.send(&[finish], &[]), BulkheadError::ShardsMismatch);
        assert_eq!(watched.entry(slot).published, 0);
    }
}

/// A count that no tree of that sum can have, or that no shard has room for, is nobody's to open.
#[test]
fn a_count_beyond_the_sum_or_the_room_is_not_opened() {
    let few = [row(1, 0, 1), row(2, 1, 2)];
    let much = [row(1, 0, 1_000), row(2, 1, 90_000_000)];
    for (rows, count) in [(&few, 4), (&much, (1 << 20) + 1)] {
        let (mut watched, slot, _, roots) = belied(rows, count);
        let incident = watched.freeze();
        refused(
            watched.open_snapshot(incident, slot, &roots),
            BulkheadError::ShardsMismatch,
        );
    }
}

/// Its snapshot was opened and elected before anybody looked: it makes way.
fn elected(count: u32) -> (Machine, Recovery, Pubkey, Pubkey, [ShardRoot; 16]) {
    let (mut watched, slot, tree, roots) = belied(&two(), count);
    let evidence = watched.prove(leaf_of(slot, &tree, &two()[1].key)).expect("a leaf");
    let incident = watched.freeze();
    watched
        .open_snapshot(incident, slot, &roots)
        .expect("nobody has looked");
    let snapshot = pda::checkpoint_snapshot(&incident, LEDGER, slot);
    let payer = watched.machine.payer.pubkey();
    let canopy = tree.shard(0).expect("two leaves").canopy;
    let open = ix::open_checkpoint_shard(payer, snapshot, 0, &canopy);
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
    (machine, recovery, watched.log, evidence, roots)
}

#[test]
fn an_elected_checkpoint_with_wrong_counts_is_not_restored() {
    for count in [1, 3, 17] {
        let (mut machine, recovery, log, evidence, roots) = elected(count);
        let args = recovery.args();
        let authority = recovery.protocol.mature(&mut machine, &args);
        let contest = ix::contest_checkpoint(log, evidence, None, Some(&roots));
        let void = ix::void_checkpoint_snapshot(log, recovery.incident, recovery.snapshot);
        recovery.protocol.must(&mut machine, &[contest, void], &[]);
        refused(
            recovery.choose(&mut machine, authority, args),
            BulkheadError::SnapshotNotSealed,
        );
    }
}

/// Found out after it was restored: it is void, and whoever has a place in the counts is paid on. What has none stays in the
/// pool; nobody gets it, and it is known how much it is.
#[test]
fn what_was_restored_with_wrong_counts_goes_on_paying_those_it_can() {
    let (mut machine, recovery, log, evidence, roots) = elected(1);
    let authority = recovery.protocol.mature(&mut machine, &recovery.args());
    recovery
        .choose(&mut machine, authority, recovery.args())
        .expect("elected");
    recovery.pay_out(&mut machine, 901_000);
    let contest = ix::contest_checkpoint(log, evidence, None, Some(&roots));
    let void = ix::void_checkpoint_snapshot(log, recovery.incident, recovery.snapshot);
    recovery.protocol.must(&mut machine, &[contest, void], &[]);
    recovery.claim(&mut machine, &two()[0].key).expect("it has a place");
    refused(recovery.claim(&mut machine, &two()[1].key), BulkheadError::InvalidProof);
    let state: Restoration = machine.load(&recovery.restoration);
    assert_eq!(state.shared, 901_000);
    assert_eq!(machine.balance(&recovery.pool()), 900_000);
}

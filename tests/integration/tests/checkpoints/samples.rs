//! What the program read in the checkpoint's own slot.

use super::*;

/// A protocol whose positions stand in the host's accounts.
fn standing(rows: &[Position]) -> Watched {
    let mut watched = Watched::new();
    for row in rows {
        watched
            .protocol
            .write_position(&mut watched.machine, &row.key, &row.owner, row.amount);
    }
    watched
}

/// Has the program read a position now.
fn sample(watched: &mut Watched, key: &Pubkey) -> Pubkey {
    let (domain, payer) = (watched.protocol.domain, watched.machine.payer.pubkey());
    let slot = watched.machine.clock().slot;
    let take = ix::sample_position(domain, payer, LEDGER, slot, *key);
    watched.protocol.must(&mut watched.machine, &[take], &[]);
    pda::sample(&watched.log, slot, key)
}

fn compare(
    watched: &mut Watched,
    sample: Pubkey,
    first: Option<Pubkey>,
    second: Option<Pubkey>,
    roots: Option<&[ShardRoot]>,
) -> Result<Outcome, Failure> {
    let compare = ix::compare_sample(watched.log, sample, first, second, roots);
    watched.machine.send(&[compare], &[])
}

/// Posts and attests what is said of `rows` in the slot that is sampled.
fn attest_rows(watched: &mut Watched, slot: u64, rows: &[Position]) -> Tree {
    watched.slot();
    let tree = watched.tree(slot, rows.to_vec());
    watched
        .post(0, statement(slot, tree.root(), tree.roots()))
        .expect("an attester");
    watched.attest(1, slot).expect("another");
    tree
}

/// Two attesters give one position's money to another: the total is right, and the samples of the slot speak against
/// them.
#[test]
fn a_checkpoint_that_differs_from_its_samples_is_no_candidate() {
    let rows = positions(6);
    let mut watched = standing(&rows);
    let slot = watched.machine.clock().slot;
    let taken = [sample(&mut watched, &rows[0].key), sample(&mut watched, &rows[1].key)];
    let mut lie = rows.clone();
    lie[1].amount += lie[0].amount - 1;
    lie[0].amount = 1;
    let tree = attest_rows(&mut watched, slot, &lie);
    for (taken, row) in taken.iter().zip(&rows) {
        let evidence = watched.prove(leaf_of(slot, &tree, &row.key)).expect("a leaf");
        // Whether its leaf can be claimed the shards say.
        let without = compare(&mut watched, *taken, Some(evidence), None, None);
        refused(without, BulkheadError::ShardsMismatch);
        compare(&mut watched, *taken, Some(evidence), None, Some(tree.roots())).expect("its leaf");
        let again = compare(&mut watched, *taken, Some(evidence), None, Some(tree.roots()));
        refused(again, BulkheadError::EvidenceUsed);
    }
    let entry = watched.entry(slot);
    assert_eq!((entry.agreed, entry.differed), (0, 2 * (rows[0].amount - 1)));
    let incident = watched.freeze();
    refused(
        watched.open_snapshot(incident, slot, tree.roots()),
        BulkheadError::CheckpointDoubted,
    );
}

/// An honest one agrees with every sample, and nothing an attacker does to the host afterwards changes that: samples are
/// of the slot they were taken in.
#[test]
fn an_honest_checkpoint_agrees_with_its_samples_for_ever() {
    let rows = positions(6);
    let mut watched = standing(&rows);
    let slot = watched.machine.clock().slot;
    let taken: Vec<_> = rows.iter().map(|row| sample(&mut watched, &row.key)).collect();
    let tree = attest_rows(&mut watched, slot, &rows);
    // The theft.
    let thief = keypair("thief").pubkey();
    for row in &rows {
        watched
            .protocol
            .write_position(&mut watched.machine, &row.key, &thief, 1);
    }
    let (domain, payer) = (watched.protocol.domain, watched.machine.payer.pubkey());
    let late = ix::sample_position(domain, payer, LEDGER, slot, keypair("another").pubkey());
    refused(watched.machine.send(&[late], &[]), BulkheadError::SampleOfOtherSlot);
    for (taken, row) in taken.iter().zip(&rows) {
        let evidence = watched.prove(leaf_of(slot, &tree, &row.key)).expect("a leaf");
        compare(&mut watched, *taken, Some(evidence), None, Some(tree.roots())).expect("its leaf");
    }
    // One of now is of another slot, of which there is no checkpoint.
    let now = sample(&mut watched, &rows[0].key);
    let evidence = pda::evidence(&watched.log, slot, leaf_of(slot, &tree, &rows[0].key).index, &payer);
    let result = compare(&mut watched, now, Some(evidence), None, Some(tree.roots()));
    refused(result, BulkheadError::NoSuchCheckpoint);
    let entry = watched.entry(slot);
    let total: u64 = rows.iter().map(|row| row.amount).sum();
    assert_eq!((entry.agreed, entry.differed), (total, 0));
    let incident = watched.freeze();
    watched.open_snapshot(incident, slot, tree.roots()).expect("it agrees");
}

/// Whom the checkpoint leaves out is shown by the leaves around the place where it would be.
#[test]
fn who_was_left_out_is_shown_by_its_neighbours() {
    // All in shard 1, in ascending order.
    let rows: Vec<_> = (0..5)
        .map(|number| Position {
            key: [0x10 + number; 32].into(),
            owner: owner(0).pubkey(),
            amount: 1_000,
        })
        .collect();
    for left_out in 0..5 {
        let mut watched = standing(&rows);
        let slot = watched.machine.clock().slot;
        let taken = sample(&mut watched, &rows[left_out].key);
        let mut said = rows.clone();
        said.remove(left_out);
        let tree = attest_rows(&mut watched, slot, &said);
        let evidence: Vec<_> = said
            .iter()
            .map(|row| watched.prove(leaf_of(slot, &tree, &row.key)).expect("a leaf"))
            .collect();
        let before = left_out.checked_sub(1).map(|at| evidence[at]);
        let after = evidence.get(left_out).copied();
        // Leaves that are no neighbours show nothing.
        for (first, second) in [(Some(evidence[3]), Some(evidence[0])), (None, None)] {
            let result = compare(&mut watched, taken, first, second, None);
            refused(result, BulkheadError::NoContradiction);
        }
        let result = compare(&mut watched, taken, before.or(after), None, Some(&tree.roots()[..]));
        if before.is_some() && after.is_some() {
            refused(result, BulkheadError::NoContradiction);
            compare(&mut watched, taken, before, after, None).expect("between the two");
        } else {
            result.expect("nothing is on the other side");
        }
        assert_eq!(watched.entry(slot).differed, 1_000, "{left_out}");
    }
}

#[test]
fn a_position_without_any_leaf_in_its_shard_was_left_out() {
    let row = position(0x77, 900);
    let mut watched = standing(&[row]);
    let slot = watched.machine.clock().slot;
    let taken = sample(&mut watched, &row.key);
    let tree = attest_rows(&mut watched, slot, &[position(1, 900)]);
    compare(&mut watched, taken, None, None, Some(&tree.roots()[..])).expect("shard 7 is empty");
    assert_eq!(watched.entry(slot).differed, 900);
}

/// A sample is alone in its transaction, of a position of the ledger, and given back when nothing is left to compare.
#[test]
fn a_sample_is_what_the_program_saw() {
    let rows = positions(2);
    let mut watched = standing(&rows);
    let (domain, payer) = (watched.protocol.domain, watched.machine.payer.pubkey());
    let slot = watched.machine.clock().slot;
    let take = |key| ix::sample_position(domain, payer, LEDGER, slot, key);
    let company = system_instruction::transfer(&payer, &payer, 1);
    refused(
        watched.machine.send(&[take(rows[0].key), company], &[]),
        BulkheadError::NotStandalone,
    );
    refused(watched.machine.send(&[take(payer)], &[]), BulkheadError::NotAPosition);
    let total = watched.protocol.total_account;
    refused(watched.machine.send(&[take(total)], &[]), BulkheadError::NotAPosition);
    let taken = sample(&mut watched, &rows[0].key);
    let state: PositionSample = watched.machine.load(&taken);
    assert_eq!(
        (state.owner, state.amount, state.slot),
        (rows[0].owner, rows[0].amount, slot)
    );

    let close = ix::close_sample(payer, watched.log, taken);
    refused(
        watched.machine.send(std::slice::from_ref(&close), &[]),
        BulkheadError::EvidenceNeeded,
    );
    let thief = keypair("thief");
    watched.machine.fund(&thief.pubkey(), 1_000_000);
    let theirs = ix::close_sample(thief.pubkey(), watched.log, taken);
    refused(
        watched.machine.send(&[theirs], &[&thief]),
        BulkheadError::ForeignAccount,
    );
    watched.machine.warp_seconds(MIN_KEEP_SECONDS);
    watched.machine.send(&[close], &[]).expect("a week later");
}

/// A wider tolerance was proposed in peace, for what is posted from then on, and lies about matured. Then two attesters
/// lie, samples of the slot speak against them by more than the tolerance they posted under, and the domain is frozen. The
/// old proposal is cranked now: what it decided is for later checkpoints.
#[test]
fn a_wider_tolerance_from_before_a_lie_does_not_accept_it() {
    let rows = [position(1, 50_000), position(0x11, 50_000)];
    let mut watched = Watched::new();
    for row in &rows {
        watched
            .protocol
            .write_position(&mut watched.machine, &row.key, &row.owner, row.amount);
    }
    let mut wider = rules();
    (wider.tolerance_bps, wider.threshold) = (2_000, 1);
    let authority = watched.protocol.mature(&mut watched.machine, &wider);
    watched.machine.warp_seconds(3_600);

    let slot = watched.machine.clock().slot;
    let (domain, payer) = (watched.protocol.domain, watched.machine.payer.pubkey());
    let take = ix::sample_position(domain, payer, LEDGER, slot, rows[0].key);
    watched.protocol.must(&mut watched.machine, &[take], &[]);
    watched.slot();
    let mut lie = rows.to_vec();
    lie[0].amount -= 10_000;
    lie[1].amount += 10_000;
    let tree = watched.tree(slot, lie);
    watched
        .post(0, statement(slot, tree.root(), tree.roots()))
        .expect("a liar");
    watched.attest(1, slot).expect("another");
    let evidence = watched.prove(leaf_of(slot, &tree, &rows[0].key)).expect("a leaf");
    let sample = pda::sample(&watched.log, slot, &rows[0].key);
    let compare = ix::compare_sample(watched.log, sample, Some(evidence), None, Some(tree.roots()));
    watched.protocol.must(&mut watched.machine, &[compare], &[]);
    // Once the guardians have confirmed an incident it is void; anyone cranks it right before.
    let old = ix::open_checkpoint_log(authority, payer, wider);
    watched.protocol.must(&mut watched.machine, &[old], &[]);
    assert_eq!(watched.log().tolerance_bps, 2_000);
    let incident = watched.freeze();
    refused(
        watched.open_snapshot(incident, slot, tree.roots()),
        BulkheadError::CheckpointDoubted,
    );
}

/// One lap of capital is sampled many times in a slot: deposited, sampled, withdrawn, at one position after the other. All
/// samples are true, and nothing tells them from those of a lie that leaves many out. But they are of one slot, and known
/// when a checkpoint is posted: of the next one nothing is doubted.
#[test]
fn a_slot_that_was_sampled_in_laps_is_passed_over() {
    const CAPITAL: u64 = 100;
    let mut watched = Watched::new();
    let honest = [position(1, 100_000)];
    let slot = watched.machine.clock().slot;
    let mut samples = vec![];
    for shard in 1..12u8 {
        let own = position(shard << 4, CAPITAL);
        let (domain, payer) = (watched.protocol.domain, watched.machine.payer.pubkey());
        watched
            .protocol
            .write_position(&mut watched.machine, &own.key, &own.owner, CAPITAL);
        let take = ix::sample_position(domain, payer, LEDGER, slot, own.key);
        watched.protocol.must(&mut watched.machine, &[take], &[]);
        watched
            .protocol
            .write_position(&mut watched.machine, &own.key, &own.owner, 0);
        samples.push(
            watched
                .machine
                .load::<PositionSample>(&pda::sample(&watched.log, slot, &own.key)),
        );
    }
    let laps: u64 = samples.iter().map(|sample| sample.amount).sum();
    assert_eq!(laps, 11 * CAPITAL, "a tenth of the tolerance did it");
    // The attester sees them and takes another of the 512 slots.
    watched.machine.warp_slots(1);
    let (next, tree) = watched.attested(honest.to_vec());
    assert!(next > slot);
    for sample in &samples {
        let compare = ix::compare_sample(
            watched.log,
            pda::sample(&watched.log, slot, &sample.key),
            None,
            None,
            Some(&tree.roots()[..]),
        );
        refused(watched.machine.send(&[compare], &[]), BulkheadError::NoSuchCheckpoint);
    }
    let incident = watched.freeze();
    watched
        .open_snapshot(incident, next, tree.roots())
        .expect("nothing speaks against it");
}

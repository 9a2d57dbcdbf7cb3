//! The limit: a shard has room for 2^20 leaves. At it everything still works, and one leaf more is refused.

use bulkhead::error::BulkheadError;
use bulkhead_client::instructions as ix;
use bulkhead_core::snapshots::{
    frontier::{Intake, MAX_LEAVES},
    merkle,
};
use bulkhead_interface::{constants::MAX_CANOPY_HEIGHT, layout::SnapshotShard};
use bulkhead_snapshot::Tree;
use bulkhead_tests::{
    frozen::{Frozen, NUMBER},
    recovery::{Recovery, forge, positions_of_one_shard},
    refused, world,
};

/// The shard of `positions_of_one_shard`.
const SHARD: u8 = 1;
/// Bytes a legacy transaction may have.
const PACKET: usize = 1_232;

#[test]
fn a_shard_of_a_million_and_more_leaves_is_read_and_sealed() {
    let mut rows = positions_of_one_shard(MAX_LEAVES + 1);
    let mut frozen = Frozen::reading(|protocol| protocol.ledger_args(1));
    frozen.must(frozen.open_shard(SHARD));
    // All but the last leaf as the program would have read them: it is the same code.
    let mut shard = frozen.shard_state(SHARD);
    let (last, before) = (MAX_LEAVES as usize - 1, MAX_LEAVES as usize);
    let mut intake = Intake::new(&mut shard).expect("it is open");
    for row in &rows[..last] {
        let (key, owner) = (row.key.as_array(), row.owner.as_array());
        intake.append(key, owner, row.amount).expect("there is room");
    }
    drop(intake);
    let key = frozen.shard(SHARD);
    forge(&mut frozen.machine, &key, &shard);
    for row in &rows[last..] {
        frozen
            .protocol
            .write_position(&mut frozen.machine, &row.key, &row.owner, row.amount);
    }
    frozen.must(frozen.ingest(SHARD, &[rows[last].key]));
    refused(
        frozen.send(frozen.ingest(SHARD, &[rows[before].key])),
        BulkheadError::ShardFull,
    );
    rows.truncate(before);
    let total = rows.iter().map(|row| row.amount).sum();
    frozen.protocol.write_total(&mut frozen.machine, total);
    let outcome = frozen.must(frozen.seal(&[key]));
    let tree = Tree::build(merkle::tag(&bulkhead::ID, &frozen.snapshot, NUMBER), rows).expect("a ledger");
    let sealed = frozen.snapshot();
    assert_eq!((sealed.root, sealed.total), (tree.root().hash, tree.root().sum));
    assert_eq!(sealed.count, u64::from(MAX_LEAVES));
    println!("sealed with {} compute units", outcome.compute_units);
}

#[test]
fn a_claim_at_the_limit_fits_a_legacy_transaction_with_its_transfer() {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions_of_one_shard(MAX_LEAVES));
    recovery.restore(&mut machine);
    recovery.pay_out(&mut machine, recovery.tree.root().sum / 4);
    let shard: SnapshotShard = machine.load(&recovery.shard(&machine, SHARD));
    assert_eq!(usize::from(shard.canopy_height), MAX_CANOPY_HEIGHT);
    let all: Vec<_> = recovery.tree.leaves().map(|(_, position)| *position).collect();
    for place in [0, 1, 65_535, 65_536, 524_287, all.len() - 1] {
        let leaf = &all[place];
        let (keys, args) = recovery.prepare(&machine, &leaf.key);
        assert_eq!(args.proof.len(), 16 * 40);
        let before = machine.balance(&keys.destination);
        let claim = ix::claim(recovery.keys(), keys, args.clone());
        let transaction = machine.sign(std::slice::from_ref(&claim), &[]);
        let bytes = 1 + 64 * transaction.signatures.len() + transaction.message_data().len();
        assert!(bytes <= PACKET, "{bytes}");
        let outcome = recovery.protocol.must(&mut machine, &[claim], &[]);
        println!("{bytes} bytes, {} compute units", outcome.compute_units);
        assert!(outcome.compute_units <= 12_000, "{}", outcome.compute_units);
        assert!(machine.balance(&keys.destination) > before);
        // The place behind it is another leaf, or none.
        let mut beside = args;
        beside.index += 1;
        let claim = ix::claim(recovery.keys(), keys, beside);
        assert!(machine.send(&[claim], &[]).is_err());
    }
}

//! Reading a ledger on chain.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{bulkhead, pda};
use bulkhead_core::snapshots::merkle;
use bulkhead_interface::{constants::snapshot_state, layout::Snapshot};
use bulkhead_snapshot::{Position, Tree};
use bulkhead_testbed::keypair;
use bulkhead_tests::{recovery::positions, world};
use solana_keypair::Keypair;

use super::bench::Bench;

/// A frozen domain with so many positions: the bench, the snapshot, and the tree that the program has to find.
fn frozen(count: u64) -> (Bench, Pubkey, Tree, Vec<Position>) {
    let (mut machine, protocol) = world();
    let rows = positions(count);
    for row in &rows {
        protocol.write_position(&mut machine, &row.key, &row.owner, row.amount);
    }
    protocol.write_total(&mut machine, rows.iter().map(|row| row.amount).sum());
    let incident = protocol.freeze(&mut machine);
    let snapshot = pda::snapshot(&incident, 0);
    let tag = merkle::tag(&bulkhead::ID, &snapshot, 0);
    let tree = Tree::build(tag, rows.clone()).expect("a ledger");
    let bench = Bench::new(machine, protocol.domain, vec![cranker(), keypair("another cranker")]);
    (bench, snapshot, tree, rows)
}

fn cranker() -> Keypair {
    keypair("cranker")
}

fn assert_sealed(bench: &Bench, snapshot: &Pubkey, tree: &Tree) {
    let state: Snapshot = bench.machine().load(snapshot);
    assert_eq!(state.state, snapshot_state::SEALED);
    assert_eq!((state.root, state.total), (tree.root().hash, tree.root().sum));
    assert_eq!(state.count, tree.count());
}

#[test]
fn a_crank_seals_what_the_ledger_has_and_is_not_repeated() {
    let (bench, snapshot, tree, _) = frozen(200);
    bench.must(&cranker(), "snapshot crank");
    assert_sealed(&bench, &snapshot, &tree);
    let before = bench.landed();
    bench.must(&cranker(), "snapshot crank");
    assert_eq!(bench.landed(), before, "it was done");
    bench.must(&cranker(), "snapshot show");
    bench.must(&cranker(), &format!("snapshot show {snapshot}"));
}

#[test]
fn the_single_acts_seal_the_same_root() {
    let (bench, snapshot, tree, rows) = frozen(40);
    bench.must(&cranker(), "snapshot open");
    for number in 0..16u8 {
        let own = rows.iter().filter(|row| merkle::shard_of(row.key.as_array()) == number);
        let own: Vec<_> = own.map(|row| row.key.to_string()).collect();
        if own.is_empty() {
            continue;
        }
        bench.must(&cranker(), &format!("snapshot open-shard {number}"));
        // Half of them on the command line, half from a file, and a shard is read from its least key.
        let mut keys: Vec<Pubkey> = own.iter().filter_map(|key| key.parse().ok()).collect();
        keys.sort_unstable();
        let (first, second) = keys.split_at(keys.len() / 2);
        let text = |keys: &[Pubkey]| keys.iter().rev().map(ToString::to_string).collect::<Vec<_>>();
        if !first.is_empty() {
            bench.must(&cranker(), &format!("snapshot ingest {}", text(first).join(" ")));
        }
        let file = bench.folder.write("keys.txt", &text(second).join("\n"));
        bench.must(&cranker(), &format!("snapshot ingest --file {file}"));
    }
    bench.must(&cranker(), "snapshot seal");
    assert_sealed(&bench, &snapshot, &tree);
}

/// What another cranker has begun is not lost, and what this one reads is what is sealed.
#[test]
fn a_shard_is_sealed_by_its_address_and_closed_by_its_cranker() {
    let (bench, snapshot, tree, rows) = frozen(1);
    let other = keypair("another cranker");
    let number = merkle::shard_of(rows[0].key.as_array());
    bench.must(&cranker(), "snapshot open");
    for who in [&cranker(), &other] {
        bench.must(who, &format!("snapshot open-shard {number}"));
        bench.must(who, &format!("snapshot ingest {}", rows[0].key));
    }
    let [own, others] =
        [&cranker(), &other].map(|who| pda::shard(&snapshot, number, &solana_signer::Signer::pubkey(who)));
    bench.must(&cranker(), &format!("snapshot seal --shard {others}"));
    assert_sealed(&bench, &snapshot, &tree);
    bench.must(&cranker(), &format!("snapshot close-shard {own}"));
    assert!(bench.machine().account(&own).is_none());
    let refused = bench.run(&other, &format!("snapshot close-shard {others}"));
    assert!(
        refused.is_err_and(|error| error.contains("SnapshotSealed")),
        "claims are proved against it"
    );
}

#[test]
fn what_cannot_be_read_together_is_refused_before_anything_is_sent() {
    let (bench, _, _, rows) = frozen(40);
    let of = |number| rows.iter().find(|row| merkle::shard_of(row.key.as_array()) == number);
    let two: Vec<_> = (0..16).filter_map(of).take(2).map(|row| row.key.to_string()).collect();
    bench.refused(
        &cranker(),
        &format!("snapshot ingest {}", two.join(" ")),
        "more than one shard",
    );
    bench.refused(
        &cranker(),
        &format!("snapshot ingest {} {}", two[0], two[0]),
        "DuplicatePosition",
    );
    bench.refused(&cranker(), "snapshot seal", "has read no shard");
    bench.refused(&cranker(), "snapshot show", "NotFound");
    let foreign = keypair("no shard");
    let foreign = solana_signer::Signer::pubkey(&foreign);
    bench.refused(
        &cranker(),
        &format!("snapshot seal --shard {foreign}"),
        "is not a shard",
    );
    bench.refused(&cranker(), "snapshot open --incident 7", "NotFound");
}

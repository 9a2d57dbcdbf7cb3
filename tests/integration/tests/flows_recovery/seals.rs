//! What the host's total has to do with it.

use bulkhead::{
    instruction,
    instructions::{ExportConfig, RegisterLedgerArgs},
};
use bulkhead_core::snapshots::merkle;
use bulkhead_export_probe::op;
use bulkhead_interface::layout::SnapshotShard;
use bulkhead_testbed::{deploy_dir, must};
use bulkhead_tests::frozen::{Frozen, NUMBER};

use super::*;

/// A frozen ledger of 200 positions whose total others may make larger by one in a hundred.
fn tolerant(short_by: u64) -> (Frozen, Vec<Position>) {
    let mut frozen = Frozen::reading(|protocol| RegisterLedgerArgs {
        total: bulkhead::instructions::TotalConfig {
            shortfall_bps: 100,
            ..protocol.ledger_args(NUMBER).total
        },
        ..protocol.ledger_args(NUMBER)
    });
    let positions = positions(200);
    for Position { key, owner, amount } in &positions {
        frozen.protocol.write_position(&mut frozen.machine, key, owner, *amount);
    }
    let total = total(&positions) + short_by;
    frozen.protocol.write_total(&mut frozen.machine, total);
    (frozen, positions)
}

async fn run(cluster: &Cluster, frozen: &Frozen) -> Result<Snapshotted, FlowError> {
    snapshot(&cluster.session(), frozen.protocol.domain, cranker().pubkey(), NUMBER).await
}

#[tokio::test]
async fn within_a_tolerance_the_cranker_signs_for_its_own_shards() {
    let (frozen, positions) = tolerant(100);
    let cluster = on(frozen.machine.fork(), Fault::None);
    let read = run(&cluster, &frozen).await.expect("it is within the tolerance");
    assert_eq!((read.total, read.shortfall, read.excess), (total(&positions), 100, 0));
    // A second run finds nothing nearer.
    let again = run(&cluster, &frozen).await.expect("it is done");
    assert_eq!((again.done.receipts.len(), again.root), (0, read.root));
}

/// What a stranger has read completely cannot be sealed without the stranger's signature, so it is read again.
#[tokio::test]
async fn within_a_tolerance_a_strangers_open_shard_is_read_again() {
    let (mut frozen, positions) = tolerant(100);
    let who = stranger();
    let domain = frozen.protocol.domain;
    let number = merkle::shard_of(positions[0].key.as_array());
    let mut keys: Vec<_> = positions.iter().map(|position| position.key).collect();
    keys.retain(|key| merkle::shard_of(key.as_array()) == number);
    keys.sort_unstable();
    let open = ix::open_shard(
        domain,
        who.pubkey(),
        frozen.machine.payer.pubkey(),
        frozen.snapshot,
        number,
    );
    let ingest = ix::ingest_positions(domain, who.pubkey(), frozen.snapshot, NUMBER, number, &keys);
    must(frozen.machine.send(&[open, ingest], &[&who]));

    let cluster = on(frozen.machine.fork(), Fault::None);
    let read = run(&cluster, &frozen).await.expect("it is within the tolerance");
    assert_eq!(read.total, total(&positions));
    let machine = cluster.fork();
    let strangers: SnapshotShard = machine.load(&pda::shard(&frozen.snapshot, number, &who.pubkey()));
    let own: SnapshotShard = machine.load(&pda::shard(&frozen.snapshot, number, &cranker().pubkey()));
    assert_eq!(
        (strangers.state, own.state),
        (snapshot_state::OPEN, snapshot_state::SEALED)
    );
}

/// A seal that left somebody out within the tolerance is replaced by the whole, from the shards that it has already and
/// the one that was short.
#[tokio::test]
async fn a_seal_that_left_somebody_out_is_replaced() {
    let (mut frozen, positions) = tolerant(0);
    let sum = total(&positions);
    let least = positions.iter().min_by_key(|position| position.amount).expect("some");
    assert!(least.amount * 100 <= sum, "who is left out is within the tolerance");
    let others = positions
        .iter()
        .map(|position| position.key)
        .filter(|key| *key != least.key);
    frozen.cranker = stranger();
    let short = frozen.crank(&others.collect::<Vec<_>>());
    frozen.must(frozen.seal(&short));
    assert_eq!(frozen.snapshot().shortfall, least.amount);

    let cluster = on(frozen.machine.fork(), Fault::None);
    let read = run(&cluster, &frozen).await.expect("the whole is the host's total");
    assert_eq!((read.total, read.shortfall), (sum, 0));
    assert_eq!(cluster.count::<instruction::OpenShard>(), 1);
    assert_eq!(sealed(&cluster.machine(), &frozen.snapshot).seals, 2);
}

#[tokio::test]
async fn a_wrong_total_is_said_in_numbers_and_everything_is_read_for_an_override() {
    let world = World::frozen(100, 1);
    let cluster = world.cluster(Fault::None);
    world.protocol.write_total(&mut cluster.machine(), 77);
    let refused = crank(&cluster, &world).await;
    let Err(FlowError::Rule(CoreError::TotalMismatch, text)) = refused else {
        panic!("{refused:?}");
    };
    let sum = total(&world.positions);
    for part in [sum.to_string().as_str(), "77", "override_seal", "count 100"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(cluster.count::<instruction::OpenShard>(), 16);
    assert_eq!(cluster.count::<instruction::SealSnapshot>(), 0);
    // The total is mended: only the seal is missing.
    world.protocol.write_total(&mut cluster.machine(), sum);
    let before = cluster.landed();
    crank(&cluster, &world).await.expect("the totals agree");
    assert_eq!(cluster.landed(), before + 1);
}

#[tokio::test]
async fn before_the_freeze_it_says_what_is_missing() {
    let (machine, protocol) = world_with(&Setup::default());
    let cluster = on(machine, Fault::None);
    let early = snapshot(&cluster.session(), protocol.domain, cranker().pubkey(), LEDGER).await;
    assert!(
        matches!(&early, Err(FlowError::NotYet { next, .. }) if next.contains("guardians")),
        "{early:?}"
    );
    assert_eq!(cluster.landed(), 0);
}

/// Accounts that pass the filters and cannot be read, and accounts of other kinds.
#[tokio::test]
async fn what_is_no_position_is_left_alone() {
    let world = World::frozen(50, 1);
    let cluster = world.cluster(Fault::None);
    let other = keypair("some other account").pubkey();
    world
        .protocol
        .write_host_account(&mut cluster.machine(), &other, vec![1; 48]);
    let zero = keypair("a position of nothing").pubkey();
    world.protocol.write_position(&mut cluster.machine(), &zero, &other, 0);
    let read = crank(&cluster, &world).await.expect("it is read and sealed");
    assert_eq!((read.count, read.total), (50, total(&world.positions)));
}

#[tokio::test]
async fn an_export_is_asked_for_every_position() {
    let probe = keypair("export probe").pubkey();
    let mut frozen = Frozen::in_set_up();
    let path = deploy_dir().join("bulkhead_export_probe.so");
    let is_there = frozen.machine.svm.add_program_from_file(probe, path);
    is_there.expect("run `make build` first");
    let args = RegisterLedgerArgs {
        owner_offset: 0,
        amounts: vec![],
        export: Some(ExportConfig {
            program: probe,
            data: vec![op::ANSWER],
            accounts: vec![],
            position_accounts: 0,
        }),
        ..frozen.protocol.ledger_args(NUMBER)
    };
    frozen.register(args).expect("it names who is asked");
    frozen.freeze();
    let positions = positions(400);
    for Position { key, owner, amount } in &positions {
        frozen.protocol.write_position(&mut frozen.machine, key, owner, *amount);
    }
    frozen.protocol.write_total(&mut frozen.machine, total(&positions));
    let cluster = on(frozen.machine.fork(), Fault::None);
    let read = run(&cluster, &frozen).await.expect("it is read and sealed");
    let tag = merkle::tag(&bulkhead::ID, &frozen.snapshot, NUMBER);
    let tree = bulkhead_snapshot::Tree::build(tag, positions).expect("a ledger");
    assert_eq!((read.root, read.count), (tree.root().hash, 400));
    assert_eq!(cluster.count::<instruction::IngestPositions>(), 0);
    assert!(cluster.count::<instruction::IngestExport>() >= 16);
    let again = run(&cluster, &frozen).await.expect("it is done");
    assert_eq!(again.done.receipts.len(), 0);
}

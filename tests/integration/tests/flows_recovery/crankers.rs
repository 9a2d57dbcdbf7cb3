//! Several crankers, and strangers who came first.

use bulkhead::instruction;
use bulkhead_core::snapshots::merkle;
use bulkhead_interface::layout::SnapshotShard;
use bulkhead_testbed::must;

use super::*;

/// Opens the snapshot, if it is not open, and the stranger's account of a shard, and reads its first positions into it.
fn begin(machine: &mut Machine, world: &World, number: u8, reads: usize) -> Pubkey {
    let (domain, payer, key) = (world.protocol.domain, machine.payer.pubkey(), world.snapshot());
    if machine.account(&key).is_none() {
        must(machine.send(&[ix::open_snapshot(domain, payer, world.incident, LEDGER)], &[]));
    }
    let who = stranger();
    let open = ix::open_shard(domain, who.pubkey(), payer, key, number);
    must(machine.send(&[open], &[&who]));
    let mut keys: Vec<_> = world.positions.iter().map(|position| position.key).collect();
    keys.retain(|key| merkle::shard_of(key.as_array()) == number);
    keys.sort_unstable();
    for keys in keys[..reads.min(keys.len())].chunks(20) {
        let ingest = ix::ingest_positions(domain, who.pubkey(), key, LEDGER, number, keys);
        must(machine.send(&[ingest], &[&who]));
    }
    pda::shard(&key, number, &who.pubkey())
}

#[tokio::test]
async fn two_crankers_at_once_seal_the_same() {
    let world = World::frozen(300, 1);
    let cluster = world.cluster(Fault::None);
    let mut session = cluster.session();
    // Slowly, so that each finds shards that the other has finished.
    session.parallel = 1;
    let domain = world.protocol.domain;
    let (a, b) = tokio::join!(
        snapshot(&session, domain, cranker().pubkey(), LEDGER),
        snapshot(&session, domain, stranger().pubkey(), LEDGER)
    );
    let (a, b) = (a.expect("one"), b.expect("the other"));
    assert_eq!((a.root, a.total, a.count), (b.root, b.total, b.count));
    let recovery = Recovery::of(world.protocol, world.incident, world.positions);
    let sealed = sealed(&cluster.machine(), &recovery.snapshot);
    assert_eq!((sealed.root, sealed.seals), (recovery.tree.root().hash, 1));
    assert_eq!(cluster.count::<instruction::SealSnapshot>(), 1);
    assert_eq!(cluster.count::<instruction::OpenSnapshot>(), 1);
    // They begin at different shards and divide the work, but for the shards that they read at the same time.
    assert!(
        cluster.count::<instruction::OpenShard>() < 24,
        "{}",
        cluster.count::<instruction::OpenShard>()
    );
    assert_eq!(a.done.receipts.len() + b.done.receipts.len(), cluster.landed());
}

#[tokio::test]
async fn one_key_in_two_processes_reads_everything_once() {
    let world = World::frozen(400, 1);
    let cluster = world.cluster(Fault::None);
    let (a, b) = tokio::join!(crank(&cluster, &world), crank(&cluster, &world));
    let (a, b) = (a.expect("one"), b.expect("the other"));
    assert_eq!(a.root, b.root);
    let recovery = Recovery::of(world.protocol, world.incident, world.positions);
    assert_eq!(
        sealed(&cluster.machine(), &recovery.snapshot).root,
        recovery.tree.root().hash
    );
    assert_eq!(cluster.count::<instruction::OpenShard>(), 16);
    assert_eq!(a.done.receipts.len() + b.done.receipts.len(), cluster.landed());
}

#[tokio::test]
async fn a_strangers_half_read_shard_stays_the_strangers() {
    let world = World::frozen(300, 1);
    let cluster = world.cluster(Fault::None);
    let half = begin(&mut cluster.machine(), &world, 5, 3);
    crank(&cluster, &world).await.expect("it is read and sealed");
    let machine = cluster.fork();
    let left: SnapshotShard = machine.load(&half);
    assert_eq!(
        (left.state, left.seen),
        (snapshot_state::OPEN, 3),
        "nobody else touches it"
    );
    let recovery = Recovery::of(world.protocol, world.incident, world.positions);
    assert_eq!(sealed(&machine, &recovery.snapshot).root, recovery.tree.root().hash);
    assert_eq!(cluster.count::<instruction::OpenShard>(), 16);
}

#[tokio::test]
async fn a_strangers_complete_shard_is_used_as_it_is() {
    let world = World::frozen(300, 1);
    let cluster = world.cluster(Fault::None);
    let whole = begin(&mut cluster.machine(), &world, 5, usize::MAX);
    let read = crank(&cluster, &world).await.expect("it is read and sealed");
    let machine = cluster.fork();
    let own = pda::shard(&world.snapshot(), 5, &cranker().pubkey());
    assert!(machine.account(&own).is_none(), "it was not read again");
    let used: SnapshotShard = machine.load(&whole);
    assert_eq!((used.state, used.seal), (snapshot_state::SEALED, 1));
    assert!(read.done.skipped >= u64::from(used.seen));
    let recovery = Recovery::of(world.protocol, world.incident, world.positions);
    assert_eq!(sealed(&machine, &recovery.snapshot).root, recovery.tree.root().hash);
}

/// The stranger left out a position, which only the whole sum shows.
#[tokio::test]
async fn a_strangers_shard_that_leaves_somebody_out_is_not_used() {
    let world = World::frozen(300, 1);
    let cluster = world.cluster(Fault::None);
    let number = 5;
    let own = world
        .positions
        .iter()
        .filter(|position| merkle::shard_of(position.key.as_array()) == number);
    let count = own.count();
    let short = begin(&mut cluster.machine(), &world, number, count - 1);
    crank(&cluster, &world).await.expect("it is read and sealed");
    let recovery = Recovery::of(world.protocol, world.incident, world.positions);
    let machine = cluster.fork();
    assert_eq!(sealed(&machine, &recovery.snapshot).root, recovery.tree.root().hash);
    assert_eq!(machine.load::<SnapshotShard>(&short).state, snapshot_state::OPEN);
}

/// A position changed after it was read: the total would never be reached with the old shard.
#[tokio::test]
async fn an_own_shard_that_is_out_of_date_is_read_again() {
    let world = World::frozen(300, 1);
    // Killed after the shards, before the seal.
    let whole = world.cluster(Fault::None);
    crank(&whole, &world).await.expect("it works without a fault");
    let cluster = world.cluster(Fault::DiesBefore(whole.landed() - 1));
    assert_eq!(crank(&cluster, &world).await, Err(FlowError::Chain(dead())));

    let mut machine = cluster.fork();
    let mut positions = world.positions.clone();
    positions[7].amount += 5;
    let Position { key, owner, amount } = positions[7];
    world.protocol.write_position(&mut machine, &key, &owner, amount);
    world.protocol.write_total(&mut machine, total(&positions));
    let cluster = on(machine, Fault::None);
    let read = crank(&cluster, &world).await.expect("it is read again and sealed");
    assert_eq!(cluster.count::<instruction::CloseShard>(), 1);
    assert_eq!(read.total, total(&positions));
    let recovery = Recovery::of(world.protocol, world.incident, positions);
    assert_eq!(read.root, recovery.tree.root().hash);
}

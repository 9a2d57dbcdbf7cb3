//! The flows from the freeze to the last claim, on the built program: snapshot, checkpoint, restore and claim. They may
//! be killed anywhere and run again; strangers may be in the way; nothing is lost and nothing is done twice.

mod checkpoints;
mod claims;
mod cluster;
mod costs;
mod crankers;
mod evacuating;
mod kills;
mod moving;
mod restoring;
mod seals;
mod whole_path;

use std::future::Future;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    chain::Chain,
    flows::{
        FlowError,
        claim::{Leaves, claim_all},
        snapshot::{Leaf, Snapshotted, snapshot},
    },
    instructions as ix, pda,
};
use bulkhead_core::CoreError;
use bulkhead_interface::{
    constants::snapshot_state,
    layout::{Restoration, Snapshot},
};
use bulkhead_snapshot::Position;
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{
    recovery::{LEDGER, Recovery, owner, positions},
    world_with,
};
use solana_keypair::Keypair;
use solana_signer::Signer;

use cluster::{Cluster, Fault, dead};

/// A frozen protocol whose ledger has positions.
struct World {
    machine: Machine,
    protocol: Protocol,
    incident: Pubkey,
    positions: Vec<Position>,
}

impl World {
    /// With so many positions all over the shards, and so many tokens in custody.
    fn frozen(count: u64, funds: u64) -> Self {
        Self::of(positions(count), funds)
    }

    /// With these positions.
    fn of(positions: Vec<Position>, funds: u64) -> Self {
        let (mut machine, protocol) = world_with(&Setup {
            funds,
            ..Setup::default()
        });
        for Position { key, owner, amount } in &positions {
            protocol.write_position(&mut machine, key, owner, *amount);
        }
        protocol.write_total(&mut machine, total(&positions));
        let incident = protocol.freeze(&mut machine);
        Self {
            machine,
            protocol,
            incident,
            positions,
        }
    }

    fn snapshot(&self) -> Pubkey {
        pda::snapshot(&self.incident, LEDGER)
    }

    /// A cluster on a copy of the machine, with the keys of everyone who signs in these tests.
    fn cluster(&self, fault: Fault) -> Cluster {
        on(self.machine.fork(), fault)
    }
}

/// A cluster on this machine.
fn on(machine: Machine, fault: Fault) -> Cluster {
    let members = (0..5).map(|i| keypair(&format!("protocol/member {i}")));
    let owners = (0..10).map(|i| keypair(&format!("owner {i}")));
    let keys = members.chain(owners).chain([cranker(), stranger()]);
    Cluster::new(machine, keys.collect(), fault)
}

fn cranker() -> Keypair {
    keypair("cranker")
}

fn stranger() -> Keypair {
    keypair("stranger")
}

fn total(positions: &[Position]) -> u64 {
    positions.iter().map(|position| position.amount).sum()
}

fn given(positions: &[Position]) -> Leaves {
    Leaves::given(positions.iter().map(leaf))
}

fn leaf(position: &Position) -> Leaf {
    (position.key, position.owner, position.amount).into()
}

/// Cranks the world's ledger with the cranker's key.
async fn crank(cluster: &Cluster, world: &World) -> Result<Snapshotted, FlowError> {
    snapshot(&cluster.session(), world.protocol.domain, cranker().pubkey(), LEDGER).await
}

/// The two guardians confirm, and anyone evacuates the vault.
fn evacuate(machine: &mut Machine, protocol: &Protocol, incident: Pubkey) {
    let payer = machine.payer.pubkey();
    for guardian in &protocol.members[..2] {
        machine.next_slot();
        let confirm = ix::confirm_evacuation(protocol.domain, guardian.pubkey(), payer, incident);
        protocol.must(machine, &[confirm], &[guardian]);
    }
    machine.next_slot();
    let evacuate = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    protocol.must(machine, &[evacuate], &[]);
}

/// A world whose snapshot is sealed by the flow, whose vault is evacuated, and which has voted for that state.
async fn voted(world: World) -> (Machine, Recovery) {
    let cluster = world.cluster(Fault::None);
    crank(&cluster, &world).await.expect("it is read and sealed");
    let mut machine = cluster.fork();
    evacuate(&mut machine, &world.protocol, world.incident);
    let recovery = Recovery::of(world.protocol, world.incident, world.positions);
    recovery.elect(&mut machine);
    (machine, recovery)
}

/// The same with the restoration funded and shared out: claims can be paid.
async fn restored(world: World) -> (Machine, Recovery) {
    let (mut machine, recovery) = voted(world).await;
    recovery.protocol.mature(&mut machine, &recovery.args());
    let cluster = on(machine, Fault::None);
    let (domain, incident) = (recovery.protocol.domain, recovery.incident);
    bulkhead_client::flows::restore::restore(&cluster.session(), domain, incident, LEDGER, None)
        .await
        .expect("everything is there");
    (cluster.fork(), recovery)
}

/// The leaves of a recovery's tree.
fn leaves(recovery: &Recovery) -> Vec<Position> {
    recovery.tree.leaves().map(|(_, leaf)| *leaf).collect()
}

/// What each of the ten owners should have after all claims, by the restoration as it stands: every leaf's share,
/// rounded down by itself.
fn owed(recovery: &Recovery, restoration: &Restoration) -> Vec<(Pubkey, u64)> {
    let share = |leaf: &Position| {
        let product = u128::from(leaf.amount) * u128::from(restoration.shared);
        u64::try_from(product / u128::from(restoration.total)).expect("no more than was shared out")
    };
    let owners = (0..10).map(|number| owner(number).pubkey());
    let sum = |owner: Pubkey| {
        let leaves = leaves(recovery);
        let own = leaves.iter().filter(|leaf| leaf.owner == owner);
        (owner, own.map(share).sum())
    };
    owners.map(sum).collect()
}

/// Every owner has exactly what is due, and the tokens of the pool are what is left.
fn assert_paid(machine: &Machine, recovery: &Recovery) {
    let restoration: Restoration = machine.load(&recovery.restoration);
    let mint = recovery.protocol.mint;
    let mut paid = 0;
    for (owner, due) in owed(recovery, &restoration) {
        let account = bulkhead_testbed::associated_token(&owner, &mint);
        assert_eq!(machine.balance(&account), due, "{owner}");
        paid += due;
    }
    assert_eq!(restoration.paid, paid);
    assert_eq!(machine.balance(&recovery.pool()), restoration.shared - paid);
}

/// A future that another thread may run.
fn is_send<T: Send>(future: T) -> T {
    future
}

/// A daemon spawns flows, so they have to be movable between threads.
#[tokio::test]
async fn flows_can_be_spawned() {
    let world = World::frozen(0, 1);
    let cluster = world.cluster(Fault::None);
    let (session, domain) = (cluster.session(), world.protocol.domain);
    let key = cranker().pubkey();
    let flow = is_send(snapshot(&session, domain, key, LEDGER));
    assert!(matches!(flow.await, Err(FlowError::Rule(CoreError::NothingRead, _))));
    let flow = is_send(claim_all(&session, domain, world.incident, LEDGER, Leaves::Live));
    assert!(matches!(flow.await, Err(FlowError::NotFound { .. })));
    let flow = is_send(bulkhead_client::flows::restore::restore(
        &session,
        domain,
        world.incident,
        LEDGER,
        None,
    ));
    assert!(matches!(flow.await, Err(FlowError::NotFound { .. })));
    let now = bulkhead_client::flows::checkpoint::Positions::Now;
    let flow = is_send(bulkhead_client::flows::checkpoint::checkpoint(
        &session, domain, key, LEDGER, now,
    ));
    assert!(matches!(flow.await, Err(FlowError::Rule(CoreError::NotAMember, _))));
}

/// Runs a flow on a copy of `machine` once for every transaction that it sends, each time with a fault there. `run` runs
/// it; `finish` runs it again on what is left. Gives the machines after that, each with what landed in both runs, and
/// first of all the one without a fault.
async fn with_every_fault<F, R, E>(machine: &Machine, run: F) -> Vec<(Fault, Machine, usize)>
where
    F: Fn(std::sync::Arc<Cluster>) -> R,
    R: Future<Output = Result<E, FlowError>>,
{
    let whole = std::sync::Arc::new(on(machine.fork(), Fault::None));
    assert!(run(whole.clone()).await.is_ok(), "it works without a fault");
    let count = whole.landed();
    let mut results = vec![(Fault::None, whole.fork(), count)];
    for number in 0..count {
        for fault in [
            Fault::DiesBefore(number),
            Fault::DiesAfter(number),
            Fault::LosesAnswer(number),
        ] {
            let first = std::sync::Arc::new(on(machine.fork(), fault));
            match run(first.clone()).await {
                // What was lost was found out in the same run.
                Ok(_) => assert!(!matches!(fault, Fault::DiesBefore(_)), "{fault:?}"),
                Err(error) => assert_eq!(error, FlowError::Chain(dead()), "{fault:?}"),
            }
            let second = std::sync::Arc::new(on(first.fork(), Fault::None));
            if let Err(error) = run(second.clone()).await {
                panic!("{fault:?}: {error}");
            }
            results.push((fault, second.fork(), first.landed() + second.landed()));
        }
    }
    results
}

fn sealed(machine: &Machine, key: &Pubkey) -> Snapshot {
    let snapshot: Snapshot = machine.load(key);
    assert_eq!(snapshot.state, snapshot_state::SEALED);
    snapshot
}

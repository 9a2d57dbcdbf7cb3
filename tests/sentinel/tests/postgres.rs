//! Daemons that share a state in PostgreSQL: one acts, another takes over, and nothing is done or paid twice. The time of
//! the database is moved by the test, and so is every machine's; nobody waits.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use bulkhead_sentinel::{
    config::{Response, Severity},
    leading,
    state::{
        Cause, DutyRow, DutyState, Pause, PauseState, StateError, Store,
        lease::{ACTING_MILLIS, LEASE_MILLIS},
    },
};
use bulkhead_sentinel_tests::{
    cluster::{Cluster, DOMAIN, FEE, FUNDS, Node, RIGHTS},
    daemon::{Daemon, endpoints},
    postgres::{Beside, Database, Network, Wire},
    time::MachineClock,
};

/// Every hour a heartbeat, which costs a fee.
const BEATS: &str = "[duties]\nheartbeat = true\n[schedule]\nheartbeat = \"1h\"\n";
/// Milliseconds of a step in these tests.
const STEP: u64 = 400;

/// A machine's clock: its date is wrong by so many seconds, and it was started so long before the cluster.
fn clock(cluster: &Arc<Cluster>, wrong_by: i64, since: u64) -> Arc<Beside> {
    let machine = MachineClock {
        cluster: Arc::clone(cluster),
        wrong_by,
        since,
    };
    Arc::new(Beside::from(machine))
}

/// Two daemons on one cluster and one state, with clocks that have nothing in common. The first leads.
struct Pair {
    cluster: Arc<Cluster>,
    database: Database,
    wire: Wire,
    first: Daemon,
    second: Daemon,
}

impl Pair {
    async fn new(more: &str) -> Option<Self> {
        let database = Database::new().await?;
        let cluster = Arc::new(Cluster::default());
        let wire = Wire::to(&database).await;
        let nodes = || (0..3).map(|_| Node::of(&cluster)).collect();
        let first = Daemon::start(nodes(), &wire.url, clock(&cluster, -86_400, 1), more);
        let first = first.await.unwrap();
        let second = Daemon::start(nodes(), &database.url, clock(&cluster, 86_400, 1 << 40), more);
        let second = second.await.unwrap();
        let mut pair = Self {
            cluster,
            database,
            wire,
            first,
            second,
        };
        for _ in 0..8 {
            pair.step().await;
        }
        assert_eq!(pair.lead(), (true, false));
        Some(pair)
    }

    fn lead(&self) -> (bool, bool) {
        (self.first.store.leads(), self.second.store.leads())
    }

    /// Time passes everywhere.
    async fn pass(&self, millis: u64) {
        self.cluster.pass(millis);
        self.database.pass(millis).await;
    }

    /// Both look, and time passes. They never lead both.
    async fn step(&mut self) {
        self.first.turn().await;
        assert_ne!(self.lead(), (true, true));
        self.second.turn().await;
        assert_ne!(self.lead(), (true, true));
        self.pass(STEP).await;
        assert_ne!(self.lead(), (true, true));
    }

    fn given(daemon: &Daemon) -> u64 {
        daemon.nodes.iter().map(|node| node.given.load(Ordering::SeqCst)).sum()
    }

    /// What the state says was paid is what landed.
    async fn assert_paid_once(&self) {
        let paid = self
            .database
            .number("SELECT coalesce(sum(lamports), 0)::bigint FROM spent")
            .await;
        let pauses = i64::from(RIGHTS - self.cluster.rights());
        let duties = i64::try_from(self.cluster.landed()).unwrap() - pauses;
        assert_eq!(
            paid,
            duties * i64::try_from(FEE).unwrap(),
            "pauses are not counted in the budget"
        );
    }
}

/// Steps of a lease.
const LEASE_STEPS: u64 = LEASE_MILLIS.div_ceil(STEP) + 8;

#[tokio::test]
async fn one_leads_and_pays_and_the_other_watches() {
    let Some(mut pair) = Pair::new(BEATS).await else { return };
    for _ in 0..5 {
        pair.pass(3_600_000).await;
        // After so long the lease is over, and whoever asks first has it: the first one.
        for _ in 0..4 {
            pair.step().await;
        }
    }
    assert_eq!(pair.lead(), (true, false));
    assert_eq!(Pair::given(&pair.second), 0);
    assert_eq!(pair.cluster.landed(), 5, "a heartbeat an hour");
    pair.assert_paid_once().await;
    // Also without asking for hours, the lease is prolonged step by step.
    for _ in 0..3 * LEASE_STEPS {
        pair.step().await;
        assert_eq!(pair.lead(), (true, false));
    }
    pair.database.end().await;
}

#[tokio::test]
async fn when_the_leader_is_killed_the_other_takes_over_within_the_lease_and_goes_on() {
    let Some(mut pair) = Pair::new(BEATS).await else { return };
    // Killed while its pause is on the way, and it is not known whether anything has arrived.
    for node in &pair.first.nodes {
        node.swallows.store(true, Ordering::SeqCst);
    }
    pair.cluster.leave(0);
    pair.first.look().await;
    let sending = async {
        while Pair::given(&pair.first) < 3 {
            tokio::task::yield_now().await;
        }
    };
    let sent = tokio::time::timeout(Duration::from_secs(20), sending).await;
    assert!(sent.is_ok(), "it sends through each endpoint");
    assert_eq!(pair.cluster.rights(), RIGHTS);
    let Pair {
        cluster,
        database,
        first,
        mut second,
        wire: _wire,
    } = pair;
    let mut killed = first.sentinel;
    killed.give_up().await;
    drop((killed, first.store));
    let mut taken = 0;
    for step in 1..=LEASE_STEPS {
        second.turn().await;
        cluster.pass(STEP);
        database.pass(STEP).await;
        if second.store.leads() && taken == 0 {
            taken = step;
        }
    }
    assert!((2..=LEASE_STEPS).contains(&taken), "{taken}");
    assert!(cluster.is_paused());
    assert_eq!(cluster.rights(), RIGHTS - 1, "one pause for one cause, whoever made it");
    let pauses = database
        .number("SELECT count(*) FROM pauses WHERE state = 'in_force'")
        .await;
    assert_eq!((pauses, database.number("SELECT count(*) FROM pauses").await), (1, 1));
    database.end().await;
}

#[tokio::test]
async fn a_leader_that_is_cut_off_stops_before_another_starts() {
    for network in [Network::Cut, Network::Silent] {
        let Some(mut pair) = Pair::new("").await else { return };
        pair.wire.set(network);
        let mut turns = Vec::new();
        for _ in 0..LEASE_STEPS {
            pair.step().await;
            turns.push(pair.lead());
        }
        let acting = turns.iter().filter(|lead| lead.0).count() as u64;
        assert!(acting <= ACTING_MILLIS / STEP, "{acting} steps without the database");
        assert!(turns.contains(&(false, false)), "for a while nobody acts");
        assert_eq!(turns.last(), Some(&(false, true)));
        // Its process lives, sees the theft, and does nothing.
        let before = Pair::given(&pair.first);
        pair.cluster.leave(0);
        for _ in 0..4 {
            pair.step().await;
        }
        assert!(pair.cluster.is_paused());
        assert_eq!(Pair::given(&pair.first), before);
        assert_eq!(pair.cluster.rights(), RIGHTS - 1);
        // Nor does it when the network is back: the other leads.
        pair.wire.set(Network::Up);
        for _ in 0..LEASE_STEPS {
            pair.step().await;
        }
        assert_eq!(pair.lead(), (false, true));
        assert_eq!((Pair::given(&pair.first), pair.cluster.rights()), (before, RIGHTS - 1));
        pair.database.end().await;
    }
}

#[tokio::test]
async fn what_was_begun_is_not_sent_when_the_lead_is_over() {
    let Some(pair) = Pair::new("").await else { return };
    let begun = leading::only(endpoints(&pair.first.nodes).remove(0), &pair.first.store);
    begun.chain.send(&[]).await.unwrap();
    begun.priced.at(1).send(&[]).await.unwrap();
    pair.cluster.pass(ACTING_MILLIS);
    for chain in [Arc::clone(&begun.chain), begun.priced.at(1)] {
        let refused = chain.send(&[]).await.unwrap_err();
        assert!(
            !refused.is_transient() && refused.to_string().contains("NotLeading"),
            "{refused}"
        );
        chain.accounts(&[DOMAIN]).await.unwrap();
    }
    assert_eq!(Pair::given(&pair.first), 2);
    pair.database.end().await;
}

#[tokio::test]
async fn a_late_write_of_the_last_leader_is_refused() {
    let Some(mut pair) = Pair::new("").await else { return };
    let row = |note: &str| DutyRow {
        duty: "reference/x".into(),
        domain: DOMAIN,
        number: 1,
        state: DutyState::Done,
        slot: 1,
        ts: pair.cluster.at().now,
        failures: 0,
        retry_ts: 0,
        note: note.into(),
    };
    let (late, new) = (row("late"), row("new"));
    pair.pass(LEASE_MILLIS).await;
    pair.second.turn().await;
    assert_eq!(pair.lead(), (false, true));
    pair.second.store.save_duties(std::slice::from_ref(&new)).await.unwrap();
    let refused = pair.first.store.save_duties(&[late]).await.unwrap_err();
    assert!(matches!(refused, StateError::NotLeading), "{refused}");
    assert!(matches!(
        pair.first.store.spend(1, 5).await,
        Err(StateError::NotLeading)
    ));
    assert_eq!(
        pair.first.store.duties().await.unwrap(),
        [new],
        "reading is for everybody"
    );
    pair.database.end().await;
}

#[tokio::test]
async fn whoever_stops_in_order_hands_over_at_once() {
    let Some(pair) = Pair::new("").await else { return };
    let Pair {
        cluster,
        database,
        first,
        mut second,
        wire: _wire,
    } = pair;
    first.sentinel.stop().await;
    first.store.close().await;
    // When it asks next.
    cluster.pass(2_000);
    second.turn().await;
    assert!(second.store.leads());
    database.end().await;
}

#[tokio::test]
async fn a_restarted_server_costs_no_lead() {
    let Some(mut pair) = Pair::new(BEATS).await else { return };
    pair.database.end_connections().await;
    for _ in 0..LEASE_STEPS {
        pair.step().await;
        assert_eq!(pair.lead(), (true, false));
    }
    pair.cluster.leave(FUNDS / 2);
    pair.step().await;
    assert!(pair.cluster.is_paused());
    assert_eq!(pair.cluster.rights(), RIGHTS - 1);
    pair.database.end().await;
}

#[tokio::test]
async fn tables_are_created_by_any_number_of_daemons_at_once_and_a_newer_state_is_refused() {
    let Some(database) = Database::new().await else { return };
    let opened = futures_util::future::join_all((0..8).map(|_| Store::open(&database.url))).await;
    for store in opened {
        store.unwrap().close().await;
    }
    assert_eq!(database.number("SELECT count(*) FROM meta").await, 1);
    // Also where they are already.
    Store::open(&database.url).await.unwrap().close().await;
    let mut admin = database.admin().await;
    sqlx::raw_sql("UPDATE meta SET value = 99")
        .execute(&mut admin)
        .await
        .unwrap();
    assert!(matches!(
        Store::open(&database.url).await.err(),
        Some(StateError::Newer { found: 99, .. })
    ));
    drop(admin);
    database.end().await;
}

#[tokio::test]
async fn what_is_written_is_read_as_it_was() {
    let Some(database) = Database::new().await else { return };
    let store = Store::open(&database.url).await.unwrap();
    assert!(store.lead().await.unwrap());
    let cause = Cause {
        id: "c".into(),
        domain: DOMAIN,
        rule: "drain".into(),
        subject: "s".into(),
        severity: Severity::Critical,
        text: "it's \"50 %\" \u{1F600}".into(),
        eyes: 2,
        opened_slot: u64::from(u32::MAX) + 1,
        opened_ts: 1,
        seen_ts: 2,
        quorate_ts: 3,
        confirmed_ts: 4,
        cleared_ts: 0,
    };
    let pause = Pause {
        cause: "c".into(),
        domain: DOMAIN,
        kind: Response::Pause,
        scope: 255,
        mask: u32::MAX,
        state: PauseState::Planned,
        planned_slot: 5,
        planned_ts: 6,
        expected: -1,
        attempts: 7,
        signature: String::new(),
        force_slot: 0,
        note: "n".into(),
    };
    store.save_cause(&cause, &[]).await.unwrap();
    store.save_pause(&pause, &[]).await.unwrap();
    store
        .save_accounts(&DOMAIN, &[(DOMAIN, Some("data".into()))], &[])
        .await
        .unwrap();
    store.spend(7, 5).await.unwrap();
    store.spend(7, 6).await.unwrap();
    store.close().await;
    let store = Store::open(&database.url).await.unwrap();
    assert_eq!(store.open_causes().await.unwrap(), [cause]);
    assert_eq!(store.unfinished_pauses().await.unwrap(), [pause]);
    assert_eq!(store.accounts(&DOMAIN).await.unwrap().len(), 1);
    assert_eq!(store.spent(7).await.unwrap(), 11);
    assert!(store.lead().await.unwrap());
    store.prune(8 * 86_400).await.unwrap();
    assert_eq!(store.spent(7).await.unwrap(), 0);
    store.close().await;
    database.end().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_its_password() {
    let url = "postgres://user:hunter2@127.0.0.1:1/state";
    let error = Store::open(url).await.err().expect("nobody listens there").to_string();
    assert!(
        error.starts_with("StateUnreachable: ") && !error.contains("hunter2"),
        "{error}"
    );
}

//! Databases of a PostgreSQL server for tests, time that passes there, and a network that is cut.

use std::{
    net::SocketAddr,
    str::FromStr,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bulkhead_sentinel::clock::{Clock, millis};

use sqlx::{ConnectOptions, Connection, PgConnection, Row, postgres::PgConnectOptions};
use tokio::{
    io::{AsyncRead, AsyncWrite, copy_bidirectional},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
};

use crate::time::MachineClock;

/// Names the server: a URL of a database in which others may be created.
pub const SERVER: &str = "BULKHEAD_TEST_POSTGRES";

/// A database of its own.
pub struct Database {
    server: String,
    name: String,
    /// Its URL.
    pub url: String,
}

/// The URL with another database.
fn with_database(url: &str, name: &str) -> String {
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let (server, _) = base.rsplit_once('/').expect("a URL of a database");
    format!("{server}/{name}?{query}")
}

impl Database {
    /// An empty one. `None` if no server is at hand, which is said.
    pub async fn new() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var(SERVER) else {
            eprintln!(
                "SKIPPED: {SERVER} names no PostgreSQL server; scripts/check-postgres.sh starts one and runs this"
            );
            return None;
        };
        let number = NUMBER.fetch_add(1, Ordering::SeqCst);
        let name = format!("bulkhead_test_{}_{number}", std::process::id());
        let mut admin = PgConnection::connect(&server).await.expect("the server is up");
        let create = format!("CREATE DATABASE {name}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(create))
            .execute(&mut admin)
            .await
            .expect("a database may be created");
        let url = with_database(&server, &name);
        Some(Self { server, name, url })
    }

    /// A connection past every daemon.
    pub async fn admin(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.expect("the server is up")
    }

    /// Time passes by the database's clock. Nothing but leases is measured by it, so those end earlier instead.
    pub async fn pass(&self, millis: u64) {
        let mut admin = self.admin().await;
        sqlx::query("UPDATE leases SET until_ms = until_ms - $1")
            .bind(i64::try_from(millis).expect("it fits"))
            .execute(&mut admin)
            .await
            .expect("the table exists");
    }

    /// Ends every connection to it, as the server does when it is restarted.
    pub async fn end_connections(&self) {
        let mut admin = self.admin().await;
        sqlx::query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND \
             pid <> pg_backend_pid()",
        )
        .execute(&mut admin)
        .await
        .expect("connections may be ended");
    }

    /// A number that a query finds.
    pub async fn number(&self, query: &'static str) -> i64 {
        let mut admin = self.admin().await;
        let row = sqlx::query(query).fetch_one(&mut admin).await.expect("it is a query");
        row.get(0)
    }

    /// Drops it.
    pub async fn end(self) {
        let mut admin = PgConnection::connect(&self.server).await.expect("the server is up");
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        sqlx::raw_sql(sqlx::AssertSqlSafe(drop))
            .execute(&mut admin)
            .await
            .expect("it is there");
    }
}

/// A machine's clock beside a database whose own time cannot be held: what passes there passes here as well.
pub struct Beside {
    machine: MachineClock,
    since: Instant,
}

impl From<MachineClock> for Beside {
    fn from(machine: MachineClock) -> Self {
        Self {
            machine,
            since: Instant::now(),
        }
    }
}

#[async_trait]
impl Clock for Beside {
    fn now(&self) -> i64 {
        self.machine.now()
    }

    fn millis(&self) -> u64 {
        self.machine.millis() + millis(self.since.elapsed())
    }

    async fn sleep(&self, time: Duration) {
        self.machine.sleep(time).await;
    }
}

/// The network between one daemon and the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// It works.
    Up,
    /// Connections are reset and refused.
    Cut,
    /// Nothing arrives, and nobody says so.
    Silent,
}

/// A way to the database that can be cut.
pub struct Wire {
    network: watch::Sender<Network>,
    /// The URL that leads through it.
    pub url: String,
}

impl Wire {
    /// A way to this database.
    pub async fn to(database: &Database) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (network, seen) = watch::channel(Network::Up);
        let options = PgConnectOptions::from_str(&database.url).expect("a URL");
        tokio::spawn(accept(listener, options, seen));
        let url = through(&database.url, address);
        Self { network, url }
    }

    /// From now on it is like this.
    pub fn set(&self, network: Network) {
        self.network.send_replace(network);
    }
}

/// The URL with another server. The options of the original that name one are left out.
fn through(url: &str, address: SocketAddr) -> String {
    let mut through = PgConnectOptions::from_str(url).expect("a URL").to_url_lossy();
    through.set_host(Some("127.0.0.1")).expect("a host");
    through.set_port(Some(address.port())).expect("a port");
    let kept: Vec<(String, String)> = through
        .query_pairs()
        .filter(|(name, _)| !matches!(name.as_ref(), "host" | "hostaddr" | "port" | "sslmode"))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    through
        .query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .append_pair("sslmode", "disable");
    through.to_string()
}

async fn accept(listener: TcpListener, options: PgConnectOptions, seen: watch::Receiver<Network>) {
    while let Ok((inner, _)) = listener.accept().await {
        if *seen.borrow() == Network::Cut {
            continue;
        }
        let (options, seen) = (options.clone(), seen.clone());
        tokio::spawn(async move {
            if let Some(socket) = options.get_socket() {
                let path = socket.join(format!(".s.PGSQL.{}", options.get_port()));
                if let Ok(outer) = UnixStream::connect(path).await {
                    carry(inner, outer, seen).await;
                }
            } else if let Ok(outer) = TcpStream::connect((options.get_host(), options.get_port())).await {
                carry(inner, outer, seen).await;
            }
        });
    }
}

/// Carries bytes while the network is up. A silent one keeps both ends open.
async fn carry(
    mut inner: impl AsyncRead + AsyncWrite + Unpin,
    mut outer: impl AsyncRead + AsyncWrite + Unpin,
    mut seen: watch::Receiver<Network>,
) {
    loop {
        tokio::select! {
            biased;
            changed = seen.wait_for(|network| *network != Network::Up) => match changed.map(|network| *network) {
                Ok(Network::Silent) => {}
                _ => return,
            },
            _ = copy_bidirectional(&mut inner, &mut outer) => return,
        }
        match seen
            .wait_for(|network| *network != Network::Silent)
            .await
            .map(|network| *network)
        {
            Ok(Network::Up) => {}
            _ => return,
        }
    }
}

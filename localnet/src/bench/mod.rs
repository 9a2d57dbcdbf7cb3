//! Measures the sentinel as a process against a real node: how many slots a pause takes for one, ten and a hundred
//! domains, what that costs, what a hundred kills leave behind, and what endpoints that lie, hang or are down can do.
//!
//! It measures, and it judges: a breach without its one pause, a pause without a breach, an alarm that never arrived or a
//! payment that was made twice ends it with an error.

mod alarms;
mod daemon;
mod estate;
mod faults;
pub mod figures;
mod http;
mod kills;
mod latency;
mod lies;
mod provoke;
mod proxy;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use bulkhead_client::chain::ChainError;
use clap::Args;
use solana_signer::Signer;
use tokio::net::TcpListener;

use self::{
    alarms::Alarms,
    daemon::{Daemon, Wiring},
    estate::{Estate, FEES, GUARDIAN},
    figures::Figures,
    provoke::{Stage, Tally},
    proxy::Proxy,
};
use crate::{
    error::LocalnetError,
    keys::{Keyring, PAYER, UPGRADE},
    node::{HOST, Node, Options},
    place::Place,
    rpc::Rpc,
    text::say,
};

/// Endpoints of the sentinel, as many as the page asks for.
const ENDPOINTS: usize = 3;
/// Lamports of the key that pays for the set-up.
const LAMPORTS: u64 = 100_000_000_000_000;
/// Compartments that the accounts of one domain are spread over, if there is only that domain.
const ACCOUNTS: usize = 16;

/// Why it ended.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// The localnet.
    #[error(transparent)]
    Localnet(#[from] LocalnetError),
    /// The node or a program refused.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A file, or a process.
    #[error("FileRefused: {}: {reason}; correct that, and run this again", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        reason: String,
    },
    /// The sentinel does not do what a process has to.
    #[error("SentinelFailed: {reason}; its log is {}", log.display())]
    Sentinel {
        /// What it did.
        reason: String,
        /// Its log.
        log: PathBuf,
    },
    /// What was measured must not be.
    #[error("LawBroken: {0}")]
    Law(String),
}

impl BenchError {
    fn file(path: &Path, error: impl ToString) -> Self {
        Self::File {
            path: path.to_path_buf(),
            reason: error.to_string(),
        }
    }
}

/// What is measured.
#[derive(Args, Debug)]
pub struct Bench {
    /// The sentinel's binary
    #[arg(long, value_name = "FILE")]
    sentinel: PathBuf,
    /// Folder of the built programs
    #[arg(long, value_name = "DIR", default_value = "target/deploy")]
    programs: PathBuf,
    /// Duration of a slot in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 400, value_parser = clap::value_parser!(u64).range(50..=2_000))]
    slot_time: u64,
    /// Numbers of domains to measure; empty skips this part
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_values_t = [1, 10, 100])]
    domains: Vec<usize>,
    /// Breaches for each of these numbers
    #[arg(long, value_name = "N", default_value_t = 200)]
    breaches: usize,
    /// Seconds for which processor and memory are measured while nothing happens
    #[arg(long, value_name = "S", default_value_t = 60)]
    quiet: u64,
    /// How often the sentinel is killed
    #[arg(long, value_name = "N", default_value_t = 100)]
    kills: usize,
    /// Breaches while each endpoint has each fault
    #[arg(long, value_name = "N", default_value_t = 4)]
    faulty: usize,
    /// For the random numbers
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// A node with domains on it, and what stands between it and the sentinel.
struct Field {
    dir: PathBuf,
    keys: Keyring,
    place: Place,
    node: Node,
    url: String,
    stage: Stage,
    proxies: Vec<Proxy>,
    payer: String,
    guardian: String,
}

/// Measures, in `dir`, and writes `figures.json` and `figures.txt` there.
///
/// # Errors
/// [`BenchError`]
pub async fn run(dir: &Path, bench: &Bench) -> Result<(), BenchError> {
    let begun = Instant::now();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let mut figures = Figures {
        slot_ms: bench.slot_time,
        seed: bench.seed,
        processors: std::thread::available_parallelism().map_or(0, usize::from),
        load_average: load.split(' ').next().unwrap_or_default().into(),
        ..Figures::default()
    };
    let done = measure(dir, bench, &mut figures).await;
    let text = figures.text();
    say(&text);
    // What was measured before a law was broken is worth reading.
    write(&dir.join("figures.txt"), &text)?;
    let json = serde_json::to_string_pretty(&figures).unwrap_or_default();
    write(&dir.join("figures.json"), &format!("{json}\n"))?;
    done?;
    say(&format!(
        "{} seconds; the figures are in {}",
        begun.elapsed().as_secs(),
        dir.join("figures.json").display()
    ));
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), BenchError> {
    fs::write(path, text).map_err(|error| BenchError::file(path, error))
}

async fn measure(dir: &Path, bench: &Bench, figures: &mut Figures) -> Result<(), BenchError> {
    // A few domains with many accounts each for the small numbers, and many with one for the large.
    for domains in bench.domains.iter().copied().filter(|domains| *domains > 0) {
        let accounts = ACCOUNTS.div_ceil(domains).max(2);
        let field = Field::open(&dir.join(format!("domains-{domains}")), bench, domains, accounts).await?;
        let measured = field.latency(bench, domains, figures).await;
        field.close(measured)?;
    }
    if bench.kills > 0 {
        let field = Field::open(&dir.join("kills"), bench, 4, 4).await?;
        let measured = field.kills(bench).await;
        figures.kills = Some(field.close(measured)?);
    }
    if bench.faulty > 0 {
        let field = Field::open(&dir.join("faults"), bench, 2, 4).await?;
        let measured = field.faults(bench).await;
        figures.faults = field.close(measured)?;
    }
    Ok(())
}

impl Field {
    /// Starts a new node and sets the domains up.
    async fn open(dir: &Path, bench: &Bench, domains: usize, accounts: usize) -> Result<Self, BenchError> {
        say(&format!("a new node with {domains} domains, {accounts} accounts each"));
        if dir.exists() {
            fs::remove_dir_all(dir).map_err(|error| BenchError::file(dir, error))?;
        }
        let place = Place::new(&dir.join("node")).create()?;
        let keys = Keyring::open_or_create(&place)?;
        let ports = [free_port(dir).await?, free_port(dir).await?];
        let options = Options {
            programs: bench.programs.clone(),
            rpc_port: ports[0],
            ws_port: ports[1],
            slot_ms: bench.slot_time,
        };
        let node = Node::start(&place, &options, keys.key(UPGRADE).pubkey(), |_| {}).await?;
        let url = format!("http://{HOST}:{}", ports[0]);
        let rpc = Rpc::new(url.clone(), keys.key(PAYER));
        rpc.airdrop(&rpc.payer.pubkey(), LAMPORTS).await?;
        let estate = Estate::open(rpc, &keys, domains, accounts).await?;
        let mut proxies = Vec::with_capacity(ENDPOINTS);
        for _ in 0..ENDPOINTS {
            let proxy = Proxy::start(ports[0], ports[1]).await;
            proxies.push(proxy.map_err(|error| BenchError::file(dir, error))?);
        }
        let alarms = Alarms::start().await.map_err(|error| BenchError::file(dir, error))?;
        Ok(Self {
            dir: place.dir().parent().unwrap_or(dir).to_path_buf(),
            payer: keys.save(&place, FEES)?,
            guardian: keys.save(&place, GUARDIAN)?,
            keys,
            place,
            node,
            url,
            stage: Stage {
                estate: Arc::new(estate),
                alarms: Arc::new(alarms),
            },
            proxies,
        })
    }

    /// A sentinel for all of its domains, and for those `besides`.
    async fn daemon(
        &self,
        bench: &Bench,
        besides: &[anchor_lang::prelude::Pubkey],
        tables: &str,
    ) -> Result<Daemon, BenchError> {
        let wiring = Wiring {
            binary: &bench.sentinel,
            dir: self.dir.join("sentinel"),
            payer: self.payer.clone(),
            guardian: self.guardian.clone(),
            proxies: &self.proxies,
            alarms: self.stage.alarms.port,
            tables,
        };
        Daemon::new(&wiring, &self.stage.estate.domains, besides).await
    }

    /// As many pauses as breaches, domain by domain: each has burned one right of the guardian.
    async fn require_one_each(&self, tally: &Tally) -> Result<usize, BenchError> {
        let guardian = self.keys.key(GUARDIAN).pubkey();
        let pauses = self.stage.estate.pauses(&guardian).await?;
        for (domain, made) in pauses.iter().enumerate() {
            let breaches: usize = tally
                .iter()
                .filter(|((at, _), _)| *at == domain)
                .map(|(_, count)| count)
                .sum();
            if *made != breaches {
                return Err(BenchError::Law(format!(
                    "domain {domain} had {breaches} breaches and {made} pauses"
                )));
            }
        }
        Ok(pauses.iter().sum())
    }

    /// Requests over HTTP to all endpoints.
    fn requests(&self) -> u64 {
        self.proxies.iter().map(Proxy::requests).sum()
    }

    /// Stops the node. What was measured counts for more than how it stops.
    fn close<T>(self, measured: Result<T, BenchError>) -> Result<T, BenchError> {
        drop(self.proxies);
        let stopped = self.node.stop();
        let measured = measured?;
        stopped?;
        Ok(measured)
    }
}

async fn free_port(dir: &Path) -> Result<u16, BenchError> {
    let bound = TcpListener::bind((HOST, 0)).await;
    let address = bound.and_then(|listener| listener.local_addr());
    address
        .map(|address| address.port())
        .map_err(|error| BenchError::file(dir, error))
}

/// An eighth of a slot: how often boards are looked at.
fn look(bench: &Bench) -> Duration {
    Duration::from_millis((bench.slot_time / 8).max(20))
}

//! `run`: the node, the sample, the load.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use solana_signer::Signer;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    error::LocalnetError,
    keys::{Keyring, PAYER, UPGRADE},
    load,
    manifest::Manifest,
    node::{HOST, Node, Options},
    place::Place,
    rpc::Rpc,
    sample::{self, cast::Cast},
    text::{grouped, say, summary},
};

/// Positions of a new localnet.
const POSITIONS: u32 = 200;
/// How often the node is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Options of `run`.
#[derive(Args, Debug)]
pub struct Run {
    /// Folder of the built programs
    #[arg(long, value_name = "DIR", default_value = "target/deploy")]
    programs: PathBuf,
    /// Port of JSON-RPC on 127.0.0.1
    #[arg(long, value_name = "PORT", default_value_t = 8899)]
    rpc_port: u16,
    /// Port of the websocket on 127.0.0.1
    #[arg(long, value_name = "PORT", default_value_t = 8900)]
    ws_port: u16,
    /// Duration of a slot in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 400, value_parser = clap::value_parser!(u64).range(20..=60_000))]
    slot_time: u64,
    /// Margin accounts of a new localnet [default: 200]; above 5,000, most are written without transactions
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    positions: Option<u32>,
    /// Ledgers of a new localnet. Each one after the first has as many positions, which are written without transactions
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=8))]
    ledgers: u8,
    /// Honest deposits and withdrawals a minute; 0 also stops the publication of prices
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u32).range(0..=6_000))]
    load: u32,
    /// Delete the state and the keys in DIR first
    #[arg(long)]
    reset: bool,
}

/// Runs a localnet in `dir` until it is stopped.
///
/// # Errors
/// [`LocalnetError`]
pub async fn run(dir: &Path, command: &Run) -> Result<(), LocalnetError> {
    let place = Place::new(dir).create()?;
    let _lock = place.lock()?;
    if command.rpc_port == command.ws_port {
        let port = command.rpc_port;
        return Err(LocalnetError::NotPossible(format!(
            "--rpc-port and --ws-port are both {port}; choose two ports"
        )));
    }
    let mut stop = Stop::listen().map_err(|error| LocalnetError::file(place.dir(), error))?;
    if command.reset {
        place.clear()?;
    } else if !place.manifest().exists() && place.state().exists() {
        say("the last set-up here was not finished: starting over");
        place.clear()?;
    }
    let keys = Keyring::open_or_create(&place)?;
    let options = Options {
        programs: command.programs.clone(),
        rpc_port: command.rpc_port,
        ws_port: command.ws_port,
        slot_ms: command.slot_time,
    };
    let upgrade_authority = keys.key(UPGRADE).pubkey();
    let node = Node::start(&place, &options, upgrade_authority, |name| {
        say(&format!("loaded {name}"))
    })
    .await?;
    // A node that is left running would keep its state unsaved.
    let result = tokio::select! {
        result = serve(&place, &node, keys, command) => result,
        () = stop.wait() => Ok(()),
    };
    let stopped = node.stop();
    result.and(stopped)?;
    say("stopped; the state is saved");
    Ok(())
}

/// Sets the sample up if there is none, and loads it until the node stops.
async fn serve(place: &Place, node: &Node, keys: Keyring, command: &Run) -> Result<(), LocalnetError> {
    let url = format!("http://{HOST}:{}", command.rpc_port);
    let ws = format!("ws://{HOST}:{}", command.ws_port);
    let client = || Rpc::new(url.clone(), keys.key(PAYER));
    if !place.manifest().exists() {
        let positions = command.positions.unwrap_or(POSITIONS);
        let mut cast = Cast::new(keys.clone(), positions);
        say(&format!(
            "setting up the sample, {} positions",
            grouped(positions.into())
        ));
        let manifest = sample::describe(place, &cast, positions, command.ledgers)?;
        let manifest = Manifest {
            url: url.clone(),
            ws: ws.clone(),
            ..manifest
        };
        sample::set_up(place, node, &client(), &mut cast, &manifest, &report).await?;
    }
    let mut manifest = Manifest::read(place)?;
    if command
        .positions
        .is_some_and(|wanted| wanted != manifest.positions.count)
    {
        say(&format!(
            "this localnet has {} positions; another number takes --reset",
            grouped(manifest.positions.count.into())
        ));
    }
    (manifest.url, manifest.ws) = (url.clone(), ws);
    manifest.write(place)?;
    say(&summary(place, &manifest));

    let cast = Cast::new(keys.clone(), manifest.positions.count);
    let rpc = client();
    tokio::select! {
        () = load::run(&rpc, &cast, command.load, manifest.positions.by_transaction) => Ok(()),
        () = ended(node) => Ok(()),
    }
}

/// Returns when the node stopped by itself.
async fn ended(node: &Node) {
    while !node.has_stopped() {
        tokio::time::sleep(LOOK).await;
    }
}

/// Prints progress: what begins, and each tenth of what is counted.
fn report(what: &str, before: u64, done: u64, all: u64) {
    if all == 0 {
        say(&format!("  {what}"));
    } else if done == all || done * 10 / all > before * 10 / all {
        say(&format!("  {what}: {} of {}", grouped(done), grouped(all)));
    }
}

/// Ctrl-C, or what `kill` sends.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

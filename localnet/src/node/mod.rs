//! The node: surfpool as a library, with tables of our own.

mod database;
mod programs;
mod saver;
mod state;
mod table;

use std::{
    fs::File,
    io::Write,
    net::TcpListener,
    path::PathBuf,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anchor_lang::prelude::Pubkey;
use crossbeam_channel::{Receiver, Sender};
use solana_account::Account;
use surfpool_core::{
    runloops::start_local_surfnet_runloop,
    surfnet::{
        locker::SurfnetSvmLocker,
        svm::{SurfnetSvm, SurfnetSvmConfig},
    },
};
use surfpool_types::{BlockProductionMode, RpcConfig, SimnetCommand, SimnetConfig, SimnetEvent, SurfpoolConfig};

use self::{database::Database, saver::Saver, state::Lists, table::Journal};
use crate::{error::LocalnetError, place::Place};

pub use programs::{PROGRAMS, program_data};

/// Where the node listens. It is not reachable from other machines.
pub const HOST: &str = "127.0.0.1";
/// How long a start may take. Reading 100,000 positions takes seconds.
const START: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(100);

/// What a node is started with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of the built programs.
    pub programs: PathBuf,
    /// Port of JSON-RPC.
    pub rpc_port: u16,
    /// Port of the websocket.
    pub ws_port: u16,
    /// Duration of a slot in milliseconds.
    pub slot_ms: u64,
}

/// A running node.
pub struct Node {
    locker: SurfnetSvmLocker,
    lists: Lists,
    commands: Sender<SimnetCommand>,
    thread: JoinHandle<Result<(), String>>,
    saver: Saver,
    log: PathBuf,
}

impl Node {
    /// Starts a node on the state in `place`, whose lock the caller holds. Calls `note` for each program that was put
    /// on it.
    ///
    /// # Errors
    /// [`LocalnetError`]
    pub async fn start(
        place: &Place,
        options: &Options,
        upgrade_authority: Pubkey,
        note: impl Fn(&str),
    ) -> Result<Self, LocalnetError> {
        let built = programs::read(&options.programs)?;
        require_free(options.rpc_port, "--rpc-port")?;
        require_free(options.ws_port, "--ws-port")?;
        let stopped = |reason: String| LocalnetError::Node {
            reason,
            log: place.log(),
        };
        let database = Database::open(&place.state())?;
        let config = SurfnetSvmConfig {
            slot_time: options.slot_ms,
            // Each instruction would run once more, for a report that nobody reads here.
            instruction_profiling_enabled: false,
            max_profiles: 1,
            ..SurfnetSvmConfig::default()
        };
        let (mut svm, events, geyser) =
            SurfnetSvm::new_with_db(None, config).map_err(|error| stopped(error.to_string()))?;
        let journal = Arc::new(Journal::default());
        let lists = state::attach(&mut svm, &database, &journal)?;
        let locker = SurfnetSvmLocker::new(svm);

        let log = File::create(place.log()).map_err(|error| LocalnetError::file(&place.log(), error))?;
        let (started, has_started) = mpsc::channel();
        thread::spawn(move || follow(&events, log, &started));
        let (commands, received) = crossbeam_channel::unbounded();
        let thread = thread::spawn({
            let (locker, commands) = (locker.clone(), commands.clone());
            let config = surfpool_config(options);
            move || {
                let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
                runtime
                    .block_on(start_local_surfnet_runloop(locker, config, commands, received, geyser))
                    .map_err(|error| error.to_string())
            }
        });
        let saver = Saver::start(locker.clone(), journal, database);
        let node = Self {
            locker,
            lists,
            commands,
            thread,
            saver,
            log: place.log(),
        };
        let since = Instant::now();
        while has_started.recv_timeout(LOOK).is_err() {
            if node.has_stopped() || since.elapsed() > START {
                return Err(match node.stop() {
                    Ok(()) => stopped("it did not start in time".into()),
                    Err(error) => error,
                });
            }
        }
        for program in &built {
            if programs::deploy(&node.locker, program, upgrade_authority).await? {
                note(&program.name());
            }
        }
        Ok(node)
    }

    /// Did the node stop by itself?
    #[must_use]
    pub fn has_stopped(&self) -> bool {
        self.thread.is_finished()
    }

    /// Stops the node and saves its state.
    ///
    /// # Errors
    /// [`LocalnetError`]
    pub fn stop(self) -> Result<(), LocalnetError> {
        let _ = self.commands.send(SimnetCommand::Terminate(None));
        let ended = self.thread.join().unwrap_or_else(|_| Err("it panicked".into()));
        let saved = self.saver.finish();
        ended.map_err(|reason| LocalnetError::Node { reason, log: self.log })?;
        saved
    }

    /// Writes accounts that do not exist yet, without transactions.
    ///
    /// # Errors
    /// [`LocalnetError::Node`]
    pub fn create_accounts(&self, accounts: Vec<(Pubkey, Account)>) -> Result<(), LocalnetError> {
        let lists = self.lists.clone();
        let written = self.locker.with_svm_writer(move |svm| {
            for (key, account) in accounts {
                lists.add(&key, &account);
                svm.inner.set_account(key, account)?;
            }
            Ok::<_, surfpool_core::error::SurfpoolError>(())
        });
        written.map_err(|error| self.refused(&error))
    }

    /// Changes the data of accounts that exist, all at once.
    ///
    /// # Errors
    /// [`LocalnetError::Node`]
    pub fn change_accounts(&self, changes: Vec<(Pubkey, Change)>) -> Result<(), LocalnetError> {
        let written = self.locker.with_svm_writer(move |svm| {
            for (key, change) in changes {
                if let Some(mut account) = svm.inner.get_account(&key)? {
                    change(&mut account.data);
                    svm.set_account(&key, account)?;
                }
            }
            Ok::<_, surfpool_core::error::SurfpoolError>(())
        });
        written.map_err(|error| self.refused(&error))
    }

    fn refused(&self, error: &impl ToString) -> LocalnetError {
        LocalnetError::Node {
            reason: error.to_string(),
            log: self.log.clone(),
        }
    }
}

/// A change of an account's data.
pub type Change = Box<dyn FnOnce(&mut Vec<u8>) + Send + Sync>;

/// Refuses a port that is in use, before the node reports it in its own words.
fn require_free(port: u16, option: &'static str) -> Result<(), LocalnetError> {
    match TcpListener::bind((HOST, port)) {
        Ok(_) => Ok(()),
        Err(_) => Err(LocalnetError::PortInUse { port, option }),
    }
}

fn surfpool_config(options: &Options) -> SurfpoolConfig {
    let simnet = SimnetConfig {
        offline_mode: true,
        remote_rpc_url: None,
        slot_time: options.slot_ms,
        block_production_mode: BlockProductionMode::Clock,
        instruction_profiling_enabled: false,
        max_profiles: 1,
        ..SimnetConfig::default()
    };
    SurfpoolConfig {
        simnets: vec![simnet],
        rpc: RpcConfig {
            bind_host: HOST.into(),
            bind_port: options.rpc_port,
            ws_port: options.ws_port,
            ..RpcConfig::default()
        },
        ..SurfpoolConfig::default()
    }
}

/// Reads what the node reports, as long as it reports: the channel is bounded, and a full one would stop it.
fn follow(events: &Receiver<SimnetEvent>, mut log: File, started: &mpsc::Sender<()>) {
    for event in events {
        let line = match event {
            SimnetEvent::CoreStarted(_) => {
                let _ = started.send(());
                continue;
            }
            SimnetEvent::InfoLog(when, text) => format!("{} info {text}", when.to_rfc3339()),
            SimnetEvent::WarnLog(when, text) => format!("{} warn {text}", when.to_rfc3339()),
            SimnetEvent::ErrorLog(when, text) => format!("{} error {text}", when.to_rfc3339()),
            SimnetEvent::Aborted(text) => format!("aborted {text}"),
            _ => continue,
        };
        // A log that cannot be written is no reason to stop.
        let _ = writeln!(log, "{line}");
    }
}

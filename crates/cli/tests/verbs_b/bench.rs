//! Command lines over an embedded machine.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, MutexGuard},
    time::Duration,
};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead_cli::{
    context::Context,
    output::Output,
    snapshot,
    verbs::recover::{self, Recover},
};
use bulkhead_client::{
    chain::{Chain, ChainError, Filter, OwnedAt, Receipt, Simulated},
    core::acts::At,
};
use bulkhead_snapshot::{BuildOptions, Position, Silent, Source, TagInputs, build};
use bulkhead_testbed::{Machine, OnMachine};
use clap::{Parser, Subcommand};
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::common::Folder;

/// The command line, with the arguments that examples name of those that every command has.
// Only the examples name them.
#[allow(dead_code)]
#[derive(Parser)]
#[command(name = "bulkhead")]
pub struct Cli {
    /// Address of the domain
    #[arg(long, global = true)]
    domain: Option<Pubkey>,
    /// Key that signs
    #[arg(short, long, global = true)]
    keypair: Option<String>,
    /// Send nothing
    #[arg(long, global = true)]
    dry_run: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A verb that brings a ledger back.
    #[command(flatten)]
    Recover(Recover),
    /// Snapshots, in files and on the chain.
    Snapshot(snapshot::SnapshotCommand),
}

/// A machine that command lines and the test share.
#[derive(Clone)]
struct Shared(Arc<OnMachine>);

#[async_trait]
impl Chain for Shared {
    fn payer(&self) -> Pubkey {
        self.0.payer()
    }

    async fn now(&self) -> Result<At, ChainError> {
        self.0.now().await
    }

    async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        self.0.accounts(keys).await
    }

    async fn owned_at(&self, program: &Pubkey, filters: &[Filter]) -> Result<OwnedAt, ChainError> {
        self.0.owned_at(program, filters).await
    }

    async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
        self.0.send(instructions).await
    }

    async fn simulate(&self, instructions: &[Instruction], accounts: &[Pubkey]) -> Result<Simulated, ChainError> {
        self.0.simulate(instructions, accounts).await
    }

    async fn wait(&self, time: Duration) {
        self.0.wait(time).await;
    }
}

/// A domain on a machine, and files.
pub struct Bench {
    chain: Shared,
    domain: Pubkey,
    pub folder: Folder,
}

impl Bench {
    pub fn new(machine: Machine, domain: Pubkey, keys: Vec<Keypair>) -> Self {
        let payer = machine.payer.insecure_clone();
        let keys = keys.into_iter().chain([payer]).collect();
        Self {
            chain: Shared(Arc::new(OnMachine::new(machine, keys))),
            domain,
            folder: Folder::new(),
        }
    }

    pub fn machine(&self) -> MutexGuard<'_, Machine> {
        self.chain.0.machine()
    }

    /// Transactions that landed so far.
    pub fn landed(&self) -> u64 {
        self.machine().spent.transactions
    }

    /// Runs a command line; `signer` is its `-k`. Gives its error as the terminal shows it.
    pub fn run(&self, signer: &Keypair, line: &str) -> Result<(), String> {
        {
            let mut machine = self.machine();
            machine.fund(&signer.pubkey(), 10_000_000_000);
            machine.payer = signer.insecure_clone();
        }
        let words = std::iter::once("bulkhead").chain(line.split_whitespace());
        let cli = Cli::try_parse_from(words).map_err(|error| error.to_string())?;
        let context = Context::over(Box::new(self.chain.clone()), Some(self.domain), Output::JsonCompact);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let done = runtime.block_on(async {
            match &cli.command {
                Command::Recover(verb) => recover::run(verb, &context).await,
                Command::Snapshot(command) => snapshot::run(command, &context).await,
            }
        });
        done.map_err(|error| format!("{error:#}"))
    }

    /// Runs a command line that has to work.
    pub fn must(&self, signer: &Keypair, line: &str) {
        if let Err(error) = self.run(signer, line) {
            panic!("bulkhead {line}: {error}");
        }
    }

    /// Runs a command line that has to be refused with `name`, and without a transaction.
    pub fn refused(&self, signer: &Keypair, line: &str, name: &str) {
        let before = self.landed();
        match self.run(signer, line) {
            Ok(()) => panic!("bulkhead {line}: it was not refused"),
            Err(error) => assert!(error.contains(name), "bulkhead {line}: {error}"),
        }
        assert_eq!(self.landed(), before, "bulkhead {line}: something was sent");
    }

    /// Builds a snapshot folder and gives its path.
    pub fn build(&self, name: &str, tag: TagInputs, leaves: &[Position]) -> String {
        let row = |leaf: &Position| format!("{},{},{}\n", leaf.key, leaf.owner, leaf.amount);
        let rows: String = leaves.iter().map(row).collect();
        let rows = self
            .folder
            .write(&format!("{name}.csv"), &format!("key,owner,amount\n{rows}"));
        let out = PathBuf::from(self.folder.path(name));
        assert!(fs::metadata(&out).is_err(), "each folder is built once");
        let options = BuildOptions {
            tag,
            slot: tag.checkpoint_slot,
            ledger: None,
            threads: 1,
            progress: &Silent,
        };
        let source = Source::at(&PathBuf::from(rows)).expect("a table");
        build(&[source], &out, &options).expect("the positions of a ledger");
        self.folder.path(name)
    }
}

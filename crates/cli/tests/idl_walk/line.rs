//! Command lines: placeholders are replaced by what the prepared world has, clap parses the result, and the verb runs.

use std::collections::{BTreeMap, BTreeSet};

use anchor_lang::prelude::Pubkey;
use bulkhead_cli::{
    context::Context,
    init,
    output::Output,
    snapshot,
    verbs::{
        operate::{self, Operate},
        recover::{self, Recover},
    },
};
use bulkhead_client::{
    bulkhead, decode,
    interface::layout::{
        AuthorityWatch, Ballot, CheckpointLog, Council, Domain, HostProgram, Incident, InsurancePool, Interim, Link,
        OutflowBreaker, PauseBoard, Peer, PositionSample, PriceBreaker, Restoration, SealedLedger, Snapshot,
        SnapshotShard, SolvencyBreaker, StateProof, Vault,
    },
};
use bulkhead_testbed::{Machine, OnMachine};
use clap::{Parser, Subcommand};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use super::{
    chain::{Recorder, Seen},
    common::Folder,
    files,
    idl::Idl,
};

/// The command line, without the arguments that every command has.
#[derive(Parser)]
#[command(name = "bulkhead")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// A verb that operates a domain.
    #[command(flatten)]
    Operate(Operate),
    /// A verb that brings a ledger back.
    #[command(flatten)]
    Recover(Recover),
    /// Snapshots, in files and on the chain.
    Snapshot(snapshot::SnapshotCommand),
    /// Opens a domain from a file.
    Init(init::Init),
}

/// What placeholders stand for.
pub struct Values(BTreeMap<String, String>);

impl Values {
    /// The value of a name.
    pub fn get(&self, name: &str) -> &str {
        self.0
            .get(name)
            .unwrap_or_else(|| panic!("nothing is called {name} in {:?}", self.0.keys()))
    }

    /// The address of a name.
    pub fn key(&self, name: &str) -> Pubkey {
        self.get(name).parse().expect("an address")
    }
}

/// A world in which an instruction works, and who signs it.
pub struct Ready<'a> {
    pub machine: &'a Machine,
    pub instruction: &'a Instruction,
    pub signers: Vec<Keypair>,
    /// Values that the instruction does not state.
    pub more: Vec<(&'static str, String)>,
}

impl Ready<'_> {
    /// Runs a command line over a copy of the world. Gives the names of the instructions that the cluster saw.
    pub fn run(&self, idl: &Idl, line: &str) -> Result<BTreeSet<String>, String> {
        let folder = Folder::new();
        let mut values = idl.values(self.instruction);
        let mut samples = self.instruction.accounts.iter().filter_map(|meta| {
            let account = self.machine.account(&meta.pubkey)?;
            decode::owned::<PositionSample>(&account.owner, &account.data)
        });
        values.extend(
            samples
                .next()
                .map(|sample| ("slot".to_owned(), sample.slot.to_string())),
        );
        let mut links = self.instruction.accounts.iter().filter_map(|meta| {
            let account = self.machine.account(&meta.pubkey)?;
            decode::owned::<Link>(&account.owner, &account.data)
        });
        values.extend(
            links
                .next()
                .map(|link| ("upstream".to_owned(), link.upstream.to_string())),
        );
        let mut programs = self.instruction.accounts.iter().filter_map(|meta| {
            let account = self.machine.account(&meta.pubkey)?;
            decode::owned::<HostProgram>(&account.owner, &account.data)
        });
        values.extend(
            programs
                .next()
                .map(|record| ("host_program".to_owned(), record.program.to_string())),
        );
        values.extend(
            self.more
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone())),
        );
        let values = Values(values);
        let words = self.words(line, &values, &folder);
        let cli = Cli::try_parse_from(std::iter::once("bulkhead".to_owned()).chain(words))
            .map_err(|error| format!("it does not parse: {error}"))?;

        let mut machine = self.machine.fork();
        let mut keys: Vec<_> = self.signers.iter().map(Keypair::insecure_clone).collect();
        // Whoever signs also pays.
        if let Some(signer) = keys.first() {
            machine.fund(&signer.pubkey(), 100_000_000_000);
            let payer = std::mem::replace(&mut machine.payer, signer.insecure_clone());
            keys.push(payer);
        }
        let domain = domain_of(&machine, self.instruction);
        let seen = Seen::default();
        let recorder = Recorder {
            machine: OnMachine::new(machine, keys),
            seen: seen.clone(),
        };
        let context = Context::over(Box::new(recorder), domain, Output::JsonCompact);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let done = runtime.block_on(async {
            match &cli.command {
                Command::Operate(verb) => operate::run(verb, &context).await,
                Command::Recover(verb) => recover::run(verb, &context).await,
                Command::Snapshot(command) => snapshot::run(command, &context).await,
                Command::Init(command) => init::run(command, &context).await,
            }
        });
        done.map_err(|error| format!("it is refused: {error:#}"))?;
        let seen = seen.all();
        Ok(seen
            .iter()
            .filter_map(|discriminator| idl.name_of(discriminator))
            .collect())
    }

    /// The words of a line, with what its placeholders stand for.
    fn words(&self, line: &str, values: &Values, folder: &Folder) -> Vec<String> {
        let replaced = line.split_whitespace().map(|word| {
            let (Some(start), Some(end)) = (word.find('{'), word.find('}')) else {
                return word.to_owned();
            };
            let name = &word[start + 1..end];
            let value = match name.strip_prefix("file:") {
                Some(name) => files::write(name, folder, self.instruction, values),
                None => values.get(name).to_owned(),
            };
            format!("{}{value}{}", &word[..start], &word[end + 1..])
        });
        let replaced: Vec<_> = replaced.collect();
        // `{rest}` is several words.
        replaced
            .iter()
            .flat_map(|word| word.split_whitespace().map(ToOwned::to_owned))
            .collect()
    }
}

/// The domain that an instruction is about.
fn domain_of(machine: &Machine, instruction: &Instruction) -> Option<Pubkey> {
    instruction.accounts.iter().find_map(|meta| {
        let account = machine
            .account(&meta.pubkey)
            .filter(|account| account.owner == bulkhead::ID)?;
        let data = &account.data;
        macro_rules! of {
            ($($kind:ty),*) => {
                None$(.or_else(|| decode::account::<$kind>(data).map(|found| found.domain)))*
            };
        }
        decode::account::<Domain>(data).map(|_| meta.pubkey).or_else(|| {
            of!(
                PauseBoard,
                Peer,
                Council,
                Incident,
                OutflowBreaker,
                PriceBreaker,
                SolvencyBreaker,
                AuthorityWatch,
                Vault,
                CheckpointLog,
                Snapshot,
                SnapshotShard,
                SealedLedger,
                StateProof,
                Ballot,
                Restoration,
                InsurancePool,
                Interim
            )
        })
    })
}

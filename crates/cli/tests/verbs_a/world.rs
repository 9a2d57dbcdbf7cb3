//! A world that verbs act on: a protocol on the embedded machine, and a chain that records what they ask for.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use bulkhead_cli::{context::Context, output::Output, verbs::operate};
use bulkhead_client::chain::{Chain, ChainError, Filter, OwnedAt, Receipt, Simulated};
use bulkhead_core::acts::At;
use bulkhead_interface::ID;
use bulkhead_testbed::{Machine, OnMachine, Protocol, Setup, deploy_dir};
use clap::Parser;
use serde_json::Value;
use solana_account::Account;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::Line;

/// The program's instructions by discriminator.
pub fn names() -> BTreeMap<[u8; 8], String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../idl/bulkhead.json");
    let text = std::fs::read_to_string(path).expect("run `make idl`");
    let idl: Value = serde_json::from_str(&text).expect("JSON");
    let instructions = idl["instructions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|instruction| {
            let bytes = instruction["discriminator"].as_array().expect("a list").iter();
            let bytes: Vec<u8> = bytes.map(|byte| byte.as_u64().expect("a byte") as u8).collect();
            let name = instruction["name"].as_str().expect("a name").to_owned();
            (bytes.try_into().expect("eight bytes"), name)
        });
    instructions.collect()
}

/// A chain that notes the instructions of Bulkhead that pass through it.
pub struct Recording {
    pub inner: OnMachine,
    names: BTreeMap<[u8; 8], String>,
    seen: Mutex<BTreeSet<String>>,
}

impl Recording {
    fn note(&self, instructions: &[Instruction]) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for instruction in instructions.iter().filter(|instruction| instruction.program_id == ID) {
            let name = instruction.data.first_chunk().and_then(|head| self.names.get(head));
            seen.insert(name.expect("an instruction of the IDL").clone());
        }
    }
}

/// The recording chain in the hands of one key, which also pays.
struct Held {
    chain: Arc<Recording>,
    key: Pubkey,
}

#[async_trait]
impl Chain for Held {
    fn payer(&self) -> Pubkey {
        self.key
    }

    async fn now(&self) -> Result<At, ChainError> {
        self.chain.inner.now().await
    }

    async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        self.chain.inner.accounts(keys).await
    }

    async fn owned_at(&self, program: &Pubkey, filters: &[Filter]) -> Result<OwnedAt, ChainError> {
        self.chain.inner.owned_at(program, filters).await
    }

    async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
        let receipt = self.chain.inner.send(instructions).await?;
        self.chain.note(instructions);
        Ok(receipt)
    }

    async fn simulate(&self, instructions: &[Instruction], accounts: &[Pubkey]) -> Result<Simulated, ChainError> {
        let simulated = self.chain.inner.simulate(instructions, accounts).await?;
        if simulated.error.is_none() {
            self.chain.note(instructions);
        }
        Ok(simulated)
    }

    async fn wait(&self, time: Duration) {
        self.chain.inner.wait(time).await;
    }
}

/// A protocol, and everyone's keys.
pub struct World {
    pub chain: Arc<Recording>,
    pub protocol: Protocol,
    runtime: tokio::runtime::Runtime,
}

/// A machine with the program.
pub fn machine() -> Machine {
    Machine::new(&deploy_dir(), &[(ID, "bulkhead")]).expect("the programs are built: run `make build`")
}

impl World {
    /// A protocol with defaults.
    pub fn new() -> Self {
        Self::with(&Setup::default(), |_, _| vec![])
    }

    /// A protocol that is prepared further. `prepare` returns more keys that sign.
    pub fn with(setup: &Setup, prepare: impl FnOnce(&mut Machine, &Protocol) -> Vec<Keypair>) -> Self {
        let mut machine = machine();
        let protocol = Protocol::set_up(&mut machine, setup);
        let mut keys = prepare(&mut machine, &protocol);
        keys.extend(protocol.members.iter().map(Keypair::insecure_clone));
        keys.push(protocol.operator.insecure_clone());
        keys.push(protocol.setup_authority.insecure_clone());
        for key in &keys {
            machine.fund(&key.pubkey(), 1_000_000_000);
        }
        machine.next_slot();
        Self {
            chain: Arc::new(Recording {
                inner: OnMachine::new(machine, keys),
                names: names(),
                seen: Mutex::default(),
            }),
            protocol,
            runtime: tokio::runtime::Builder::new_current_thread()
                .build()
                .expect("a runtime"),
        }
    }

    /// The machine between two verbs.
    pub fn machine(&self) -> std::sync::MutexGuard<'_, Machine> {
        self.chain.inner.machine()
    }

    /// The address of a member.
    pub fn member(&self, index: usize) -> Pubkey {
        self.protocol.members[index].pubkey()
    }

    /// Runs a verb as `signer`.
    pub fn run(&self, signer: Pubkey, words: &[&str]) -> anyhow::Result<()> {
        let held = Held {
            chain: self.chain.clone(),
            key: signer,
        };
        self.run_on(Box::new(held), words)
    }

    /// Runs a verb on a chain of the test's own, as its payer.
    pub fn run_on(&self, chain: Box<dyn Chain>, words: &[&str]) -> anyhow::Result<()> {
        let line = Line::try_parse_from(std::iter::once("bulkhead").chain(words.iter().copied()))?;
        let context = Context::over(chain, Some(self.protocol.domain), Output::JsonCompact);
        let result = self.runtime.block_on(operate::run(&line.verb, &context));
        // Nothing that was done is known to what is decided in the same slot.
        self.machine().next_slot();
        result
    }

    /// Runs a verb that has to work.
    pub fn must(&self, signer: Pubkey, words: &[&str]) {
        if let Err(error) = self.run(signer, words) {
            panic!("bulkhead {}: {error:#}", words.join(" "));
        }
    }

    /// Runs a verb that has to be refused by this name, without anything being sent.
    pub fn refused(&self, signer: Pubkey, words: &[&str], name: &str) {
        let sent = self.machine().spent.transactions;
        let error = self.run(signer, words).err();
        let printed = error.map(|error| format!("{error:#}")).unwrap_or_default();
        assert!(
            printed.starts_with(name),
            "bulkhead {}: {printed:?} is not {name}",
            words.join(" ")
        );
        assert_eq!(self.machine().spent.transactions, sent, "something was sent");
    }

    /// These instructions passed, and worked.
    pub fn saw(&self, instructions: &[&str]) {
        let seen = self.chain.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let missing: Vec<_> = instructions.iter().filter(|name| !seen.contains(**name)).collect();
        assert!(missing.is_empty(), "{missing:?} did not pass");
    }

    /// Anyone: the machine's payer.
    pub fn anyone(&self) -> Pubkey {
        self.chain.inner.payer()
    }
}

//! What every verb works with: the cluster, the keys, the domain, and how results leave the process.
//!
//! Nothing is read before it is needed: a command that asks no node works without a configuration file and without keys.

mod arguments;
mod ask;
mod cluster;
mod config;
mod difference;
mod error;
mod held;
mod keys;
mod outcome;
mod rehearsal;
mod report;
mod seed;
mod signing;
#[cfg(feature = "usb")]
mod wallet;

use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use anchor_lang::prelude::Pubkey;
use anyhow::{Context as _, ensure};
use bulkhead_client::{
    chain::Chain,
    flows::{Done, Session},
};
use bulkhead_rpc::{Keyring, Node, Options, Price};
use serde::Serialize;
use solana_instruction::Instruction;

use self::{
    config::Config, held::Held, keys::Key, outcome::Word, rehearsal::Rehearsal, report::Reporter, signing::Signing,
};
use crate::output::{self, Output};

pub use arguments::{Commitment, Globals};
pub use error::ContextError;
pub use outcome::Outcome;

/// Transactions of a flow in flight at once.
const PARALLEL: usize = 8;

/// The global arguments, and what they lead to.
pub struct Context {
    globals: Globals,
    config: OnceLock<Config>,
    held: OnceLock<Held>,
    /// Keys that a command's own arguments name.
    extra: Mutex<Vec<Key>>,
    node: OnceLock<Node>,
    mode: OnceLock<Mode>,
    report: Arc<Reporter>,
    is_printed: AtomicBool,
}

/// What becomes of a transaction.
enum Mode {
    /// It is sent.
    Live(Box<dyn Chain>),
    /// It is simulated.
    Rehearsal(Rehearsal),
    /// It is signed, or printed for others to sign.
    Signing(Signing),
}

impl Context {
    /// From the arguments of the command line.
    ///
    /// # Errors
    /// [`ContextError::Usage`]
    pub fn new(mut globals: Globals) -> Result<Self, ContextError> {
        if let Some(contradiction) = globals.contradiction() {
            return Err(ContextError::Usage(contradiction.into()));
        }
        // Not by the parser of the command line, which repeats what it refuses: a URL may contain an API key.
        let url = globals.url.as_deref().map(cluster::url).transpose();
        globals.url = url.map_err(ContextError::Usage)?;
        Ok(Self::of(globals))
    }

    /// A context over a given cluster, as tests use it: its payer is the signer, and every question is answered yes.
    #[must_use]
    pub fn over(chain: Box<dyn Chain>, domain: Option<Pubkey>, output: Output) -> Self {
        let context = Self::of(Globals {
            keypair: Some(chain.payer().to_string()),
            domain,
            output: Some(output),
            yes: true,
            ..Globals::default()
        });
        // It is empty, so it takes them.
        let _ = context.config.set(Config::default());
        let _ = context.mode.set(Mode::Live(chain));
        context
    }

    fn of(globals: Globals) -> Self {
        Self {
            globals,
            config: OnceLock::new(),
            held: OnceLock::new(),
            extra: Mutex::default(),
            node: OnceLock::new(),
            mode: OnceLock::new(),
            report: Arc::default(),
            is_printed: AtomicBool::new(false),
        }
    }

    /// The cluster with the keys. With `--dry-run`, `--sign-only` and `--dump-message` it sends nothing.
    ///
    /// # Errors
    /// A named error when the cluster or a key that is given cannot be used. A key that is not given is missed only when
    /// something has to be signed.
    pub fn chain(&self) -> anyhow::Result<&dyn Chain> {
        Ok(match self.mode()? {
            Mode::Live(chain) => chain.as_ref(),
            Mode::Rehearsal(rehearsal) => rehearsal,
            Mode::Signing(signing) => signing,
        })
    }

    /// The cluster, and a progress bar on standard error.
    ///
    /// # Errors
    /// As [`Context::chain`].
    pub fn session(&self) -> anyhow::Result<Session<'_>> {
        Ok(Session {
            chain: self.chain()?,
            report: self.report.as_ref(),
            parallel: PARALLEL,
        })
    }

    /// The node itself, for what only a node knows. It is not rehearsed: what it is asked to send, it sends.
    ///
    /// # Errors
    /// As [`Context::chain`].
    pub fn node(&self) -> anyhow::Result<&Node> {
        once(&self.node, || {
            let report: Arc<dyn bulkhead_client::flows::Report> = self.report.clone();
            let node = Node::new(&self.url()?, self.keyring()?);
            Ok(node.with(self.options()?).reporting(report))
        })
    }

    /// The address of `-k`. With `--dry-run`, `--sign-only` and `--dump-message` it may be given as an address.
    ///
    /// # Errors
    /// [`ContextError::NoKeypair`], and the error of a key that cannot be read.
    pub fn signer(&self) -> anyhow::Result<Pubkey> {
        Ok(self.held()?.signer()?)
    }

    /// The address that pays fees and rent: `--fee-payer`, or the signer.
    ///
    /// # Errors
    /// As [`Context::signer`].
    pub fn payer(&self) -> anyhow::Result<Pubkey> {
        match self.keyring()?.payer() {
            Some(payer) => Ok(payer),
            None => self.signer(),
        }
    }

    /// Adds the key that a command's own argument names, before the cluster is used. Returns its address.
    ///
    /// # Errors
    /// The error of a key that cannot be read.
    pub fn add_signer(&self, source: &str) -> anyhow::Result<Pubkey> {
        ensure!(
            self.mode.get().is_none() && self.node.get().is_none(),
            "KeyTooLate: {source} has to be added before the cluster is used"
        );
        let key = held::one(source)?;
        let address = key.address();
        self.extra.lock().unwrap_or_else(PoisonError::into_inner).push(key);
        Ok(address)
    }

    /// The domain: `--domain`, or `BULKHEAD_DOMAIN`, or the configuration file's.
    ///
    /// # Errors
    /// [`ContextError::NoDomain`]
    pub fn domain(&self) -> anyhow::Result<Pubkey> {
        if let Some(domain) = self.globals.domain {
            return Ok(domain);
        }
        if let Some(text) = std::env::var("BULKHEAD_DOMAIN").ok().filter(|text| !text.is_empty()) {
            return text
                .parse()
                .context("NotAnAddress: BULKHEAD_DOMAIN is not an address; correct it or unset it");
        }
        self.config()?.domain()?.ok_or_else(|| ContextError::NoDomain.into())
    }

    /// The URL of the node. It may contain an API key: never print it.
    ///
    /// # Errors
    /// [`ContextError::NoCluster`]
    pub fn url(&self) -> anyhow::Result<String> {
        if let Some(url) = &self.globals.url {
            return Ok(url.clone());
        }
        let configured = self.config()?.json_rpc_url.as_deref();
        let configured = configured
            .filter(|url| !url.is_empty())
            .ok_or(ContextError::NoCluster)?;
        cluster::url(configured)
            .map_err(|error| ContextError::Usage(format!("{error} (in the configuration file)")).into())
    }

    /// Whether the cluster is given as an argument, and not only configured.
    #[must_use]
    pub const fn is_cluster_given(&self) -> bool {
        self.globals.url.is_some()
    }

    /// The commitment, if it is given as an argument.
    #[must_use]
    pub const fn given_commitment(&self) -> Option<Commitment> {
        self.globals.commitment
    }

    /// The price of a compute unit in micro-lamports, if it is given as an argument.
    #[must_use]
    pub const fn given_unit_price(&self) -> Option<u64> {
        self.globals.with_compute_unit_price
    }

    /// Format of results on standard output.
    #[must_use]
    pub fn output(&self) -> Output {
        self.globals.output.unwrap_or_default()
    }

    /// Whether transactions are simulated only.
    #[must_use]
    pub const fn is_dry_run(&self) -> bool {
        self.globals.dry_run
    }

    /// Whether nothing is sent: in a dry run, and when transactions are signed or printed for others.
    #[must_use]
    pub const fn sends_nothing(&self) -> bool {
        self.globals.allows_addresses()
    }

    /// Asks on standard error and goes on only after a yes. `--yes` answers in advance. Where nothing is sent, nothing is
    /// asked.
    ///
    /// # Errors
    /// `NotConfirmed`, and `ConfirmationNeeded` in JSON without `--yes`.
    pub fn confirm(&self, question: &str) -> anyhow::Result<()> {
        if self.globals.yes || self.sends_nothing() {
            return Ok(());
        }
        self.report.clear();
        ask::confirm(question, self.output())
    }

    /// One transaction: simulated (with the difference of state in words), printed for others to sign, or sent. Prints
    /// the result.
    ///
    /// # Errors
    /// The cluster's error.
    pub async fn submit(&self, act: &str, instructions: &[Instruction]) -> anyhow::Result<()> {
        let receipt = self.chain()?.send(instructions).await?;
        let done = Done {
            receipts: vec![receipt],
            skipped: 0,
        };
        self.finish(act, &done)
    }

    /// Prints the result of a flow.
    ///
    /// # Errors
    /// The error of the output.
    pub fn finish(&self, act: &str, done: &Done) -> anyhow::Result<()> {
        let outcome = self.outcome(act, done);
        self.print(&outcome.json, || outcome.text)
    }

    /// The result of a flow, for a command that prints it as part of its own.
    pub fn outcome(&self, act: &str, done: &Done) -> Outcome {
        self.is_printed.store(true, Ordering::Relaxed);
        match self.mode.get() {
            Some(Mode::Rehearsal(rehearsal)) => Outcome {
                json: rehearsal.json(act),
                text: rehearsal.text(act),
            },
            Some(Mode::Signing(signing)) => Outcome {
                json: signing.json(act),
                text: signing.text(act),
            },
            Some(Mode::Live(_)) | None => {
                let word = self.node.get().and_then(Word::of);
                Outcome::of(act, done).relying_on(done, word)
            }
        }
    }

    /// After a command has failed: what a dry run has found until then, as text. With JSON the error alone is printed.
    ///
    /// # Errors
    /// The error of the output.
    pub fn after_error(&self) -> anyhow::Result<()> {
        self.report.clear();
        match self.mode.get() {
            Some(Mode::Rehearsal(rehearsal))
                if !rehearsal.is_empty() && !self.is_printed.load(Ordering::Relaxed) && !self.output().is_json() =>
            {
                output::text(&rehearsal.text("it"))
            }
            _ => Ok(()),
        }
    }

    /// Prints what was found: as JSON, or as the text, which ends with a newline.
    ///
    /// # Errors
    /// The error of the output.
    pub fn print(&self, found: &impl Serialize, text: impl FnOnce() -> String) -> anyhow::Result<()> {
        self.report.clear();
        self.output().print(found, text)
    }

    fn config(&self) -> anyhow::Result<&Config> {
        once(&self.config, || Config::read(self.globals.solana_config.as_deref()))
    }

    fn held(&self) -> anyhow::Result<&Held> {
        once(&self.held, || Held::read(&self.globals, self.config()?))
    }

    fn keyring(&self) -> anyhow::Result<Keyring> {
        let extra = self.extra.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(self.held()?.keyring(&extra))
    }

    fn options(&self) -> anyhow::Result<Options> {
        let commitment = match self.globals.commitment {
            Some(commitment) => Some(commitment),
            None => self.config()?.commitment()?,
        };
        let default = Options::default();
        Ok(Options {
            commitment: commitment.map_or(default.commitment, Commitment::config),
            price: self.globals.with_compute_unit_price.map_or(default.price, Price::Fixed),
            is_simulated: !self.globals.skip_simulation,
            blockhash: self.globals.blockhash,
            ..default
        })
    }

    fn mode(&self) -> anyhow::Result<&Mode> {
        once(&self.mode, || {
            let globals = &self.globals;
            if globals.sign_only || globals.dump_message {
                // Instructions can be made without a cluster, where they need nothing that is there.
                let cluster = match self.node() {
                    Ok(node) => Some(Box::new(node.clone()) as Box<dyn Chain>),
                    Err(error) if is_no_cluster(&error) => None,
                    Err(error) => return Err(error),
                };
                let blockhash = globals.blockhash.filter(|_| globals.sign_only);
                let price = globals.with_compute_unit_price.filter(|_| globals.sign_only);
                let signing = Signing::new(cluster, self.keyring()?, blockhash, price.unwrap_or_default());
                return Ok(Mode::Signing(signing));
            }
            let node = self.node()?.clone();
            Ok(if globals.dry_run {
                Mode::Rehearsal(Rehearsal::over(Box::new(node)))
            } else {
                Mode::Live(Box::new(node))
            })
        })
    }
}

fn is_no_cluster(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(ContextError::NoCluster))
}

/// The value, made at the first use. An error is not kept.
fn once<T>(place: &OnceLock<T>, make: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<&T> {
    if let Some(value) = place.get() {
        return Ok(value);
    }
    let value = make()?;
    Ok(place.get_or_init(|| value))
}

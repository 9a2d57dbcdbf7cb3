//! One RPC endpoint.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anchor_lang::prelude::Pubkey;
use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use bulkhead_client::{
    chain::{CLOCK, Chain, ChainError, Filter, OwnedAt, Receipt, Simulated, clock_of},
    flows::{Quiet, Report},
};
use bulkhead_core::acts::At;
use bulkhead_snapshot::rpc::{Endpoint, Patience};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use solana_account::Account;
use solana_account_decoder_client_types::UiAccount;
use solana_commitment_config::CommitmentConfig;
use solana_instruction::Instruction;
use solana_message::Hash;
use solana_rpc_client::{nonblocking::rpc_client::RpcClient, rpc_client::RpcClientConfig};
use solana_rpc_client_api::{
    client_error::Error,
    request::RpcRequest,
    response::{Response, RpcKeyedAccount},
};

use crate::{
    account,
    budget::Price,
    failure,
    keyring::Keyring,
    send,
    transport::{Transport, ask},
};

/// Timeout and retries of an ordinary request.
const PATIENCE: Patience = Patience {
    timeout: Duration::from_secs(30),
    attempts: 4,
    pause: Duration::from_millis(250),
};
/// Timeout and retries of a request for all accounts of a program.
const LONG_PATIENCE: Patience = Patience {
    timeout: Duration::from_secs(300),
    ..PATIENCE
};
/// Maximum number of accounts in one request.
const MAX_ACCOUNTS: usize = 100;
/// Maximum number of filters that a node accepts, and of bytes in one of them. All filters are applied here again.
const MAX_FILTERS: usize = 4;
const MAX_FILTER_BYTES: usize = 128;
/// Requests for accounts at the same time.
const PARALLEL: usize = 8;

/// Intervals and limits of sending.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Time between two status requests.
    pub poll: Duration,
    /// Time between two broadcasts.
    pub rebroadcast: Duration,
    /// Time between two progress lines.
    pub report: Duration,
    /// Time until a blockhash counts as expired, for nodes that do not report the block height.
    pub expiry: Duration,
    /// Number of blockhashes to try.
    pub rounds: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            poll: Duration::from_millis(500),
            rebroadcast: Duration::from_secs(2),
            report: Duration::from_secs(5),
            expiry: Duration::from_secs(90),
            rounds: 4,
        }
    }
}

/// How a node is read and how transactions are made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Commitment of reads and simulations, and what counts as landed.
    pub commitment: CommitmentConfig,
    /// What is offered for a compute unit.
    pub price: Price,
    /// Simulates each transaction and refuses to send what would fail. Without it the node checks before it forwards,
    /// and the transaction asks for the most compute units.
    pub is_simulated: bool,
    /// The one blockhash to sign with, for transactions that are signed in several places. Such a transaction is made of
    /// nothing that only a node knows, so that everyone signs the same bytes.
    pub blockhash: Option<Hash>,
    /// Maximum size in bytes of a response with all accounts of a program.
    pub longest: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            commitment: CommitmentConfig::confirmed(),
            price: Price::default(),
            is_simulated: true,
            blockhash: None,
            longest: 2 << 30,
        }
    }
}

/// An RPC node, and the keys that sign. Clones share the connection.
#[derive(Clone)]
pub struct Node {
    link: Arc<Link>,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) pace: Pace,
    pub(crate) options: Options,
    pub(crate) report: Arc<dyn Report>,
}

struct Link {
    endpoint: Arc<Endpoint>,
    /// The same address, with time for large responses.
    bulk: Arc<Endpoint>,
    client: RpcClient,
    /// The latest slot in which something of ours landed. Reads are not older.
    landed: AtomicU64,
    /// The latest slot that an answer was of.
    seen: AtomicU64,
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.endpoint().host())
    }
}

impl Node {
    /// A node at this URL. Sends nothing yet.
    #[must_use]
    pub fn new(url: &str, keyring: Keyring) -> Self {
        let endpoint = Arc::new(Endpoint::new(url, PATIENCE));
        let config = RpcClientConfig::with_commitment(CommitmentConfig::confirmed());
        Self {
            link: Arc::new(Link {
                client: RpcClient::new_sender(Transport(Arc::clone(&endpoint)), config),
                endpoint,
                bulk: Arc::new(Endpoint::new(url, LONG_PATIENCE)),
                landed: AtomicU64::new(0),
                seen: AtomicU64::new(0),
            }),
            keyring: Arc::new(keyring),
            pace: Pace::default(),
            options: Options::default(),
            report: Arc::new(Quiet),
        }
    }

    /// The same node with another pace of polling and rebroadcasting.
    #[must_use]
    pub fn at_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// The same node with other options.
    #[must_use]
    pub fn with(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// The same node with another price per compute unit.
    #[must_use]
    pub fn offering(mut self, price: Price) -> Self {
        self.options.price = price;
        self
    }

    /// The same node. Notes about transactions that take long go to `report`.
    #[must_use]
    pub fn reporting(mut self, report: Arc<dyn Report>) -> Self {
        self.report = report;
        self
    }

    /// The keys that sign.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The rent-exempt minimum in lamports for an account of this size.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn rent(&self, bytes: usize) -> Result<u64, ChainError> {
        self.ask(RpcRequest::GetMinimumBalanceForRentExemption, json!([bytes]))
            .await
    }

    /// As [`Chain::simulate`], with another payer.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn simulate_for(
        &self,
        payer: &Pubkey,
        instructions: &[Instruction],
        accounts: &[Pubkey],
    ) -> Result<Simulated, ChainError> {
        send::simulate(self, payer, instructions, accounts).await
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.link.endpoint
    }

    /// Asks, and names the error.
    pub(crate) async fn ask<T: DeserializeOwned>(&self, request: RpcRequest, params: Value) -> Result<T, ChainError> {
        let answer = self.ask_raw(request, params).await;
        answer.map_err(|error| failure::of(self.endpoint(), request, error))
    }

    /// Asks, with the client's error.
    pub(crate) async fn ask_raw<T: DeserializeOwned>(&self, request: RpcRequest, params: Value) -> Result<T, Error> {
        self.link.client.send(request, params).await
    }

    /// Something of ours landed in this slot.
    pub(crate) fn has_landed(&self, slot: u64) {
        self.link.landed.fetch_max(slot, Ordering::Relaxed);
    }

    /// The latest slot that an answer of this node was of, by its own word; `None` before the first.
    #[must_use]
    pub fn seen(&self) -> Option<u64> {
        Some(self.link.seen.load(Ordering::Relaxed)).filter(|slot| *slot > 0)
    }

    /// The commitment of reads.
    #[must_use]
    pub const fn commitment(&self) -> CommitmentConfig {
        self.options.commitment
    }

    /// The options of a read: nothing older than what landed of ours, also behind a balancer of several nodes.
    pub(crate) fn read_config(&self) -> Value {
        let mut config = json!({ "encoding": "base64", "commitment": self.options.commitment.commitment });
        let landed = self.link.landed.load(Ordering::Relaxed);
        if landed > 0 {
            config["minContextSlot"] = landed.into();
        }
        config
    }

    async fn some_accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        let request = RpcRequest::GetMultipleAccounts;
        let names: Vec<_> = keys.iter().map(ToString::to_string).collect();
        let params = json!([names, self.read_config()]);
        let answer: Response<Vec<Option<UiAccount>>> = self.ask(request, params).await?;
        self.link.seen.fetch_max(answer.context.slot, Ordering::Relaxed);
        let unreadable = |reason: &str| failure::unreadable(self.endpoint(), request, reason.into());
        if answer.value.len() != keys.len() {
            return Err(unreadable("not as many accounts as were asked for"));
        }
        let decoded = answer.value.iter().map(|account| match account {
            None => Ok(None),
            Some(account) => account.to_account().map(Some).ok_or_else(|| unreadable("no account")),
        });
        decoded.collect()
    }
}

#[async_trait]
impl Chain for Node {
    /// The system program's address if no payer is given; nothing can be sent then.
    fn payer(&self) -> Pubkey {
        self.keyring.payer().unwrap_or_default()
    }

    async fn now(&self) -> Result<At, ChainError> {
        let clock = self.account(&CLOCK).await?;
        clock.as_ref().and_then(clock_of).ok_or_else(|| {
            failure::unreadable(
                self.endpoint(),
                RpcRequest::GetMultipleAccounts,
                "the clock sysvar is missing".into(),
            )
        })
    }

    async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        let answers: Vec<_> = stream::iter(keys.chunks(MAX_ACCOUNTS).map(<[Pubkey]>::to_vec))
            .map(|keys| async move { self.some_accounts(&keys).await })
            .buffered(PARALLEL)
            .try_collect()
            .await?;
        Ok(answers.into_iter().flatten().collect())
    }

    async fn owned_at(&self, program: &Pubkey, filters: &[Filter]) -> Result<OwnedAt, ChainError> {
        let request = RpcRequest::GetProgramAccounts;
        let mut config = self.read_config();
        // A slot that is being processed has no end yet.
        if self.options.commitment.is_processed() {
            config["commitment"] = json!(CommitmentConfig::confirmed().commitment);
        }
        config["withContext"] = true.into();
        config["filters"] = filters.iter().take(MAX_FILTERS).map(filter_json).collect();
        let params = json!([program.to_string(), config]);
        // Not through the client, which would keep a large response twice.
        let answer =
            ask::<Response<Vec<RpcKeyedAccount>>>(&self.link.bulk, request, params, self.options.longest).await;
        let answer = answer.map_err(|error| failure::of(self.endpoint(), request, error))?;
        self.link.seen.fetch_max(answer.context.slot, Ordering::Relaxed);
        let mut found = Vec::with_capacity(answer.value.len());
        for each in answer.value {
            let account = each.account.to_account();
            let (Ok(key), Some(account)) = (each.pubkey.parse(), account) else {
                return Err(failure::unreadable(self.endpoint(), request, "no account".into()));
            };
            if account.owner == *program && filters.iter().all(|filter| filter.matches(&account.data)) {
                found.push((key, account));
            }
        }
        Ok(OwnedAt {
            slot: answer.context.slot,
            accounts: found,
        })
    }

    async fn send(&self, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
        send::send(std::slice::from_ref(self), 1, instructions).await
    }

    async fn simulate(&self, instructions: &[Instruction], accounts: &[Pubkey]) -> Result<Simulated, ChainError> {
        send::simulate(self, &self.keyring.needed_payer()?, instructions, accounts).await
    }

    async fn wait(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

fn filter_json(filter: &Filter) -> Value {
    match filter {
        Filter::Length(length) => json!({ "dataSize": length }),
        Filter::Bytes { offset, bytes } => {
            let bytes = bytes.get(..MAX_FILTER_BYTES).unwrap_or(bytes);
            let bytes = BASE64_STANDARD.encode(bytes);
            json!({ "memcmp": { "offset": offset, "bytes": bytes, "encoding": "base64" } })
        }
    }
}

/// An account of a simulation's result.
pub(crate) fn after(accounts: &[Option<UiAccount>]) -> Vec<Option<Account>> {
    accounts.iter().map(|each| account::simulated(each.as_ref())).collect()
}

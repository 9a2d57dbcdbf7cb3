//! A client of the node, for the sample, the load and the thief. They use what everyone else uses.

use std::time::Duration;

use anchor_lang::{Discriminator, ZeroCopy, prelude::Pubkey};
use bulkhead_client::{
    chain::{CLOCK, ChainError},
    decode,
};
use bulkhead_testbed::sign;
use serde_json::{Value, json};
use solana_account::Account;
use solana_clock::Clock;
use solana_commitment_config::CommitmentConfig;
use solana_instruction::Instruction;
use solana_instruction_error::InstructionError;
use solana_keypair::Keypair;
use solana_message::Message;
use solana_rpc_client::nonblocking::rpc_client::RpcClient;
use solana_rpc_client_api::{
    client_error::{Error, ErrorKind},
    config::RpcSendTransactionConfig,
    request::{RpcError, RpcRequest, RpcResponseErrorData},
};
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction_error::TransactionError;

use crate::{
    error::LocalnetError,
    keys::{Keyring, PAYER},
    manifest::Manifest,
    place::Place,
};

/// Maximum number of accounts in one request.
const MOST_ACCOUNTS: usize = 100;
/// Tokens of a token account: offset of the amount.
const AMOUNT: usize = 64;

/// A client that pays with one key.
pub struct Rpc {
    client: RpcClient,
    /// Pays for every transaction.
    pub payer: Keypair,
}

/// A running localnet, from another process.
pub struct Connected {
    /// What it consists of.
    pub manifest: Manifest,
    /// Its keys.
    pub keys: Keyring,
    /// A client of its node.
    pub rpc: Rpc,
    /// Its clock.
    pub clock: Clock,
}

/// Connects to the localnet in `place`.
///
/// # Errors
/// [`LocalnetError::NoLocalnet`], [`LocalnetError::NotRunning`], [`LocalnetError::File`]
pub async fn connect(place: &Place) -> Result<Connected, LocalnetError> {
    let manifest = Manifest::read(place)?;
    let keys = Keyring::open(place)?;
    let rpc = Rpc::new(manifest.url.clone(), keys.key(PAYER));
    let clock = rpc.clock().await.map_err(|error| LocalnetError::NotRunning {
        url: manifest.url.clone(),
        reason: name(&error),
        dir: place.dir().to_path_buf(),
    })?;
    Ok(Connected {
        manifest,
        keys,
        rpc,
        clock,
    })
}

impl Rpc {
    /// A client of the node at `url`.
    #[must_use]
    pub fn new(url: String, payer: Keypair) -> Self {
        let (timeout, commitment) = (Duration::from_secs(30), CommitmentConfig::processed());
        Self {
            client: RpcClient::new_with_timeout_and_commitment(url, timeout, commitment),
            payer,
        }
    }

    /// Sends one transaction. When this returns, it was executed.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn send(&self, instructions: &[Instruction], signers: &[&Keypair]) -> Result<Signature, ChainError> {
        let mut message = Message::new(instructions, Some(&self.payer.pubkey()));
        message.recent_blockhash = self.client.get_latest_blockhash().await.map_err(refused)?;
        let transaction = sign(message, std::iter::once(&self.payer).chain(signers.iter().copied()));
        let config = RpcSendTransactionConfig {
            preflight_commitment: Some(CommitmentConfig::processed().commitment),
            ..RpcSendTransactionConfig::default()
        };
        let sent = self.client.send_transaction_with_config(&transaction, config).await;
        sent.map_err(refused)
    }

    /// Reads accounts, in order.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn accounts(&self, keys: &[Pubkey]) -> Result<Vec<Option<Account>>, ChainError> {
        let mut found = Vec::with_capacity(keys.len());
        for keys in keys.chunks(MOST_ACCOUNTS) {
            found.extend(self.client.get_multiple_accounts(keys).await.map_err(refused)?);
        }
        Ok(found)
    }

    /// Reads one account.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn account(&self, key: &Pubkey) -> Result<Option<Account>, ChainError> {
        Ok(self.accounts(std::slice::from_ref(key)).await?.pop().flatten())
    }

    /// Reads and decodes an account of Bulkhead or of the exchange.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn load<T: ZeroCopy + Discriminator>(&self, key: &Pubkey) -> Result<Option<T>, ChainError> {
        let account = self.account(key).await?;
        Ok(account.and_then(|account| decode::account(&account.data)))
    }

    /// Tokens in a token account, or 0 if there is none.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn balance(&self, key: &Pubkey) -> Result<u64, ChainError> {
        let account = self.account(key).await?;
        let amount = account.and_then(|account| account.data.get(AMOUNT..)?.first_chunk::<8>().copied());
        Ok(amount.map_or(0, u64::from_le_bytes))
    }

    /// The lamports that make an account of this size exempt from rent.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn rent(&self, bytes: usize) -> Result<u64, ChainError> {
        let rent = self.client.get_minimum_balance_for_rent_exemption(bytes).await;
        rent.map_err(refused)
    }

    /// The clock that programs see.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn clock(&self) -> Result<Clock, ChainError> {
        let account = self.account(&CLOCK).await?;
        let read = |account: Account| {
            let word = |at: usize| account.data.get(8 * at..)?.first_chunk::<8>().copied();
            Some(Clock {
                slot: u64::from_le_bytes(word(0)?),
                epoch_start_timestamp: i64::from_le_bytes(word(1)?),
                epoch: u64::from_le_bytes(word(2)?),
                leader_schedule_epoch: u64::from_le_bytes(word(3)?),
                unix_timestamp: i64::from_le_bytes(word(4)?),
            })
        };
        account.and_then(read).ok_or_else(|| ChainError::Refused {
            reason: "the node has no clock".into(),
            logs: String::new(),
        })
    }

    /// Gives lamports.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn airdrop(&self, key: &Pubkey, lamports: u64) -> Result<(), ChainError> {
        self.client.request_airdrop(key, lamports).await.map_err(refused)?;
        Ok(())
    }

    /// The addresses of all accounts of a program, sorted.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn owned(&self, program: &Pubkey) -> Result<Vec<Pubkey>, ChainError> {
        let accounts = self.client.get_program_accounts(program).await.map_err(refused)?;
        let mut keys: Vec<_> = accounts.into_iter().map(|(key, _)| key).collect();
        keys.sort_unstable();
        Ok(keys)
    }

    /// The signatures of the transactions with an address, as far as the node remembers them.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn signatures(&self, address: &Pubkey) -> Result<Vec<String>, ChainError> {
        let found = self.client.get_signatures_for_address(address).await.map_err(refused)?;
        Ok(found.into_iter().map(|found| found.signature).collect())
    }

    /// The slot in which a transaction was executed.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn slot_of(&self, signature: &Signature) -> Result<Option<u64>, ChainError> {
        let statuses = self
            .client
            .get_signature_statuses(std::slice::from_ref(signature))
            .await;
        let statuses = statuses.map_err(refused)?.value;
        Ok(statuses.into_iter().flatten().next().map(|status| status.slot))
    }

    /// Moves the clock forward to a time in unix seconds. Slots pass as well.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn travel_to_time(&self, unix_timestamp: i64) -> Result<(), ChainError> {
        let ms = unix_timestamp.saturating_mul(1_000);
        self.travel(json!([{ "absoluteTimestamp": ms }])).await
    }

    /// Moves the clock forward to a slot. Time passes as well.
    ///
    /// # Errors
    /// [`ChainError`]
    pub async fn travel_to_slot(&self, slot: u64) -> Result<(), ChainError> {
        self.travel(json!([{ "absoluteSlot": slot }])).await
    }

    async fn travel(&self, target: Value) -> Result<(), ChainError> {
        let request = RpcRequest::Custom {
            method: "surfnet_timeTravel",
        };
        let _: Value = self.client.send(request, target).await.map_err(refused)?;
        Ok(())
    }
}

/// The client's error as one that is named.
fn refused(error: Error) -> ChainError {
    let logs = match error.kind() {
        ErrorKind::RpcError(RpcError::RpcResponseError {
            data: RpcResponseErrorData::SendTransactionPreflightFailure(simulated),
            ..
        }) => simulated.logs.clone().unwrap_or_default(),
        _ => Vec::new(),
    };
    match error.kind().get_transaction_error() {
        Some(TransactionError::InstructionError(_, InstructionError::Custom(code))) => ChainError::program(code, &logs),
        Some(error) => ChainError::Refused {
            reason: error.to_string(),
            logs: logs.iter().map(|line| format!("\n{line}")).collect(),
        },
        None => match error.kind() {
            ErrorKind::RpcError(error) => ChainError::Refused {
                reason: error.to_string(),
                logs: String::new(),
            },
            kind => ChainError::Unreachable {
                node: "the localnet".into(),
                reason: cause(kind),
            },
        },
    }
}

/// The innermost cause: "connection refused" rather than the request that met it.
fn cause(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

/// A program's refusal by its name, or any other error in one line.
#[must_use]
pub fn name(error: &ChainError) -> String {
    match error {
        ChainError::Program { name, code, .. } => format!("{name} ({code})"),
        ChainError::Unreachable { reason, .. } => reason.clone(),
        error => error.to_string().lines().next().unwrap_or_default().to_string(),
    }
}

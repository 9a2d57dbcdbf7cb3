//! An RPC node through the standard Solana client: few requests, responses of bounded size, errors that leak no API
//! key.

mod send;
mod transport;

use std::{fmt, sync::Arc, time::Duration};

use anchor_lang::prelude::Pubkey;
use bulkhead_snapshot::rpc::{Endpoint, Patience};
use serde_json::{Value, json};
use solana_account::Account;
use solana_account_decoder_client_types::UiAccount;
use solana_commitment_config::CommitmentConfig;
use solana_rpc_client::rpc_client::{RpcClient, RpcClientConfig};
use solana_rpc_client_api::{
    client_error::{self, ErrorKind},
    request::{self, RpcRequest, RpcResponseErrorData},
    response::Response,
};

use transport::Transport;

pub use send::{Pace, Simulation};

/// The commitment of every read and every send.
const COMMITMENT: CommitmentConfig = CommitmentConfig::confirmed();
/// Timeout and retries of a request.
const PATIENCE: Patience = Patience {
    timeout: Duration::from_secs(30),
    attempts: 4,
    pause: Duration::from_millis(250),
};
/// Why a call failed. A node's URL may contain an API key, so errors name only its host. Text from the node is printed
/// without terminal control characters.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// The node did not answer.
    #[error("RpcUnreachable: {node}: {reason}; is the URL right, and the node up?")]
    Unreachable {
        /// The node's host.
        node: String,
        /// What went wrong.
        reason: String,
    },
    /// The response is not valid.
    #[error("RpcUnreadable: {method}: {reason}; is {node} a Solana RPC node?")]
    Unreadable {
        /// The node's host.
        node: String,
        /// The method called.
        method: String,
        /// What is wrong with the response.
        reason: String,
    },
    /// The node refused the request, or the transaction failed in simulation.
    #[error("RpcRefused: {method}: {message}{logs}")]
    Refused {
        /// The method called.
        method: String,
        /// The JSON-RPC error code.
        code: i64,
        /// The node's message.
        message: String,
        /// The last lines of the logs.
        logs: String,
    },
    /// The transaction landed and failed.
    #[error("TransactionFailed: {signature}: {reason}")]
    Failed {
        /// Signature of the transaction.
        signature: String,
        /// The error.
        reason: String,
    },
    /// The transaction did not land under any of several blockhashes.
    #[error(
        "TransactionExpired: {signature} did not land, and neither did {rounds} before it; the cluster is busy: run this \
         again, what is done already is skipped"
    )]
    Expired {
        /// Signature of the last transaction.
        signature: String,
        /// Number of transactions that expired before it.
        rounds: u32,
    },
    /// A required signing key is missing.
    #[error("MissingSigner: {0}")]
    MissingSigner(String),
}

/// An RPC node.
pub struct Rpc {
    endpoint: Arc<Endpoint>,
    client: RpcClient,
    pace: Pace,
}

impl fmt::Display for Rpc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.endpoint.host())
    }
}

impl Rpc {
    /// A node at this URL. Sends nothing yet.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let endpoint = Arc::new(Endpoint::new(url, PATIENCE));
        let config = RpcClientConfig::with_commitment(COMMITMENT);
        Self {
            client: RpcClient::new_sender(Transport(Arc::clone(&endpoint)), config),
            endpoint,
            pace: Pace::default(),
        }
    }

    /// The same node with another pace of polling and rebroadcasting.
    #[must_use]
    pub fn at_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Reads an account, or `None` if it does not exist.
    ///
    /// # Errors
    /// [`RpcError`]
    pub fn account(&self, key: &Pubkey) -> Result<Option<Account>, RpcError> {
        // The client's own method does not distinguish the errors.
        let options = json!({ "encoding": "base64", "commitment": COMMITMENT.commitment });
        let request = RpcRequest::GetAccountInfo;
        let answer: client_error::Result<Response<Option<UiAccount>>> =
            self.client.send(request, json!([key.to_string(), options]));
        let Some(account) = answer.map_err(|error| self.failed(request, error))?.value else {
            return Ok(None);
        };
        let account = account.to_account();
        account
            .map(Some)
            .ok_or_else(|| self.unreadable(request, "no account".into()))
    }

    /// The rent-exempt minimum in lamports for an account of this size.
    ///
    /// # Errors
    /// [`RpcError`]
    pub fn rent(&self, bytes: usize) -> Result<u64, RpcError> {
        self.client
            .get_minimum_balance_for_rent_exemption(bytes)
            .map_err(|error| self.failed(RpcRequest::GetMinimumBalanceForRentExemption, error))
    }

    /// Maps a client error, without the text that the client adds.
    fn failed(&self, request: RpcRequest, error: client_error::Error) -> RpcError {
        match *error.kind {
            ErrorKind::RpcError(request::RpcError::RpcResponseError { code, message, data }) => {
                let logs = match data {
                    RpcResponseErrorData::SendTransactionPreflightFailure(simulated) => simulated.logs,
                    _ => None,
                };
                RpcError::Refused {
                    method: request.to_string(),
                    code,
                    message,
                    logs: self.last_lines(&logs.unwrap_or_default()),
                }
            }
            ErrorKind::Io(error) => RpcError::Unreachable {
                node: self.to_string(),
                reason: error.to_string(),
            },
            ErrorKind::RpcError(request::RpcError::ParseError(reason)) => self.unreadable(request, reason),
            other => self.unreadable(request, self.endpoint.said(&other.to_string())),
        }
    }

    fn unreadable(&self, request: RpcRequest, reason: String) -> RpcError {
        RpcError::Unreadable {
            node: self.to_string(),
            method: request.to_string(),
            reason,
        }
    }

    /// The last lines of a transaction's logs, each on its own line.
    fn last_lines(&self, logs: &[String]) -> String {
        let last = logs.get(logs.len().saturating_sub(8)..).unwrap_or_default();
        last.iter()
            .map(|line| format!("\n{}", self.endpoint.said(line)))
            .collect()
    }
}

/// Parses an account as JSON-RPC and `solana account --output json` write it.
#[must_use]
pub fn parse_account(value: &Value) -> Option<Account> {
    let account: UiAccount = serde_json::from_value(value.clone()).ok()?;
    account.to_account()
}

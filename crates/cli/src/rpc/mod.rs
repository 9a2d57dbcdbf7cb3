//! The few calls of Solana's JSON-RPC that are needed, over HTTP.

mod send;

use std::{fmt, time::Duration};

use anchor_lang::prelude::Pubkey;
use base64::{Engine, prelude::BASE64_STANDARD};
use bulkhead_snapshot::{harmless, rpc::host_of};
use serde_json::{Value, json};

pub use send::{Pace, Simulation};

/// What everything is read and sent at.
const COMMITMENT: &str = "confirmed";
/// Of one call.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes that an answer can have: the longest account in base64, and what stands around it.
const LONGEST: u64 = 16 << 20;
/// Letters of what a node says that are passed on.
const SAID: usize = 300;
/// JSON-RPC's own number for a method that the node does not have.
const UNKNOWN_METHOD: i64 = -32601;

/// Why a call failed. A node's address may hide a key, so only its host is told; and what a node says is told without what
/// a terminal obeys.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// No answer.
    #[error("RpcUnreachable: {node}: {reason}; is the URL right, and the node up?")]
    Unreachable {
        /// The node's host.
        node: String,
        /// What went wrong.
        reason: String,
    },
    /// An answer that is none.
    #[error("RpcUnreadable: {method}: {reason}; is {node} a Solana RPC node?")]
    Unreadable {
        /// The node's host.
        node: String,
        /// What was called.
        method: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The node refuses, or the transaction failed in simulation.
    #[error("RpcRefused: {method}: {message}{logs}")]
    Refused {
        /// What was called.
        method: &'static str,
        /// JSON-RPC's number of the error.
        code: i64,
        /// What the node says.
        message: String,
        /// The last lines of the logs.
        logs: String,
    },
    /// It landed, and failed.
    #[error("TransactionFailed: {signature}: {reason}")]
    Failed {
        /// Of the transaction.
        signature: String,
        /// Why.
        reason: String,
    },
    /// It never landed, under several blockhashes.
    #[error(
        "TransactionExpired: {signature} did not land, and neither did {rounds} before it; the cluster is busy: run this \
         again, what is done already is skipped"
    )]
    Expired {
        /// Of the last transaction.
        signature: String,
        /// Transactions that expired before it.
        rounds: u32,
    },
    /// A key that has to sign is not there.
    #[error("MissingSigner: {0}")]
    MissingSigner(String),
}

/// A node.
pub struct Rpc {
    url: String,
    agent: ureq::Agent,
    pace: Pace,
}

impl fmt::Display for Rpc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&host_of(&self.url))
    }
}

impl Rpc {
    /// A node by its URL. Nothing is sent yet.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .build();
        Self {
            url: url.to_owned(),
            agent: config.into(),
            pace: Pace::default(),
        }
    }

    /// The same node, waited for in another way.
    #[must_use]
    pub fn at_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    fn call(&self, method: &'static str, params: &Value) -> Result<Value, RpcError> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let unreachable = |error: ureq::Error| RpcError::Unreachable {
            node: self.to_string(),
            reason: match error {
                ureq::Error::BadUri(_) | ureq::Error::Http(_) => "this is no URL".into(),
                other => self.said(&other.to_string()),
            },
        };
        let mut response = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .send(request.to_string())
            .map_err(unreachable)?;
        let bytes = response.body_mut().with_config().limit(LONGEST).read_to_vec();
        let bytes = bytes.map_err(unreachable)?;
        let answer: Value = serde_json::from_slice(&bytes).map_err(|_| {
            let head = String::from_utf8_lossy(bytes.get(..80).unwrap_or(&bytes)).into_owned();
            let status = response.status().as_u16();
            self.unreadable(method, format!("no JSON, HTTP {status}: {}", self.said(head.trim())))
        })?;
        if let Some(error) = answer.get("error") {
            return Err(self.refused(method, error));
        }
        answer
            .get("result")
            .cloned()
            .ok_or_else(|| self.unreadable(method, "no result".into()))
    }

    /// What somebody else says, without this node's address and fit for a terminal.
    fn said(&self, text: &str) -> String {
        harmless(&text.replace(&self.url, "the node"), SAID)
    }

    fn unreadable(&self, method: &'static str, reason: String) -> RpcError {
        RpcError::Unreadable {
            node: self.to_string(),
            method,
            reason,
        }
    }

    fn refused(&self, method: &'static str, error: &Value) -> RpcError {
        RpcError::Refused {
            method,
            code: error["code"].as_i64().unwrap_or_default(),
            message: self.said(error["message"].as_str().unwrap_or("no message")),
            logs: self.last_lines(&error["data"]["logs"]),
        }
    }

    /// The last lines of a transaction's logs, each on a line of its own.
    fn last_lines(&self, logs: &Value) -> String {
        let lines: Vec<_> = logs
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let last = lines.get(lines.len().saturating_sub(8)..).unwrap_or_default();
        last.iter().map(|line| format!("\n{}", self.said(line))).collect()
    }

    /// An account, if there is one.
    ///
    /// # Errors
    /// [`RpcError`]
    pub fn account(&self, key: &Pubkey) -> Result<Option<Account>, RpcError> {
        const METHOD: &str = "getAccountInfo";
        let params = json!([key.to_string(), { "encoding": "base64", "commitment": COMMITMENT }]);
        let result = self.call(METHOD, &params)?;
        let value = &result["value"];
        if value.is_null() {
            return Ok(None);
        }
        parse_account(value)
            .map(Some)
            .ok_or_else(|| self.unreadable(METHOD, "no account".into()))
    }

    /// Lamports that an account of so many bytes needs.
    ///
    /// # Errors
    /// [`RpcError`]
    pub fn rent(&self, bytes: usize) -> Result<u64, RpcError> {
        const METHOD: &str = "getMinimumBalanceForRentExemption";
        let result = self.call(METHOD, &json!([bytes]))?;
        result
            .as_u64()
            .ok_or_else(|| self.unreadable(METHOD, "no number".into()))
    }
}

/// An account as the chain has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Lamports.
    pub lamports: u64,
    /// Program it belongs to.
    pub owner: Pubkey,
    /// Its bytes.
    pub data: Vec<u8>,
    /// Is it a program?
    pub executable: bool,
}

/// An account as JSON-RPC writes it, with its bytes in base64; also what `solana account --output json` writes.
#[must_use]
pub fn parse_account(value: &Value) -> Option<Account> {
    let data = match &value["data"] {
        Value::Array(parts) if parts.get(1)?.as_str()? == "base64" => parts.first()?.as_str()?,
        Value::String(text) => text,
        _ => return None,
    };
    Some(Account {
        lamports: value["lamports"].as_u64()?,
        owner: value["owner"].as_str()?.parse().ok()?,
        data: BASE64_STANDARD.decode(data).ok()?,
        executable: value["executable"].as_bool().unwrap_or(false),
    })
}

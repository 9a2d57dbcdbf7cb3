//! The few calls of Solana's JSON-RPC that are needed, over HTTP.

use std::{fmt, thread, time::Duration};

use anchor_lang::prelude::Pubkey;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::{Hash, Message};
use solana_signer::Signer;
use solana_transaction::Transaction;

/// What everything is read and sent at.
const COMMITMENT: &str = "confirmed";
/// Between two looks at a transaction's status.
const POLL: Duration = Duration::from_millis(500);
/// Looks after which a transaction is given up: its blockhash is too old by then.
const LOOKS: u32 = 180;
/// Of one call.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// No answer.
    #[error("RpcUnreachable: {url}: {reason}; is the URL right, and the node up?")]
    Unreachable {
        /// The node.
        url: String,
        /// What went wrong.
        reason: String,
    },
    /// An answer that is none.
    #[error("RpcUnreadable: {method}: {reason}; is {url} a Solana RPC node?")]
    Unreadable {
        /// The node.
        url: String,
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
    /// It never landed.
    #[error("TransactionExpired: {signature} did not land in time; run this again: what is done already is skipped")]
    Expired {
        /// Of the transaction.
        signature: String,
    },
    /// A key that has to sign is not there.
    #[error("MissingSigner: {0}")]
    MissingSigner(String),
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

/// A node.
pub struct Rpc {
    url: String,
    agent: ureq::Agent,
}

impl fmt::Display for Rpc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
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
        }
    }

    fn call(&self, method: &'static str, params: &Value) -> Result<Value, RpcError> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let unreachable = |error: ureq::Error| RpcError::Unreachable {
            url: self.url.clone(),
            reason: error.to_string(),
        };
        let mut response = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .send(request.to_string())
            .map_err(unreachable)?;
        let text = response.body_mut().read_to_string().map_err(unreachable)?;
        let answer: Value = serde_json::from_str(&text).map_err(|_| {
            self.unreadable(
                method,
                format!("no JSON, HTTP {}: {:.80}", response.status().as_u16(), text.trim()),
            )
        })?;
        if let Some(error) = answer.get("error") {
            return Err(refused(method, error));
        }
        answer
            .get("result")
            .cloned()
            .ok_or_else(|| self.unreadable(method, "no result".into()))
    }

    fn unreadable(&self, method: &'static str, reason: String) -> RpcError {
        RpcError::Unreadable {
            url: self.url.clone(),
            method,
            reason,
        }
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

    /// Signs and sends instructions as one transaction, and waits until it has landed.
    ///
    /// # Errors
    /// [`RpcError`]
    pub fn send(
        &self,
        instructions: &[Instruction],
        payer: &Keypair,
        signers: &[&Keypair],
    ) -> Result<String, RpcError> {
        const HASH: &str = "getLatestBlockhash";
        const SEND: &str = "sendTransaction";
        let result = self.call(HASH, &json!([{ "commitment": COMMITMENT }]))?;
        let hash = result["value"]["blockhash"]
            .as_str()
            .and_then(|text| text.parse::<Hash>().ok());
        let hash = hash.ok_or_else(|| self.unreadable(HASH, "no blockhash".into()))?;
        let wire = sign(instructions, payer, signers, hash)?;
        let options = json!({ "encoding": "base64", "preflightCommitment": COMMITMENT });
        let result = self.call(SEND, &json!([BASE64_STANDARD.encode(wire), options]))?;
        let signature = result
            .as_str()
            .map(str::to_owned)
            .ok_or_else(|| self.unreadable(SEND, "no signature".into()))?;
        self.wait(signature)
    }

    fn wait(&self, signature: String) -> Result<String, RpcError> {
        for look in 0..LOOKS {
            if look > 0 {
                thread::sleep(POLL);
            }
            let result = self.call("getSignatureStatuses", &json!([[signature]]))?;
            let status = &result["value"][0];
            if !status["err"].is_null() {
                return Err(RpcError::Failed {
                    signature,
                    reason: status["err"].to_string(),
                });
            }
            if matches!(status["confirmationStatus"].as_str(), Some("confirmed" | "finalized")) {
                return Ok(signature);
            }
        }
        Err(RpcError::Expired { signature })
    }
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

/// A signed transaction as it goes over the wire.
fn sign(instructions: &[Instruction], payer: &Keypair, signers: &[&Keypair], hash: Hash) -> Result<Vec<u8>, RpcError> {
    let message = Message::new_with_blockhash(instructions, Some(&payer.pubkey()), &hash);
    let mut transaction = Transaction::new_unsigned(message);
    let mut keys: Vec<&Keypair> = vec![payer];
    for signer in signers {
        if keys.iter().all(|key| key.pubkey() != signer.pubkey()) {
            keys.push(signer);
        }
    }
    transaction
        .try_sign(&keys, hash)
        .map_err(|error| RpcError::MissingSigner(error.to_string()))?;
    // Fewer than 128 signatures, so their number is one byte.
    let mut wire = vec![u8::try_from(transaction.signatures.len()).unwrap_or(u8::MAX)];
    for signature in &transaction.signatures {
        wire.extend_from_slice(signature.as_ref());
    }
    wire.extend_from_slice(&transaction.message_data());
    Ok(wire)
}

fn refused(method: &'static str, error: &Value) -> RpcError {
    let logs = error["data"]["logs"].as_array().map_or_else(String::new, |logs| {
        let lines: Vec<_> = logs.iter().filter_map(Value::as_str).collect();
        format!("\n{}", lines[lines.len().saturating_sub(8)..].join("\n"))
    });
    RpcError::Refused {
        method,
        message: error["message"].as_str().unwrap_or("no message").to_owned(),
        logs,
    }
}

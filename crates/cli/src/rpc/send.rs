//! Sends a transaction until it lands.
//!
//! A transaction is simulated first, so a failing one costs nothing. Its priority fee follows the recent fees for the
//! same accounts. It is rebroadcast until its blockhash expires, because nodes forward it once and leaders drop it.
//! When the blockhash expires, the transaction is signed again with a new one. Progress is reported meanwhile.

use std::{
    thread,
    time::{Duration, Instant},
};

use anchor_lang::prelude::Pubkey;
use serde::Serialize;
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_message::{Hash, Message};
use solana_rpc_client_api::{
    config::{RpcSendTransactionConfig, RpcSimulateTransactionConfig},
    request::RpcRequest,
};
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::Transaction;

use super::{COMMITMENT, Rpc, RpcError};
use crate::output;

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

/// The percentile of the recent fees for the same accounts that is offered.
const PERCENTILE: usize = 75;
/// The highest price offered, in micro-lamports per compute unit: 0.0014 SOL for the most units a transaction can use.
const MAX_PRICE: u64 = 1_000_000;
/// Maximum number of accounts in a request for fees.
const MAX_ACCOUNTS: usize = 128;
/// The JSON-RPC error code for an unknown method.
const UNKNOWN_METHOD: i64 = -32601;
/// Units for the two instructions that set limit and price. Another tenth of the simulated units is added.
const SPARE_UNITS: u64 = 1_000;
/// Maximum number of units of a transaction.
const MAX_UNITS: u64 = 1_400_000;

/// The outcome of a simulated transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// Why the transaction would fail, as the node reports it.
    pub error: Option<String>,
    /// The programs' logs.
    pub logs: Vec<String>,
    /// Compute units used.
    pub units: Option<u64>,
}

/// A blockhash, and the last block height at which a transaction with it can land.
struct Blockhash {
    hash: Hash,
    last_height: u64,
}

/// How a round ended without an error.
enum Round {
    Landed,
    Expired,
}

impl Rpc {
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
        let mut instructions = instructions.to_vec();
        let simulated = self.simulate(&instructions, payer, signers)?;
        if let Some(simulation) = &simulated
            && let Some(error) = &simulation.error
        {
            return Err(RpcError::Refused {
                method: RpcRequest::SimulateTransaction.to_string(),
                code: 0,
                message: format!("the transaction would fail, so it was not sent: {error}"),
                logs: self.last_lines(&simulation.logs),
            });
        }
        let price = self.price(&instructions, payer);
        if price != 0 {
            let units = simulated.as_ref().and_then(|simulation| simulation.units);
            instructions.splice(0..0, budget(units, price));
        }
        let mut rounds = 0;
        loop {
            let blockhash = self.blockhash()?;
            let transaction = sign(&instructions, payer, signers, blockhash.hash)?;
            let signature = signature_of(&transaction);
            match self.broadcast(&transaction, simulated.is_some()) {
                // The blockhash was too old, or the node lags behind. The next blockhash may work.
                Err(error) if lacks_blockhash(&error) && rounds + 1 < self.pace.rounds => {
                    rounds += 1;
                    thread::sleep(self.pace.poll);
                    continue;
                }
                Err(error) => return Err(error),
                Ok(()) => {}
            }
            match self.wait(&transaction, &blockhash)? {
                Round::Landed => return Ok(signature),
                Round::Expired if rounds + 1 < self.pace.rounds => {
                    rounds += 1;
                    output::note(&format!(
                        "{signature} has expired; signing it again, attempt {}",
                        rounds + 1
                    ));
                }
                Round::Expired => return Err(RpcError::Expired { signature, rounds }),
            }
        }
    }

    /// Simulates a transaction without sending it. `None` if the node cannot simulate.
    ///
    /// # Errors
    /// [`RpcError`]
    pub fn simulate(
        &self,
        instructions: &[Instruction],
        payer: &Keypair,
        signers: &[&Keypair],
    ) -> Result<Option<Simulation>, RpcError> {
        self.simulate_transaction(&sign(instructions, payer, signers, self.blockhash()?.hash)?)
    }

    /// Simulates an unsigned transaction, as if every required signer had signed.
    ///
    /// # Errors
    /// [`RpcError`]
    pub fn simulate_unsigned(
        &self,
        instructions: &[Instruction],
        payer: &Pubkey,
    ) -> Result<Option<Simulation>, RpcError> {
        let message = Message::new_with_blockhash(instructions, Some(payer), &self.blockhash()?.hash);
        self.simulate_transaction(&Transaction::new_unsigned(message))
    }

    fn simulate_transaction(&self, transaction: &Transaction) -> Result<Option<Simulation>, RpcError> {
        let config = RpcSimulateTransactionConfig {
            commitment: Some(COMMITMENT),
            replace_recent_blockhash: true,
            ..RpcSimulateTransactionConfig::default()
        };
        let answer = self.client.simulate_transaction_with_config(transaction, config);
        let found = match answer.map_err(|error| self.failed(RpcRequest::SimulateTransaction, error)) {
            Err(RpcError::Refused {
                code: UNKNOWN_METHOD, ..
            }) => return Ok(None),
            other => other?.value,
        };
        Ok(Some(Simulation {
            error: found.err.map(|error| as_json(&error)),
            logs: found.logs.unwrap_or_default(),
            units: found.units_consumed,
        }))
    }

    /// The price to offer per compute unit, from the recent fees for the writable accounts. Zero if the node does not
    /// report fees.
    fn price(&self, instructions: &[Instruction], payer: &Keypair) -> u64 {
        let mut written = vec![payer.pubkey()];
        for meta in instructions.iter().flat_map(|each| &each.accounts) {
            if meta.is_writable && !written.contains(&meta.pubkey) && written.len() < MAX_ACCOUNTS {
                written.push(meta.pubkey);
            }
        }
        let fees = self.client.get_recent_prioritization_fees(&written).unwrap_or_default();
        percentile(fees.iter().map(|each| each.prioritization_fee).collect())
    }

    fn blockhash(&self) -> Result<Blockhash, RpcError> {
        let answer = self.client.get_latest_blockhash_with_commitment(COMMITMENT);
        let (hash, last_height) = answer.map_err(|error| self.failed(RpcRequest::GetLatestBlockhash, error))?;
        Ok(Blockhash { hash, last_height })
    }

    /// Broadcasts once. The node runs preflight checks unless the transaction was simulated; it does not retry by
    /// itself.
    fn broadcast(&self, transaction: &Transaction, is_tried: bool) -> Result<(), RpcError> {
        let config = RpcSendTransactionConfig {
            skip_preflight: is_tried,
            preflight_commitment: Some(COMMITMENT.commitment),
            max_retries: Some(0),
            ..RpcSendTransactionConfig::default()
        };
        let answer = self.client.send_transaction_with_config(transaction, config);
        match answer.map_err(|error| self.failed(RpcRequest::SendTransaction, error)) {
            // An earlier broadcast has landed.
            Err(RpcError::Refused { message, .. }) if message.contains("already been processed") => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// Polls, rebroadcasts and reports progress until the transaction lands or expires.
    fn wait(&self, transaction: &Transaction, blockhash: &Blockhash) -> Result<Round, RpcError> {
        let signature = transaction.signatures.first().copied().unwrap_or_default();
        let begin = Instant::now();
        let (mut sent, mut sent_at, mut reported_at) = (1, begin, begin);
        loop {
            if self.has_landed(&signature, false)? {
                return Ok(Round::Landed);
            }
            if sent_at.elapsed() >= self.pace.rebroadcast {
                if self.is_too_old(blockhash, begin) {
                    // The transaction may have landed in the meantime.
                    let landed = self.has_landed(&signature, true)?;
                    return Ok(if landed { Round::Landed } else { Round::Expired });
                }
                // A failed rebroadcast does not matter: an earlier one succeeded.
                let _ = self.broadcast(transaction, true);
                (sent, sent_at) = (sent + 1, Instant::now());
            }
            if reported_at.elapsed() >= self.pace.report {
                let seconds = begin.elapsed().as_secs();
                output::note(&format!("waiting for {signature}: {seconds} s, sent {sent} times"));
                reported_at = Instant::now();
            }
            thread::sleep(self.pace.poll);
        }
    }

    fn is_too_old(&self, blockhash: &Blockhash, begin: Instant) -> bool {
        match self.client.get_block_height_with_commitment(COMMITMENT) {
            Ok(height) => height > blockhash.last_height,
            Err(_) => begin.elapsed() >= self.pace.expiry,
        }
    }

    /// Has the transaction landed? A failed transaction is an error. A single missing answer from the node is not.
    fn has_landed(&self, signature: &Signature, in_history: bool) -> Result<bool, RpcError> {
        let signatures = std::slice::from_ref(signature);
        let answer = if in_history {
            self.client.get_signature_statuses_with_history(signatures)
        } else {
            self.client.get_signature_statuses(signatures)
        };
        let found = match answer.map_err(|error| self.failed(RpcRequest::GetSignatureStatuses, error)) {
            Err(RpcError::Unreachable { .. } | RpcError::Unreadable { .. }) if !in_history => return Ok(false),
            other => other?.value,
        };
        let Some(status) = found.into_iter().next().flatten() else {
            return Ok(false);
        };
        match &status.err {
            Some(error) => Err(RpcError::Failed {
                signature: signature.to_string(),
                reason: as_json(error),
            }),
            None => Ok(status.satisfies_commitment(COMMITMENT)),
        }
    }
}

/// The error in the JSON form that nodes use.
fn as_json(error: &impl Serialize) -> String {
    serde_json::to_string(error).unwrap_or_default()
}

fn signature_of(transaction: &Transaction) -> String {
    transaction.signatures.first().copied().unwrap_or_default().to_string()
}

fn lacks_blockhash(error: &RpcError) -> bool {
    matches!(error, RpcError::Refused { message, .. } if message.contains("lockhash not found"))
}

/// The fee at the percentile of `fees`, up to the maximum price.
fn percentile(mut fees: Vec<u64>) -> u64 {
    fees.sort_unstable();
    let place = fees.len().saturating_sub(1) * PERCENTILE / 100;
    fees.get(place).map_or(0, |fee| (*fee).min(MAX_PRICE))
}

/// The compute unit limit, if the usage is known, and the price. Encoded for the Compute Budget program: one byte for
/// the instruction, then the number.
fn budget(units: Option<u64>, price: u64) -> Vec<Instruction> {
    const PROGRAM: Pubkey = anchor_lang::pubkey!("ComputeBudget111111111111111111111111111111");
    let instruction = |data| Instruction {
        program_id: PROGRAM,
        accounts: vec![],
        data,
    };
    let limit = units.map(|units| (units + units / 10 + SPARE_UNITS).min(MAX_UNITS));
    let limit = limit.and_then(|units| u32::try_from(units).ok());
    let set_limit = limit.map(|units| instruction([&[2], &units.to_le_bytes()[..]].concat()));
    let set_price = instruction([&[3], &price.to_le_bytes()[..]].concat());
    set_limit.into_iter().chain([set_price]).collect()
}

fn sign(
    instructions: &[Instruction],
    payer: &Keypair,
    signers: &[&Keypair],
    hash: Hash,
) -> Result<Transaction, RpcError> {
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
    Ok(transaction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_quarters_of_what_others_paid_and_no_more_than_is_sane() {
        assert_eq!(percentile(vec![]), 0);
        assert_eq!(percentile(vec![7]), 7);
        assert_eq!(percentile((1..=101).rev().collect()), 76);
        assert_eq!(percentile(vec![u64::MAX; 3]), MAX_PRICE);
    }
}

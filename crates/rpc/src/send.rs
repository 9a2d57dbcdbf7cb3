//! Sends a transaction until it lands.
//!
//! A transaction is simulated first, so a failing one costs nothing. It asks for the compute units that the simulation
//! used and a little more, and its priority fee follows the recent fees for the same accounts. It is rebroadcast until
//! its blockhash expires, because nodes forward it once and leaders drop it. When the blockhash expires, the transaction
//! is signed again with a new one and offers more. Progress is reported meanwhile.
//!
//! Several nodes of one cluster are used at once: what one refuses or delays, another takes.

use std::time::Duration;

use anchor_lang::prelude::Pubkey;
use base64::{Engine, prelude::BASE64_STANDARD};
use bulkhead_client::chain::{ChainError, Receipt, Simulated};
use bulkhead_core::proposals::execution::MAX_TRANSACTION;
use futures_util::{
    StreamExt,
    future::{join, select_ok},
    stream::FuturesUnordered,
};
use serde_json::json;
use solana_account_decoder_client_types::UiAccountEncoding;
use solana_commitment_config::CommitmentLevel;
use solana_instruction::Instruction;
use solana_message::{Hash, Message};
use solana_rpc_client_api::{
    config::{RpcSendTransactionConfig, RpcSimulateTransactionAccountsConfig, RpcSimulateTransactionConfig},
    request::RpcRequest::{GetLatestBlockhash, GetRecentPrioritizationFees, SendTransaction, SimulateTransaction},
    response::{Response, RpcBlockhash, RpcPrioritizationFee, RpcSimulateTransactionResult},
};
use solana_transaction::Transaction;
use solana_transaction_status_client_types::UiTransactionEncoding;
use tokio::time::timeout;

use crate::{
    budget::{self, Price},
    failure,
    landing::{self, Blockhash, Round},
    node::{self, Node},
};

/// Once one node says that a transaction would fail, the time that another has to say otherwise.
const GRACE: Duration = Duration::from_secs(2);
/// Maximum number of accounts in a request for fees.
const MAX_ACCOUNTS: usize = 128;

/// The message that everyone signs who signs for one blockhash: the price, if one is fixed, then the instructions.
#[must_use]
pub fn unsigned(payer: &Pubkey, instructions: &[Instruction], price: u64, blockhash: Hash) -> Message {
    let mut all = budget::instructions(None, price);
    all.extend_from_slice(instructions);
    Message::new_with_blockhash(&all, Some(payer), &blockhash)
}

/// What was found out about a transaction before it is signed.
struct Draft {
    /// The units to ask for. `None` for a transaction that several people sign.
    limit: Option<u32>,
    /// The units that the simulation used.
    used: Option<u64>,
    price: u64,
    /// The nodes check before they forward, because nothing was simulated.
    is_checked_there: bool,
}

/// Signs with the first node's keys, sends through all nodes, and waits until `quorum` of them have seen the transaction
/// land.
pub(crate) async fn send(nodes: &[Node], quorum: usize, instructions: &[Instruction]) -> Result<Receipt, ChainError> {
    let Some(first) = nodes.first() else {
        return Err(no_endpoint());
    };
    let (keyring, pace) = (&first.keyring, first.pace);
    keyring.require(instructions)?;
    let payer = keyring.needed_payer()?;
    let mut draft = prepare(nodes, &payer, instructions).await?;
    let rounds = if first.options.blockhash.is_some() {
        1
    } else {
        pace.rounds.max(1)
    };
    let (mut last, mut given_by) = (None, None);
    for round in 0..rounds {
        if round > 0 {
            draft.price = first
                .options
                .price
                .after(draft.price, price(nodes, &payer, instructions).await);
        }
        let blockhash = match first.options.blockhash {
            Some(hash) => Blockhash {
                hash,
                last_height: None,
            },
            None => {
                let (found, place) = blockhash(nodes, given_by).await?;
                given_by = Some(place);
                found
            }
        };
        let all = draft.complete(instructions);
        let transaction = keyring.sign(Message::new_with_blockhash(&all, Some(&payer), &blockhash.hash))?;
        let signature = transaction.signatures.first().copied().unwrap_or_default();
        match broadcast(nodes, &transaction, draft.is_checked_there).await {
            // The blockhash was too old, or the node lags behind. The next blockhash may work.
            Err(error) if lacks_blockhash(&error) && round + 1 < rounds => {
                last = Some(error);
                tokio::time::sleep(pace.poll).await;
                continue;
            }
            Err(error) => return Err(error),
            Ok(()) => {}
        }
        match landing::wait(nodes, quorum, &transaction, &blockhash).await? {
            Round::Landed(slot) => {
                for node in nodes {
                    node.has_landed(slot);
                }
                return Ok(draft.receipt(&transaction));
            }
            Round::Expired if round + 1 < rounds => {
                let next = round + 2;
                first
                    .report
                    .note(&format!("{signature} has expired; signing it again, attempt {next}"));
            }
            Round::Expired => {}
        }
        last = Some(ChainError::Expired {
            signature: signature.to_string(),
            rounds: round,
        });
    }
    Err(last.unwrap_or_else(|| ChainError::Expired {
        signature: String::new(),
        rounds,
    }))
}

impl Draft {
    fn complete(&self, instructions: &[Instruction]) -> Vec<Instruction> {
        let mut all = budget::instructions(self.limit, self.price);
        all.extend_from_slice(instructions);
        all
    }

    fn receipt(&self, transaction: &Transaction) -> Receipt {
        let signatures = transaction.signatures.len();
        Receipt {
            signature: transaction.signatures.first().copied().unwrap_or_default().to_string(),
            units: self.used,
            fee: (self.limit.is_some() || self.price == 0)
                .then(|| budget::fee(signatures, self.limit.unwrap_or_default(), self.price)),
        }
    }
}

/// Finds price and units, and refuses what is too large or would fail.
async fn prepare(nodes: &[Node], payer: &Pubkey, instructions: &[Instruction]) -> Result<Draft, ChainError> {
    let options = nodes.first().map(|node| node.options).unwrap_or_default();
    let is_shared = options.blockhash.is_some();
    let mut draft = Draft {
        limit: (!is_shared).then_some(budget::MAX_UNITS),
        used: None,
        // Any price, so that the simulated transaction has the instructions of the one that is sent.
        price: match options.price {
            Price::Fixed(price) => price,
            Price::Recent { .. } => u64::from(!is_shared),
        },
        is_checked_there: !options.is_simulated,
    };
    let all = draft.complete(instructions);
    require_fits(payer, &all)?;
    let price = async {
        match options.price {
            Price::Recent { .. } if is_shared => 0,
            _ => price(nodes, payer, instructions).await,
        }
    };
    if options.is_simulated {
        let (price, simulated) = join(price, simulate_on_any(nodes, payer, &all)).await;
        draft.used = simulated?.units;
        if let Some(used) = draft.used.filter(|_| !is_shared) {
            draft.limit = Some(budget::limit(used));
        }
        draft.price = price;
    } else {
        draft.price = price.await;
    }
    Ok(draft)
}

fn require_fits(payer: &Pubkey, instructions: &[Instruction]) -> Result<(), ChainError> {
    let message = Message::new(instructions, Some(payer));
    let signatures = usize::from(message.header.num_required_signatures);
    let bytes = 1 + 64 * signatures + message.serialize().len();
    if bytes <= MAX_TRANSACTION {
        return Ok(());
    }
    Err(ChainError::Refused {
        reason: format!(
            "TransactionTooLarge: {bytes} bytes with its compute budget, but the network carries {MAX_TRANSACTION}; \
             use fewer instructions, accounts or signers"
        ),
        logs: String::new(),
    })
}

/// Simulates on all nodes at once. One node that says that it works is enough to send: a node that lies about it costs
/// a fee, and one that says otherwise must not stop an emergency.
async fn simulate_on_any(
    nodes: &[Node],
    payer: &Pubkey,
    instructions: &[Instruction],
) -> Result<Simulated, ChainError> {
    let asked = nodes
        .iter()
        .map(|node| simulate_exactly(node, payer, instructions, &[]));
    let mut answers: FuturesUnordered<_> = asked.collect();
    let mut failed: Option<ChainError> = None;
    loop {
        let is_refused = failed.as_ref().is_some_and(|error| !error.is_transient());
        let answer = if is_refused {
            timeout(GRACE, answers.next()).await.unwrap_or_default()
        } else {
            answers.next().await
        };
        let error = match answer {
            Some(Ok(Simulated { error: Some(error), .. }) | Err(error)) => error,
            Some(Ok(works)) => return Ok(works),
            None => return Err(failed.unwrap_or_else(no_endpoint)),
        };
        // What a program says is more useful than that another node is down.
        if !is_refused {
            failed = Some(error);
        }
    }
}

fn no_endpoint() -> ChainError {
    ChainError::Unreachable {
        node: "the cluster".into(),
        reason: "no endpoint is given".into(),
    }
}

/// Simulates on one node, as if every signer had signed, with the compute units that sending could ask for.
pub(crate) async fn simulate(
    node: &Node,
    payer: &Pubkey,
    instructions: &[Instruction],
    accounts: &[Pubkey],
) -> Result<Simulated, ChainError> {
    let mut all = budget::instructions(Some(budget::MAX_UNITS), 0);
    all.extend_from_slice(instructions);
    simulate_exactly(node, payer, &all, accounts).await
}

async fn simulate_exactly(
    node: &Node,
    payer: &Pubkey,
    instructions: &[Instruction],
    accounts: &[Pubkey],
) -> Result<Simulated, ChainError> {
    let message = Message::new(instructions, Some(payer));
    let addresses = accounts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let config = RpcSimulateTransactionConfig {
        commitment: Some(node.options.commitment),
        replace_recent_blockhash: true,
        min_context_slot: node.read_config()["minContextSlot"].as_u64(),
        encoding: Some(UiTransactionEncoding::Base64),
        accounts: (!addresses.is_empty()).then_some(RpcSimulateTransactionAccountsConfig {
            encoding: Some(UiAccountEncoding::Base64),
            addresses,
        }),
        ..RpcSimulateTransactionConfig::default()
    };
    let request = SimulateTransaction;
    let params = json!([wire(&Transaction::new_unsigned(message)), config]);
    let answer = node
        .ask_raw::<Response<RpcSimulateTransactionResult>>(request, params)
        .await;
    let found = match answer {
        Ok(answer) => answer.value,
        Err(error) if failure::is_unknown_method(&error) => {
            return Err(ChainError::Refused {
                reason: format!(
                    "CannotSimulate: {node} does not simulate transactions; use another node, or add --skip-simulation"
                ),
                logs: String::new(),
            });
        }
        Err(error) => return Err(failure::of(node.endpoint(), request, error)),
    };
    let logs: Vec<_> = found.logs.unwrap_or_default();
    let error = found.err.map(|error| failure::as_value(&error));
    Ok(Simulated {
        error: error.map(|error| failure::simulation(node.endpoint(), payer, &error, &logs)),
        logs: logs.iter().map(|line| node.endpoint().said(line)).collect(),
        units: found.units_consumed,
        accounts: node::after(&found.accounts.unwrap_or_default()),
    })
}

/// The price to offer per compute unit, from the recent fees for the writable accounts. Zero if no node reports fees.
async fn price(nodes: &[Node], payer: &Pubkey, instructions: &[Instruction]) -> u64 {
    let Some(first) = nodes.first() else { return 0 };
    let price = first.options.price;
    if let Price::Fixed(price) = price {
        return price;
    }
    let mut written = vec![*payer];
    for meta in instructions.iter().flat_map(|each| &each.accounts) {
        if meta.is_writable && !written.contains(&meta.pubkey) && written.len() < MAX_ACCOUNTS {
            written.push(meta.pubkey);
        }
    }
    let written: Vec<_> = written.iter().map(ToString::to_string).collect();
    let params = json!([written]);
    let asked = nodes
        .iter()
        .map(|node| Box::pin(node.ask::<Vec<RpcPrioritizationFee>>(GetRecentPrioritizationFees, params.clone())));
    match select_ok(asked).await {
        Ok((fees, _)) => price.of(fees.iter().map(|each| each.prioritization_fee).collect()),
        Err(_) => 0,
    }
}

/// A blockhash from the first node that answers, and that node's place. The node that gave the one before is not asked
/// if there are others: its blockhash did not work.
async fn blockhash(nodes: &[Node], before: Option<usize>) -> Result<(Blockhash, usize), ChainError> {
    let others = nodes.iter().enumerate();
    let others = others.filter(|(place, _)| nodes.len() == 1 || Some(*place) != before);
    let asked: Vec<_> = others
        .map(|(place, node)| Box::pin(blockhash_of(node, place)))
        .collect();
    if asked.is_empty() {
        return Err(no_endpoint());
    }
    select_ok(asked).await.map(|(found, _)| found)
}

async fn blockhash_of(node: &Node, place: usize) -> Result<(Blockhash, usize), ChainError> {
    let config = json!([{ "commitment": CommitmentLevel::Confirmed }]);
    let found = node
        .ask::<Response<RpcBlockhash>>(GetLatestBlockhash, config)
        .await?
        .value;
    let hash = found.blockhash.parse();
    let hash = hash.map_err(|_| failure::unreadable(node.endpoint(), GetLatestBlockhash, "no blockhash".into()))?;
    let last_height = Some(found.last_valid_block_height);
    Ok((Blockhash { hash, last_height }, place))
}

/// Broadcasts once through every node. One that takes it is enough. Nodes do not retry by themselves.
pub(crate) async fn broadcast(nodes: &[Node], transaction: &Transaction, is_checked: bool) -> Result<(), ChainError> {
    let config = RpcSendTransactionConfig {
        skip_preflight: !is_checked,
        preflight_commitment: Some(CommitmentLevel::Confirmed),
        encoding: Some(UiTransactionEncoding::Base64),
        max_retries: Some(0),
        ..RpcSendTransactionConfig::default()
    };
    let params = json!([wire(transaction), config]);
    let asked = nodes
        .iter()
        .map(|node| node.ask::<String>(SendTransaction, params.clone()));
    let mut answers: FuturesUnordered<_> = asked.collect();
    let mut failed = None;
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(_) => return Ok(()),
            // An earlier broadcast has landed.
            Err(ChainError::Refused { reason, .. }) if reason.contains("already been processed") => return Ok(()),
            Err(error) => {
                failed.get_or_insert(error);
            }
        }
    }
    Err(failed.unwrap_or_else(no_endpoint))
}

fn wire(transaction: &Transaction) -> String {
    let mut bytes = Vec::with_capacity(MAX_TRANSACTION);
    // A transaction has fewer than 128 signatures, so their number is one byte.
    bytes.push(u8::try_from(transaction.signatures.len()).unwrap_or_default());
    for signature in &transaction.signatures {
        bytes.extend_from_slice(signature.as_ref());
    }
    bytes.extend_from_slice(&transaction.message.serialize());
    BASE64_STANDARD.encode(bytes)
}

fn lacks_blockhash(error: &ChainError) -> bool {
    matches!(error, ChainError::Refused { reason, .. }
        if reason.contains("lockhash not found") || reason.contains("BlockhashNotFound"))
}

//! Waits until a transaction has landed, and rebroadcasts it meanwhile.

use std::time::{Duration, Instant};

use bulkhead_client::chain::ChainError;
use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::{Value, json};
use solana_message::Hash;
use solana_rpc_client_api::{
    request::RpcRequest::{GetBlockHeight, GetSignatureStatuses, GetTransaction},
    response::Response,
};
use solana_signature::Signature;
use solana_transaction::Transaction;
use solana_transaction_status_client_types::TransactionStatus;
use tokio::{
    sync::mpsc::{self, Sender},
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{failure, node::Node, send::broadcast};

/// Messages of the nodes that wait to be read.
const QUEUE: usize = 64;

/// A blockhash, and the last block height at which a transaction with it can land, if it is known.
pub(crate) struct Blockhash {
    pub(crate) hash: Hash,
    pub(crate) last_height: Option<u64>,
}

/// How a round ended without an error.
pub(crate) enum Round {
    /// In this slot.
    Landed(u64),
    Expired,
}

/// Where a transaction stands, as one node sees it.
enum Standing {
    Absent,
    /// In a block, without the commitment that is asked for.
    Pending,
    Landed(u64),
    Failed(ChainError),
    /// The node refuses to say.
    Refused(ChainError),
}

/// What one node reports.
enum News {
    Standing(Standing),
    /// Whether the chain has passed the last height of the blockhash. `None` if the node does not say how high it is.
    HasPassed(Option<bool>),
    /// It was sent the transaction again.
    Sent,
}

/// What is known from one node.
#[derive(Default)]
struct Known {
    standing: Option<Standing>,
    has_passed: Option<bool>,
}

/// Waits until `quorum` nodes have seen the transaction land, or until it expires. Each node is polled, and sent the
/// transaction again, at its own speed: a slow one delays nobody else.
pub(crate) async fn wait(
    nodes: &[Node],
    quorum: usize,
    transaction: &Transaction,
    blockhash: &Blockhash,
) -> Result<Round, ChainError> {
    let Some(first) = nodes.first() else {
        return Ok(Round::Expired);
    };
    let (pace, quorum) = (first.pace, quorum.clamp(1, nodes.len()));
    let signature = transaction.signatures.first().copied().unwrap_or_default();
    let (sender, mut news) = mpsc::channel(QUEUE);
    // Dropping the set ends its tasks.
    let mut tasks = JoinSet::new();
    for (place, node) in nodes.iter().enumerate() {
        let (node, transaction, sender) = (node.clone(), transaction.clone(), sender.clone());
        tasks.spawn(follow(node, transaction, blockhash.last_height, place, sender));
    }
    let mut known: Vec<_> = nodes.iter().map(|_| Known::default()).collect();
    let begin = Instant::now();
    let (mut sent, mut reported_at) = (nodes.len(), begin);
    loop {
        if let Ok(Some((place, found))) = timeout(pace.poll, news.recv()).await {
            match (found, known.get_mut(place)) {
                (News::Standing(standing), Some(known)) => known.standing = Some(standing),
                (News::HasPassed(has_passed), Some(known)) => known.has_passed = has_passed,
                (News::Sent, _) => sent += 1,
                _ => {}
            }
        }
        if let Some(slot) = decided(&known, quorum)? {
            return Ok(Round::Landed(slot));
        }
        if has_expired(&known, quorum, begin.elapsed(), pace.expiry) {
            // The transaction may have landed in the meantime.
            let known = look_back(nodes, &signature).await?;
            return Ok(decided(&known, quorum)?.map_or(Round::Expired, Round::Landed));
        }
        if reported_at.elapsed() >= pace.report {
            let seconds = begin.elapsed().as_secs();
            let note = format!("waiting for {signature}: {seconds} s, sent {sent} times");
            first.report.note(&note);
            reported_at = Instant::now();
        }
    }
}

/// Polls one node until nobody listens, and sends it the transaction again until the blockhash is too old.
async fn follow(
    node: Node,
    transaction: Transaction,
    last_height: Option<u64>,
    place: usize,
    news: Sender<(usize, News)>,
) {
    let signature = transaction.signatures.first().copied().unwrap_or_default();
    let mut sent_at = Instant::now();
    loop {
        let mut found = Vec::new();
        // A single missing answer does not matter; the next poll is soon.
        if let Ok(standing) = standing(&node, &signature, false).await {
            found.push(News::Standing(standing));
        }
        let is_absent = !matches!(
            found.first(),
            Some(News::Standing(Standing::Landed(_) | Standing::Failed(_)))
        );
        if is_absent && sent_at.elapsed() >= node.pace.rebroadcast {
            let has_passed = match last_height {
                Some(last_height) => height(&node).await.map(|height| height > last_height),
                None => None,
            };
            found.push(News::HasPassed(has_passed));
            if has_passed != Some(true) {
                // A failed rebroadcast does not matter: an earlier one succeeded.
                let _ = broadcast(std::slice::from_ref(&node), &transaction, false).await;
                found.push(News::Sent);
            }
            sent_at = Instant::now();
        }
        for each in found {
            if news.send((place, each)).await.is_err() {
                return;
            }
        }
        sleep(node.pace.poll).await;
    }
}

/// The slot in which it landed, once enough nodes say so. An error once enough nodes say that it failed, or once all
/// refuse to say.
fn decided(known: &[Known], quorum: usize) -> Result<Option<u64>, ChainError> {
    let standings = || known.iter().filter_map(|each| each.standing.as_ref());
    let landed = standings().filter_map(|standing| match standing {
        Standing::Landed(slot) => Some(*slot),
        _ => None,
    });
    let landed: Vec<_> = landed.collect();
    if landed.len() >= quorum {
        return Ok(landed.into_iter().max());
    }
    let failed = standings().filter_map(|standing| match standing {
        Standing::Failed(error) => Some(error),
        _ => None,
    });
    let failed: Vec<_> = failed.collect();
    let refused = standings().filter_map(|standing| match standing {
        Standing::Refused(error) => Some(error),
        _ => None,
    });
    let refused: Vec<_> = refused.collect();
    match (failed.first(), refused.first()) {
        (Some(error), _) if failed.len() >= quorum => Err((*error).clone()),
        (_, Some(error)) if refused.len() == known.len() => Err((*error).clone()),
        _ => Ok(None),
    }
}

/// Whether the cluster has passed the blockhash: most of the nodes that say how high it is say so, or one does long after
/// others stopped. In a block, the transaction may still reach the commitment, whatever its blockhash.
fn has_expired(known: &[Known], quorum: usize, waited: Duration, expiry: Duration) -> bool {
    let is_in_a_block = |each: &&Known| matches!(each.standing, Some(Standing::Pending | Standing::Landed(_)));
    if known.iter().filter(is_in_a_block).count() >= quorum {
        return false;
    }
    let says: Vec<_> = known.iter().filter_map(|each| each.has_passed).collect();
    let passed = says.iter().filter(|has_passed| **has_passed).count();
    match says.len() {
        0 => waited >= expiry,
        count => passed * 2 > count || (passed > 0 && waited >= expiry * 2),
    }
}

/// What the nodes know of old transactions. An error if none of them answers.
async fn look_back(nodes: &[Node], signature: &Signature) -> Result<Vec<Known>, ChainError> {
    let asked = nodes.iter().map(|node| async move {
        timeout(node.pace.expiry, standing(node, signature, true))
            .await
            .unwrap_or_else(|_| {
                Err(ChainError::Unreachable {
                    node: node.to_string(),
                    reason: "no answer in time".into(),
                })
            })
    });
    let mut known = Vec::new();
    let mut failed = None;
    for answer in join_all(asked).await {
        match answer {
            Ok(standing) => known.push(Known {
                standing: Some(standing),
                has_passed: None,
            }),
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        Some(error) if known.is_empty() => Err(error),
        _ => Ok(known),
    }
}

async fn height(node: &Node) -> Option<u64> {
    let config = json!([{ "commitment": node.options.commitment.commitment }]);
    node.ask(GetBlockHeight, config).await.ok()
}

/// Where the transaction stands. An error only if the node does not answer.
async fn standing(node: &Node, signature: &Signature, in_history: bool) -> Result<Standing, ChainError> {
    let signatures = [signature.to_string()];
    let params = if in_history {
        json!([signatures, { "searchTransactionHistory": true }])
    } else {
        json!([signatures])
    };
    let answer = node
        .ask::<Response<Vec<Option<TransactionStatus>>>>(GetSignatureStatuses, params)
        .await;
    let found = match answer {
        Err(error) if !error.is_transient() => return Ok(Standing::Refused(error)),
        other => other?,
    };
    let Some(status) = found.value.into_iter().next().flatten() else {
        return Ok(Standing::Absent);
    };
    if let Some(error) = &status.err {
        return Ok(Standing::Failed(
            failed(node, signature, &failure::as_value(error)).await,
        ));
    }
    if status.satisfies_commitment(node.options.commitment) {
        return Ok(Standing::Landed(status.slot));
    }
    Ok(Standing::Pending)
}

/// The part of `getTransaction` that is used.
#[derive(Default, Deserialize)]
struct Landed {
    #[serde(default)]
    meta: Meta,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Meta {
    #[serde(default)]
    log_messages: Option<Vec<String>>,
}

/// The error of a transaction that landed and failed, with its logs if the node has them.
async fn failed(node: &Node, signature: &Signature, error: &Value) -> ChainError {
    let config = json!({ "encoding": "base64", "commitment": "confirmed", "maxSupportedTransactionVersion": 0 });
    let answer = node
        .ask::<Option<Landed>>(GetTransaction, json!([signature.to_string(), config]))
        .await;
    let logs = answer.ok().flatten().and_then(|landed| landed.meta.log_messages);
    let what = format!("TransactionFailed: {signature}");
    let mut logs = logs.unwrap_or_default();
    logs.push(format!("{signature} landed and failed"));
    failure::transaction(node.endpoint(), &what, error, &logs)
}

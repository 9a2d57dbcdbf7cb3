//! Names what failed. A node's URL may contain an API key, so errors name only its host. Text from the node is passed on
//! without terminal control characters.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::chain::ChainError;
use bulkhead_snapshot::rpc::Endpoint;
use serde::Serialize;
use serde_json::Value;
use solana_rpc_client_api::{
    client_error::{Error, ErrorKind},
    request::{RpcError, RpcRequest, RpcResponseErrorData},
};

/// The JSON-RPC error code for an unknown method.
const UNKNOWN_METHOD: i64 = -32601;
/// Number of log lines that are passed on.
const LINES: usize = 8;

/// A client's error, without the text that the client adds.
pub(crate) fn of(endpoint: &Endpoint, request: RpcRequest, error: Error) -> ChainError {
    match *error.kind {
        ErrorKind::RpcError(RpcError::RpcResponseError { message, data, .. }) => match data {
            RpcResponseErrorData::SendTransactionPreflightFailure(simulated) => {
                let logs = simulated.logs.unwrap_or_default();
                let error = simulated.err.map(|error| as_value(&error)).unwrap_or_default();
                transaction(endpoint, &message, &error, &logs)
            }
            _ => ChainError::Refused {
                reason: format!("{request}: {message}"),
                logs: String::new(),
            },
        },
        ErrorKind::Io(error) => ChainError::Unreachable {
            node: endpoint.host(),
            reason: error.to_string(),
        },
        ErrorKind::RpcError(RpcError::ParseError(reason)) => unreadable(endpoint, request, reason),
        other => unreadable(endpoint, request, endpoint.said(&other.to_string())),
    }
}

/// Whether the node does not know the method.
pub(crate) fn is_unknown_method(error: &Error) -> bool {
    matches!(
        &*error.kind,
        ErrorKind::RpcError(RpcError::RpcResponseError {
            code: UNKNOWN_METHOD,
            ..
        })
    )
}

/// A response that is not what the method promises.
pub(crate) fn unreadable(endpoint: &Endpoint, request: RpcRequest, reason: String) -> ChainError {
    ChainError::Unreadable {
        node: endpoint.host(),
        method: request.to_string(),
        reason,
    }
}

/// A transaction's error, named by the program if a program refused. `what` says when it failed.
pub(crate) fn transaction(endpoint: &Endpoint, what: &str, error: &Value, logs: &[String]) -> ChainError {
    let logs: Vec<_> = logs.iter().map(|line| endpoint.said(line)).collect();
    let code = error["InstructionError"][1]["Custom"].as_u64();
    if let Some(code) = code.and_then(|code| u32::try_from(code).ok()) {
        return ChainError::program(code, &logs);
    }
    let last = logs.get(logs.len().saturating_sub(LINES)..).unwrap_or_default();
    ChainError::Refused {
        reason: endpoint.said(&format!("{what}: {error}")),
        logs: last.iter().map(|line| format!("\n{line}")).collect(),
    }
}

/// A simulation's error. Says what to do when the payer has nothing to pay with.
pub(crate) fn simulation(endpoint: &Endpoint, payer: &Pubkey, error: &Value, logs: &[String]) -> ChainError {
    match error.as_str() {
        Some("AccountNotFound" | "InsufficientFundsForFee") => ChainError::Refused {
            reason: format!(
                "PayerUnfunded: {payer} cannot pay the fee on {}; send it SOL, or give another payer with --fee-payer",
                endpoint.host()
            ),
            logs: String::new(),
        },
        _ => transaction(endpoint, "the transaction would fail, so it was not sent", error, logs),
    }
}

/// The error in the JSON form that nodes use.
pub(crate) fn as_value(error: &impl Serialize) -> Value {
    serde_json::to_value(error).unwrap_or_default()
}

//! The standard client over our own transport. The client's own transport reads responses of any length and prints URLs
//! in its errors.

use std::{io, sync::Arc};

use async_trait::async_trait;
use bulkhead_snapshot::rpc::{Endpoint, Failure};
use serde::de::DeserializeOwned;
use serde_json::Value;
use solana_rpc_client::rpc_sender::{RpcSender, RpcTransportStats};
use solana_rpc_client_api::{
    client_error::{Error, ErrorKind, Result},
    custom_error::JSON_RPC_SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE as PREFLIGHT_FAILURE,
    request::{RpcError, RpcRequest, RpcResponseErrorData},
};

/// Maximum size of a response in bytes: a hundred accounts, of which a few have ten megabytes.
const LONGEST: u64 = 128 << 20;

pub(crate) struct Transport(pub(crate) Arc<Endpoint>);

#[async_trait]
impl RpcSender for Transport {
    async fn send(&self, request: RpcRequest, params: Value) -> Result<Value> {
        ask(&self.0, request, params, LONGEST).await
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    /// Only the host: the rest of the URL may contain a key.
    fn url(&self) -> String {
        self.0.host()
    }
}

/// One request. It runs on a thread that may block, and reads at most `longest` bytes.
pub(crate) async fn ask<T: DeserializeOwned + Send + 'static>(
    endpoint: &Arc<Endpoint>,
    request: RpcRequest,
    params: Value,
    longest: u64,
) -> Result<T> {
    let endpoint = Arc::clone(endpoint);
    let asked = move || endpoint.ask(&request.to_string(), &params, longest);
    match tokio::task::spawn_blocking(asked).await {
        Ok(Ok((found, _))) => Ok(found),
        Ok(Err(failure)) => Err(failed(failure)),
        // The runtime is shutting down.
        Err(_) => Err(ErrorKind::Io(io::Error::other("the request was cancelled")).into()),
    }
}

fn failed(failure: Failure) -> Error {
    match failure {
        Failure::Unreachable(reason) => ErrorKind::Io(io::Error::other(reason)).into(),
        Failure::Unreadable(reason) => RpcError::ParseError(reason).into(),
        Failure::Refused { code, message, data } => {
            let data = match serde_json::from_value(data) {
                Ok(simulated) if code == PREFLIGHT_FAILURE => {
                    RpcResponseErrorData::SendTransactionPreflightFailure(simulated)
                }
                _ => RpcResponseErrorData::Empty,
            };
            RpcError::RpcResponseError { code, message, data }.into()
        }
    }
}

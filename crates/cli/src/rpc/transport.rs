//! The standard client over our own transport. The client's own transport reads responses of any length and prints URLs
//! in its errors.

use async_trait::async_trait;
use bulkhead_snapshot::rpc::{Endpoint, Failure};
use serde_json::Value;
use solana_rpc_client::rpc_sender::{RpcSender, RpcTransportStats};
use solana_rpc_client_api::{
    client_error::{ErrorKind, Result},
    custom_error::JSON_RPC_SERVER_ERROR_SEND_TRANSACTION_PREFLIGHT_FAILURE as PREFLIGHT_FAILURE,
    request::{RpcError, RpcRequest, RpcResponseErrorData},
};
use std::{io, sync::Arc};

/// Maximum size of a response in bytes: the largest account in base64, plus the surrounding JSON.
const LONGEST: u64 = 16 << 20;

pub(super) struct Transport(pub(super) Arc<Endpoint>);

#[async_trait]
impl RpcSender for Transport {
    /// Blocks, because the caller has nothing else to do.
    async fn send(&self, request: RpcRequest, params: Value) -> Result<Value> {
        let answer = self.0.ask(&request.to_string(), &params, LONGEST);
        let failure = match answer {
            Ok((result, _)) => return Ok(result),
            Err(failure) => failure,
        };
        Err(match failure {
            Failure::Unreachable(reason) => ErrorKind::Io(io::Error::other(reason)),
            Failure::Unreadable(reason) => RpcError::ParseError(reason).into(),
            Failure::Refused { code, message, data } => RpcError::RpcResponseError {
                code,
                message,
                data: match serde_json::from_value(data) {
                    Ok(simulated) if code == PREFLIGHT_FAILURE => {
                        RpcResponseErrorData::SendTransactionPreflightFailure(simulated)
                    }
                    _ => RpcResponseErrorData::Empty,
                },
            }
            .into(),
        }
        .into())
    }

    fn get_transport_stats(&self) -> RpcTransportStats {
        RpcTransportStats::default()
    }

    /// Only the host: the rest of the URL may contain a key.
    fn url(&self) -> String {
        self.0.host()
    }
}

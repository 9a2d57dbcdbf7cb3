//! JSON-RPC over HTTP to a node that may be busy, broken or hostile. Requests are repeated while that may help, and
//! responses have a length limit. No message contains the node's address, because the address may contain an API key.

use std::{thread, time::Duration};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::text::harmless;

/// Maximum number of characters of a node's message that are passed on.
const SAID: usize = 300;
/// Maximum number of bytes of a refusal that are read.
const LONGEST_REFUSAL: u64 = 64 << 10;

/// How often a request is made, and how long it may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Maximum time for one response.
    pub timeout: Duration,
    /// Maximum number of attempts.
    pub attempts: u32,
    /// Wait before the second attempt. It doubles with every attempt.
    pub pause: Duration,
}

/// A node to send requests to.
pub struct Endpoint {
    url: String,
    agent: ureq::Agent,
    patience: Patience,
}

/// Why there is no response. Text from the node is safe to print on a terminal.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Failure {
    /// No response, or an HTTP response without a result.
    #[error("{0}")]
    Unreachable(String),
    /// The response is not valid.
    #[error("{0}")]
    Unreadable(String),
    /// The node refused.
    #[error("{message}")]
    Refused {
        /// JSON-RPC error code.
        code: i64,
        /// The node's message.
        message: String,
        /// Additional error data, unchanged.
        data: Value,
    },
}

/// A failed attempt, and whether a further attempt is pointless.
struct Attempt {
    failure: Failure,
    may_pass: bool,
}

impl Attempt {
    const fn last(failure: Failure) -> Self {
        Self {
            failure,
            may_pass: false,
        }
    }
}

#[derive(Deserialize)]
struct Answer<T> {
    result: Option<T>,
    error: Option<Value>,
}

/// A node's name, without the parts of its address that may contain a key: path, query, and everything before an `@`.
#[must_use]
pub fn host_of(url: &str) -> String {
    let after = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = after.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    // User name and password come before the last `@`.
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.is_empty() {
        return "the node".into();
    }
    harmless(host, 80)
}

impl Endpoint {
    /// A node at an address such as `https://…`. Does not send anything yet.
    #[must_use]
    pub fn new(url: &str, patience: Patience) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(patience.timeout))
            .http_status_as_error(false)
            .build();
        Self {
            url: url.to_owned(),
            agent: config.into(),
            patience,
        }
    }

    /// Its name, which is safe to print.
    #[must_use]
    pub fn host(&self) -> String {
        host_of(&self.url)
    }

    /// Text from elsewhere, without this node's address and safe to print on a terminal.
    #[must_use]
    pub fn said(&self, text: &str) -> String {
        harmless(&text.replace(&self.url, "the node"), SAID)
    }

    /// Sends requests until there is a response of at most `longest` bytes. Returns its result and all its bytes.
    ///
    /// # Errors
    /// [`Failure`]
    pub fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        params: &Value,
        longest: u64,
    ) -> Result<(T, Vec<u8>), Failure> {
        let question = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string();
        let mut pause = self.patience.pause;
        for attempt in 1.. {
            match self.once(&question, longest) {
                Ok(found) => return Ok(found),
                Err(failed) if failed.may_pass && attempt < self.patience.attempts => {
                    thread::sleep(pause);
                    pause = pause.saturating_mul(2);
                }
                Err(failed) => return Err(failed.failure),
            }
        }
        unreachable!("the last attempt returns")
    }

    fn once<T: DeserializeOwned>(&self, question: &str, longest: u64) -> Result<(T, Vec<u8>), Attempt> {
        let failed = |error: ureq::Error| match error {
            // Without the error's own text, which may contain the address and therefore a key.
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
                Attempt::last(Failure::Unreachable("its address is not a URL".into()))
            }
            ureq::Error::BodyExceedsLimit(longest) => Attempt::last(Failure::Unreadable(format!(
                "the answer is longer than {longest} bytes"
            ))),
            // Broken connections and busy nodes are temporary.
            other => Attempt {
                failure: Failure::Unreachable(self.said(&other.to_string())),
                may_pass: true,
            },
        };
        let mut response = self
            .agent
            .post(&self.url)
            .header("content-type", "application/json")
            .send(question)
            .map_err(failed)?;
        let status = response.status();
        let longest = if status.is_success() { longest } else { LONGEST_REFUSAL };
        let body = response.body_mut().with_config().limit(longest).read_to_vec();
        if !status.is_success() {
            let said = String::from_utf8_lossy(body.as_deref().unwrap_or_default()).into_owned();
            let said = harmless(&said.trim().replace(&self.url, "the node"), 80);
            return Err(Attempt {
                failure: Failure::Unreachable(format!("HTTP status {status} {said}").trim_end().to_owned()),
                may_pass: status.is_server_error() || matches!(status.as_u16(), 408 | 429),
            });
        }
        let body = body.map_err(failed)?;
        let answer: Answer<T> = serde_json::from_slice(&body)
            .map_err(|error| Attempt::last(Failure::Unreadable(self.said(&error.to_string()))))?;
        if let Some(mut error) = answer.error {
            let code = error["code"].as_i64().unwrap_or_default();
            let message = error["message"]
                .as_str()
                .map_or_else(|| error.to_string(), str::to_owned);
            return Err(Attempt {
                failure: Failure::Refused {
                    code,
                    message: self.said(&message),
                    data: error.get_mut("data").map(Value::take).unwrap_or_default(),
                },
                // The node is behind, unhealthy, does not have the slot yet, or limits the rate.
                may_pass: matches!(code, -32004 | -32005 | -32014 | -32016 | -32429 | 429),
            });
        }
        match answer.result {
            Some(found) => Ok((found, body)),
            None => Err(Attempt::last(Failure::Unreadable("neither result nor error".into()))),
        }
    }
}

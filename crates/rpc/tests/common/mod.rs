//! A scripted node, so that what it does can be chosen.
// Each test uses its part of this.
#![allow(dead_code)]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bulkhead_rpc::Pace;
use serde_json::{Value, json};
use solana_signature::Signature;

pub type Asked = Arc<Mutex<Vec<Value>>>;

/// A node that answers with `respond`, given a method, how often it was called before, and the parameters.
pub fn node(respond: impl Fn(&str, usize, &Value) -> Result<Value, Value> + Send + 'static) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "http://user:secret@{}/key-in-path?api-key=hidden",
        listener.local_addr().unwrap()
    );
    let asked = Asked::default();
    let log = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.unwrap());
            let (mut line, mut length) = (String::new(), 0);
            while reader.read_line(&mut line).unwrap() > 2 {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let question: Value = serde_json::from_slice(&body).unwrap();
            let method = question["method"].as_str().unwrap();
            let before = log
                .lock()
                .unwrap()
                .iter()
                .filter(|each| each["method"] == method)
                .count();
            let answer = match respond(method, before, &question["params"]) {
                Ok(result) => json!({ "jsonrpc": "2.0", "id": 1, "result": result }),
                Err(error) => json!({ "jsonrpc": "2.0", "id": 1, "error": error }),
            };
            log.lock().unwrap().push(question.clone());
            let answer = answer.to_string();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                answer.len()
            );
            let _ = reader.into_inner().write_all((head + &answer).as_bytes());
        }
    });
    (url, asked)
}

/// A node in good order; `special` answers first.
pub fn usual(
    special: impl Fn(&str, usize, &Value) -> Option<Result<Value, Value>> + Send + 'static,
) -> (String, Asked) {
    node(move |method, before, params| {
        if let Some(answer) = special(method, before, params) {
            return answer;
        }
        match method {
            "getLatestBlockhash" => {
                let hash = anchor_lang::prelude::Pubkey::new_from_array([u8::try_from(before + 1).unwrap(); 32]);
                Ok(in_context(
                    json!({ "blockhash": hash.to_string(), "lastValidBlockHeight": 100 }),
                ))
            }
            "simulateTransaction" => Ok(in_context(json!({ "err": null, "logs": [], "unitsConsumed": 10_000 }))),
            "getRecentPrioritizationFees" => Ok(json!([])),
            "sendTransaction" => {
                let wire = BASE64_STANDARD.decode(params[0].as_str().unwrap()).unwrap();
                let signature: [u8; 64] = wire[1..65].try_into().unwrap();
                Ok(json!(Signature::from(signature).to_string()))
            }
            "getBlockHeight" => Ok(json!(50)),
            "getSignatureStatuses" => Ok(status(Value::Null)),
            other => Err(json!({ "code": -32601, "message": format!("{other} is not known") })),
        }
    })
}

pub fn in_context(value: Value) -> Value {
    json!({ "context": { "slot": 1 }, "value": value })
}

/// Of a transaction that has landed, with or without an error.
pub fn status(error: Value) -> Value {
    let result = if error.is_null() {
        json!({ "Ok": null })
    } else {
        json!({ "Err": error })
    };
    in_context(json!([{
        "slot": 1, "confirmations": 1, "status": result, "err": error, "confirmationStatus": "confirmed",
    }]))
}

pub fn quick() -> Pace {
    Pace {
        poll: Duration::from_millis(2),
        rebroadcast: Duration::from_millis(5),
        report: Duration::from_secs(60),
        expiry: Duration::from_millis(60),
        rounds: 3,
    }
}

pub fn count(asked: &Asked, method: &str) -> usize {
    asked
        .lock()
        .unwrap()
        .iter()
        .filter(|each| each["method"] == method)
        .count()
}

/// The transactions that the node was sent.
pub fn sent(asked: &Asked) -> Vec<Vec<u8>> {
    let asked = asked.lock().unwrap();
    let sent = asked.iter().filter(|each| each["method"] == "sendTransaction");
    sent.map(|each| BASE64_STANDARD.decode(each["params"][0].as_str().unwrap()).unwrap())
        .collect()
}

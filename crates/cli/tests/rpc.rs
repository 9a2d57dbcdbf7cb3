//! Sending to a cluster that is busy: a scripted node, so that what it does can be chosen.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bulkhead_cli::rpc::{Pace, Rpc, RpcError};
use serde_json::{Value, json};
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_signature::Signature;
use solana_signer::Signer;

type Asked = Arc<Mutex<Vec<Value>>>;

/// A node that answers with `respond`, given a method, how often it was called before, and the parameters.
fn node(respond: impl Fn(&str, usize, &Value) -> Result<Value, Value> + Send + 'static) -> (String, Asked) {
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
fn usual(special: impl Fn(&str, usize, &Value) -> Option<Result<Value, Value>> + Send + 'static) -> (String, Asked) {
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

fn in_context(value: Value) -> Value {
    json!({ "context": { "slot": 1 }, "value": value })
}

/// Of a transaction that has landed, with or without an error.
fn status(error: Value) -> Value {
    let result = if error.is_null() {
        json!({ "Ok": null })
    } else {
        json!({ "Err": error })
    };
    in_context(json!([{
        "slot": 1, "confirmations": 1, "status": result, "err": error, "confirmationStatus": "confirmed",
    }]))
}

fn quick() -> Pace {
    Pace {
        poll: Duration::from_millis(2),
        rebroadcast: Duration::from_millis(5),
        report: Duration::from_secs(60),
        expiry: Duration::from_millis(60),
        rounds: 3,
    }
}

fn send(url: &str) -> Result<String, RpcError> {
    let payer = Keypair::new_from_array([7; 32]);
    let instruction = Instruction {
        program_id: bulkhead_interface::ID,
        accounts: vec![AccountMeta::new(payer.pubkey(), true)],
        data: vec![1, 2, 3],
    };
    Rpc::new(url).at_pace(quick()).send(&[instruction], &payer, &[])
}

fn count(asked: &Asked, method: &str) -> usize {
    asked
        .lock()
        .unwrap()
        .iter()
        .filter(|each| each["method"] == method)
        .count()
}

fn sent(asked: &Asked) -> Vec<Vec<u8>> {
    let asked = asked.lock().unwrap();
    let sent = asked.iter().filter(|each| each["method"] == "sendTransaction");
    sent.map(|each| BASE64_STANDARD.decode(each["params"][0].as_str().unwrap()).unwrap())
        .collect()
}

/// Dropped by the first leaders: it is sent again until it lands, and it is the same transaction each time.
#[test]
fn what_is_dropped_is_sent_again() {
    let broadcasts = Arc::new(AtomicUsize::new(0));
    let theirs = Arc::clone(&broadcasts);
    let (url, asked) = usual(move |method, before, _| match method {
        "sendTransaction" => {
            theirs.store(before + 1, Ordering::Relaxed);
            None
        }
        "getSignatureStatuses" if theirs.load(Ordering::Relaxed) < 4 => Some(Ok(in_context(json!([null])))),
        _ => None,
    });
    send(&url).unwrap();
    let wires = sent(&asked);
    assert!(
        wires.len() >= 4 && wires.windows(2).all(|pair| pair[0] == pair[1]),
        "{}",
        wires.len()
    );
    assert_eq!(count(&asked, "getLatestBlockhash"), 2, "one to try it, one to send it");
}

/// A blockhash that is too old is replaced, and only then is the transaction another one.
#[test]
fn what_has_expired_is_signed_anew() {
    let (url, asked) = usual(|method, _, _| match method {
        "getBlockHeight" => Some(Ok(json!(101))),
        "getSignatureStatuses" => Some(Ok(in_context(json!([null])))),
        _ => None,
    });
    let error = send(&url).unwrap_err();
    assert!(matches!(error, RpcError::Expired { rounds: 2, .. }), "{error}");
    let wires = sent(&asked);
    assert!(wires.len() >= 3 && wires[0] != wires[wires.len() - 1]);
    // A node that does not say how high the chain is: by the time it has been. It lands under the second one that it is sent
    // with, however long that takes.
    let blockhashes = Arc::new(AtomicUsize::new(0));
    let (url, asked) = usual(move |method, before, _| match method {
        "getLatestBlockhash" => {
            blockhashes.store(before + 1, Ordering::Relaxed);
            None
        }
        "getBlockHeight" => Some(Err(json!({ "code": -32601, "message": "not known" }))),
        "getSignatureStatuses" if blockhashes.load(Ordering::Relaxed) < 3 => Some(Ok(in_context(json!([null])))),
        _ => None,
    });
    send(&url).unwrap();
    let wires = sent(&asked);
    assert!(wires[0] != wires[wires.len() - 1], "signed anew");
    assert_eq!(count(&asked, "getLatestBlockhash"), 3, "one to try it, two to send it");
}

/// What would fail is not sent, and says why with its logs.
#[test]
fn what_would_fail_is_not_sent() {
    let (url, asked) = usual(|method, _, _| {
        (method == "simulateTransaction").then(|| {
            let logs = ["Program log: \u{1b}[2Jno", "Program log: custom program error: 0x1"];
            Ok(in_context(
                json!({ "err": { "InstructionError": [0, { "Custom": 1 }] }, "logs": logs }),
            ))
        })
    });
    let error = send(&url).unwrap_err().to_string();
    assert!(
        error.contains("was not sent") && error.contains("custom program error"),
        "{error}"
    );
    assert!(!error.contains('\u{1b}'), "{error}");
    assert_eq!(count(&asked, "sendTransaction"), 0);
    // It landed and failed: never signed anew.
    let (url, asked) = usual(|method, _, _| {
        (method == "getSignatureStatuses").then(|| Ok(status(json!({ "InstructionError": [0, { "Custom": 1 }] }))))
    });
    assert!(matches!(send(&url).unwrap_err(), RpcError::Failed { .. }));
    assert_eq!(count(&asked, "sendTransaction"), 1);
}

/// It offers what three quarters of the others stayed below, for as many units as it was seen to use.
#[test]
fn it_pays_what_others_pay() {
    let has_price = |wire: &[u8], price: u64| {
        let data = [&[3], &price.to_le_bytes()[..]].concat();
        wire.windows(data.len()).any(|window| window == data)
    };
    let limit = [&[2], &12_000u32.to_le_bytes()[..]].concat();
    let (url, asked) = usual(|method, _, params| {
        (method == "getRecentPrioritizationFees").then(|| {
            assert_eq!(params[0].as_array().unwrap().len(), 1);
            let fees: Vec<_> = (0..100)
                .map(|i| json!({ "slot": i, "prioritizationFee": i * 100 }))
                .collect();
            Ok(json!(fees))
        })
    });
    send(&url).unwrap();
    let wire = &sent(&asked)[0];
    assert!(has_price(wire, 7_400) && wire.windows(limit.len()).any(|window| window == limit));
    // Nobody pays, or the node does not say: nothing is offered, and nothing is set.
    for fees in [
        Ok(json!([{ "slot": 1, "prioritizationFee": 0 }])),
        Err(json!({ "code": -32601 })),
    ] {
        let (url, asked) = usual(move |method, _, _| (method == "getRecentPrioritizationFees").then(|| fees.clone()));
        send(&url).unwrap();
        assert!(!sent(&asked)[0].windows(limit.len()).any(|window| window == limit));
    }
}

/// Neither name, password, path nor query of a node's address, where keys stand, is told by any error.
#[test]
fn an_address_with_a_key_is_never_told() {
    let hides = |error: &dyn std::fmt::Display| {
        let told = error.to_string();
        for secret in ["secret", "key-in-path", "hidden", "api-key"] {
            assert!(!told.contains(secret), "{told}");
        }
        assert!(
            !told.contains(|letter: char| letter.is_control() && letter != '\n'),
            "{told:?}"
        );
    };
    let key = bulkhead_interface::ID;
    for address in [
        "http://user:secret@127.0.0.1:1/key-in-path?api-key=hidden",
        "http://user:secret@/key-in-path?api-key=hidden",
        "user:secret@127.0.0.1:1/key-in-path?api-key=hidden",
        "http://user:secret@127.0.0.1:port/key-in-path?api-key=hidden",
        "ht tp://user:secret@host/key-in-path?api-key=hidden",
    ] {
        hides(&Rpc::new(address).account(&key).unwrap_err());
        hides(&Rpc::new(address));
    }
    let said = "no \u{1b}[2J";
    let (url, _) = node(move |_, _, _| Err(json!({ "code": 1, "message": said })));
    hides(&Rpc::new(&url).account(&key).unwrap_err());
    let (url, _) = node(|_, _, _| Ok(json!(null)));
    hides(&Rpc::new(&url).rent(8).unwrap_err());
}

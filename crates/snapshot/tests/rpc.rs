//! Positions from a node: a tiny one in this process that answers from a list and writes down what it was asked.
#![cfg(feature = "rpc")]

mod common;

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bulkhead_interface::{Pubkey, layout::Ledger};
use bulkhead_snapshot::{
    Error, Position, Silent, Source, Tree, collect,
    rpc::{Node, NodeOptions, Pages, Total},
};
use common::*;
use serde_json::{Value, json};
use tempfile::tempdir;

type Asked = Arc<Mutex<Vec<Value>>>;

/// Answers each request with what `respond` makes of its number and its body: a status and a body.
fn node(respond: impl Fn(usize, &Value) -> (u16, String) + Send + 'static) -> (Node, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://user:secret@{}/key-in-path", listener.local_addr().unwrap());
    let asked = Asked::default();
    let log = Arc::clone(&asked);
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
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
            let (status, answer) = respond(number, &question);
            log.lock().unwrap().push(question);
            if status == 0 {
                continue; // hangs up
            }
            let head = format!(
                "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                answer.len()
            );
            stream.write_all((head + &answer).as_bytes()).unwrap();
        }
    });
    let options = NodeOptions {
        pause: Duration::from_millis(1),
        attempts: 3,
        ..NodeOptions::default()
    };
    (Node::new(&url, options), asked)
}

/// What a node makes of filters and slice.
fn program_accounts(all: &[Position], question: &Value, slot: u64) -> String {
    let config = &question["params"][1];
    let (offset, length) = (
        config["dataSlice"]["offset"].as_u64().unwrap() as usize,
        config["dataSlice"]["length"].as_u64().unwrap() as usize,
    );
    let passes = |data: &[u8]| {
        config["filters"]
            .as_array()
            .unwrap()
            .iter()
            .all(|filter| match filter["dataSize"].as_u64() {
                Some(size) => data.len() as u64 == size,
                None => {
                    let bytes = BASE64_STANDARD
                        .decode(filter["memcmp"]["bytes"].as_str().unwrap())
                        .unwrap();
                    let at = filter["memcmp"]["offset"].as_u64().unwrap() as usize;
                    data.get(at..at + bytes.len()) == Some(&bytes[..])
                }
            })
    };
    let accounts: Vec<_> = all
        .iter()
        .map(|position| (position.key, account_data(position)))
        .filter(|(_, data)| passes(data))
        .map(|(key, data)| {
            let mut account = account(&key, &ledger().program, &data[offset..offset + length]);
            account["account"]["space"] = data.len().into();
            account
        })
        .collect();
    json!({ "jsonrpc": "2.0", "id": 1, "result": { "context": { "slot": slot }, "value": accounts } }).to_string()
}

fn read(node: &Node, layout: &Ledger, pages: Pages) -> Result<(Vec<Position>, Option<u64>), Error> {
    let mut found = vec![];
    let source = node.read(layout, pages, &mut |_, _, position| {
        found.push(position);
        Ok(())
    })?;
    Ok((found, source.slot))
}

#[test]
fn one_answer_filtered_and_sliced_by_the_layout() {
    let all = positions(300);
    let theirs = all.clone();
    let (node, asked) = node(move |_, question| match question["method"].as_str().unwrap() {
        "getAccountInfo" => {
            let account = ledger_account(&ledger())["account"].clone();
            (
                200,
                json!({ "result": { "context": { "slot": 9 }, "value": account } }).to_string(),
            )
        }
        _ => (200, program_accounts(&theirs, question, 10)),
    });
    let (layout, slot) = node.ledger(&digest("ledger", 0)).unwrap();
    assert_eq!((bytemuck::bytes_of(&layout), slot), (bytemuck::bytes_of(&ledger()), 9));
    let dir = tempdir().unwrap();
    let out = dir.path().join("collected");
    let (source, total) = collect(&out, &Silent, |sink| node.read(&layout, Pages::One, sink)).unwrap();
    let tree = Tree::build(tag().tag, all).unwrap();
    assert_eq!((source.positions, source.slot, total), (300, Some(10), tree.root().sum));
    // Neither the password nor the path, where keys stand.
    assert!(
        source.name.starts_with("127.0.0.1:") && !source.name.contains(['/', '@']),
        "{}",
        source.name
    );
    let manifest = built(&[Source::at(&out).unwrap()], &dir.path().join("out")).unwrap();
    assert_eq!((manifest.roots.root, manifest.slot), (tree.root().hash, Some(10)));
    let question = &asked.lock().unwrap()[1];
    let config = &question["params"][1];
    assert_eq!(question["params"][0], ledger().program.to_string());
    // From the first filtered byte to the end of the amount.
    assert_eq!(config["dataSlice"], json!({ "offset": 0, "length": 68 }));
    assert_eq!(config["withContext"], true);
    assert_eq!(config["filters"][0], json!({ "dataSize": 96 }));
    assert_eq!(
        config["filters"][1]["memcmp"]["bytes"],
        BASE64_STANDARD.encode("position")
    );
}

#[test]
fn pages_are_of_one_slot_or_refused() {
    let all = positions(300);
    let theirs = all.clone();
    let (still, asked) = node(move |_, question| (200, program_accounts(&theirs, question, 10)));
    let (mut found, slot) = read(&still, &ledger(), Pages::ByOwner).unwrap();
    found.sort_unstable();
    let mut expected = all.clone();
    expected.sort_unstable();
    assert_eq!((found, slot, asked.lock().unwrap().len()), (expected, Some(10), 256));
    let (moving, _) = node(move |number, question| (200, program_accounts(&all, question, 10 + (number / 200) as u64)));
    let dir = tempdir().unwrap();
    let out = dir.path().join("collected");
    let error = collect(&out, &Silent, |sink| moving.read(&ledger(), Pages::ByOwner, sink)).unwrap_err();
    assert!(
        matches!(&error, Error::SlotsMixed { first_slot: 10, second_slot: 11, second, .. } if second == "page 200"),
        "{error}"
    );
    assert!(names(dir.path()).is_empty());
}

#[test]
fn what_passes_is_asked_again_and_what_does_not_is_not() {
    let busy = json!({ "error": { "code": -32005, "message": "Node is behind" } }).to_string();
    let refused = json!({ "error": { "code": -32602, "message": "Invalid params" } }).to_string();
    let good = positions(3);
    // Too many requests, hung up, then an answer.
    let theirs = good.clone();
    let (node_, asked) = node(move |number, question| match number {
        0 => (429, String::new()),
        1 => (0, String::new()),
        _ => (200, program_accounts(&theirs, question, 1)),
    });
    assert_eq!(read(&node_, &ledger(), Pages::One).unwrap().0, good);
    assert_eq!(asked.lock().unwrap().len(), 3);
    for (status, answer, times, reason) in [
        (200, busy, 3, "Node is behind"),
        (503, String::new(), 3, "503"),
        (200, refused, 1, "Invalid params"),
        (403, String::new(), 1, "403"),
        (200, "{}".into(), 1, "neither result nor error"),
        (200, "{\"result\":{\"context\"".into(), 1, "EOF"),
    ] {
        let (node, asked) = node(move |_, _| (status, answer.clone()));
        let error = read(&node, &ledger(), Pages::One).unwrap_err().to_string();
        assert!(
            error.starts_with("Rpc: getProgramAccounts: ") && error.contains(reason),
            "{error}"
        );
        assert!(!error.contains("key-in-path"), "{error}");
        assert_eq!(asked.lock().unwrap().len(), times, "{error}");
    }
}

/// A node that leaves filters out, or lies about lengths, adds no position.
#[test]
fn what_a_node_sends_is_checked_again() {
    let position = positions(2)[1];
    let answer =
        |accounts: Vec<Value>| json!({ "result": { "context": { "slot": 1 }, "value": accounts } }).to_string();
    let sent = |data: &[u8], program: &Pubkey, space: u64| {
        let mut account = account(&position.key, program, data);
        account["account"]["space"] = space.into();
        let body = answer(vec![account]);
        let (node, _) = node(move |_, _| (200, body.clone()));
        read(&node, &ledger(), Pages::One).map(|(found, _)| found)
    };
    let slice = account_data(&position)[..68].to_vec();
    let program = ledger().program;
    assert_eq!(sent(&slice, &program, 96).unwrap(), [position]);
    assert_eq!(sent(&slice, &program, 97).unwrap(), []);
    assert_eq!(sent(&slice, &digest("other", 0), 96).unwrap(), []);
    let mut unlike = slice.clone();
    unlike[3] ^= 1;
    assert_eq!(sent(&unlike, &program, 96).unwrap(), []);
    assert_eq!(sent(&[], &program, 96).unwrap(), []);
    assert!(matches!(sent(&slice, &program, 60), Err(Error::Rpc { .. })));
    assert!(matches!(sent(&slice, &program, u64::MAX), Err(Error::Rpc { .. })));
    let (node, _) = node(move |_, _| {
        (
            200,
            json!({ "result": { "context": { "slot": 1 }, "value": null } }).to_string(),
        )
    });
    assert!(matches!(node.ledger(&digest("ledger", 0)), Err(Error::Rpc { .. })));
}

/// A node that keeps `all`, whose ledger's total is `total`, before and after, and that answers with `sent`.
fn with_total(totals: [u64; 2], sent: Vec<Position>) -> Node {
    let (node, _) = node(move |number, question| match question["method"].as_str().unwrap() {
        "getAccountInfo" => {
            let data = BASE64_STANDARD.encode(totals[usize::from(number > 1)].to_le_bytes());
            let account = json!({ "owner": digest("host", 0).to_string(), "data": [data, "base64"], "space": 8 });
            (
                200,
                json!({ "result": { "context": { "slot": 9 }, "value": account } }).to_string(),
            )
        }
        _ => (200, program_accounts(&sent, question, 10)),
    });
    node
}

/// 250 of 300 accounts are not all there are: the ledger's own total says so.
#[test]
fn a_short_answer_is_not_all_there_is() {
    let all = positions(300);
    let total: u64 = all.iter().map(|position| position.amount).sum();
    let collect_all = |node: &Node, how: Total| {
        let dir = tempdir().unwrap();
        let found = collect(&dir.path().join("collected"), &Silent, |sink| {
            node.read_whole(&ledger(), Pages::One, how, sink)
        });
        found.map(|(entry, _)| entry.positions)
    };
    let whole = with_total([total; 2], all.clone());
    assert_eq!(collect_all(&whole, Total::TheLedgers).unwrap(), 300);
    let short = || with_total([total; 2], all[..250].to_vec());
    let error = collect_all(&short(), Total::TheLedgers).unwrap_err();
    assert!(matches!(error, Error::TotalDiffers { positions: 250, .. }), "{error}");
    assert_eq!(collect_all(&short(), Total::Any).unwrap(), 250);
    // While it moves, the sum may be anything between, and nothing else.
    let moving = |by: u64| with_total([total - by, total + by], all.clone());
    assert_eq!(collect_all(&moving(5), Total::TheLedgers).unwrap(), 300);
    let moved = with_total([total + 1, total + 2], all.clone());
    assert!(matches!(
        collect_all(&moved, Total::TheLedgers),
        Err(Error::TotalDiffers { .. })
    ));
}

#[test]
fn an_account_that_comes_twice_is_refused() {
    let mut all = positions(30);
    all.push(all[7]);
    let (node, _) = node(move |_, question| (200, program_accounts(&all, question, 10)));
    let error = read(&node, &ledger(), Pages::One).unwrap_err();
    assert!(
        matches!(&error, Error::DuplicatePosition { second, .. } if second.row == 31),
        "{error}"
    );
}

/// An answer that does not end is refused at its limit, and what a node says is printed without control characters.
#[test]
fn what_a_node_says_is_bounded_and_harmless() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/key-in-path", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
            while stream.write_all(&[b' '; 4096]).is_ok() {}
        }
    });
    let options = NodeOptions {
        attempts: 1,
        longest: 1 << 20,
        ..NodeOptions::default()
    };
    let error = read(&Node::new(&url, options), &ledger(), Pages::One)
        .unwrap_err()
        .to_string();
    assert!(error.contains("longer than 1048576 bytes"), "{error}");
    let said = format!("gone \u{1b}]0;owned\u{7}\u{9b}2J{}", "x".repeat(9_000));
    for answer in [
        json!({ "error": { "code": 1, "message": said } }),
        json!({ "error": said }),
    ] {
        let (node, _) = node(move |_, _| (200, answer.to_string()));
        let error = read(&node, &ledger(), Pages::One).unwrap_err().to_string();
        assert!(
            !error.contains(|letter: char| letter.is_control()) && error.len() < 600,
            "{error}"
        );
    }
    for url in [
        "ht tp://secret-key",
        "secret-key",
        "http://[secret-key",
        "http://127.0.0.1:1/secret-key",
    ] {
        let node = Node::new(
            url,
            NodeOptions {
                attempts: 1,
                ..NodeOptions::default()
            },
        );
        let error = read(&node, &ledger(), Pages::One).unwrap_err().to_string();
        assert!(!error.contains("secret-key"), "{error}");
    }
}

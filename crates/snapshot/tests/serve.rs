//! The server, over a real socket: what it answers, and what it refuses without falling.
#![cfg(feature = "serve")]

mod common;

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use bulkhead_snapshot::{
    Manifest, ProofEntry, Silent, Snapshot,
    serve::{Limits, serve},
};
use common::*;
use serde_json::Value;
use tempfile::tempdir;

fn started(limits: Limits) -> (SocketAddr, Arc<Snapshot>) {
    let dir = tempdir().unwrap();
    let out = dir.path().join("out");
    built(&[csv(&dir.path().join("all.csv"), &positions(500))], &out).unwrap();
    let snapshot = Arc::new(Snapshot::open(&out, &Silent).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let theirs = Arc::clone(&snapshot);
    thread::spawn(move || serve(&listener, &theirs, limits));
    (address, snapshot)
}

fn raw(address: SocketAddr, request: &[u8]) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // A server that refuses may hang up before all is sent.
    let _ = stream.write_all(request);
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status, body.to_owned())
}

fn get(address: SocketAddr, target: &str) -> (u16, Value) {
    let (status, body) = raw(address, format!("GET {target} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes());
    (status, serde_json::from_str(&body).unwrap_or_default())
}

#[test]
fn it_answers_with_what_the_snapshot_holds() {
    let limits = Limits {
        page: 50,
        ..Limits::default()
    };
    let (address, snapshot) = started(limits);
    assert_eq!(get(address, "/health").1["status"], "ok");
    let manifest: Manifest = serde_json::from_value(get(address, "/manifest").1).unwrap();
    assert_eq!(manifest, snapshot.manifest);
    for (_, leaf) in snapshot.tree.leaves().step_by(31) {
        let (status, body) = get(address, &format!("/proof/{}", leaf.key));
        let proof: ProofEntry = serde_json::from_value(body).unwrap();
        assert_eq!((status, proof.key, proof.amount), (200, leaf.key, leaf.amount));
        proof.verify(&manifest).unwrap();
        assert_eq!(get(address, &format!("/proof/{}", hex(leaf.key))).0, 200);
    }
    let owner = digest("owner", 2);
    let (mut seen, mut after) = (vec![], String::new());
    let count = loop {
        let (status, page) = get(address, &format!("/owner/{owner}{after}"));
        assert_eq!(status, 200);
        seen.extend(
            page["positions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["key"].clone()),
        );
        match page["next"].as_str() {
            Some(next) => after = format!("?after={next}"),
            None => break page["count"].as_u64().unwrap(),
        }
    };
    let expected: Vec<_> = snapshot
        .leaves_of(&owner)
        .map(|(_, leaf)| Value::from(leaf.key.to_string()))
        .collect();
    assert_eq!((seen, count), (expected.clone(), expected.len() as u64));
    assert_eq!(get(address, &format!("/owner/{}", digest("nobody", 0))).1["count"], 0);
}

#[test]
fn it_refuses_and_goes_on() {
    let limits = Limits {
        time: Duration::from_millis(500),
        ..Limits::default()
    };
    let (address, _) = started(limits);
    assert_eq!(get(address, "/proof/nonsense").0, 400);
    assert_eq!(get(address, &format!("/proof/{}", digest("stranger", 0))).0, 404);
    assert_eq!(get(address, &format!("/owner/{}?after=x", digest("owner", 0))).0, 400);
    assert_eq!(get(address, "/").0, 404);
    assert_eq!(get(address, "/../manifest.json").0, 404);
    assert_eq!(
        raw(address, b"POST /manifest HTTP/1.1\r\ncontent-length: 5\r\n\r\nhello").0,
        405
    );
    assert_eq!(raw(address, b"HEAD /manifest HTTP/1.1\r\n\r\n"), (200, String::new()));
    assert_eq!(raw(address, b"\x16\x03\x01\x02\x00\x01\x00").0, 400);
    let endless = [&b"GET / HTTP/1.1\r\nx: "[..], &[b'a'; 20_000]].concat();
    assert_ne!(raw(address, &endless).0, 200);
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(200));
    assert_eq!(raw(address, many.as_bytes()).0, 431);
    // One letter now and then does not hold a connection.
    let start = Instant::now();
    let mut slow = TcpStream::connect(address).unwrap();
    for _ in 0..20 {
        thread::sleep(Duration::from_millis(50));
        if slow.write_all(b"G").is_err() {
            break;
        }
    }
    let mut answer = String::new();
    let _ = slow.read_to_string(&mut answer);
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// With all places taken the next is refused with that reason, and afterwards there are places again.
#[test]
fn it_takes_no_more_connections_than_it_may() {
    let limits = Limits {
        time: Duration::from_secs(60),
        connections: 4,
        ..Limits::default()
    };
    let (address, _) = started(limits);
    // They are taken in the order they come.
    let idle: Vec<_> = (0..4).map(|_| TcpStream::connect(address).unwrap()).collect();
    assert_eq!(raw(address, b"").0, 503);
    drop(idle);
    let deadline = Instant::now() + Duration::from_secs(30);
    while get(address, "/health").0 != 200 {
        assert!(Instant::now() < deadline);
        thread::sleep(Duration::from_millis(50));
    }
}

/// The time is that of a whole answer: a client that takes a little now and then does not hold its thread any longer.
#[test]
fn a_client_that_takes_its_answer_slowly_is_left() {
    let dir = tempdir().unwrap();
    let out = dir.path().join("out");
    let owner = digest("owner", 0);
    let many: Vec<_> = positions(40_000)
        .into_iter()
        .map(|position| bulkhead_snapshot::Position {
            owner,
            amount: 1,
            ..position
        })
        .collect();
    built(&[csv(&dir.path().join("all.csv"), &many)], &out).unwrap();
    let snapshot = Arc::new(Snapshot::open(&out, &Silent).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let limits = Limits {
        time: Duration::from_millis(400),
        connections: 1,
        page: 40_000,
        ..Limits::default()
    };
    thread::spawn(move || serve(&listener, &snapshot, limits));
    let mut slow = TcpStream::connect(address).unwrap();
    slow.write_all(format!("GET /owner/{owner} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes())
        .unwrap();
    let begin = Instant::now();
    let mut some = [0; 16 << 10];
    let freed = loop {
        // A little often enough for no single write to run out of time.
        let _ = slow.read(&mut some);
        thread::sleep(Duration::from_millis(100));
        if get(address, "/health").0 == 200 {
            break begin.elapsed();
        }
        assert!(
            begin.elapsed() < Duration::from_secs(8),
            "it holds the only place forever"
        );
    };
    assert!(freed < Duration::from_secs(4), "{freed:?}");
}

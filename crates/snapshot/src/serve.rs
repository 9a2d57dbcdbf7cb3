//! Proofs over HTTP: a small server that only reads.
//!
//! `GET /health`, `/manifest`, `/proof/<key>` and `/owner/<owner>?after=<key>`, all JSON. One request a connection; a
//! request's head is at most 8 KiB and has five seconds to arrive, so nobody holds the server by being slow.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use bulkhead_interface::Pubkey;
use serde_json::{Value, json};

use crate::{ProofEntry, Snapshot, position::parse_key};

/// What a client may take up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a request up to its empty line.
    pub head: usize,
    /// Time a request has to arrive, and an answer to be taken.
    pub time: Duration,
    /// Requests at once; more are turned away.
    pub connections: usize,
    /// Positions of an owner in one answer.
    pub page: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 8 << 10,
            time: Duration::from_secs(5),
            connections: 256,
            page: 1_000,
        }
    }
}

/// Answers until the listener fails.
///
/// # Errors
/// What the listener says.
pub fn serve(listener: &TcpListener, snapshot: &Arc<Snapshot>, limits: Limits) -> io::Result<()> {
    let live = Arc::new(AtomicUsize::new(0));
    let mut failures = 0;
    loop {
        let mut stream = match listener.accept() {
            Ok((stream, _)) => stream,
            // The client went before it was taken, or the system lacks something for a while. Only what goes on is an
            // error.
            Err(error) => {
                failures += 1;
                if failures > FAILURES {
                    return Err(error);
                }
                thread::sleep(Duration::from_millis(50));
                continue;
            }
        };
        failures = 0;
        if live.fetch_add(1, Ordering::AcqRel) >= limits.connections {
            turn_away(&mut stream);
            live.fetch_sub(1, Ordering::AcqRel);
            continue;
        }
        // Kept aside, to turn the client away when there is no thread for it.
        let spare = stream.try_clone();
        let (snapshot, guard) = (Arc::clone(snapshot), Live(Arc::clone(&live)));
        let started = thread::Builder::new().name("proof".into()).spawn(move || {
            let _guard = guard;
            // A client that is gone is told nothing.
            drop(handle(&mut stream, &snapshot, limits));
        });
        if let (Err(_), Ok(mut spare)) = (started, spare) {
            turn_away(&mut spare);
        }
    }
}

/// Times in a row that the listener may fail.
const FAILURES: u32 = 1_200;

/// Counts one client less when it goes, however its thread ends, or when there was none.
struct Live(Arc<AtomicUsize>);

impl Drop for Live {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Says that there is no room, without waiting for the client: this is the thread that accepts.
fn turn_away(stream: &mut TcpStream) {
    if stream.set_nonblocking(true).is_ok() {
        let whole = whole(503, false, &json!({ "error": reason(503) }));
        drop(stream.write(&whole));
    }
}

fn handle(stream: &mut TcpStream, snapshot: &Snapshot, limits: Limits) -> io::Result<()> {
    let (is_head, status, body) = match read_head(stream, limits)? {
        Err(status) => (false, status, json!({ "error": reason(status) })),
        Ok((method, target)) => match method.as_str() {
            "GET" | "HEAD" => {
                let (status, body) = respond(snapshot, limits, &target);
                (method == "HEAD", status, body)
            }
            _ => (false, 405, json!({ "error": reason(405) })),
        },
    };
    answer(stream, limits, is_head, status, &body)
}

/// The request's method and target, or the status to refuse it with. A body is never read.
fn read_head(stream: &mut TcpStream, limits: Limits) -> io::Result<Result<(String, String), u16>> {
    let deadline = Instant::now() + limits.time;
    let (mut head, mut filled) = (vec![0; limits.head], 0);
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(head.get(..filled).unwrap_or_default()) {
            Ok(httparse::Status::Complete(_)) => {
                let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
                return Ok(Ok((text(request.method), text(request.path))));
            }
            Ok(httparse::Status::Partial) => {}
            Err(httparse::Error::TooManyHeaders) => return Ok(Err(431)),
            Err(_) => return Ok(Err(400)),
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(Err(408));
        }
        stream.set_read_timeout(Some(left))?;
        let room = head.get_mut(filled..).unwrap_or_default();
        if room.is_empty() {
            return Ok(Err(431));
        }
        match stream.read(room) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(more) => filled += more,
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                return Ok(Err(408));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn respond(snapshot: &Snapshot, limits: Limits, target: &str) -> (u16, Value) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let bad = |why: String| (400, json!({ "error": "BadRequest", "reason": why }));
    let told = |value: serde_json::Result<Value>| value.map_or((500, Value::Null), |value| (200, value));
    let mut parts = path.trim_start_matches('/').splitn(2, '/');
    match (parts.next().unwrap_or_default(), parts.next()) {
        ("health", None) => (200, json!({ "status": "ok", "count": snapshot.manifest.roots.count })),
        ("manifest", None) => told(serde_json::to_value(&snapshot.manifest)),
        ("proof", Some(key)) => match parse_key(key) {
            Err(why) => bad(why),
            Ok(key) => match snapshot.tree.prove(&key) {
                Some(proof) => told(serde_json::to_value(ProofEntry::new(&proof, &snapshot.manifest))),
                None => (404, json!({ "error": "NotALeaf", "key": key.to_string() })),
            },
        },
        ("owner", Some(owner)) => {
            let after = match query.strip_prefix("after=").map(parse_key).transpose() {
                Ok(after) => after,
                Err(why) => return bad(why),
            };
            match parse_key(owner) {
                Err(why) => bad(why),
                Ok(owner) => (200, positions_of(snapshot, limits, &owner, after.as_ref())),
            }
        }
        _ => (404, json!({ "error": reason(404) })),
    }
}

/// An owner's leaves by key, one page of them.
fn positions_of(snapshot: &Snapshot, limits: Limits, owner: &Pubkey, after: Option<&Pubkey>) -> Value {
    let own: Vec<_> = snapshot.leaves_of(owner).collect();
    let total: u128 = own.iter().map(|(_, leaf)| u128::from(leaf.amount)).sum();
    let mut rest = own
        .iter()
        .filter(|(_, leaf)| after.is_none_or(|after| leaf.key > *after));
    let page: Vec<_> = rest.by_ref().take(limits.page).collect();
    let next = rest.next().and(page.last()).map(|(_, leaf)| leaf.key.to_string());
    let rows: Vec<_> = page
        .iter()
        .map(|(index, leaf)| json!({ "index": index, "key": leaf.key.to_string(), "amount": leaf.amount.to_string() }))
        .collect();
    json!({
        "owner": owner.to_string(),
        "count": own.len(),
        "total": total.to_string(),
        "positions": rows,
        "next": next,
    })
}

/// An answer as it goes out.
fn whole(status: u16, is_head: bool, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    let allow = if status == 405 { "allow: GET, HEAD\r\n" } else { "" };
    let mut text = format!(
        "HTTP/1.1 {status} {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{allow}\
         access-control-allow-origin: *\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n",
        reason(status),
        body.len(),
    );
    if !is_head {
        text.push_str(&body);
    }
    text.into_bytes()
}

/// Sends it within the time that an answer has in all, however slowly it is taken.
fn answer(stream: &mut TcpStream, limits: Limits, is_head: bool, status: u16, body: &Value) -> io::Result<()> {
    let whole = whole(status, is_head, body);
    let deadline = Instant::now() + limits.time;
    let mut rest = whole.as_slice();
    while !rest.is_empty() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_write_timeout(Some(left))?;
        match stream.write(rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(sent) => rest = rest.get(sent..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    stream.flush()
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "BadRequest",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        408 => "RequestTimeout",
        431 => "HeadTooLong",
        503 => "Busy",
        _ => "InternalError",
    }
}

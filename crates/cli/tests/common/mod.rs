//! The built command, files for it, and a node that it can talk to: JSON-RPC over HTTP on top of LiteSVM, so that what it
//! sends runs on the built programs.
// Each test uses its part of this.
#![allow(dead_code)]

use std::{
    fs,
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc::{self, TryRecvError},
    },
    thread,
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bulkhead_testbed::Machine;
use serde_json::{Value, json};
use solana_keypair::Keypair;
use solana_transaction::{Transaction, versioned::VersionedTransaction};

/// A folder of a test's own, gone when the test is over.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("bulkhead-cli-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder for the test");
        Self(folder)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().expect("a path in UTF-8").to_owned()
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.0.join(name), text).expect("written");
        self.path(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).expect("read")
    }

    pub fn keypair(&self, name: &str, keypair: &Keypair) -> String {
        self.write(
            name,
            &serde_json::to_string(&keypair.to_bytes().to_vec()).expect("a list"),
        )
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A file of the checkout.
pub fn checkout(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    file.to_str().expect("a path in UTF-8").to_owned()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bulkhead"));
    // Whoever runs the tests may have a configuration and keys, which must not take part.
    command
        .args(arguments)
        .env("HOME", "/nowhere")
        .env_remove("BULKHEAD_DOMAIN");
    command
}

/// Runs the command without a node.
pub fn bulkhead(arguments: &[&str]) -> Output {
    command(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the command starts")
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Standard output, of a run that has to work and print one JSON value.
pub fn json_of(output: &Output) -> Value {
    assert!(output.status.success(), "{}", stderr(output));
    serde_json::from_slice(&output.stdout).expect("nothing but JSON")
}

/// The run has to fail by this name, and print nothing on standard output.
pub fn assert_refused(output: &Output, name: &str) {
    let printed = stderr(output);
    assert!(!output.status.success(), "{name} is not refused: {}", stdout(output));
    assert!(printed.contains(name), "{name} is missing in: {printed}");
}

/// Runs the command with a node on top of `machine`; `URL` in the arguments stands for it. Returns how many transactions
/// were sent, too.
pub fn bulkhead_on(machine: &mut Machine, arguments: &[&str], typed: &str) -> (Output, u32) {
    bulkhead_within(".", machine, arguments, typed)
}

/// [`bulkhead_on`], in a folder: the names of files are those in it.
pub fn bulkhead_within(folder: &str, machine: &mut Machine, arguments: &[&str], typed: &str) -> (Output, u32) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.set_nonblocking(true).expect("a listener that does not block");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let arguments: Vec<_> = arguments
        .iter()
        .map(|argument| if *argument == "URL" { url.as_str() } else { argument })
        .collect();
    let mut child = command(&arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    // It may be gone before it reads.
    let _ = stdin.write_all(typed.as_bytes());
    drop(stdin);
    let (ended, end) = mpsc::channel();
    let waiting = thread::spawn(move || {
        let _ = ended.send(child.wait_with_output());
    });
    let mut sent = 0;
    let output = loop {
        match listener.accept() {
            Ok((stream, _)) => sent += serve(machine, stream),
            Err(error) if error.kind() == ErrorKind::WouldBlock => match end.try_recv() {
                Ok(output) => break output.expect("the command ends"),
                Err(TryRecvError::Empty) => thread::sleep(Duration::from_millis(1)),
                Err(TryRecvError::Disconnected) => panic!("the command is lost"),
            },
            Err(error) => panic!("{error}"),
        }
    };
    waiting.join().expect("no panic");
    (output, sent)
}

/// One request, one answer. Returns 1 for a transaction.
fn serve(machine: &mut Machine, stream: TcpStream) -> u32 {
    stream.set_nonblocking(false).expect("a stream that blocks");
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a header");
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("the body");
    let request: Value = serde_json::from_slice(&body).expect("JSON");
    let method = request["method"].as_str().expect("a method");
    let mut answer = json!({ "jsonrpc": "2.0", "id": request["id"] });
    match call(machine, method, &request["params"]) {
        Ok(result) => answer["result"] = result,
        Err(error) => answer["error"] = error,
    }
    let text = answer.to_string();
    let mut stream = reader.into_inner();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
        text.len()
    )
    .expect("answered");
    u32::from(method == "sendTransaction")
}

fn call(machine: &mut Machine, method: &str, params: &Value) -> Result<Value, Value> {
    match method {
        "getAccountInfo" => {
            let key = params[0].as_str().expect("a key").parse().expect("an address");
            Ok(
                json!({ "context": { "slot": 1 }, "value": machine.account(&key).map(|account| account_json(&account)) }),
            )
        }
        "getMultipleAccounts" => Ok(json!({ "context": { "slot": 1 }, "value": accounts_json(machine, &params[0]) })),
        "getProgramAccounts" => {
            // The command applies the filters again.
            let program = params[0].as_str().expect("a key").parse().expect("an address");
            let all = machine.svm.get_program_accounts(&program).into_iter();
            let all = all.map(|(key, account)| json!({ "pubkey": key.to_string(), "account": account_json(&account) }));
            assert_eq!(params[1]["withContext"], true);
            let slot = machine.clock().slot;
            Ok(json!({ "context": { "slot": slot }, "value": all.collect::<Value>() }))
        }
        "getMinimumBalanceForRentExemption" => {
            let bytes = usize::try_from(params[0].as_u64().expect("a number")).expect("it fits");
            Ok(json!(machine.svm.minimum_balance_for_rent_exemption(bytes)))
        }
        "getLatestBlockhash" => Ok(json!({
            "context": { "slot": 1 },
            "value": { "blockhash": machine.svm.latest_blockhash().to_string(), "lastValidBlockHeight": 100 },
        })),
        "simulateTransaction" => {
            assert_eq!(params[1]["sigVerify"], false);
            let svm = machine.svm.clone().with_sigverify(false);
            let mut transaction = transaction_of(params);
            // As a node does when it is asked to replace the blockhash.
            assert_eq!(params[1]["replaceRecentBlockhash"], true);
            transaction.message.set_recent_blockhash(svm.latest_blockhash());
            let wanted = &params[1]["accounts"]["addresses"];
            let (err, meta, accounts) = match svm.simulate_transaction(transaction) {
                Ok(info) => {
                    let after = wanted.as_array().into_iter().flatten().map(|name| {
                        let key = name.as_str().expect("a key").parse().expect("an address");
                        let changed = info.post_accounts.iter().find(|(found, _)| *found == key);
                        match changed {
                            Some((_, account)) => Some(account_json(&account.clone().into())),
                            None => machine.account(&key).map(|account| account_json(&account)),
                        }
                    });
                    (Value::Null, info.meta, after.collect())
                }
                Err(failed) => (json!(failed.err), failed.meta, Value::Null),
            };
            Ok(json!({
                "context": { "slot": 1 },
                "value": {
                    "err": err,
                    "logs": meta.logs,
                    "unitsConsumed": meta.compute_units_consumed,
                    "accounts": accounts,
                },
            }))
        }
        "sendTransaction" => {
            let transaction = transaction_of(params);
            let transaction = Transaction {
                signatures: transaction.signatures.clone(),
                message: match transaction.message {
                    solana_message::VersionedMessage::Legacy(message) => message,
                    other => panic!("{other:?}"),
                },
            };
            let signature = transaction.signatures[0].to_string();
            machine.send_signed(transaction).map_err(|failure| {
                json!({
                    "code": -32002,
                    "message": format!("Transaction simulation failed: {}", failure.error),
                    "data": { "logs": failure.outcome.logs },
                })
            })?;
            Ok(json!(signature))
        }
        "getSignatureStatuses" => Ok(json!({
            "context": { "slot": 1 },
            "value": [{
                "slot": 1,
                "confirmations": 1,
                "status": { "Ok": null },
                "err": null,
                "confirmationStatus": "confirmed",
            }],
        })),
        other => Err(json!({ "code": -32601, "message": format!("{other} is not known") })),
    }
}

fn accounts_json(machine: &Machine, keys: &Value) -> Value {
    let keys = keys.as_array().expect("a list").iter();
    keys.map(|key| {
        let key = key.as_str().expect("a key").parse().expect("an address");
        machine.account(&key).map(|account| account_json(&account))
    })
    .collect()
}

fn transaction_of(params: &Value) -> VersionedTransaction {
    let wire = BASE64_STANDARD
        .decode(params[0].as_str().expect("base64"))
        .expect("base64");
    wincode::deserialize(&wire).expect("a transaction")
}

/// An account as JSON-RPC writes it.
pub fn account_json(account: &solana_account::Account) -> Value {
    json!({
        "lamports": account.lamports,
        "owner": account.owner.to_string(),
        "executable": account.executable,
        "rentEpoch": account.rent_epoch,
        "data": [BASE64_STANDARD.encode(&account.data), "base64"],
    })
}

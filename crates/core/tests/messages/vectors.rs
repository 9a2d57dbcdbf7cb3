//! `tests/vectors/messages.json`: the messages, what attesters sign and what the bridge posts, as the contracts and any
//! outsider read them too. `UPDATE_VECTORS=1` writes it anew. `tests/vectors/contract-messages.json` is what the
//! contracts send: the contracts' own tests write it.

use std::{env, fs, path::PathBuf};

use bulkhead_core::messages::{
    attesters::{Receiver, keys, rotation_digest},
    posted::{Posted, read},
};
use bulkhead_interface::constants::SOLANA_CHAIN;
use serde_json::{Value, json};

use super::{posted::account_of, *};

fn file(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "../../tests/vectors", name]
        .iter()
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hex");
    (0..text.len()).step_by(2).map(digit).collect()
}

/// Numbers of more than 32 bits are strings: JavaScript reads no more of a number exactly.
fn fields(message: &Message) -> Value {
    let mut fields = json!({
        "kind": message.body.kind(),
        "chain": message.chain,
        "sender": hex(&message.sender),
        "epoch": message.epoch.to_string(),
        "sequence": message.sequence.to_string(),
        "sent_ts": message.sent_ts.to_string(),
    });
    let body = match &message.body {
        Body::Pause { scope, mask, until } => json!({ "scope": scope, "mask": mask, "until": until.to_string() }),
        Body::ResumeRequest { council_epoch } => json!({ "council_epoch": council_epoch.to_string() }),
        Body::Checkpoint(at) => json!({
            "ledger": at.ledger,
            "slot": at.slot.to_string(),
            "slot_hash": hex(&at.slot_hash),
            "root": hex(&at.root),
            "total": at.total.to_string(),
            "count": at.count.to_string(),
        }),
        Body::CouncilEpoch {
            council_epoch,
            council_hash,
        } => json!({ "council_epoch": council_epoch.to_string(), "council_hash": hex(council_hash) }),
    };
    let fields_of_body = body.as_object().expect("an object").clone();
    fields.as_object_mut().expect("an object").extend(fields_of_body);
    fields
}

/// Messages of a domain on this chain and of a contract, with every kind and the ends of every field.
fn messages() -> Vec<(&'static str, Message)> {
    let solana = Message {
        chain: SOLANA_CHAIN,
        sender: [0x11; 32],
        epoch: 7,
        sequence: 41,
        sent_ts: NOW,
        body: pause_of(SCOPE_DOMAIN, action::DEFAULT_EMERGENCY, NOW + PAUSE),
    };
    let mut contract = [0; 32];
    contract[12..].fill(0xc0);
    let ethereum = Message {
        chain: CHAIN,
        sender: contract,
        ..solana
    };
    let root = CheckpointRoot {
        ledger: 3,
        slot: 301_000_000,
        slot_hash: [0x21; 32],
        root: [0x22; 32],
        total: 285_000_000_000_000,
        count: 1_048_576,
    };
    let with = |message: Message, sequence: u64, body: Body| Message {
        sequence,
        body,
        ..message
    };
    let council = |council_epoch: u64, byte: u8| Body::CouncilEpoch {
        council_epoch,
        council_hash: [byte; 32],
    };
    let largest = CheckpointRoot {
        ledger: u8::MAX,
        slot: u64::MAX,
        slot_hash: [u8::MAX; 32],
        root: [u8::MAX; 32],
        total: u128::MAX,
        count: u64::MAX,
    };
    let last = Message {
        chain: u16::MAX,
        sender: [u8::MAX; 32],
        epoch: u64::MAX,
        sequence: u64::MAX,
        sent_ts: i64::MAX,
        body: Body::Checkpoint(largest),
    };
    vec![
        ("a pause of a whole domain", solana),
        (
            "a freeze, which no time ends",
            with(solana, 42, pause_of(SCOPE_DOMAIN, action::FROZEN, 0)),
        ),
        (
            "a pause of one compartment",
            with(solana, 43, pause_of(7, action::WITHDRAW, NOW + HOUR)),
        ),
        (
            "a request to resume",
            with(solana, 44, Body::ResumeRequest { council_epoch: 2 }),
        ),
        ("a checkpoint", with(solana, 45, Body::Checkpoint(root))),
        ("another council", with(solana, 46, council(3, 0x23))),
        ("a pause of a contract", ethereum),
        (
            "a request of a contract",
            with(ethereum, 42, Body::ResumeRequest { council_epoch: 0 }),
        ),
        (
            "a checkpoint of a contract",
            with(
                ethereum,
                43,
                Body::Checkpoint(CheckpointRoot {
                    total: 1 << 100,
                    ..root
                }),
            ),
        ),
        ("another council of a contract", with(ethereum, 44, council(1, 0x24))),
        ("the largest fields", last),
        (
            "a pause with the largest fields",
            with(last, u64::MAX, pause_of(63, u32::MAX, i64::MAX)),
        ),
        (
            "the smallest fields",
            Message {
                chain: 1,
                sender: {
                    let mut one = [0; 32];
                    one[31] = 1;
                    one
                },
                epoch: 1,
                sequence: 1,
                sent_ts: 1,
                body: pause_of(0, 1, 0),
            },
        ),
    ]
}

/// Bytes that are no message, each one step away from the first.
fn refused() -> Vec<(&'static str, CoreError, Vec<u8>)> {
    let (_, first) = messages()[0];
    let sound = first.encode().expect("a message").as_bytes().to_vec();
    let with = |place: usize, bytes: &[u8]| {
        let mut changed = sound.clone();
        changed[place..place + bytes.len()].copy_from_slice(bytes);
        changed
    };
    let malformed = CoreError::MessageMalformed;
    let mut refused = vec![
        ("nothing", malformed, vec![]),
        ("only the header", malformed, sound[..64].to_vec()),
        ("a byte short", malformed, sound[..sound.len() - 1].to_vec()),
        ("a byte behind it", malformed, [&sound[..], &[0]].concat()),
        ("another magic", malformed, with(0, b"bhMS")),
        ("version 0", CoreError::MessageVersionUnknown, with(4, &[0])),
        ("version 2", CoreError::MessageVersionUnknown, with(4, &[2])),
        ("kind 0", malformed, with(5, &[0])),
        ("kind 5", malformed, with(5, &[5])),
        ("another kind's length", malformed, with(5, &[2])),
        ("chain 0", malformed, with(6, &[0, 0])),
        ("sender 0", malformed, with(8, &[0; 32])),
        ("epoch 0", malformed, with(40, &[0; 8])),
        ("sequence 0", malformed, with(48, &[0; 8])),
        ("time 0", malformed, with(56, &[0; 8])),
        ("a time with its first bit set", malformed, with(56, &[0x80])),
        ("compartment 64", malformed, with(64, &[64])),
        ("compartment 254", malformed, with(64, &[254])),
        ("no action", malformed, with(65, &[0; 4])),
        ("an end with its first bit set", malformed, with(69, &[0x80])),
    ];
    let (_, checkpoint) = messages()[4];
    let mut bytes = checkpoint.encode().expect("a message").as_bytes().to_vec();
    bytes[65..73].fill(0);
    refused.push(("slot 0", malformed, bytes));
    let (_, council) = messages()[5];
    let mut bytes = council.encode().expect("a message").as_bytes().to_vec();
    bytes[64..72].fill(0);
    refused.push(("council epoch 0", malformed, bytes));
    refused
}

fn vectors() -> Value {
    let encoded = |message: &Message| message.encode().expect("a message").as_bytes().to_vec();
    let messages = messages();
    let signers = signers(5);
    let mut attesters = set_of(3, &addresses(&signers)).expect("a set");
    attesters.epoch = 1;
    let emitter = |message: &Message| message.sender;
    let attestations: Vec<_> = messages
        .iter()
        .map(|(name, message)| {
            let digest = attestation_digest(1, message.chain, &emitter(message), &encoded(message));
            json!({
                "message": name,
                "set_epoch": "1",
                "digest": hex(&digest),
                "signatures": hex(&sign(&signers, &[0, 2, 4], &digest)),
            })
        })
        .collect();
    let receiver = Receiver {
        chain: CHAIN,
        domain: messages[6].1.sender,
        peer_chain: SOLANA_CHAIN,
        emitter: messages[0].1.sender,
    };
    let mut next: Vec<_> = signers.iter().take(4).cloned().chain([signer(9)]).collect();
    next.sort_by_key(|(_, address)| *address);
    let next = set_of(3, &addresses(&next)).expect("a set");
    let rotation = rotation_digest(1, &receiver, &next);
    let posted: Vec<_> = messages
        .iter()
        .filter(|(_, message)| message.chain == CHAIN)
        .map(|(name, message)| {
            let data = account_of(emitter(message), FINAL, &encoded(message));
            let Posted { body_hash, .. } = read(&data).expect("posted");
            json!({ "message": name, "account": hex(&data), "body_hash": hex(&body_hash) })
        })
        .collect();
    let of_refused = |(name, error, bytes): &(&str, CoreError, Vec<u8>)| json!({ "name": name, "error": format!("{error:?}"), "bytes": hex(bytes) });
    json!({
        "messages": messages.iter().map(|(name, message)| json!({
            "name": name, "fields": fields(message), "bytes": hex(&encoded(message)),
        })).collect::<Vec<_>>(),
        "refused": refused().iter().map(of_refused).collect::<Vec<_>>(),
        "attesters": {
            "epoch": "1",
            "threshold": 3,
            "secrets": signers.iter().map(|(key, _)| hex(&key.to_bytes())).collect::<Vec<_>>(),
            "keys": keys(&attesters).iter().map(|key| hex(key)).collect::<Vec<_>>(),
        },
        "attestations": attestations,
        "rotation": {
            "receiver_chain": receiver.chain,
            "receiver": hex(&receiver.domain),
            "chain": receiver.peer_chain,
            "emitter": hex(&receiver.emitter),
            "set_epoch": "1",
            "threshold": next.threshold,
            "keys": keys(&next).iter().map(|key| hex(key)).collect::<Vec<_>>(),
            "digest": hex(&rotation),
            "signatures": hex(&sign(&signers, &[1, 2, 3], &rotation)),
        },
        "posted": posted,
    })
}

#[test]
fn the_vectors_are_what_is_written() {
    let made = vectors();
    if env::var_os("UPDATE_VECTORS").is_some() {
        let written = serde_json::to_string_pretty(&made).expect("JSON") + "\n";
        fs::write(file("messages.json"), written).expect("written");
    }
    let kept = fs::read_to_string(file("messages.json")).expect("the vectors");
    // Not its text: the order of names is that of the features others turn on.
    let kept: Value = serde_json::from_str(&kept).expect("JSON");
    assert!(kept == made, "tests/vectors/messages.json is not what this code writes");
}

#[test]
fn the_vectors_are_read() {
    for (name, message) in messages() {
        let encoded = message.encode().expect(name);
        assert_eq!(Message::decode(encoded.as_bytes()), Ok(message), "{name}");
    }
    for (name, error, bytes) in refused() {
        assert_eq!(Message::decode(&bytes), Err(error), "{name}");
    }
}

/// What the contracts sent in their own tests is heard here, in the order it was sent.
#[test]
fn what_the_contracts_send_is_heard() {
    let text = fs::read_to_string(file("contract-messages.json")).expect("the contracts' messages");
    let sent: Value = serde_json::from_str(&text).expect("JSON");
    let word = |value: &Value| -> [u8; 32] { unhex(value.as_str().expect("hex")).try_into().expect("32 bytes") };
    let mut side = Side::new();
    (side.peer.emitter, side.peer.sender) = (word(&sent["emitter"]), word(&sent["emitter"]));
    side.peer.remote_scope = 3;
    let mut kinds = vec![];
    for payload in sent["payloads"].as_array().expect("a list") {
        let payload = unhex(payload.as_str().expect("hex"));
        let read = Message::decode(&payload).expect("a message");
        assert_eq!(read.encode().expect("it was read").as_bytes(), payload);
        let delivery = Delivery {
            emitter: side.peer.emitter,
            ..delivery(&payload)
        };
        side.deliver(&delivery, at(read.sent_ts)).expect("heard");
        kinds.push(read.body.kind());
    }
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds, [1, 2, 3, 4], "every kind");
}

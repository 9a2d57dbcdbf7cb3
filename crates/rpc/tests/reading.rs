//! Reading accounts: in requests that a node takes, and nothing that it may get wrong is believed.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use anchor_lang::prelude::Pubkey;
use base64::{Engine, prelude::BASE64_STANDARD};
use bulkhead_client::chain::{Chain, ChainError, Filter};
use bulkhead_rpc::{CommitmentConfig, Keyring, Node, Options, Several};
use common::{Asked, count, in_context, node, quick, usual};
use serde_json::{Value, json};
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_signer::Signer;

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn account(data: &[u8], owner: &Pubkey) -> Value {
    json!({
        "lamports": 1, "owner": owner.to_string(), "executable": false, "rentEpoch": 0,
        "data": [BASE64_STANDARD.encode(data), "base64"],
    })
}

fn at(url: &str) -> Node {
    Node::new(url, Keyring::of(Keypair::new_from_array([7; 32]))).at_pace(quick())
}

fn params(asked: &Asked, method: &str) -> Vec<Value> {
    let asked = asked.lock().unwrap();
    let those = asked.iter().filter(|each| each["method"] == method);
    those.map(|each| each["params"].clone()).collect()
}

#[tokio::test]
async fn any_number_of_accounts_is_read_in_order() {
    let (url, asked) = node(|_, _, params| {
        let found: Vec<_> = params[0]
            .as_array()
            .unwrap()
            .iter()
            .map(|name| {
                let key: Pubkey = name.as_str().unwrap().parse().unwrap();
                // Every other one does not exist.
                (key.to_bytes()[0].is_multiple_of(2)).then(|| account(&[key.to_bytes()[0]], &key))
            })
            .collect();
        Ok(in_context(json!(found)))
    });
    let keys: Vec<_> = (0..=249).map(key).collect();
    let found = at(&url).accounts(&keys).await.unwrap();
    assert_eq!(found.len(), 250);
    for (place, found) in found.iter().enumerate() {
        let data = found.as_ref().map(|account| usize::from(account.data[0]));
        assert_eq!(data, (place % 2 == 0).then_some(place));
    }
    assert_eq!(count(&asked, "getMultipleAccounts"), 3);
    assert!(at(&url).accounts(&[]).await.unwrap().is_empty());
    assert_eq!(count(&asked, "getMultipleAccounts"), 3, "nothing is asked for nothing");
}

#[tokio::test]
async fn fewer_accounts_than_asked_for_are_no_answer() {
    let (url, _) = node(|_, _, _| Ok(in_context(json!([]))));
    let error = at(&url).account(&key(1)).await.unwrap_err();
    assert!(matches!(error, ChainError::Unreadable { .. }), "{error}");
}

/// A node that does not filter, or not as it is asked to.
#[tokio::test]
async fn filters_are_applied_here_again() {
    let program = key(9);
    let (url, asked) = node(move |_, _, _| {
        Ok(json!({ "context": { "slot": 31 }, "value": [
            { "pubkey": key(1).to_string(), "account": account(&[5, 6, 7], &program) },
            { "pubkey": key(2).to_string(), "account": account(&[5, 0, 7], &program) },
            { "pubkey": key(3).to_string(), "account": account(&[5, 6], &program) },
            { "pubkey": key(4).to_string(), "account": account(&[5, 6, 7], &key(8)) },
        ] }))
    });
    let filters = [
        Filter::Length(3),
        Filter::Bytes {
            offset: 1,
            bytes: vec![6],
        },
    ];
    let found = at(&url).owned(&program, &filters).await.unwrap();
    assert_eq!(found.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [key(1)]);
    let config = &params(&asked, "getProgramAccounts")[0][1];
    assert_eq!(config["filters"][0], json!({ "dataSize": 3 }));
    assert_eq!(config["filters"][1]["memcmp"]["offset"], 1);
}

/// The slot is the one that the node states for its answer, and one that has ended.
#[tokio::test]
async fn accounts_of_a_program_have_the_slot_of_the_answer() {
    let program = key(9);
    let (url, asked) = node(move |_, _, _| {
        let found = json!({ "pubkey": key(1).to_string(), "account": account(&[5], &program) });
        Ok(json!({ "context": { "slot": 31 }, "value": [found] }))
    });
    let hasty = at(&url).with(Options {
        commitment: CommitmentConfig::processed(),
        ..Options::default()
    });
    let found = hasty.owned_at(&program, &[]).await.unwrap();
    assert_eq!((found.slot, found.accounts.len()), (31, 1));
    let config = &params(&asked, "getProgramAccounts")[0][1];
    assert_eq!(
        (&config["withContext"], &config["commitment"]),
        (&json!(true), &json!("confirmed"))
    );
    // Without a slot it is no answer.
    let (url, _) = node(|_, _, _| Ok(json!([])));
    let error = at(&url).owned_at(&program, &[]).await.unwrap_err();
    assert!(matches!(error, ChainError::Unreadable { .. }), "{error}");
}

/// Behind a balancer stand nodes that lag: what is read after a transaction has landed is not older than it.
#[tokio::test]
async fn what_is_read_is_not_older_than_what_landed() {
    let (url, asked) = usual(|method, before, params| {
        (method == "getMultipleAccounts").then(|| {
            // The node that answers first lags; it is asked again.
            if params[1]["minContextSlot"] == 1 && before == 1 {
                return Err(json!({ "code": -32016, "message": "Minimum context slot has not been reached" }));
            }
            Ok(in_context(json!([null])))
        })
    });
    let node = at(&url);
    node.account(&key(1)).await.unwrap();
    let payer = node.payer();
    let instruction = Instruction {
        program_id: bulkhead_interface::ID,
        accounts: vec![AccountMeta::new(payer, true)],
        data: vec![],
    };
    node.send(&[instruction]).await.unwrap();
    node.account(&key(1)).await.unwrap();
    let asked = params(&asked, "getMultipleAccounts");
    assert_eq!(asked.len(), 3);
    assert!(asked[0][1]["minContextSlot"].is_null());
    assert_eq!(asked[2][1]["minContextSlot"], 1);
}

#[tokio::test]
async fn the_clock_is_the_sysvar() {
    let mut data = vec![0; 40];
    data[..8].copy_from_slice(&77u64.to_le_bytes());
    data[32..].copy_from_slice(&(-5i64).to_le_bytes());
    let (url, _) = node(move |_, _, _| Ok(in_context(json!([account(&data, &key(1))]))));
    let at = at(&url).now().await.unwrap();
    assert_eq!((at.slot, at.now), (77, -5));
}

/// One endpoint is down, one answers nonsense, one says that everything fails: the one that works is enough.
#[tokio::test]
async fn several_endpoints_are_as_good_as_the_best() {
    let (lies, _) = usual(|method, _, _| match method {
        "simulateTransaction" => Some(Ok(in_context(
            json!({ "err": { "InstructionError": [0, { "Custom": 6000 }] }, "logs": [] }),
        ))),
        "getSignatureStatuses" => Some(Ok(in_context(json!([null])))),
        _ => None,
    });
    let (nonsense, _) = node(|_, _, _| Ok(json!("?")));
    let is_sent = AtomicBool::new(false);
    let (works, asked) = usual(move |method, _, _| match method {
        "getMultipleAccounts" => Some(Ok(in_context(json!([account(&[1], &key(2))])))),
        "sendTransaction" => {
            is_sent.store(true, Ordering::Relaxed);
            None
        }
        "getSignatureStatuses" if !is_sent.load(Ordering::Relaxed) => Some(Ok(in_context(json!([null])))),
        _ => None,
    });
    let others = vec![at(&nonsense), at(&lies), at(&works)];
    let several = Several::new(at("http://127.0.0.1:1"), others);
    assert_eq!(several.account(&key(1)).await.unwrap().unwrap().data, [1]);
    let payer = Keypair::new_from_array([7; 32]).pubkey();
    let instruction = Instruction {
        program_id: bulkhead_interface::ID,
        accounts: vec![AccountMeta::new(payer, true)],
        data: vec![],
    };
    several.send(&[instruction]).await.unwrap();
    assert!(count(&asked, "sendTransaction") >= 1);
}

/// With a quorum, one endpoint alone does not say that something landed.
#[tokio::test]
async fn one_of_two_does_not_say_that_it_landed() {
    let (says, _) = usual(|_, _, _| None);
    let (denies, asked) = usual(|method, before, _| {
        (method == "getSignatureStatuses" && before < 5).then(|| Ok(in_context(json!([null]))))
    });
    let several = Several::new(at(&says), vec![at(&denies)]).agreeing(2);
    let instruction = Instruction {
        program_id: bulkhead_interface::ID,
        accounts: vec![AccountMeta::new(several.payer(), true)],
        data: vec![],
    };
    several.send(&[instruction]).await.unwrap();
    assert!(count(&asked, "getSignatureStatuses") >= 6);
}

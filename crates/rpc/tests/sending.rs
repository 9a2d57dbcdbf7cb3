//! Sending to a cluster that is busy.

mod common;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bulkhead_client::chain::{Chain, ChainError, Receipt};
use bulkhead_rpc::{Keyring, Node, Options, Price, unsigned};
use common::{count, in_context, node, quick, sent, status, usual};
use serde_json::{Value, json};
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_signer::Signer;

fn payer() -> Keypair {
    Keypair::new_from_array([7; 32])
}

fn instruction() -> Instruction {
    Instruction {
        program_id: bulkhead_interface::ID,
        accounts: vec![AccountMeta::new(payer().pubkey(), true)],
        data: vec![1, 2, 3],
    }
}

fn at(url: &str) -> Node {
    Node::new(url, Keyring::of(payer())).at_pace(quick())
}

async fn send(url: &str) -> Result<Receipt, ChainError> {
    at(url).send(&[instruction()]).await
}

fn contains(wire: &[u8], part: &[u8]) -> bool {
    wire.windows(part.len()).any(|window| window == part)
}

fn price(price: u64) -> Vec<u8> {
    [&[3], &price.to_le_bytes()[..]].concat()
}

fn limit(units: u32) -> Vec<u8> {
    [&[2], &units.to_le_bytes()[..]].concat()
}

/// Dropped by the first leaders: it is sent again until it lands, and it is the same transaction each time.
#[tokio::test]
async fn what_is_dropped_is_sent_again() {
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
    send(&url).await.unwrap();
    let wires = sent(&asked);
    assert!(
        wires.len() >= 4 && wires.windows(2).all(|pair| pair[0] == pair[1]),
        "{}",
        wires.len()
    );
    assert_eq!(count(&asked, "getLatestBlockhash"), 1);
}

/// A blockhash that is too old is replaced, and only then is the transaction another one.
#[tokio::test]
async fn what_has_expired_is_signed_anew() {
    let (url, asked) = usual(|method, _, _| match method {
        "getBlockHeight" => Some(Ok(json!(101))),
        "getSignatureStatuses" => Some(Ok(in_context(json!([null])))),
        _ => None,
    });
    let error = send(&url).await.unwrap_err();
    assert!(matches!(error, ChainError::Expired { rounds: 2, .. }), "{error}");
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
        "getSignatureStatuses" if blockhashes.load(Ordering::Relaxed) < 2 => Some(Ok(in_context(json!([null])))),
        _ => None,
    });
    send(&url).await.unwrap();
    let wires = sent(&asked);
    assert!(wires[0] != wires[wires.len() - 1], "signed anew");
    assert_eq!(count(&asked, "getLatestBlockhash"), 2);
}

/// What expired offers more the next time, up to the most that is sane.
#[tokio::test]
async fn what_has_expired_offers_more() {
    let (url, asked) = usual(|method, _, _| match method {
        "getBlockHeight" => Some(Ok(json!(101))),
        "getSignatureStatuses" => Some(Ok(in_context(json!([null])))),
        "getRecentPrioritizationFees" => Some(Ok(json!([{ "slot": 1, "prioritizationFee": 300_000 }]))),
        _ => None,
    });
    send(&url).await.unwrap_err();
    let wires = sent(&asked);
    for offered in [300_000, 600_000, 1_000_000] {
        assert!(wires.iter().any(|wire| contains(wire, &price(offered))), "{offered}");
    }
}

/// What would fail is not sent, and says why with its logs.
#[tokio::test]
async fn what_would_fail_is_not_sent() {
    let (url, asked) = usual(|method, _, _| {
        (method == "simulateTransaction").then(|| {
            let logs = ["Program log: \u{1b}[2Jno", "Program log: custom program error: 0x1"];
            Ok(in_context(
                json!({ "err": { "InstructionError": [0, { "Custom": 1 }] }, "logs": logs }),
            ))
        })
    });
    let error = send(&url).await.unwrap_err();
    assert_eq!(error.code(), Some(1));
    let error = error.to_string();
    assert!(error.contains("custom program error"), "{error}");
    assert!(!error.contains('\u{1b}'), "{error}");
    assert_eq!(count(&asked, "sendTransaction"), 0);
    // It landed and failed: never signed anew.
    let (url, asked) = usual(|method, _, _| {
        (method == "getSignatureStatuses").then(|| Ok(status(json!({ "InstructionError": [0, { "Custom": 1 }] }))))
    });
    let error = send(&url).await.unwrap_err();
    assert_eq!(error.code(), Some(1));
    assert!(error.to_string().contains("landed and failed"), "{error}");
    assert_eq!(count(&asked, "sendTransaction"), 1);
}

/// A program's error has its name, the runtime's its reason, and a payer without lamports reads what to do.
#[tokio::test]
async fn errors_have_names() {
    let refused = |err: Value, logs: Vec<String>| {
        let (url, _) = usual(move |method, _, _| {
            let answer = json!({ "err": err, "logs": logs });
            (method == "simulateTransaction").then(|| Ok(in_context(answer)))
        });
        async move { send(&url).await.unwrap_err().to_string() }
    };
    let first = bulkhead_client::bulkhead::error::BulkheadError::of_number(6000).unwrap();
    let failed = format!(
        "Program {} failed: custom program error: 0x1770",
        bulkhead_interface::ID
    );
    let error = refused(json!({ "InstructionError": [2, { "Custom": 6000 }] }), vec![failed]).await;
    assert!(error.starts_with(&format!("{} (6000): ", first.name())), "{error}");
    let anchors = "Program log: AnchorError caused by account: x. Error Code: ConstraintSeeds. Error Number: 2006. \
                   Error Message: A seeds constraint was violated.";
    let failed = "Program 11111111111111111111111111111112 failed: custom program error: 0x7d6";
    let logs = vec![anchors.into(), failed.into()];
    let error = refused(json!({ "InstructionError": [0, { "Custom": 2006 }] }), logs).await;
    assert!(error.starts_with("ConstraintSeeds (2006): A seeds"), "{error}");
    let error = refused(
        json!({ "InstructionError": [0, "ComputationalBudgetExceeded"] }),
        vec![],
    )
    .await;
    assert!(
        error.contains("was not sent") && error.contains("ComputationalBudgetExceeded"),
        "{error}"
    );
    let error = refused(json!("AccountNotFound"), vec![]).await;
    assert!(
        error.contains("PayerUnfunded") && error.contains(&payer().pubkey().to_string()),
        "{error}"
    );
}

/// It offers what three quarters of the others stayed below, for as many units as it was seen to use.
#[tokio::test]
async fn it_pays_what_others_pay() {
    let (url, asked) = usual(|method, _, params| {
        (method == "getRecentPrioritizationFees").then(|| {
            assert_eq!(params[0].as_array().unwrap().len(), 1);
            let fees: Vec<_> = (0..100)
                .map(|i| json!({ "slot": i, "prioritizationFee": i * 100 }))
                .collect();
            Ok(json!(fees))
        })
    });
    let receipt = send(&url).await.unwrap();
    let wire = &sent(&asked)[0];
    assert!(contains(wire, &price(7_400)) && contains(wire, &limit(12_000)));
    assert_eq!((receipt.units, receipt.fee), (Some(10_000), Some(5_089)));
    // A price of one's own, whatever others pay.
    at(&url)
        .offering(Price::Fixed(11))
        .send(&[instruction()])
        .await
        .unwrap();
    assert!(contains(&sent(&asked)[1], &price(11)) && contains(&sent(&asked)[1], &limit(12_000)));
    assert_eq!(count(&asked, "getRecentPrioritizationFees"), 1);
    // Nobody pays, or the node does not say: nothing is offered, and the limit is set all the same.
    for fees in [
        Ok(json!([{ "slot": 1, "prioritizationFee": 0 }])),
        Err(json!({ "code": -32601 })),
    ] {
        let (url, asked) = usual(move |method, _, _| (method == "getRecentPrioritizationFees").then(|| fees.clone()));
        let receipt = send(&url).await.unwrap();
        assert!(contains(&sent(&asked)[0], &limit(12_000)) && !contains(&sent(&asked)[0], &price(0)));
        assert_eq!(receipt.fee, Some(5_000));
    }
}

/// With the most units, the transaction would be another one: what is simulated is what is sent.
#[tokio::test]
async fn nothing_is_sent_that_was_not_simulated_unless_asked() {
    let unknown = || Err(json!({ "code": -32601, "message": "not known" }));
    let (url, asked) = usual(move |method, _, _| (method == "simulateTransaction").then(unknown));
    let error = send(&url).await.unwrap_err().to_string();
    assert!(error.contains("CannotSimulate"), "{error}");
    assert_eq!(count(&asked, "sendTransaction"), 0);
    let options = Options {
        is_simulated: false,
        ..Options::default()
    };
    at(&url).with(options).send(&[instruction()]).await.unwrap();
    assert!(contains(&sent(&asked)[0], &limit(1_400_000)));
    let asked = asked.lock().unwrap();
    let sent = asked.iter().find(|each| each["method"] == "sendTransaction").unwrap();
    assert_eq!(sent["params"][1]["skipPreflight"], false, "the node checks instead");
}

/// Seen in a block is not yet final, and does not expire either.
#[tokio::test]
async fn it_waits_for_the_commitment_that_is_asked_for() {
    let (url, asked) = usual(|method, before, _| match method {
        "getBlockHeight" => Some(Ok(json!(101))),
        "getSignatureStatuses" if before < 8 => None,
        "getSignatureStatuses" => Some(Ok(in_context(json!([{
            "slot": 9, "confirmations": null, "status": { "Ok": null }, "err": null, "confirmationStatus": "finalized",
        }])))),
        _ => None,
    });
    let options = Options {
        commitment: bulkhead_rpc::CommitmentConfig::finalized(),
        ..Options::default()
    };
    let node = at(&url).with(options);
    node.send(&[instruction()]).await.unwrap();
    assert!(count(&asked, "getSignatureStatuses") >= 9);
    let one = sent(&asked);
    assert!(one.windows(2).all(|pair| pair[0] == pair[1]), "never signed anew");
}

/// Several people sign the same bytes, wherever they are: no message depends on what a node says.
#[tokio::test]
async fn signatures_from_elsewhere_are_sent() {
    let other = Keypair::new_from_array([8; 32]);
    let mut shared = instruction();
    shared.accounts.push(AccountMeta::new_readonly(other.pubkey(), true));
    let blockhash = solana_message::Hash::new_from_array([4; 32]);
    let message = unsigned(&payer().pubkey(), std::slice::from_ref(&shared), 11, blockhash);
    let mut keyring = Keyring::of(payer());
    keyring.add_signature(other.pubkey(), other.sign_message(&message.serialize()));
    let (url, asked) = usual(|_, _, _| None);
    let options = Options {
        blockhash: Some(blockhash),
        price: Price::Fixed(11),
        ..Options::default()
    };
    let node = Node::new(&url, keyring).at_pace(quick()).with(options);
    node.send(&[shared]).await.unwrap();
    assert!(contains(&sent(&asked)[0], &message.serialize()));
    assert_eq!(count(&asked, "getLatestBlockhash"), 0);
}

/// Neither name, password, path nor query of a node's address, where keys stand, is printed by any error.
#[tokio::test]
async fn an_address_with_a_key_is_never_printed() {
    let hides = |error: &dyn std::fmt::Display| {
        let printed = error.to_string();
        for secret in ["secret", "key-in-path", "hidden", "api-key"] {
            assert!(!printed.contains(secret), "{printed}");
        }
        assert!(
            !printed.contains(|letter: char| letter.is_control() && letter != '\n'),
            "{printed:?}"
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
        hides(&at(address).account(&key).await.unwrap_err());
        hides(&at(address));
    }
    let said = "no \u{1b}[2J";
    let (url, _) = node(move |_, _, _| Err(json!({ "code": 1, "message": said })));
    hides(&at(&url).account(&key).await.unwrap_err());
    let (url, _) = node(|_, _, _| Ok(json!(null)));
    hides(&at(&url).rent(8).await.unwrap_err());
}

use std::path::Path;

use anchor_lang::AnchorDeserialize;
use serde_json::json;

use super::*;

/// A decision of every kind, as the clients share them.
fn vectors() -> Vec<Decision> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/decisions.json");
    let text = std::fs::read_to_string(path).expect("the vectors are in the checkout");
    let all: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    let decoded = all.iter().map(|vector| {
        let payload = encode::hex(vector["payload"].as_str().expect("hex")).expect("hex");
        let kind = u8::try_from(vector["kind"].as_u64().expect("a number")).expect("a kind");
        Decision::try_from_slice(&[&[kind], payload.as_slice()].concat()).expect("a decision")
    });
    decoded.collect()
}

fn bytes(decision: &Decision) -> Vec<u8> {
    EncodedDecision::from(decision).0
}

#[test]
fn what_json_states_is_what_the_program_reads() {
    let all = vectors();
    let kinds: Vec<_> = all.iter().map(Decision::kind).collect();
    assert!(
        ProposalKind::all().all(|kind| kinds.contains(&kind)),
        "a kind has no vector"
    );
    for known in &all {
        let arguments = arguments(known).expect("the IDL describes it");
        let again = decision(known.kind(), &arguments).expect("its own arguments");
        assert_eq!(bytes(&again), bytes(known), "{}", known.kind().name());
    }
}

#[test]
fn the_template_of_every_kind_is_valid_and_explains_every_field() {
    for kind in ProposalKind::all() {
        let example = example(kind).expect("the IDL describes it");
        let text = without_comments(&example.text);
        let read: Value = serde_json::from_str(&text).expect("JSON once the comments are gone");
        assert_eq!(read, example.value, "{}", kind.name());
        decision(kind, &read).expect("a template decodes");
        for field in &example.fields {
            assert!(
                !field.doc.is_empty(),
                "{}: {} has no explanation",
                kind.name(),
                field.path
            );
            let last = field.path.rsplit('.').next().unwrap_or_default();
            assert!(
                example.text.contains(&format!("\"{last}\": ")),
                "{}: {}",
                kind.name(),
                field.path
            );
        }
    }
}

/// The error of arguments that are wrong in one place.
fn refused(kind: ProposalKind, change: impl FnOnce(&mut Value)) -> String {
    let known = vectors()
        .into_iter()
        .find(|known| known.kind() == kind)
        .expect("a vector");
    let mut arguments = arguments(&known).expect("the IDL describes it");
    change(&mut arguments);
    decision(kind, &arguments).err().expect("it is refused").to_string()
}

#[test]
fn an_error_names_the_place_and_what_belongs_there() {
    let printed = refused(ProposalKind::ChangeCouncil, |council| {
        council["policies"][2]["threshold"] = json!(256)
    });
    assert!(
        printed.starts_with("BadArguments: policies[2].threshold: 256 is not a whole number from 0 to 255"),
        "{printed}"
    );
    let printed = refused(ProposalKind::ChangeCouncil, |council| {
        council["members"][1]["key"] = json!("me")
    });
    assert!(
        printed.contains("members[1].key: \"me\" is not an address"),
        "{printed}"
    );
    let printed = refused(ProposalKind::SetLimit, |limits| limits["limits"] = json!(1));
    assert!(
        printed.contains("limits: there is no such field; the fields are breaker, limit, slot_limit"),
        "{printed}"
    );
    let printed = refused(ProposalKind::SetLimit, |limits| {
        limits
            .as_object_mut()
            .expect("an object")
            .retain(|name, _| name != "limit" && name != "trip_bps");
    });
    assert!(printed.contains("arguments: missing: limit, trip_bps"), "{printed}");
    let printed = refused(ProposalKind::OpenPriceBreaker, |breaker| {
        breaker["source"] = json!({ "Oracle": {} })
    });
    assert!(
        printed.contains("source: \"Oracle\" is none of {\"Pyth\": …}, {\"Host\": …}"),
        "{printed}"
    );
    let printed = refused(ProposalKind::OverrideSeal, |seal| seal["root"] = json!("ab"));
    assert!(
        printed.contains("root: must be 32 bytes: hex, base58 or a list of numbers"),
        "{printed}"
    );
    assert!(
        printed.ends_with("`bulkhead propose override-seal --example` prints every field"),
        "{printed}"
    );
}

#[test]
fn numbers_may_be_text_and_bytes_may_be_written_in_three_ways() {
    let known = vectors()
        .into_iter()
        .find(|known| known.kind() == ProposalKind::ChooseRestoration);
    let known = known.expect("a vector");
    let arguments = arguments(&known).expect("the IDL describes it");
    let root = encode::hex(arguments["root"].as_str().expect("hex")).expect("hex");
    let base58 = anchor_lang::prelude::Pubkey::new_from_array(root.clone().try_into().expect("32 bytes")).to_string();
    for written in [
        json!(root),
        json!(base58),
        json!(format!("0x{}", arguments["root"].as_str().expect("hex"))),
    ] {
        let mut arguments = arguments.clone();
        arguments["root"] = written;
        arguments["ledger_index"] = json!(arguments["ledger_index"].to_string());
        let again = decision(known.kind(), &arguments).expect("the same");
        assert_eq!(bytes(&again), bytes(&known));
    }
    for wrong in [
        json!(1.5),
        json!("1e3"),
        json!(-1),
        json!("-1"),
        json!(null),
        json!(true),
        json!("18446744073709551616"),
    ] {
        let printed = refused(ProposalKind::SetLimit, |limits| limits["limit"] = wrong.clone());
        assert!(
            printed.contains("limit: ") && printed.contains("is not a whole number"),
            "{wrong}: {printed}"
        );
    }
}

#[test]
fn negative_numbers_keep_their_sign() {
    let mut arguments = example(ProposalKind::Reopen).expect("the IDL describes it").value;
    arguments["grace_seconds"] = json!("-9223372036854775808");
    let Decision::Reopen(args) = decision(ProposalKind::Reopen, &arguments).expect("valid JSON") else {
        panic!("another kind");
    };
    assert_eq!(args.grace_seconds, i64::MIN);
}

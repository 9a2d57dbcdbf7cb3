//! Guesses that were wrong over real IDLs, each as the smallest IDL that shows it.

use bulkhead_adopt::{Confidence, Options, Position, adopt};
use serde_json::{Value, json};

/// The one position of an IDL with these types.
fn position(account: &str, fields: Value, types: Value) -> Position {
    let idl = json!({
        "version": "0.1.0",
        "name": "host",
        "instructions": [],
        "accounts": [{ "name": account, "type": { "kind": "struct", "fields": fields } }],
        "types": types,
    });
    let adoption = adopt(&idl.to_string(), &Options::default()).expect("it is read");
    adoption.positions.into_iter().next().expect("a position")
}

fn fields(position: &Position) -> Vec<&str> {
    position.amounts.iter().map(|amount| amount.field.as_str()).collect()
}

/// The size of a trade is made with borrowed means; what its owner put in is the collateral.
#[test]
fn the_size_of_a_trade_is_not_what_is_owed() {
    let found = position(
        "Position",
        json!([
            { "name": "owner", "type": "publicKey" },
            { "name": "sizeAmount", "type": "u64" },
            { "name": "collateralUsd", "type": "u64" },
        ]),
        json!([]),
    );
    assert_eq!(fields(&found), ["collateralUsd"]);
}

#[test]
fn numbers_beside_an_amount_whose_names_say_nothing_are_told() {
    let found = position(
        "Stake",
        json!([
            { "name": "owner", "type": "publicKey" },
            { "name": "stats", "type": { "defined": "Stats" } },
        ]),
        json!([{ "name": "Stats", "type": { "kind": "struct", "fields": [
            { "name": "pendingActivation", "type": "u64" },
            { "name": "activeAmount", "type": "u64" },
            { "name": "lastEpoch", "type": "u64" },
        ] } }]),
    );
    assert_eq!(fields(&found), ["stats.activeAmount"]);
    let told = |name: &str| found.warnings.iter().any(|warning| warning.contains(name));
    assert!(told("stats.pendingActivation"), "{:?}", found.warnings);
    assert!(!told("stats.lastEpoch"), "{:?}", found.warnings);
}

#[test]
fn a_request_is_hardly_a_position_and_says_so() {
    let found = position(
        "SplitRequest",
        json!([{ "name": "recipient", "type": "publicKey" }, { "name": "amount", "type": "u64" }]),
        json!([]),
    );
    assert_eq!(found.confidence, Confidence::Low);
    assert!(found.warnings.iter().any(|warning| warning.contains("request")));
}

/// One of them may have been paid out already, or be what an order asks for.
#[test]
fn amounts_beside_each_other_are_told() {
    let found = position(
        "ClaimStatus",
        json!([
            { "name": "claimant", "type": "publicKey" },
            { "name": "lockedAmount", "type": "u64" },
            { "name": "unlockedAmount", "type": "u64" },
        ]),
        json!([]),
    );
    assert_eq!(fields(&found), ["lockedAmount", "unlockedAmount"]);
    let both = |warning: &String| warning.contains("`lockedAmount`") && warning.contains("`unlockedAmount`");
    assert!(found.warnings.iter().any(both), "{:?}", found.warnings);
}

/// What was there before a swap is remembered for the swap, and not owed.
#[test]
fn a_balance_before_or_after_something_is_no_amount() {
    let found = position(
        "Deposit",
        json!([
            { "name": "user", "type": "publicKey" },
            { "name": "deposited", "type": "u64" },
            { "name": "outBalanceBeforeSwap", "type": "u64" },
            { "name": "outBalanceAfterSwap", "type": "u64" },
        ]),
        json!([]),
    );
    assert_eq!(fields(&found), ["deposited"]);
}

//! What the hot instructions lock. Two transactions that write the same account run one after the
//! other, so whatever users call all day may write only what is its own: this table says what that is,
//! and why. Metas come from the IDL; anything that is not in the table fails.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde_json::Value;

/// What an instruction writes, and why nobody else is held up by it, or why it cannot be helped.
type Writes = &'static [(&'static str, &'static str)];

const HOT: &[(&str, Writes)] = &[
    (
        "meter_outflow",
        &[(
            "breaker",
            "the compartment's, token's and shard's own: shards spread it",
        )],
    ),
    ("record_inflow", &[("breaker", "as for meter_outflow")]),
    ("observe_reference", &[("breaker", "as for meter_outflow")]),
    ("view_outflow", &[]),
    (
        "release",
        &[
            (
                "vault",
                "what its queue is owed; custody, which is the vault's alone, is locked anyway",
            ),
            ("breaker", "as for meter_outflow"),
            ("custody", "the tokens leave it: the transfer locks it whoever asks"),
            ("destination", "the user's"),
            ("release", "the record's own, new for each"),
            ("payer", "the caller's"),
            ("note", "the user's own with this vault: who else asks has another"),
        ],
    ),
    (
        "settle_release",
        &[
            ("vault", "as for release"),
            ("breaker", "as for meter_outflow"),
            ("custody", "as for release"),
            ("destination", "the user's"),
            ("release", "the record's own"),
        ],
    ),
    (
        "claim",
        &[
            // Shared by all claims of a restoration: it adds up what was paid, so that no more is than was
            // shared out. It holds up nobody that the pool does not hold up anyway.
            ("restoration", "no wider than the pool: adds up what was paid"),
            ("pool", "the tokens leave it: the transfer locks it whoever asks"),
            ("claims", "the page of what this leaf was paid"),
            ("destination", "the owner's"),
        ],
    ),
    (
        "ingest_positions",
        &[(
            "shard",
            "the cranker's own: sixteen key ranges, and any number of crankers",
        )],
    ),
    (
        "cast_vote",
        &[
            // A ballot lasts for days, so votes that wait for each other within a slot lose nothing.
            ("ballot", "the tally is one number a candidate"),
            ("escrow", "the voter's"),
            ("record", "the voter's, new for each"),
            ("payer", "the caller's"),
        ],
    ),
];

/// What every user of a domain has in common.
const SHARED: &[&str] = &[
    "domain", "board", "council", "vault", "mint", "ledger", "snapshot", "incident",
];

#[test]
fn hot_instructions_write_nothing_that_is_shared() {
    let idl = idl();
    for (instruction, writes) in HOT {
        let metas = &idl[*instruction];
        let written: BTreeSet<_> = metas
            .iter()
            .filter(|(_, is_written)| *is_written)
            .map(|(name, _)| name.as_str())
            .collect();
        let allowed: BTreeSet<_> = writes.iter().map(|(name, _)| *name).collect();
        assert_eq!(
            written, allowed,
            "{instruction} writes other accounts than the table says"
        );
        // Whoever writes a vault together with its custody and its breaker waits for nobody else than before: those two
        // are one each for a vault.
        let locks_all = written.contains("custody") && written.contains("breaker");
        let shared = SHARED.iter().filter(|name| written.contains(*name));
        let shared: Vec<_> = shared.filter(|name| **name != "vault" || !locks_all).collect();
        assert!(shared.is_empty(), "{instruction} locks {shared:?} for everybody");
        assert!(writes.iter().all(|(_, why)| !why.is_empty()));
    }
}

#[test]
fn views_lock_nothing() {
    let idl = idl();
    for (instruction, metas) in idl.iter().filter(|(name, _)| name.starts_with("view_")) {
        assert!(metas.iter().all(|(_, is_written)| !is_written), "{instruction}");
    }
    assert!(idl.contains_key("view_outflow"));
}

/// Accounts by instruction, in order: name, and is it written?
fn idl() -> BTreeMap<String, Vec<(String, bool)>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../idl/bulkhead.json");
    let text = std::fs::read_to_string(&path).expect("run `make idl`");
    let idl: Value = serde_json::from_str(&text).expect("the IDL is JSON");
    let instructions = idl["instructions"].as_array().expect("a list of instructions").iter();
    instructions
        .map(|instruction| {
            let mut metas = Vec::new();
            flatten(&instruction["accounts"], &mut metas);
            (text_of(&instruction["name"]), metas)
        })
        .collect()
}

/// Accounts of composite structs in place.
fn flatten(list: &Value, into: &mut Vec<(String, bool)>) {
    for item in list.as_array().into_iter().flatten() {
        if item["accounts"].is_array() {
            flatten(&item["accounts"], into);
        } else {
            into.push((text_of(&item["name"]), item["writable"].as_bool().unwrap_or(false)));
        }
    }
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

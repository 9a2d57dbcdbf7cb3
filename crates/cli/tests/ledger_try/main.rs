//! `bulkhead ledger try`, as it is typed: a description, dumps, and what is said of each account.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bulkhead_interface::{Pubkey, ids::TOKEN};
use serde_json::{Value, json};

/// `MarginfiAccount` and `Bank` of 0dotxyz/marginfi-v2; `crates/core/tests/linked/protocols.rs` has the offsets.
const MARGINFI: &str = include_str!("marginfi.toml");
/// `Position` of orca-so/whirlpools.
const WHIRLPOOL: &str = include_str!("whirlpool.toml");

fn bulkhead(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bulkhead"))
        .current_dir(folder)
        .args(["ledger", "try"])
        .args(arguments)
        .args(["--output", "json"])
        .output()
        .unwrap()
}

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn account(len: usize, parts: &[(usize, &[u8])]) -> Vec<u8> {
    let mut data = vec![0; len];
    for (offset, bytes) in parts {
        data[*offset..offset + bytes.len()].copy_from_slice(bytes);
    }
    data
}

fn dump(folder: &Path, accounts: &[(Pubkey, Pubkey, Vec<u8>)]) {
    let accounts: Vec<_> = accounts
        .iter()
        .map(|(key, program, data)| {
            json!({ "pubkey": key.to_string(), "account": {
                "owner": program.to_string(),
                "data": [BASE64_STANDARD.encode(data), "base64"],
                "space": data.len(),
            } })
        })
        .collect();
    fs::write(folder.join("accounts.json"), json!(accounts).to_string()).unwrap();
}

fn tried(folder: &Path) -> (Value, String) {
    let found = bulkhead(folder, &["ledger.toml", "accounts.json"]);
    let printed = serde_json::from_slice(&found.stdout).unwrap_or(Value::Null);
    (printed, String::from_utf8_lossy(&found.stderr).into_owned())
}

#[test]
fn shares_of_a_bank_are_read_with_its_rate() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let (host, bank) = (key(0x0a), key(0xba));
    fs::write(
        folder.join("ledger.toml"),
        named(MARGINFI, &[("HOST", host), ("BANK", bank), ("MINT", key(3))]),
    )
    .unwrap();
    let shares = (1_000i128 << 48).to_le_bytes();
    let position = account(
        2_312,
        &[
            (0, &[67, 178, 130, 109, 126, 114, 28, 42]),
            (40, &[5; 32]),
            (72, &[1]),
            (73, bank.as_ref()),
            (112, &shares),
        ],
    );
    let state = account(
        1_864,
        &[
            (0, &[142, 49, 166, 242, 50, 66, 97, 188]),
            (80, &((5i128 << 48) / 4).to_le_bytes()),
            (272, &shares),
        ],
    );
    dump(folder, &[(key(7), host, position.clone()), (bank, host, state)]);
    let (shown, error) = tried(folder);
    assert_eq!(error, "");
    assert_eq!(shown["positions"][0]["owner"], key(5).to_string());
    assert_eq!(
        (&shown["positions"][0]["amount"], &shown["agrees"]),
        (&"1250".into(), &true.into())
    );

    // Without the bank there is no rate, and nothing is guessed.
    dump(folder, &[(key(7), host, position)]);
    let (shown, error) = tried(folder);
    assert!(
        shown.is_null() && error.contains("BadLayout") && error.contains("the account of a factor"),
        "{error}"
    );
}

#[test]
fn a_token_that_owns_a_position_is_seen_and_its_holder_read() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let (host, token) = (key(0x0a), key(6));
    let description = named(WHIRLPOOL, &[("HOST", host), ("TOTAL", key(4)), ("MINT", key(3))]);
    let position = account(
        216,
        &[
            (0, &[170, 188, 143, 228, 122, 64, 247, 208]),
            (40, token.as_ref()),
            (112, &77u64.to_le_bytes()),
        ],
    );
    let mint = account(82, &[(36, &1u64.to_le_bytes()), (45, &[1])]);
    let held = account(
        165,
        &[
            (0, token.as_ref()),
            (32, &[5; 32]),
            (64, &1u64.to_le_bytes()),
            (108, &[1]),
        ],
    );
    let (own, one, holder) = ((key(7), host, position), (token, TOKEN, mint), (key(9), TOKEN, held));

    fs::write(folder.join("ledger.toml"), &description).unwrap();
    dump(folder, &[own.clone(), one.clone(), holder.clone()]);
    let (shown, error) = tried(folder);
    assert_eq!(error, "");
    assert_eq!(shown["positions"][0]["owner"], key(5).to_string());
    dump(folder, &[own.clone(), one.clone()]);
    let (shown, error) = tried(folder);
    assert!(shown["refused"][0]["why"].as_str().unwrap().contains("NotTheHolder"));
    assert!(error.contains("NotRead"), "{error}");

    // The same without the word: a claim would go to a mint.
    fs::write(
        folder.join("ledger.toml"),
        description.replace("owner_is_token = true", ""),
    )
    .unwrap();
    dump(folder, &[own.clone(), one, holder]);
    let (shown, error) = tried(folder);
    assert!(shown["refused"][0]["why"].as_str().unwrap().contains("OwnerIsToken"));
    assert!(error.contains("NotRead"), "{error}");

    // At the host's own address, registration itself refuses it.
    let orca = "whirLbMiicVdio4qvUfM5KAg6Ct8VwpYzGff3uctyCc";
    let known = description
        .replace("owner_is_token = true", "")
        .replace(&host.to_string(), orca);
    fs::write(folder.join("ledger.toml"), known).unwrap();
    let (shown, error) = tried(folder);
    assert!(shown.is_null() && error.contains("OwnerIsToken"), "{error}");
}

#[test]
fn what_reads_nothing_or_cannot_be_registered_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let host = key(0x0a);
    let description = named(WHIRLPOOL, &[("HOST", host), ("TOTAL", key(4)), ("MINT", key(3))]);
    dump(folder, &[(key(7), host, vec![1; 216])]);
    fs::write(folder.join("ledger.toml"), &description).unwrap();
    let (shown, error) = tried(folder);
    assert!(shown.is_null() && error.contains("NothingRead"), "{error}");
    fs::write(
        folder.join("ledger.toml"),
        description.replace("owner_offset = 40", "owner_offset = 200"),
    )
    .unwrap();
    let (_, error) = tried(folder);
    assert!(
        error.contains("BadLayout") && error.contains("the owner lies beyond the account"),
        "{error}"
    );
}

fn named(text: &str, keys: &[(&str, Pubkey)]) -> String {
    keys.iter().fold(text.to_owned(), |text, (name, key)| {
        text.replace(name, &key.to_string())
    })
}

//! `bulkhead adopt`: what it drafts is taken by `init`, replaces nothing, and stands in nobody's way by accident.

mod common;

use std::{fs, path::Path};

use common::{Folder, assert_refused, bulkhead, bulkhead_on, checkout, json_of, stdout};
use serde_json::Value;
use solana_account::Account;
use solana_keypair::Keypair;

fn idl(name: &str) -> String {
    checkout(&format!("crates/adopt/tests/idls/{name}.json"))
}

fn names() -> Vec<String> {
    let files = fs::read_dir(checkout("crates/adopt/tests/idls")).expect("a folder");
    let names = files.map(|file| {
        file.expect("a file")
            .path()
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned()
    });
    names.collect()
}

/// One of each real protocol: the reader, its rules, and the program's own.
#[test]
fn init_takes_every_draft_as_it_is_in_a_dry_run() {
    let folder = Folder::new();
    let payer = folder.keypair("payer.json", &Keypair::new_from_array([7; 32]));
    let mut ledgers = 0;
    for name in names() {
        let out = folder.path(&name);
        let report = json_of(&bulkhead(&[
            "adopt",
            "--idl",
            &idl(&name),
            "--out",
            &out,
            "--output",
            "json",
        ]));
        assert_eq!(report["written"], true, "{name}");
        for file in report["files"].as_array().expect("a list") {
            let path = Path::new(&out).join(file.as_str().expect("a path"));
            assert!(path.is_file(), "{name}: {}", path.display());
        }
        let domain = format!("{out}/domain.toml");
        let output = bulkhead(&[
            "init",
            "--config",
            &domain,
            "-k",
            &payer,
            "--dry-run",
            "--output",
            "json",
        ]);
        let steps = json_of(&output)["steps"].as_array().expect("a list").clone();
        ledgers += steps.iter().filter(|step| step["name"] == "register_ledger").count();
    }
    assert!(ledgers >= 2, "only {ledgers} ledgers stand in the drafts");
}

/// Opening a domain whose council nobody holds would lose it.
#[test]
fn init_sends_nothing_while_a_placeholder_is_left() {
    let folder = Folder::new();
    let payer = folder.keypair("payer.json", &Keypair::new_from_array([7; 32]));
    let out = folder.path("draft");
    assert!(
        bulkhead(&["adopt", "--idl", &idl("quarry_mine"), "--out", &out])
            .status
            .success()
    );
    let domain = format!("{out}/domain.toml");
    let url = "http://127.0.0.1:1";
    assert_refused(
        &bulkhead(&["init", "--config", &domain, "-k", &payer, "-u", url]),
        "Placeholder",
    );
    // Nor where it is left only in a filter's bytes.
    let text = fs::read_to_string(&domain).expect("there");
    let filled: String = text
        .split('"')
        .enumerate()
        .map(|(at, part)| {
            let is_left = at % 2 == 1 && part.starts_with("FiLLMe");
            let fresh = Keypair::new_from_array([u8::try_from(at % 251).expect("small"); 32]);
            if is_left {
                solana_signer::Signer::pubkey(&fresh).to_string()
            } else {
                part.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join("\"");
    let filled = folder.write("filled.toml", &filled);
    let refused = bulkhead(&["init", "--config", &filled, "-k", &payer, "-u", url]);
    assert_refused(&refused, "ledgers[0].filters[1].hex");
}

#[test]
fn a_draft_is_replaced_only_when_asked() {
    let folder = Folder::new();
    let out = folder.path("draft");
    let arguments = ["adopt", "--idl", &idl("marinade"), "--out", &out];
    assert!(bulkhead(&arguments).status.success());
    let domain = format!("{out}/domain.toml");
    fs::write(&domain, "mine").expect("written");
    assert_refused(&bulkhead(&arguments), "Exists");
    assert_eq!(fs::read_to_string(&domain).expect("there"), "mine");
    assert!(bulkhead(&[&arguments[..], &["--force"]].concat()).status.success());
    assert!(fs::read_to_string(&domain).expect("there").contains("host_program"));
    // A link is not followed out of the folder.
    let elsewhere = folder.write("elsewhere", "theirs");
    fs::remove_file(&domain).expect("gone");
    std::os::unix::fs::symlink(&elsewhere, &domain).expect("a link");
    assert_refused(&bulkhead(&[&arguments[..], &["--force"]].concat()), "NotWritten");
    assert_eq!(folder.read("elsewhere"), "theirs");
}

#[test]
fn a_dry_run_writes_nothing() {
    let folder = Folder::new();
    let out = folder.path("draft");
    let output = bulkhead(&["adopt", "--idl", &idl("locked_voter"), "--out", &out, "--dry-run"]);
    assert!(
        output.status.success() && stdout(&output).contains("would write"),
        "{}",
        stdout(&output)
    );
    assert!(!Path::new(&out).exists());
    // A person reads where owner and amount are, and what to do next.
    let printed = stdout(&output);
    assert!(
        printed.contains("Escrow") && printed.contains("owner owner 40; amount 105"),
        "{printed}"
    );
    assert!(printed.contains("next: "), "{printed}");
}

#[test]
fn the_address_may_come_from_the_programs_key_pair() {
    let folder = Folder::new();
    let key = Keypair::new_from_array([3; 32]);
    let file = folder.keypair("host-keypair.json", &key);
    let arguments = [
        "adopt",
        "--idl",
        &idl("marinade"),
        "--out",
        &folder.path("a"),
        "--output",
        "json",
        "--program",
    ];
    let report = json_of(&bulkhead(&[&arguments[..], &[&file]].concat()));
    assert_eq!(
        report["adoption"]["program"],
        solana_signer::Signer::pubkey(&key).to_string()
    );
    let build = folder.write("host.so", "\u{7f}ELF");
    assert_refused(&bulkhead(&[&arguments[..], &[&build]].concat()), "BadProgram");
    let bad = folder.write("bad.json", "{}");
    assert_refused(
        &bulkhead(&["adopt", "--idl", &bad, "--out", &folder.path("b")]),
        "UnknownIdl",
    );
    assert_refused(
        &bulkhead(&["adopt", "--idl", "/nowhere", "--out", &folder.path("b")]),
        "BadIdl",
    );
}

/// Accounts of a node, as the draft reads them.
#[test]
fn samples_show_owner_and_amount() {
    let folder = Folder::new();
    let mut machine = bulkhead_testbed::Machine::new(&bulkhead_testbed::deploy_dir(), &[]).expect("a machine");
    let program: anchor_lang::prelude::Pubkey = "LocktDzaV1W2Bm9DeZeiyz4J9zs4fRqNiYqQyracRXw"
        .parse()
        .expect("an address");
    let owner = anchor_lang::prelude::Pubkey::new_from_array([9; 32]);
    let report: Value = json_of(&bulkhead(&[
        "adopt",
        "--idl",
        &idl("locked_voter"),
        "--out",
        &folder.path("a"),
        "--output",
        "json",
    ]));
    let filter = report["adoption"]["positions"][0]["filters"][0][1]
        .as_array()
        .expect("bytes")
        .clone();
    let mut data: Vec<u8> = filter
        .iter()
        .map(|byte| u8::try_from(byte.as_u64().expect("a byte")).expect("a byte"))
        .collect();
    data.resize(161, 0);
    data[40..72].copy_from_slice(owner.as_array());
    data[105..113].copy_from_slice(&55_u64.to_le_bytes());
    let account = Account {
        lamports: 10_000_000,
        data,
        owner: program,
        ..Account::default()
    };
    let key = anchor_lang::prelude::Pubkey::new_from_array([4; 32]);
    machine.write_account(&key, account);
    let out = folder.path("b");
    let arguments = [
        "adopt",
        "--idl",
        &idl("locked_voter"),
        "--out",
        &out,
        "--output",
        "json",
        "--rpc",
        "URL",
        "--force",
    ];
    for more in [&[][..], &["--sample", &key.to_string()]] {
        let (output, sent) = bulkhead_on(&mut machine, &[&arguments[..], more].concat(), "");
        let sample = &json_of(&output)["samples"][0];
        assert_eq!(sample["address"], key.to_string());
        assert_eq!(sample["sample"]["owner"], owner.to_string());
        assert_eq!(sample["sample"]["amounts"][0][1], "55");
        assert_eq!(sent, 0);
    }
}

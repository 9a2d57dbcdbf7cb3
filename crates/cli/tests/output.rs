//! Standard output that nobody reads any more, or that cannot be written: never a panic, whatever the command.

mod common;

use std::{
    fs::OpenOptions,
    process::{Command, Output, Stdio},
};

use anchor_lang::prelude::Pubkey;
use bulkhead_core::proposals::proposal::payload_hash;
use bulkhead_interface::{ID, ProposalKind, constants::VERSION, discriminator, layout::Proposal};
use bytemuck::Zeroable;
use common::{Folder, account_json, checkout, stderr, stdout};
use solana_account::Account;
use solana_keypair::Keypair;

const SNAPSHOT: &str = "So11111111111111111111111111111111111111112";

/// Commands that write to standard output and need no node, each as often as it is run.
fn commands(folder: &Folder) -> Vec<Vec<String>> {
    let payer = folder.keypair("payer.json", &Keypair::new_from_array([7; 32]));
    let example = checkout("migrations/domain.example.toml");
    let rows: String = (1..200).map(|i| format!("{i:064x},{:064x},{i}\n", i % 5 + 1)).collect();
    let csv = folder.write("all.csv", &format!("key,owner,amount\n{rows}"));
    let built = folder.path("built");
    let made = common::bulkhead(&["snapshot", "build", &csv, "--snapshot", SNAPSHOT, "--out", &built]);
    assert!(made.status.success(), "{}", stderr(&made));
    let key = format!("{:064x}", 3);
    let owner = bs58(&key);
    let flow = checkout("crates/calibrate/samples/flow.csv");
    let proposal = folder.write("proposal.json", &proposal());
    [
        vec!["init", "--config", &example, "--keypair", &payer, "--dry-run"],
        vec![
            "init",
            "--config",
            &example,
            "--keypair",
            &payer,
            "--dry-run",
            "--output",
            "json",
        ],
        vec!["proposal", "show", "--file", &proposal],
        vec!["proposal", "show", "--file", &proposal, "--output", "json"],
        vec!["snapshot", "verify", &built],
        vec!["snapshot", "verify", &built, "--output", "json"],
        vec!["snapshot", "diff", &built, &built],
        vec!["snapshot", "prove", &built, "--owner", &owner],
        vec!["calibrate", "flow", "--csv", &flow, "--false-trip-every", "180d"],
    ]
    .into_iter()
    .map(|arguments| arguments.into_iter().map(str::to_owned).collect())
    .collect()
}

/// An account with a proposal to resume, as a node tells it.
fn proposal() -> String {
    let payload = [5; 32];
    let proposal = Proposal {
        version: VERSION,
        kind: ProposalKind::Resume.number(),
        payload_len: 32,
        payload_hash: payload_hash(ProposalKind::Resume.number(), &payload),
        ..Proposal::zeroed()
    };
    account_json(&Account {
        lamports: 1,
        data: [&discriminator::PROPOSAL, bytemuck::bytes_of(&proposal), &payload].concat(),
        owner: ID,
        executable: false,
        rent_epoch: u64::MAX,
    })
    .to_string()
}

/// 64 hexadecimal digits as an address.
fn bs58(hex: &str) -> String {
    let bytes: Vec<u8> = (0..32)
        .filter_map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).ok())
        .collect();
    let bytes: [u8; 32] = bytes.try_into().expect("32 bytes");
    Pubkey::new_from_array(bytes).to_string()
}

fn run(arguments: &[String], out: Stdio) -> Output {
    let child = Command::new(env!("CARGO_BIN_EXE_bulkhead"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(Stdio::piped())
        .spawn();
    child
        .and_then(|child| child.wait_with_output())
        .expect("the command runs")
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = Folder::new();
    for arguments in commands(&folder) {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = run(&arguments, writer.into());
        let printed = stderr(&output);
        assert!(
            output.status.success() && !printed.contains("panicked"),
            "{arguments:?}: {printed}"
        );
    }
}

#[test]
fn a_full_disk_is_an_error_with_a_name() {
    let folder = Folder::new();
    let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else {
        return;
    };
    for arguments in commands(&folder) {
        let output = run(&arguments, full.try_clone().expect("a file").into());
        let printed = stderr(&output);
        assert!(
            !output.status.success() && printed.contains("NotWritten") && !printed.contains("panicked"),
            "{arguments:?}: {printed}"
        );
        // Nor where the error itself cannot be printed.
        let silent = Command::new(env!("CARGO_BIN_EXE_bulkhead"))
            .args(&arguments)
            .stdin(Stdio::null())
            .stdout(full.try_clone().expect("a file"))
            .stderr(full.try_clone().expect("a file"))
            .status()
            .expect("the command runs");
        assert_eq!(silent.code(), Some(1), "{arguments:?}");
    }
}

/// What others have written reaches the terminal without what it obeys, also in an error.
#[test]
fn nothing_that_a_terminal_obeys_is_told() {
    let folder = Folder::new();
    let rows = "key,owner,amount\n\u{1b}[2J\u{1b}]0;owned\u{7},x,1\n";
    let csv = folder.write("all.csv", rows);
    let named = folder.write("b\u{1b}[2J.csv", "");
    for file in [csv, named] {
        let output = common::bulkhead(&[
            "snapshot",
            "build",
            &file,
            "--snapshot",
            SNAPSHOT,
            "--out",
            &folder.path("out"),
        ]);
        let printed = stderr(&output);
        assert!(!output.status.success() && stdout(&output).is_empty());
        assert!(
            !printed.contains(|letter: char| letter.is_control() && letter != '\n'),
            "{printed:?}"
        );
    }
}

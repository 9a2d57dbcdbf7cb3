//! The global arguments, on the verb that approves a proposal: clusters, keys, dry runs, signing elsewhere, exit codes.

mod common;

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use anchor_lang::Discriminator;
use bulkhead_client::bulkhead::instructions::SetLimitArgs;
use bulkhead_interface::{
    ID,
    layout::{OutflowBreaker, Proposal},
};
use bulkhead_testbed::{Machine, Protocol, Setup, deploy_dir, keypair};
use serde_json::{Value, json};
use solana_signer::Signer;

use common::{Folder, bulkhead, bulkhead_on, json_of, stderr, stdout};

struct Scene {
    machine: Machine,
    protocol: Protocol,
    proposal: String,
    folder: Folder,
}

/// A protocol with a proposal that collects approvals.
fn scene() -> Scene {
    let mut machine = Machine::new(&deploy_dir(), &[(ID, "bulkhead")]).expect("the programs are built");
    let protocol = Protocol::set_up(&mut machine, &Setup::default());
    let breaker = protocol.vault.breaker;
    let before: OutflowBreaker = machine.load(&breaker);
    let args = SetLimitArgs {
        breaker,
        limit: 123_456_789,
        slot_limit: 7_654_321,
        limit_bps: before.limit_bps,
        slot_bps: before.slot_bps,
        inflow_credit: before.inflow_credit,
        trip_limit: 0,
        trip_bps: 0,
    };
    let proposal = protocol.propose(&mut machine, &args).to_string();
    for member in &protocol.members {
        machine.fund(&member.pubkey(), 1_000_000_000);
    }
    Scene {
        machine,
        protocol,
        proposal,
        folder: Folder::new(),
    }
}

impl Scene {
    fn member(&self, index: usize) -> String {
        self.folder
            .keypair(&format!("member-{index}.json"), &self.protocol.members[index])
    }

    fn address(&self, index: usize) -> String {
        self.protocol.members[index].pubkey().to_string()
    }

    fn approve(&mut self, more: &[&str]) -> (std::process::Output, u32) {
        let arguments = ["proposal", "approve", &self.proposal, "-u", "URL"];
        bulkhead_on(&mut self.machine, &[&arguments, more].concat(), "")
    }

    fn approvals(&self) -> u64 {
        let proposal: Proposal = self.machine.load(&self.proposal.parse().expect("an address"));
        proposal.approvals.into()
    }
}

/// Nobody's key, and what would change all the same.
#[test]
fn a_dry_run_needs_no_key_and_says_what_would_change() {
    let mut scene = scene();
    let member = scene.address(0);
    let (output, sent) = scene.approve(&["-k", &member, "--dry-run"]);
    let text = stdout(&output);
    assert!(output.status.success() && sent == 0, "{}", stderr(&output));
    for part in [
        "would send one transaction; nothing was sent",
        "works     ",
        "ProposalApproved Proposal",
        &format!("signer    {member}"),
        "SOL",
    ] {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let (output, _) = scene.approve(&["-k", &member, "--dry-run", "--output", "json-compact"]);
    assert_eq!(stdout(&output).lines().count(), 1);
    let outcome = &json_of(&output)["outcome"];
    let transaction = &outcome["transactions"][0];
    assert_eq!(
        (&outcome["dry_run"], &transaction["works"]),
        (&json!(true), &json!(true))
    );
    let events: Vec<_> = transaction["changes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|each| &each["event"])
        .collect();
    assert!(events.contains(&&json!("ProposalApproved")), "{events:?}");
    assert_eq!(scene.approvals(), 0);
}

/// Two people sign the same message in different places, and either sends it.
#[test]
fn what_is_signed_elsewhere_is_sent() {
    let mut scene = scene();
    let (approver, payer) = (scene.address(0), scene.address(1));
    let (approver_key, payer_key) = (scene.member(0), scene.member(1));
    let blockhash = scene.machine.svm.latest_blockhash().to_string();
    let shared = ["--blockhash", &blockhash, "--output", "json"];
    // The approver, who does not have the payer's key.
    let here = ["-k", &approver_key, "--fee-payer", &payer, "--sign-only"];
    let (output, sent) = scene.approve(&[&shared[..], &here].concat());
    let outcome = json_of(&output)["outcome"].clone();
    assert_eq!(
        (sent, &outcome["absent"], &outcome["blockhash"]),
        (0, &json!([payer]), &json!(blockhash))
    );
    let signature = outcome["signers"][0].as_str().expect("a signature");
    assert!(signature.starts_with(&format!("{approver}=")));
    // The payer, who does not have the approver's key, nor a signature yet.
    let there = ["-k", &approver, "--fee-payer", &payer_key, "--yes"];
    let (output, sent) = scene.approve(&[&shared[..], &there].concat());
    assert_eq!((sent, output.status.code()), (0, Some(6)));
    assert!(
        stderr(&output).contains(&format!("MissingSigner: {approver}")),
        "{}",
        stderr(&output)
    );
    // A signature of something else.
    let other = format!(
        "{approver}={}",
        scene.protocol.members[0].sign_message(b"something else")
    );
    let (output, sent) = scene.approve(&[&shared[..], &there, &["--signer", &other]].concat());
    assert!(
        sent == 0 && stderr(&output).contains("SignatureMismatch"),
        "{}",
        stderr(&output)
    );
    let (output, sent) = scene.approve(&[&shared[..], &there, &["--signer", signature]].concat());
    assert!(output.status.success() && sent == 1, "{}", stderr(&output));
    assert_eq!(scene.approvals(), 1);
}

/// A message for the vault of a multisig: it signs nothing, and the vault is the signer.
#[test]
fn a_message_is_printed_for_a_vault() {
    let mut scene = scene();
    let member = scene.address(0);
    let (output, sent) = scene.approve(&["-k", &member, "--dump-message", "--output", "json"]);
    let outcome = json_of(&output)["outcome"].clone();
    assert_eq!(
        (sent, &outcome["absent"], &outcome["signers"]),
        (0, &json!([member]), &json!([]))
    );
    let message = bs58::decode(outcome["message"].as_str().expect("text"))
        .into_vec()
        .expect("base58");
    let member = scene.protocol.members[0].pubkey().to_bytes();
    // One signer, who pays: the vault. Its address comes first.
    assert_eq!((message[0], &message[4..36]), (1, &member[..]));
    let discriminator = bulkhead_client::bulkhead::instruction::Approve::DISCRIMINATOR;
    assert!(message.windows(8).any(|window| window == discriminator));
}

#[test]
fn the_configuration_file_is_what_arguments_override() {
    let scene = scene();
    let config = |url: &str, key: &str| {
        let text = format!("---\njson_rpc_url: \"{url}\"\nkeypair_path: {key}\ncommitment: confirmed\n");
        scene.folder.write("config.yml", &text)
    };
    let file = config("http://127.0.0.1:1", "/nowhere/id.json");
    let show = |more: &[&str]| bulkhead(&[&["proposal", "show", &scene.proposal, "-C", &file], more].concat());
    let output = show(&[]);
    assert_eq!(output.status.code(), Some(4));
    assert!(
        stderr(&output).contains("RpcUnreachable: 127.0.0.1:1"),
        "{}",
        stderr(&output)
    );
    let output = show(&["-u", "http://127.0.0.2:1"]);
    assert!(
        stderr(&output).contains("RpcUnreachable: 127.0.0.2:1"),
        "{}",
        stderr(&output)
    );
    // The configured key is missed by those who sign, and by nobody else.
    let approve = bulkhead(&["proposal", "approve", &scene.proposal, "-C", &file]);
    assert_eq!(approve.status.code(), Some(6));
    assert!(stderr(&approve).contains("NoKeypair") && stderr(&approve).contains("/nowhere/id.json"));
    let file = scene.folder.write("broken.yml", "- a list\n");
    let output = bulkhead(&["proposal", "show", &scene.proposal, "-C", &file]);
    assert!(stderr(&output).contains("NotAConfig"), "{}", stderr(&output));
}

#[test]
fn wrong_arguments_end_with_code_two() {
    let proposal = keypair("proposal").pubkey().to_string();
    let base = ["proposal", "show", &proposal];
    for (more, name) in [
        (vec!["-u", "mainnet"], "UnknownCluster"),
        (vec!["-u", "node.example/?api-key=hidden"], "UnknownCluster"),
        (vec!["--commitment", "sure"], "possible values"),
        (
            vec!["--dry-run", "--sign-only", "--blockhash", &proposal],
            "exclude each other",
        ),
        (vec!["--sign-only"], "--blockhash"),
    ] {
        let output = bulkhead(&[&base[..], &more].concat());
        assert_eq!(output.status.code(), Some(2), "{more:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(name), "{more:?}: {}", stderr(&output));
        assert!(!stderr(&output).contains("hidden"), "{}", stderr(&output));
    }
}

#[test]
fn a_hardware_wallet_is_named_and_standard_input_is_a_key() {
    let mut scene = scene();
    // Where wallets are built in, none is plugged in while tests run.
    let wanted: &[&str] = if cfg!(feature = "usb") {
        &["NoWallet"]
    } else {
        &["NoHardwareWallet", "--features bulkhead-cli/usb", "--sign-only"]
    };
    let (output, _) = scene.approve(&["-k", "usb://ledger"]);
    for part in wanted {
        assert!(stderr(&output).contains(part), "{}", stderr(&output));
    }
    let key = serde_json::to_string(&scene.protocol.members[0].to_bytes().to_vec()).expect("a list");
    let arguments = ["proposal", "approve", &scene.proposal, "-u", "URL", "-k", "-", "--yes"];
    let (output, sent) = bulkhead_on(&mut scene.machine, &arguments, &key);
    assert!(output.status.success() && sent == 1, "{}", stderr(&output));
}

/// A page of a proxy instead of a node.
#[test]
fn a_node_that_answers_html_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut bytes = [0; 4096];
            let _ = stream.read(&mut bytes);
            let page = "<html><body>Sign in</body></html>";
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                page.len()
            );
            let _ = stream.write_all((head + page).as_bytes());
        }
    });
    let proposal = keypair("proposal").pubkey().to_string();
    let output = bulkhead(&["proposal", "show", &proposal, "-u", &url]);
    assert_eq!(output.status.code(), Some(4));
    assert!(
        stderr(&output).contains("is 127.0.0.1") && stderr(&output).contains("a Solana RPC node?"),
        "{}",
        stderr(&output)
    );
}

/// Errors of different kinds have different codes, in a dry run too.
#[test]
fn what_is_refused_is_not_what_is_missing() {
    let mut scene = scene();
    let (member, nobody) = (scene.address(0), keypair("nobody").pubkey().to_string());
    let (output, sent) = scene.approve(&["-k", &member, "--fee-payer", &nobody, "--dry-run"]);
    let printed = stderr(&output);
    assert_eq!((output.status.code(), sent), (Some(3), 0), "{printed}");
    assert!(printed.contains(&format!("PayerUnfunded: {nobody}")), "{printed}");
    assert!(
        stdout(&output).contains("FAILS"),
        "what was found until then is shown: {}",
        stdout(&output)
    );
    let (output, _) = bulkhead_on(&mut scene.machine, &["proposal", "show", &nobody, "-u", "URL"], "");
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
}

#[test]
fn shells_and_the_manual_know_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = bulkhead(&["completions", shell]);
        assert!(
            output.status.success() && stdout(&output).contains("proposal"),
            "{shell}"
        );
    }
    let page = stdout(&bulkhead(&["man"]));
    assert!(page.contains(".TH") && page.contains("proposal"), "{page}");
    let folder = Folder::new();
    let out = folder.path("man1");
    assert!(bulkhead(&["man", "--out", &out]).status.success());
    assert!(folder.read("man1/bulkhead-proposal-approve.1").contains(".TH"));
    let output = bulkhead(&["man", "--out", "/dev/null/man1"]);
    assert!(stderr(&output).contains("NotWritten"), "{}", stderr(&output));
    let help = stdout(&bulkhead(&["--help"]));
    assert!(
        help.contains("Exit codes:") && help.contains("a key is missing"),
        "{help}"
    );
}

#[test]
fn json_is_one_value_on_one_line_when_asked() {
    let mut scene = scene();
    let arguments = [
        "proposal",
        "show",
        &scene.proposal,
        "-u",
        "URL",
        "--output",
        "json-compact",
    ];
    let (output, _) = bulkhead_on(&mut scene.machine, &arguments, "");
    assert_eq!(stdout(&output).lines().count(), 1);
    let printed: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(printed["payload"]["kind"], "set_limit");
}

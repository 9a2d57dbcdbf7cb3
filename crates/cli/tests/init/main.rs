//! `bulkhead init` on the built program: calibrated sections, dry runs, repetition, and what it refuses.

#[path = "../common/mod.rs"]
mod common;

mod files;
mod pages;

use bulkhead_client::{bulkhead::instructions::SetLimitArgs, pda};
use bulkhead_interface::{
    constants::phase,
    layout::{Council, Domain, OutflowBreaker, PriceBreaker, Vault},
};
use bulkhead_testbed::{Machine, Protocol, Setup, deploy_dir, keypair};
use serde_json::Value;
use solana_account::Account;
use solana_signer::Signer;

use common::{Folder, assert_refused, bulkhead, bulkhead_on, bulkhead_within, checkout, json_of, stderr, stdout};

const FEED: &str = "ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d";

/// A machine with what the example's file names, and that file.
struct Scene {
    machine: Machine,
    folder: Folder,
    /// Of the files.
    config: Vec<String>,
    payer: String,
}

fn scene() -> Scene {
    let mut machine =
        Machine::new(&deploy_dir(), &[(bulkhead_interface::ID, "bulkhead")]).expect("the programs are built");
    let folder = Folder::new();
    let key = |name: &str| keypair(name).pubkey();
    for mint in ["mint", "governance"] {
        machine.create_mint(&key(mint), &key("issuer"), 6);
    }
    machine.write_account(
        &key("total"),
        Account {
            lamports: 10_000_000,
            data: vec![0; 16],
            owner: key("host"),
            executable: false,
            rent_epoch: u64::MAX,
        },
    );
    let example = std::fs::read_to_string(checkout("migrations/domain.example.toml")).expect("the example");
    let replaced = [
        ("HostProgram11111111111111111111111111111111", "host"),
        ("GovernanceMint11111111111111111111111111111", "governance"),
        ("TokenMint1111111111111111111111111111111111", "mint"),
        ("PositionsSum1111111111111111111111111111111", "total"),
        ("HostSigner111111111111111111111111111111111", "signer"),
    ];
    let text = replaced.iter().fold(example, |text, (placeholder, name)| {
        assert!(text.contains(placeholder), "{placeholder}");
        text.replace(placeholder, &key(name).to_string())
    });
    // A route needs a token account that exists, which a test of its own has.
    let text: String = text
        .lines()
        .filter(|line| !line.starts_with("route ="))
        .map(|line| format!("{line}\n"))
        .collect();
    let text = if text.contains("fallback =") {
        text
    } else {
        let keys = format!(
            "heartbeat_seconds = 2592000\nguardian_pauses_per_day = 3\nguardian_pauses_in_a_row = 3\nfallback = \"{}\"\n\
             fallback_seconds = 2592000\n",
            key("fallback")
        );
        text.replacen("trip_seconds", &format!("{keys}trip_seconds"), 1)
    };
    let domain = folder.write("domain.toml", &text);
    let payer = folder.keypair("payer.json", &machine.payer);
    Scene {
        machine,
        folder,
        config: vec![domain],
        payer,
    }
}

impl Scene {
    /// `bulkhead init` over every file.
    fn init(&mut self, more: &[&str]) -> (std::process::Output, u32) {
        let mut arguments = vec!["init", "--rpc", "URL", "--keypair", &self.payer];
        for file in &self.config {
            arguments.extend(["--config", file]);
        }
        arguments.extend(more);
        bulkhead_on(&mut self.machine, &arguments, "")
    }

    fn change(&self, from: &str, to: &str) {
        let text = self.folder.read("domain.toml");
        assert!(text.contains(from), "{from}");
        self.folder.write("domain.toml", &text.replacen(from, to, 1));
    }

    fn domain(&self) -> anchor_lang::prelude::Pubkey {
        pda::domain(&self.machine.payer.pubkey())
    }
}

#[test]
fn a_dry_run_tells_everything_and_sends_nothing() {
    let mut scene = scene();
    let (output, sent) = scene.init(&["--dry-run", "--output", "json"]);
    let report = json_of(&output);
    assert_eq!(sent, 0);
    assert!(scene.machine.account(&scene.domain()).is_none());
    let steps = report["steps"].as_array().expect("a list");
    let names: Vec<_> = steps.iter().filter_map(|step| step["name"].as_str()).collect();
    assert_eq!(names, ["open_domain", "open_breaker", "open_vault", "register_ledger"]);
    for step in steps {
        let instruction = &step["instruction"];
        assert_eq!(instruction["program"], bulkhead_interface::ID.to_string());
        let accounts = instruction["accounts"].as_array().expect("a list");
        assert!(accounts.iter().all(|account| account["name"] != ""), "{accounts:?}");
        let rent = &instruction["rent"][0];
        let bytes = usize::try_from(rent["bytes"].as_u64().expect("a number")).expect("it fits");
        assert_eq!(
            rent["lamports"],
            scene.machine.svm.minimum_balance_for_rent_exemption(bytes).to_string()
        );
    }
    assert_eq!(steps[1]["instruction"]["arguments"]["limit"], "1000000000000");

    // Without a node: the same steps, rent by rule.
    let config = scene.config[0].clone();
    let output = bulkhead(&["init", "--config", &config, "--keypair", &scene.payer, "--dry-run"]);
    let text = stdout(&output);
    assert!(output.status.success(), "{}", stderr(&output));
    for part in [
        "would do  open_domain",
        "signer, writable",
        "rent  council",
        "limit = 1000000000000",
        "setup_authority",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
}

/// The dry run shows what is signed: every field of every instruction, not a count of them.
#[test]
fn a_dry_run_shows_every_argument() {
    let scene = scene();
    let dry = |more: &[&str]| {
        let arguments = [
            "init",
            "--config",
            &scene.config[0],
            "--keypair",
            &scene.payer,
            "--dry-run",
        ];
        bulkhead(&[&arguments, more].concat())
    };
    let idl: Value =
        serde_json::from_str(&std::fs::read_to_string(checkout("idl/bulkhead.json")).expect("the IDL")).expect("JSON");
    let types = idl["types"].as_array().expect("a list");
    let fields_of = |name: &Value| {
        let found = types.iter().find(|found| found["name"] == *name).expect("a type");
        let fields = found["type"]["fields"].as_array().expect("fields").iter();
        fields
            .map(|field| field["name"].as_str().expect("a name"))
            .collect::<Vec<_>>()
    };
    let report = json_of(&dry(&["--output", "json"]));
    let text = stdout(&dry(&[]));
    for step in report["steps"].as_array().expect("a list") {
        let instructions = idl["instructions"].as_array().expect("a list");
        let found = instructions.iter().find(|each| each["name"] == step["name"]);
        let args = &found.expect("an instruction")["args"][0]["type"]["defined"]["name"];
        for field in fields_of(args) {
            assert!(
                step["instruction"]["arguments"].get(field).is_some(),
                "{field} of {} is missing in {step}",
                step["name"]
            );
            assert!(
                text.lines().any(|line| line.split_whitespace().next() == Some(field)),
                "{field} is missing in\n{text}"
            );
        }
    }
    let ledger = &report["steps"][3]["instruction"]["arguments"];
    let file: toml::Table = scene.folder.read("domain.toml").parse().expect("TOML");
    let stated = &file["ledgers"][0];
    assert_eq!(
        ledger["filters"][0]["bytes"].as_str(),
        stated["filters"][0]["hex"].as_str()
    );
    assert_eq!(
        ledger["amounts"][0]["offset"].as_i64(),
        stated["amount_offset"].as_integer()
    );
    assert_eq!(
        ledger["amounts"][0]["width"].as_i64(),
        stated["amount_width"].as_integer()
    );
    assert_eq!(ledger["owner_offset"].as_i64(), stated["owner_offset"].as_integer());
    let council = &report["steps"][0]["instruction"]["arguments"]["council"];
    assert_eq!(council["members"].as_array().map(Vec::len), Some(3));
    assert_eq!(council["policies"].as_array().map(Vec::len), Some(4));
    // In text, what belongs to an argument is set in below it.
    let offset = stated["amount_offset"].as_integer().expect("a number");
    let block = format!("          amounts\n            [0]\n              offset = {offset}\n");
    assert!(text.contains(&block), "{text}");
    assert!(
        text.contains("              [1] constitution\n                threshold = "),
        "{text}"
    );
}

#[test]
fn what_is_there_is_compared_and_never_changed() {
    let mut scene = scene();
    let (output, sent) = scene.init(&[]);
    assert!(output.status.success() && sent == 4, "{}", stderr(&output));
    let domain: Domain = scene.machine.load(&scene.domain());
    assert_eq!(domain.state, phase::SETUP);
    let council: Council = scene.machine.load(&pda::council(&scene.domain()));
    assert_eq!((council.member_count, council.freeze_threshold), (3, 2));
    let vault = pda::vault(&scene.domain(), &keypair("mint").pubkey(), 0);
    assert_eq!(scene.machine.load::<Vault>(&vault).operator, keypair("signer").pubkey());

    scene.change("limit = 1000000000000", "limit = 2000000000000");
    let (output, sent) = scene.init(&[]);
    assert_eq!(sent, 0);
    assert_refused(&output, "Differs: open_breaker");
    assert!(stderr(&output).contains("limit is 1000000000000, the file says 2000000000000"));
    scene.change("limit = 2000000000000", "limit = 1000000000000");
    scene.change("vote_seconds = 259200", "vote_seconds = 259201");
    assert_refused(&scene.init(&[]).0, "Differs: open_domain");
    scene.change("vote_seconds = 259201", "vote_seconds = 259200");
    scene.change("freeze_threshold = 2", "freeze_threshold = 1");
    assert_refused(&scene.init(&[]).0, "Differs: open_domain");
}

#[test]
fn a_run_that_stopped_is_resumed_and_set_up_ends_once() {
    let mut scene = scene();
    scene.change("activate = false", "activate = true");
    // The ledger's sum is missing: everything before it is done.
    let total = keypair("total").pubkey();
    let account = scene.machine.account(&total).expect("the sum");
    scene.machine.write_account(&total, Account::default());
    let (output, sent) = scene.init(&[]);
    assert_refused(&output, "register_ledger");
    assert_eq!(sent, 3, "three landed, and what would fail was not sent");
    scene.machine.write_account(&total, account);
    let (output, sent) = scene.init(&[]);
    assert!(output.status.success() && sent == 2, "{}", stderr(&output));
    let domain: Domain = scene.machine.load(&scene.domain());
    assert_eq!(domain.state, phase::OPERATING);

    let (output, sent) = scene.init(&[]);
    assert!(output.status.success() && sent == 0);
    // Another breaker would take a proposal now.
    let text = scene.folder.read("domain.toml");
    let vault = text.find("[[ledgers]]").expect("a ledger");
    let more = format!(
        "{}{}{}",
        &text[..vault],
        text[vault..].replace("index = 0", "index = 1"),
        ""
    );
    scene.folder.write("domain.toml", &more);
    let (output, sent) = scene.init(&[]);
    assert_eq!(sent, 0);
    assert_refused(&output, "SetupEnded: register_ledger");
}

#[test]
fn a_route_is_registered_and_may_be_changed_during_set_up() {
    let mut scene = scene();
    let domain = scene.domain();
    let mint = keypair("mint").pubkey();
    for name in ["recovery_account", "other recovery account"] {
        scene
            .machine
            .create_token_account(&keypair(name).pubkey(), &mint, &domain, 0);
    }
    let route = |name: &str| format!("route = \"{}\"", keypair(name).pubkey());
    scene.change(
        "queue_seconds = 86400",
        &format!("queue_seconds = 86400\n{}", route("recovery_account")),
    );
    assert!(scene.init(&[]).0.status.success());
    scene.change(&route("recovery_account"), &route("other recovery account"));
    let (output, sent) = scene.init(&[]);
    assert!(output.status.success() && sent == 1, "{}", stderr(&output));
    let vault: Vault = scene.machine.load(&pda::vault(&domain, &mint, 0));
    assert_eq!(vault.route, keypair("other recovery account").pubkey());
}

#[test]
fn what_is_missing_is_said_before_anything_is_sent() {
    let mut scene = scene();
    let config = scene.config[0].clone();
    let run = |arguments: &[&str]| bulkhead(&[&["init", "--config", &config], arguments].concat());
    assert_refused(&run(&["--keypair", &scene.payer]), "NoCluster");
    assert_refused(&run(&["--dry-run"]), "NoKeypair");
    let bad = scene.folder.write("bad.json", "[1, 2, 3]");
    assert_refused(&run(&["--dry-run", "--keypair", &bad]), "NotAKeypair");
    assert_refused(
        &run(&["--keypair", &scene.payer, "--rpc", "http://127.0.0.1:1"]),
        "RpcUnreachable",
    );
    scene
        .machine
        .write_account(&keypair("mint").pubkey(), Account::default());
    assert_refused(&scene.init(&[]).0, "NoSuchAccount: the mint");

    let mut empty = Machine::new(&deploy_dir(), &[]).expect("a machine");
    let arguments = ["init", "--config", &config, "--keypair", &scene.payer, "--rpc", "URL"];
    let (output, sent) = bulkhead_on(&mut empty, &arguments, "");
    assert_refused(&output, "NotDeployed");
    assert_eq!(sent, 0);
}

//! `bulkhead init` on the built program: calibrated sections, dry runs, repetition, and what it refuses.

mod common;

use bulkhead_client::{bulkhead::instructions::SetLimitArgs, pda};
use bulkhead_interface::{
    constants::phase,
    layout::{Council, Domain, OutflowBreaker, PriceBreaker, Vault},
};
use bulkhead_sim::{Machine, Protocol, Setup, deploy_dir, keypair};
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
            "heartbeat_seconds = 2592000\ncontains_per_day = 3\ncontains_in_a_row = 3\nfallback = \"{}\"\n\
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

/// From two histories to a domain with the limits that were found in them.
#[test]
fn calibrated_sections_are_opened() {
    let mut scene = scene();
    let (mint, authority) = (
        keypair("mint").pubkey().to_string(),
        keypair("authority").pubkey().to_string(),
    );
    for (kind, more) in [
        ("flow", ["--mint", &mint, "--authority", &authority].as_slice()),
        ("price", &["--feed-id", FEED]),
    ] {
        let (csv, toml) = (
            checkout(&format!("crates/calibrate/samples/{kind}.csv")),
            scene.folder.path(&format!("{kind}.toml")),
        );
        let arguments = [
            "calibrate",
            kind,
            "--csv",
            &csv,
            "--false-trip-every",
            "30d",
            "--compartment",
            "3",
        ];
        let output = bulkhead(&[&arguments, ["--toml", &toml, "--output", "json"].as_slice(), more].concat());
        json_of(&output);
        scene.config.push(toml);
    }
    let (output, sent) = scene.init(&[]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(sent, 6, "{}", stdout(&output));

    let domain = scene.domain();
    let flow: toml::Table = scene.folder.read("flow.toml").parse().expect("TOML");
    let wanted = &flow["breakers"][0];
    let mint = keypair("mint").pubkey();
    let breaker: OutflowBreaker = scene.machine.load(&pda::outflow_breaker(&domain, 3, &mint, 0));
    assert_eq!(
        Some(breaker.limit),
        wanted["limit"].as_integer().and_then(|limit| u64::try_from(limit).ok())
    );
    assert_eq!(breaker.authority, keypair("authority").pubkey());
    let price: toml::Table = scene.folder.read("price.toml").parse().expect("TOML");
    let wanted = &price["price_breakers"][0];
    let feed: Vec<_> = (0..32)
        .map(|i| u8::from_str_radix(&FEED[2 * i..2 * i + 2], 16).expect("hex"))
        .collect();
    let feed = <[u8; 32]>::try_from(feed).expect("32 bytes").into();
    let breaker: PriceBreaker = scene.machine.load(&pda::price_breaker(&domain, 3, &feed));
    assert_eq!(Some(i64::from(breaker.rules.z_milli)), wanted["z_milli"].as_integer());
    assert_eq!(
        Some(i64::from(breaker.rules.cusum_h_milli)),
        wanted["cusum_h_milli"].as_integer()
    );

    let (output, sent) = scene.init(&["--output", "json"]);
    assert_eq!(sent, 0, "everything is there");
    let report = json_of(&output);
    let steps = report["steps"].as_array().expect("a list");
    assert!(steps.len() == 6 && steps.iter().all(|step| step["state"] == "there"));

    // Each number of a price breaker is compared, also one that the file leaves to its default.
    let price = scene.folder.read("price.toml");
    for (key, told) in [
        ("max_ahead_seconds = 20", "max_ahead_seconds is 30, the file says 20"),
        (
            "stale_seconds = 0\nmax_ahead_seconds = 0",
            "max_ahead_seconds is 30, the file says 0",
        ),
    ] {
        let changed = price.replacen("max_age_seconds", &format!("{key}\nmax_age_seconds"), 1);
        scene.folder.write("price.toml", &changed);
        let (output, sent) = scene.init(&[]);
        assert_refused(&output, "Differs: open_price_breaker");
        assert!(stderr(&output).contains(told) && sent == 0, "{}", stderr(&output));
    }
    let window = price
        .lines()
        .find(|line| line.starts_with("min_interval_seconds"))
        .expect("a line");
    scene
        .folder
        .write("price.toml", &price.replacen(window, "min_interval_seconds = 7", 1));
    assert_refused(&scene.init(&[]).0, "Differs: open_price_breaker");
}

/// Lines of the code block of `page` in which `bulkhead calibrate flow` stands.
fn lines(page: &str) -> Vec<String> {
    let text = std::fs::read_to_string(checkout(page)).expect("the page");
    let mut blocks = text.split("```").skip(1).step_by(2);
    let block = blocks.find(|block| block.contains("bulkhead calibrate flow"));
    let joined = block.expect("the lines").replace("\\\n", " ");
    joined
        .lines()
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

/// README's lines do what it says, typed as they stand, with nothing but addresses filled in; and `init` takes what
/// `calibrate` has written.
#[test]
fn the_lines_of_the_pages_work_as_they_stand() {
    let mut scene = scene();
    let folder = scene.folder.path("");
    let mint = keypair("calibrated mint").pubkey();
    scene.machine.create_mint(&mint, &keypair("issuer").pubkey(), 6);
    let protocol = Protocol::set_up(&mut scene.machine, &Setup::default());
    let raise = SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: 200_000,
        slot_limit: 100_000,
        ..SetLimitArgs::default()
    };
    let proposal = protocol.propose(&mut scene.machine, &raise);
    for kind in ["flow", "price"] {
        let sample = std::fs::read_to_string(checkout(&format!("crates/calibrate/samples/{kind}.csv")));
        scene.folder.write(&format!("{kind}.csv"), &sample.expect("a sample"));
    }
    let words = [
        ("MINT", mint.to_string()),
        ("HOST_SIGNER", keypair("signer").pubkey().to_string()),
        ("HEX", FEED.to_owned()),
        ("FILE", "payer.json".to_owned()),
        ("ADDRESS", proposal.to_string()),
    ];
    let mut seen = vec![];
    for line in lines("README.md").into_iter().chain(lines("docs/calibration.md")) {
        let typed = line.split_whitespace().map(|word| {
            let filled = words.iter().find(|(name, _)| *name == word);
            filled.map_or(word, |(_, filled)| filled.as_str())
        });
        let typed: Vec<_> = typed.collect();
        assert_eq!(typed[0], "bulkhead", "{line}");
        let (output, sent) = bulkhead_within(&folder, &mut scene.machine, &typed[1..], "");
        assert!(output.status.success() && sent == 0, "{line}: {}", stderr(&output));
        let told = stdout(&output);
        if typed[1] == "init" {
            assert!(
                told.contains("would do  open_vault") && told.contains(&mint.to_string()),
                "{told}"
            );
            assert_eq!(
                told.contains("would do  open_price_breaker"),
                line.contains("price.toml"),
                "{told}"
            );
        }
        seen.push(typed[1..3].join(" "));
    }
    for what in ["calibrate flow", "calibrate price", "proposal show"] {
        assert!(seen.iter().any(|line| line == what), "{what} is not in {seen:?}");
    }
    assert_eq!(
        seen.iter().filter(|line| line.starts_with("init")).count(),
        2,
        "{seen:?}"
    );
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
        "signs, written",
        "rent  council",
        "limit = 1000000000000",
        "namespace",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
}

#[test]
fn what_is_there_is_compared_and_never_changed() {
    let mut scene = scene();
    let (output, sent) = scene.init(&[]);
    assert!(output.status.success() && sent == 4, "{}", stderr(&output));
    let domain: Domain = scene.machine.load(&scene.domain());
    assert_eq!(domain.state, phase::SETUP);
    let council: Council = scene.machine.load(&pda::council(&scene.domain()));
    assert_eq!((council.member_count, council.hold_threshold), (3, 2));
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
    scene.change("hold_threshold = 2", "hold_threshold = 1");
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
    for name in ["refuge", "other refuge"] {
        scene
            .machine
            .create_token_account(&keypair(name).pubkey(), &mint, &domain, 0);
    }
    let route = |name: &str| format!("route = \"{}\"", keypair(name).pubkey());
    scene.change(
        "queue_seconds = 86400",
        &format!("queue_seconds = 86400\n{}", route("refuge")),
    );
    assert!(scene.init(&[]).0.status.success());
    scene.change(&route("refuge"), &route("other refuge"));
    let (output, sent) = scene.init(&[]);
    assert!(output.status.success() && sent == 1, "{}", stderr(&output));
    let vault: Vault = scene.machine.load(&pda::vault(&domain, &mint, 0));
    assert_eq!(vault.route, keypair("other refuge").pubkey());
}

#[test]
fn a_bad_file_is_named_by_key() {
    let cases = [
        ("quorum_bps", "quorum_bp", "quorum_bps: is missing"),
        ("activate = false", "activate = false\ncolour = 1", "unknown: colour"),
        (
            "hold_threshold = 2",
            "hold_threshold = 2\ncolour = 1",
            "unknown: council.colour",
        ),
        (
            "quorum_bps = 1000",
            "quorum_bps = 10001",
            "quorum_bps: has to be a whole number from 1 to 10000",
        ),
        ("quorum_bps = 1000", "quorum_bps = 0.5", "a whole number"),
        ("\"vetoer\"", "\"king\"", "\"king\" is none"),
        (
            "vote_seconds = 259200",
            "vote_seconds = -1",
            "vote_seconds: has to be seconds",
        ),
        (
            "hex = \"706f736974696f6e\"",
            "hex = \"abc\"",
            "ledgers[0].filters[0].hex",
        ),
        ("sub_windows = 12", "sub_windows = 25", "vaults[0].breaker.sub_windows"),
        ("[council]", "[council", "domain.toml"),
    ];
    for (from, to, wanted) in cases {
        let scene = scene();
        scene.change(from, to);
        let output = bulkhead(&[
            "init",
            "--config",
            &scene.config[0],
            "--keypair",
            &scene.payer,
            "--dry-run",
        ]);
        assert_refused(&output, "BadConfig");
        assert!(stderr(&output).contains(wanted), "{wanted}: {}", stderr(&output));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn files_are_joined_and_json_says_the_same() {
    let scene = scene();
    let value: toml::Table = scene.folder.read("domain.toml").parse().expect("TOML");
    let json = scene
        .folder
        .write("domain.json", &serde_json::to_string(&value).expect("JSON"));
    let dry = |files: &[&str]| {
        let mut arguments = vec!["init", "--dry-run", "--output", "json", "--keypair", &scene.payer];
        for file in files {
            arguments.extend(["--config", file]);
        }
        bulkhead(&arguments)
    };
    assert_eq!(json_of(&dry(&[&json])), json_of(&dry(&[&scene.config[0]])));
    assert_refused(&dry(&[&json, &scene.config[0]]), "is in another file already");
    assert_refused(&dry(&["/nowhere.toml"]), "cannot be read");
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

/// A section of the file with one rule, or none.
fn price_breaker(rules: &str) -> String {
    format!("[[price_breakers]]\ncompartment = 0\nlatch_seconds = 3600\npyth = {{ feed_id = \"{FEED}\" }}\n{rules}")
}

/// What the program would refuse is said by key, without a node and before anything is sent.
#[test]
fn what_the_program_would_refuse_is_refused_offline() {
    let scene = scene();
    let text = std::fs::read_to_string(&scene.config[0]).expect("the file");
    let line = |start: &str| {
        let line = text.lines().find(|line| line.trim_start().starts_with(start));
        line.unwrap_or_else(|| panic!("{start}")).to_owned()
    };
    let keys: Vec<_> = text.lines().filter(|line| line.contains("key = ")).collect();
    let key_of = |line: &str| line.split('"').nth(1).expect("a key in quotes").to_owned();
    let slot_limit = line("slot_limit");
    let cases = [
        (
            line("hold_threshold"),
            "hold_threshold = 9".to_owned(),
            "council.hold_threshold",
            "9 of 3 guardians",
        ),
        (key_of(keys[1]), key_of(keys[0]), "council.members", "stands twice"),
        (
            slot_limit.clone(),
            "slot_limit = \"999999999999999\"".to_owned(),
            "slot_limit",
            "in a window",
        ),
        (
            slot_limit.clone(),
            format!("{slot_limit}\ntrip_limit = 1"),
            "vaults[0].breaker.trip_limit",
            "1 latches",
        ),
        (
            slot_limit.clone(),
            format!("{slot_limit}\ntrip_bps = 500"),
            "vaults[0].breaker.trip_bps",
            "without limit_bps",
        ),
        (
            slot_limit.clone(),
            format!(
                "{slot_limit}\nlimit_bps = 500\ntrip_bps = 499\nreference = \"{}\"",
                keypair("a balance").pubkey()
            ),
            "vaults[0].breaker.trip_bps",
            "499 latches, but 500",
        ),
        (
            slot_limit.clone(),
            format!("{slot_limit}\ninflow_credit = 999999999999"),
            "vaults[0].breaker.inflow_credit",
            "at most limit / sub_windows",
        ),
        (
            line("[[ledgers]]"),
            format!("{}\n\n[[ledgers]]", price_breaker("max_age_seconds = 60")),
            "price_breakers[0]",
            "ArgumentOutOfRange",
        ),
        (
            line("amount_width"),
            "amount_width = 3".to_owned(),
            "ledgers[0]",
            "InvalidLedger",
        ),
        (
            line("vote_seconds"),
            "vote_seconds = 5".to_owned(),
            "vote_seconds",
            "3600",
        ),
        (
            line("queue_seconds"),
            "queue_seconds = 5".to_owned(),
            "queue_seconds",
            "3600",
        ),
        (
            line("contain_seconds"),
            "contain_seconds = 999999".to_owned(),
            "council",
            "InvalidCouncil",
        ),
    ];
    for (from, to, key, told) in cases {
        let changed = scene.folder.write("changed.toml", &text.replacen(&from, &to, 1));
        let output = bulkhead(&["init", "--config", &changed, "--keypair", &scene.payer, "--dry-run"]);
        assert_refused(&output, "BadConfig");
        let said = stderr(&output);
        assert!(
            said.contains(key) && said.contains(told) && stdout(&output).is_empty(),
            "{said}"
        );
    }
    // The same vault twice.
    let vault = text.split("[[vaults]]").nth(1).expect("a vault");
    let vault = vault.split("[[ledgers]]").next().expect("its lines");
    let twice = scene.folder.write("twice.toml", &format!("{text}\n[[vaults]]{vault}"));
    let output = bulkhead(&["init", "--config", &twice, "--keypair", &scene.payer, "--dry-run"]);
    assert_refused(&output, "the file has it twice");
}

//! What a file may say, and what is reported of one that says something else.

use super::*;

#[test]
fn a_bad_file_is_named_by_key() {
    let cases = [
        ("quorum_bps", "quorum_bp", "unknown field `quorum_bp`"),
        ("quorum_bps = 1000", "", "missing field `quorum_bps`"),
        (
            "activate = false",
            "activate = false\ncolour = 1",
            "unknown field `colour`",
        ),
        (
            "freeze_threshold = 2",
            "freeze_threshold = 2\ncolour = 1",
            "council.colour: unknown field",
        ),
        (
            "quorum_bps = 1000",
            "quorum_bps = 10001",
            "quorum_bps: 10001 is not a whole number from 1 to 10000",
        ),
        ("quorum_bps = 1000", "quorum_bps = 0.5", "a whole number"),
        ("\"vetoer\"", "\"king\"", "council.members[0].roles: \"king\" is none"),
        (
            "vote_seconds = 259200",
            "vote_seconds = -1",
            "vote_seconds: -1 is not seconds",
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
            line("freeze_threshold"),
            "freeze_threshold = 9".to_owned(),
            "council.freeze_threshold",
            "9 of 3 guardians",
        ),
        (key_of(keys[1]), key_of(keys[0]), "council.members", "is listed twice"),
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
            "latches at 1,",
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
            "latches at 499, but 500",
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
            line("guardian_pause_seconds"),
            "guardian_pause_seconds = 999999".to_owned(),
            "council",
            "InvalidCouncil",
        ),
    ];
    for (from, to, key, printed) in cases {
        let changed = scene.folder.write("changed.toml", &text.replacen(&from, &to, 1));
        let output = bulkhead(&["init", "--config", &changed, "--keypair", &scene.payer, "--dry-run"]);
        assert_refused(&output, "BadConfig");
        let said = stderr(&output);
        assert!(
            said.contains(key) && said.contains(printed) && stdout(&output).is_empty(),
            "{said}"
        );
    }
    // The same vault twice.
    let vault = text.split("[[vaults]]").nth(1).expect("a vault");
    let vault = vault.split("[[ledgers]]").next().expect("its lines");
    let twice = scene.folder.write("twice.toml", &format!("{text}\n[[vaults]]{vault}"));
    let output = bulkhead(&["init", "--config", &twice, "--keypair", &scene.payer, "--dry-run"]);
    assert_refused(&output, "the file defines it twice");
}

//! A file that is not usable is refused with an error that names what is wrong, and where.

use std::{fs, path::Path};

use bulkhead_sentinel::{
    config::{self, ConfigError, File},
    setup::{Setup, Who},
};
use bulkhead_testbed::keypair;
use solana_signer::Signer;

const DOMAIN: &str = "8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR";
const OTHER: &str = "4bxSc1tT6ZULobp3Ldu7B786s9u8rdxdEYjwiNmkRQTH";

fn parse(text: &str) -> Result<File, ConfigError> {
    config::parse(text, Path::new("sentinel.toml"))
}

/// A file with this in addition to what every file needs.
fn with(more: &str) -> String {
    format!(
        "domains = [\"{DOMAIN}\"]\nstate = \"sqlite:///tmp/state.db\"\n{more}\n[[endpoint]]\nname = \"one\"\nhttp = \
         \"https://one\"\n"
    )
}

fn refused(more: &str) -> String {
    match parse(&with(more)) {
        Ok(_) => panic!("it is taken:\n{more}"),
        Err(error) => error.to_string(),
    }
}

/// A rule with this in addition to its name.
fn rule(more: &str) -> String {
    format!("[[rule]]\nname = \"r\"\n{more}\n")
}

#[test]
fn the_least_file_has_sane_defaults() {
    let file = parse(&with("")).unwrap();
    assert_eq!(file.quorum(), 1);
    assert!(file.duties.reference && file.duties.propagate && !file.duties.heartbeat && !file.duties.checkpoint);
    assert!(file.keys.payer.is_none() && file.listen.is_none());
    let three =
        with("[[endpoint]]\nname = \"two\"\nhttp = \"http://b\"\n[[endpoint]]\nname = \"three\"\nhttp = \"http://c\"");
    assert_eq!(parse(&three).unwrap().quorum(), 2, "more than half");
}

#[test]
fn the_example_is_a_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ops/sentinel.toml");
    let file = config::load(&path).unwrap();
    assert_eq!((file.endpoints.len(), file.rules.len(), file.webhooks.len()), (3, 1, 1));
}

#[test]
fn unknown_and_misspelled_keys_are_named_with_their_place() {
    for (more, place, word) in [
        ("domain = \"x\"", "", "domain"),
        ("[reading]\npol = \"1s\"", "reading", "pol"),
        ("[fees]\nlamports_per_day = 1", "fees", "lamports_per_day"),
        ("[duties.close]\nrelease = true", "duties.close", "release"),
        (
            "[[rule]]\nname = \"r\"\nkind = \"outflow\"\nwindo = \"1m\"",
            "rule[0]",
            "windo",
        ),
        (
            "[[webhook]]\nname = \"w\"\nkind = \"slack\"\nurl = \"https://s\"\nchannel = \"#x\"",
            "webhook[0]",
            "channel",
        ),
        ("[[rule]]\nname = \"r\"\nkind = \"drain\"", "rule[0]", "drain"),
    ] {
        let error = refused(more);
        assert!(error.starts_with("ConfigInvalid: sentinel.toml: "), "{error}");
        assert!(error.contains(place) && error.contains(word), "{more}: {error}");
    }
}

#[test]
fn values_that_are_none_are_named() {
    for (more, words) in [
        ("[reading]\npoll = \"5x\"", "is not a duration such as 90s"),
        ("[reading]\npoll = 5", "reading.poll"),
        (
            "[[rule]]\nname = \"r\"\nkind = \"shrank\"\naccounts = [\"abc\"]",
            "is not an address in base58",
        ),
        (
            "[[rule]]\nname = \"r\"\nkind = \"shrank\"\nscope = 64\naccounts = []",
            "is not a compartment from 0 to 63",
        ),
        (
            "[[rule]]\nname = \"r\"\nkind = \"shrank\"\nscope = \"all\"\naccounts = []",
            "is not \"domain\"",
        ),
        ("listen = \"9464\"", "listen"),
        ("x = ", "TOML"),
    ] {
        let error = refused(more);
        assert!(error.contains(words), "{more}: {error}");
        assert!(error.ends_with("docs/sentinel.md lists every key"), "{error}");
    }
}

#[test]
fn what_contradicts_itself_has_an_error_of_its_own() {
    let accounts = format!("accounts = [\"{OTHER}\"]");
    let price = format!("account = \"{OTHER}\"\nprogram = \"{OTHER}\"");
    for (more, name) in [
        ("quorum = 2".to_owned(), "QuorumImpossible"),
        ("quorum = 0".to_owned(), "QuorumImpossible"),
        (
            "[[endpoint]]\nname = \"one\"\nhttp = \"http://b\"".to_owned(),
            "NamedTwice: endpoint one",
        ),
        (
            "[[endpoint]]\nname = \"two\"\nhttp = \"wss://b\"".to_owned(),
            "UrlUnusable: endpoint two: the http URL",
        ),
        (
            "[[endpoint]]\nname = \"two\"\nhttp = \"http://b\"\nws = \"http://b\"".to_owned(),
            "UrlUnusable: endpoint two: the ws URL",
        ),
        (
            "[reading]\npatience = \"1s\"".to_owned(),
            "OutOfRange: reading.patience",
        ),
        (
            "[reading]\ndiscover = \"2h\"".to_owned(),
            "OutOfRange: reading.discover",
        ),
        (
            "[schedule]\nsolvency = \"2h\"".to_owned(),
            "OutOfRange: schedule.solvency",
        ),
        (
            "[fees]\npause_start = 10\npause_most = 5".to_owned(),
            "OutOfRange: fees.pause_most",
        ),
        (
            "[fees]\npause_rise_percent = 0".to_owned(),
            "OutOfRange: fees.pause_rise_percent",
        ),
        (
            rule("kind = \"outflow\"\namount = 1"),
            "RuleIncomplete: rule r: a rule of kind outflow needs `window`",
        ),
        (
            rule("kind = \"outflow\"\nwindow = \"1m\""),
            "RuleIncomplete: rule r: a rule of kind outflow needs `amount` or `share_bps`",
        ),
        (rule("kind = \"upgraded\""), "needs `programs`"),
        (rule("kind = \"authority\""), "needs `accounts`"),
        (rule("kind = \"price\"\nmax_bps = 1"), "needs `price`"),
        (rule("kind = \"canary\""), "needs `file`"),
        (
            rule(&format!("kind = \"shrank\"\n{accounts}\nwindow = \"1m\"")),
            "RuleKeyUnused: rule r: `window`",
        ),
        (
            rule(&format!("kind = \"shrank\"\n{accounts}\ndomains = [\"{OTHER}\"]")),
            "RuleForeign: rule r",
        ),
        (rule("kind = \"shrank\"\naccounts = []"), "OutOfRange: rule r.accounts"),
        (
            rule(&format!("kind = \"shrank\"\n{accounts}\nmask = 0")),
            "OutOfRange: rule r.mask",
        ),
        (
            rule(&format!("kind = \"shrank\"\n{accounts}\nact = \"incident\"\nscope = 3")),
            "OutOfRange: rule r.scope",
        ),
        (
            rule("kind = \"outflow\"\nwindow = \"1m\"\nshare_bps = 10001"),
            "OutOfRange: rule r.share_bps",
        ),
        (
            rule("kind = \"outflow\"\nwindow = \"1s\"\namount = 1"),
            "OutOfRange: rule r.window",
        ),
        (
            rule(&format!("kind = \"upgraded\"\nprograms = [\"{OTHER}\"]\nhash = \"12\"")),
            "OutOfRange: rule r.hash",
        ),
        (
            format!(
                "{}[rule.price]\n{price}\nwidth = 7\n[rule.other]\n{price}\n",
                rule("kind = \"price\"\nmax_bps = 1")
            ),
            "OutOfRange: rule r.price.width",
        ),
        (
            format!(
                "{}[rule.price]\naccount = \"{OTHER}\"\n[rule.other]\n{price}\n",
                rule("kind = \"price\"\nmax_bps = 1")
            ),
            "OutOfRange: rule r.price.program",
        ),
        (
            format!(
                "{}{}",
                rule(&format!("kind = \"shrank\"\n{accounts}")),
                rule(&format!("kind = \"shrank\"\n{accounts}"))
            ),
            "NamedTwice: rule r",
        ),
        (
            "[[webhook]]\nname = \"w\"\nkind = \"pagerduty\"".to_owned(),
            "WebhookIncomplete: webhook w: a webhook of kind pagerduty needs `routing_key`",
        ),
        (
            "[[webhook]]\nname = \"w\"\nkind = \"generic\"\nurl = \"https://w\"".to_owned(),
            "WebhookIncomplete: webhook w: a webhook of kind generic needs `secret`",
        ),
        (
            "[[webhook]]\nname = \"w\"\nkind = \"slack\"".to_owned(),
            "WebhookIncomplete: webhook w: it needs `url`",
        ),
    ] {
        let error = refused(&more);
        assert!(error.contains(name), "{more}\n{error}");
    }
    let none = "domains = []\nstate = \"sqlite:x\"\n[[endpoint]]\nname = \"one\"\nhttp = \"http://b\"\n";
    assert_eq!(parse(none).unwrap_err(), ConfigError::NoDomains);
    let nowhere = format!("domains = [\"{DOMAIN}\"]\nstate = \"sqlite:x\"\n");
    assert_eq!(parse(&nowhere).unwrap_err(), ConfigError::NoEndpoints);
    let twice = nowhere.replace("]\n", &format!(", \"{DOMAIN}\"]\n"));
    assert!(parse(&twice).unwrap_err().to_string().starts_with("NamedTwice: domain"));
}

#[test]
fn files_that_are_not_there_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none.toml");
    assert!(matches!(
        config::load(&missing).unwrap_err(),
        ConfigError::Unreadable { .. }
    ));
    let canary = folder.path().join("canary.json");
    let file = |text: Option<&str>| {
        match text {
            Some(text) => fs::write(&canary, text).unwrap(),
            None => drop(fs::remove_file(&canary)),
        }
        let file = parse(&with(&rule(&format!(
            "kind = \"canary\"\nfile = \"{}\"",
            canary.display()
        ))))
        .unwrap();
        Setup::new(file, Who::default())
    };
    let whole = format!("[{{\"program\":\"{OTHER}\",\"accounts\":[{{\"key\":\"{OTHER}\"}}],\"data\":\"0x00ff\"}}]");
    assert_eq!(file(Some(&whole)).unwrap().canaries[0].instructions[0].data, [0, 255]);
    for text in [
        None,
        Some(""),
        Some("[]"),
        Some("{}"),
        Some(&*whole.replace("00ff", "0")),
        Some(&*whole.replace(OTHER, "x")),
        Some(&*whole.replace("\"data\"", "\"dat\"")),
    ] {
        let error = file(text).unwrap_err();
        assert!(
            matches!(error, ConfigError::CanaryUnreadable { .. }),
            "{text:?}: {error}"
        );
    }
}

#[test]
fn secrets_come_from_files_and_are_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    let text = with(&format!(
        "[[webhook]]\nname = \"w\"\nkind = \"generic\"\nurl = \"https://hooks/very-secret\"\nsecret = {{ file = \"{}\" }}",
        path.display()
    ));
    let file = parse(&text).unwrap();
    assert!(!format!("{file:?}").contains("very-secret"));
    let hooks = || bulkhead_sentinel::hooks::Hook::all(&file);
    assert!(matches!(hooks().err(), Some(ConfigError::SecretMissing { .. })));
    fs::write(&path, "\n").unwrap();
    assert!(
        matches!(hooks().err(), Some(ConfigError::SecretMissing { .. })),
        "an empty one is none"
    );
    fs::write(&path, "hunter2\nsecond line\n").unwrap();
    assert_eq!(hooks().unwrap()[0].secret, "hunter2");
}

#[test]
fn the_guardians_key_is_a_key_of_its_own() {
    let key = keypair("one key").pubkey();
    for who in [
        Who {
            payer: Some(key),
            guardian: Some(key),
            attester: None,
        },
        Who {
            payer: None,
            guardian: Some(key),
            attester: Some(key),
        },
    ] {
        let file = parse(&with("")).unwrap();
        assert!(matches!(
            Setup::new(file, who).unwrap_err(),
            ConfigError::KeyShared { .. }
        ));
    }
}

#[test]
fn a_rule_without_domains_holds_for_all_of_them() {
    let text = with(&rule(&format!("kind = \"shrank\"\naccounts = [\"{OTHER}\"]")));
    let text = text.replacen("\"]", &format!("\", \"{OTHER}\"]"), 1);
    let setup = Setup::new(parse(&text).unwrap(), Who::default()).unwrap();
    assert_eq!((setup.domains.len(), setup.rules.len()), (2, 2));
}

#[test]
fn a_geyser_stream_is_refused_by_a_build_without_it_and_beside_a_websocket() {
    let entry = |more: &str| refused(&format!("[[endpoint]]\nname = \"two\"\nhttp = \"http://b\"\n{more}"));
    assert!(entry("geyser = \"ws://b\"").contains("UrlUnusable: endpoint two: the geyser URL"));
    assert!(entry("geyser_token = \"t\"").contains("GeyserUnusable: endpoint two: `geyser_token` is given without"));
    let both = entry("ws = \"ws://b\"\ngeyser = \"http://b\"");
    let name = if cfg!(feature = "geyser") {
        "GeyserUnusable: endpoint two: `ws` is given too"
    } else {
        "GeyserNotBuilt: endpoint two"
    };
    assert!(both.contains(name), "{both}");
}

/// Every key of the file is described.
#[test]
fn the_page_lists_every_key() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/sentinel.md")).unwrap();
    let sources = ["file.rs", "rule.rs"].map(|name| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config").join(name);
        fs::read_to_string(path).unwrap()
    });
    let mut keys = Vec::new();
    for line in sources.iter().flat_map(|source| source.lines()) {
        let field = line.strip_prefix("    pub ").and_then(|rest| rest.split_once(':'));
        if let Some((name, _)) =
            field.filter(|(name, _)| name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'))
        {
            // Lists are tables with a singular name.
            let name = match name {
                "endpoints" => "endpoint",
                "rules" => "rule",
                "webhooks" => "webhook",
                other => other,
            };
            keys.push(name.to_owned());
        }
    }
    assert!(keys.len() > 60, "{keys:?}");
    let missing = keys
        .iter()
        .filter(|key| !page.contains(&format!("`{key}`")) && !page.contains(&format!("[{key}]")));
    let missing: Vec<_> = missing.collect();
    assert!(missing.is_empty(), "docs/sentinel.md does not describe {missing:?}");
}

//! From two histories to a domain with the limits that were found in them, as the pages say it.

use serde_json::json;

use super::*;

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
    assert!(steps.len() == 6 && steps.iter().all(|step| step["state"] == "exists"));

    // Each number of a price breaker is compared, also one that the file leaves to its default.
    let price = scene.folder.read("price.toml");
    for (key, printed) in [
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
        assert!(stderr(&output).contains(printed) && sent == 0, "{}", stderr(&output));
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

/// What `calibrate` writes, `init` takes as it is: the mint, the host's signer, the window and the limits are those of the
/// calibration, for a vault, for a host that keeps its own tokens, and for a price.
#[test]
fn init_takes_what_calibrate_writes_as_it_is() {
    let scene = scene();
    let key = |name: &str| keypair(name).pubkey().to_string();
    let (mint, host) = (key("calibrated mint"), key("host signer"));
    let window = ["--window", "2h", "--mint", &mint];
    for (name, kind, more) in [
        ("vault", "flow", [&window[..], &["--operator", &host]].concat()),
        ("meter", "flow", [&window[..], &["--authority", &host]].concat()),
        ("price", "price", vec!["--feed-id", FEED]),
    ] {
        let csv = checkout(&format!("crates/calibrate/samples/{kind}.csv"));
        let toml = scene.folder.path(&format!("{name}.toml"));
        let calibrate = [
            "calibrate",
            kind,
            "--csv",
            &csv,
            "--false-trip-every",
            "90d",
            "--compartment",
            "7",
        ];
        let output = bulkhead(&[&calibrate, ["--toml", &toml, "--output", "json"].as_slice(), &more].concat());
        let found = json_of(&output);
        let init = [
            "init",
            "--config",
            &scene.config[0],
            "--config",
            &toml,
            "--keypair",
            &scene.payer,
        ];
        let report = json_of(&bulkhead(
            &[init.as_slice(), &["--dry-run", "--output", "json"]].concat(),
        ));
        let steps = report["steps"].as_array().expect("a list");
        let arguments = |name: &str| {
            let of_calibration = |step: &&Value| step["instruction"]["arguments"]["compartment"] == 7;
            let own = steps.iter().filter(|step| step["name"] == name).find(of_calibration);
            own.unwrap_or_else(|| panic!("{name} is missing"))["instruction"]["arguments"].clone()
        };
        if kind == "price" {
            let price = arguments("open_price_breaker");
            let milli = |value: &Value| value.as_f64().map(|value| (value * 1e3).round() as i64);
            assert_eq!(price["rules"]["z_milli"].as_i64(), milli(&found["z"]), "{price}");
            assert_eq!(
                price["rules"]["cusum_h_milli"].as_i64(),
                milli(&found["cusum_h"]),
                "{price}"
            );
            assert!(price.to_string().contains(FEED), "{price}");
            continue;
        }
        let breaker = arguments("open_breaker");
        assert_eq!(
            (&breaker["mint"], &breaker["window_seconds"]),
            (&json!(mint), &json!("7200"))
        );
        for limit in ["limit", "slot_limit", "trip_limit"] {
            assert_eq!(
                breaker[limit].as_str(),
                Some(found[limit].to_string().as_str()),
                "{breaker}"
            );
        }
        if name == "vault" {
            let vault = arguments("open_vault");
            assert_eq!((&vault["mint"], &vault["operator"]), (&json!(mint), &json!(host)));
        } else {
            assert_eq!(breaker["authority"], json!(host));
        }
    }
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
        let printed = stdout(&output);
        if typed[1] == "init" {
            assert!(
                printed.contains("would do  open_vault") && printed.contains(&mint.to_string()),
                "{printed}"
            );
            assert_eq!(
                printed.contains("would do  open_price_breaker"),
                line.contains("price.toml"),
                "{printed}"
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

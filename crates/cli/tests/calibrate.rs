//! `bulkhead calibrate` over files: what it writes, and what it refuses.

mod common;

use serde_json::Value;

use common::{Folder, assert_refused, bulkhead, checkout, json_of, stderr, stdout};

const MINT: &str = "So11111111111111111111111111111111111111112";
const HOST: &str = "Stake11111111111111111111111111111111111111";
const FEED: &str = "ef0d8b6fda2ceba41da15d4095d1da392a0d2f8ed0c6c7bc0f4cfac8c280b56d";

fn sample(kind: &str) -> String {
    checkout(&format!("crates/calibrate/samples/{kind}.csv"))
}

#[test]
fn flow_is_calibrated_written_and_drawn() {
    let folder = Folder::new();
    let (csv, toml, svg) = (sample("flow"), folder.path("flow.toml"), folder.path("flow.svg"));
    let arguments = ["calibrate", "flow", "--csv", &csv, "--false-trip-every", "180d"];
    let files = ["--toml", &toml, "--plot", &svg, "--mint", MINT, "--authority", HOST];
    let printed = json_of(&bulkhead(
        &[&arguments, files.as_slice(), &["--output", "json"]].concat(),
    ));
    let section: toml::Table = folder.read("flow.toml").parse().expect("TOML");
    let breaker = &section["breakers"][0];
    assert_eq!(breaker["limit"].as_integer(), printed["limit"].as_i64());
    assert_eq!(breaker["slot_limit"].as_integer(), printed["slot_limit"].as_i64());
    assert_eq!(breaker["trip_limit"].as_integer(), printed["trip_limit"].as_i64());
    assert_eq!(breaker["sub_windows"].as_integer(), Some(12));
    assert!(folder.read("flow.svg").starts_with("<svg"));
    let check = &printed["check"]["seconds_between"];
    assert!(
        check["estimate"]
            .as_f64()
            .is_none_or(|seconds| seconds >= 180.0 * 86_400.0),
        "{check}"
    );
    let bound = printed["loss_bound"].as_f64().expect("a number");
    for attack in printed["attacks"].as_array().expect("a list") {
        assert!(attack["loss"]["p95"].as_f64().expect("a number") <= bound, "{attack}");
    }

    let text = stdout(&bulkhead(&arguments));
    for part in [
        "slot_limit",
        "closed form",
        "Monte Carlo",
        "drain of 5 limits an hour",
        "false trips in",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(
        text.lines()
            .all(|line| line.trim_end() == line && line.chars().count() <= 150),
        "{text}"
    );
}

#[test]
fn prices_are_calibrated_written_and_drawn() {
    let folder = Folder::new();
    let (csv, toml, svg) = (sample("price"), folder.path("price.toml"), folder.path("price.svg"));
    let arguments = ["calibrate", "price", "--csv", &csv, "--false-trip-every", "180d"];
    let files = ["--toml", &toml, "--plot", &svg, "--feed-id", FEED];
    let printed = json_of(&bulkhead(
        &[&arguments, files.as_slice(), &["--output", "json"]].concat(),
    ));
    let section: toml::Table = folder.read("price.toml").parse().expect("TOML");
    let breaker = &section["price_breakers"][0];
    let milli = |value: &Value| value.as_f64().map(|value| (value * 1e3).round() as i64);
    assert_eq!(breaker["z_milli"].as_integer(), milli(&printed["z"]));
    assert_eq!(breaker["cusum_h_milli"].as_integer(), milli(&printed["cusum_h"]));
    assert_eq!(breaker["min_interval_seconds"].as_integer(), Some(60));
    // Closed form and Monte Carlo agree where both hold: on normal returns.
    let run = &printed["normal_run"];
    let ratio = run["monte_carlo"].as_f64().expect("a number") / run["closed_form"].as_f64().expect("a number");
    assert!((ratio - 1.0).abs() < 0.1, "{ratio}");
    let text = stdout(&bulkhead(&arguments));
    for part in [
        "deviation",
        "CUSUM threshold",
        "normal returns",
        "10 % over 30 min",
        "Wrong by",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    assert!(
        text.lines()
            .all(|line| line.trim_end() == line && line.chars().count() <= 150),
        "{text}"
    );
}

#[test]
fn a_seed_says_the_same_twice() {
    let csv = sample("flow");
    let run = |seed| {
        let arguments = [
            "calibrate",
            "flow",
            "--csv",
            &csv,
            "--false-trip-every",
            "30d",
            "--output",
            "json",
        ];
        json_of(&bulkhead(&[arguments.as_slice(), &["--seed", seed]].concat()))
    };
    let first = run("7");
    assert_eq!(first, run("7"));
    assert_ne!(first["check"], run("8")["check"]);
}

/// Every named error of a file reaches the command line with its line, and nothing is written.
#[test]
fn bad_files_are_named_with_their_line() {
    let folder = Folder::new();
    let rows = |change: &dyn Fn(usize) -> Option<String>| {
        let rows = (0..400).map(|i| change(i).unwrap_or_else(|| format!("{},{}", 1_770_000_000 + i * 60, 100 + i % 9)));
        rows.collect::<Vec<_>>().join("\n")
    };
    let at = |place: usize, row: &'static str| move |i: usize| (i == place).then(|| row.to_owned());
    let cases = [
        (
            "price",
            "timestamp,price",
            rows(&at(15, "1770000840,5")),
            "DuplicateTimestamp: line 17",
        ),
        (
            "price",
            "timestamp,price",
            rows(&at(15, "1770000000,5")),
            "TimestampsOutOfOrder: line 17",
        ),
        (
            "price",
            "timestamp,price",
            rows(&at(15, "1770000900,0")),
            "PriceNotPositive: line 17",
        ),
        (
            "price",
            "timestamp,price",
            rows(&at(15, "1770000900,inf")),
            "NotFinite: line 17",
        ),
        (
            "price",
            "timestamp,price",
            rows(&at(15, "1770000900,")),
            "MissingValue: line 17",
        ),
        ("price", "timestamp,cost", rows(&|_| None), "MissingColumn: line 1"),
        (
            "flow",
            "timestamp,outflow",
            rows(&at(15, "1770000900,-4")),
            "NegativeFlow: line 17",
        ),
        (
            "flow",
            "timestamp,outflow",
            rows(&at(15, "1770000900,a lot")),
            "NotANumber: line 17",
        ),
        (
            "flow",
            "timestamp,outflow",
            rows(&at(15, "soon,4")),
            "BadTimestamp: line 17",
        ),
        ("flow", "timestamp,outflow", String::new(), "EmptyFile"),
        (
            "flow",
            "timestamp,outflow",
            "1770000000,5\n1770000060,5".into(),
            "TooFewRows",
        ),
        ("flow", "timestamp,outflow", rows(&|_| None), "HistoryTooShort"),
    ];
    for (kind, header, body, name) in cases {
        let csv = folder.write("history.csv", &format!("{header}\n{body}\n"));
        let toml = folder.path("section.toml");
        let arguments = [
            "calibrate",
            kind,
            "--csv",
            &csv,
            "--false-trip-every",
            "30d",
            "--toml",
            &toml,
        ];
        let addresses: &[&str] = match kind {
            "flow" => &["--mint", MINT, "--authority", HOST],
            _ => &["--feed-id", FEED],
        };
        let output = bulkhead(&[arguments.as_slice(), addresses].concat());
        assert_refused(&output, name);
        assert!(
            output.stdout.is_empty() && !std::path::Path::new(&toml).exists(),
            "{name}"
        );
        assert!(stderr(&output).contains("history.csv"), "{name}");
    }
}

#[test]
fn gaps_are_refused_until_they_are_allowed() {
    let folder = Folder::new();
    let text = std::fs::read_to_string(sample("price")).expect("the sample");
    let holed: String = text
        .lines()
        .enumerate()
        .filter(|(i, _)| !(500..590).contains(i))
        .map(|(_, line)| format!("{line}\n"))
        .collect();
    let csv = folder.write("price.csv", &holed);
    let arguments = ["calibrate", "price", "--csv", &csv, "--false-trip-every", "30d"];
    let output = bulkhead(&arguments);
    assert_refused(&output, "MissingRows: line 501: 90 rows are missing");
    assert!(stderr(&output).contains("--allow-gaps"));
    let output = bulkhead(&[arguments.as_slice(), &["--allow-gaps"]].concat());
    assert!(stdout(&output).contains("1 gaps accepted"), "{}", stderr(&output));
}

#[test]
fn wrong_arguments_say_what_would_do() {
    let csv = sample("flow");
    let cases: [(&[&str], &str); 9] = [
        (&["--false-trip-every", "soon"], "NotADuration"),
        (
            &["--false-trip-every", "5m"],
            "ParameterOutOfRange: the time between false trips",
        ),
        (
            &["--false-trip-every", "30d", "--sub-windows", "3"],
            "ParameterOutOfRange: sub-windows",
        ),
        (&["--false-trip-every", "30d", "--window", "60d"], "HistoryTooShort"),
        (
            &["--false-trip-every", "30d", "--confidence", "2"],
            "ParameterOutOfRange: the confidence",
        ),
        (
            &["--false-trip-every", "30d", "--plot", "plot.png"],
            "UnknownPlotFormat",
        ),
        (
            &[
                "--false-trip-every",
                "30d",
                "--toml",
                "/nowhere/at/all.toml",
                "--mint",
                MINT,
                "--operator",
                HOST,
            ],
            "NotWritable",
        ),
        (&["--false-trip-every", "30d", "--toml", "flow.toml"], "MissingAddress"),
        (&["--false-trip-every", "30d", "--mint", "mine"], "NotAnAddress"),
    ];
    for (arguments, name) in cases {
        let output = bulkhead(&[["calibrate", "flow", "--csv", &csv].as_slice(), arguments].concat());
        assert_refused(&output, name);
    }
    let output = bulkhead(&[
        "calibrate",
        "flow",
        "--csv",
        "/nowhere.csv",
        "--false-trip-every",
        "30d",
    ]);
    assert_refused(&output, "NotReadable");
}

/// What is written is all that `init` needs of it: for a vault and for a host that keeps its tokens.
#[test]
fn what_is_written_is_complete() {
    let folder = Folder::new();
    let (csv, toml) = (sample("flow"), folder.path("vault.toml"));
    let arguments = [
        "calibrate",
        "flow",
        "--csv",
        &csv,
        "--false-trip-every",
        "180d",
        "--mint",
        MINT,
        "--operator",
        HOST,
        "--toml",
        &toml,
    ];
    stdout(&bulkhead(&arguments));
    let section: toml::Table = folder.read("vault.toml").parse().expect("TOML");
    let vault = &section["vaults"][0];
    assert_eq!(
        (vault["mint"].as_str(), vault["operator"].as_str()),
        (Some(MINT), Some(HOST))
    );
    assert_eq!(
        (vault["ledger"].as_integer(), vault["queue_seconds"].as_integer()),
        (Some(0), Some(86_400))
    );
    for key in [
        "window_seconds",
        "sub_windows",
        "limit",
        "slot_limit",
        "trip_limit",
        "latch_seconds",
    ] {
        assert!(vault["breaker"][key].as_integer().is_some(), "{key}");
    }
}

/// One row of 1e15 among thousands made every limit 57 times too high, and nothing reported it.
#[test]
fn one_old_accident_is_named_and_left_out_when_asked() {
    let folder = Folder::new();
    let text = std::fs::read_to_string(sample("flow")).expect("the sample");
    let spoilt: String = text
        .lines()
        .enumerate()
        .map(|(number, line)| match line.split_once(',') {
            Some((time, _)) if number == 700 => format!("{time},1000000000000000000\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    // The sample has other columns, too: they are filled up.
    let columns = text
        .lines()
        .find(|line| !line.starts_with('#'))
        .map_or(2, |line| line.split(',').count());
    let spoilt = spoilt.replace(
        "1000000000000000000\n",
        &format!("1000000000000000000{}\n", ",0".repeat(columns - 2)),
    );
    let csv = folder.write("FLOW.CSV", &spoilt);
    let arguments = ["calibrate", "flow", "--csv", &csv, "--false-trip-every", "180d"];
    let output = bulkhead(&arguments);
    assert_refused(&output, "Outlier: line 701: outflow 1000000000000000000");
    assert!(stderr(&output).contains("--exclude-outliers"));
    let printed = stdout(&bulkhead(&[arguments.as_slice(), &["--exclude-outliers"]].concat()));
    assert!(printed.contains("1 outliers excluded"), "{printed}");
}

//! Every drill on the built programs, with few positions: the report's form, and the laws.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

const POSITIONS: u64 = 60;

fn replay(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bulkhead-drill"))
        .args(arguments)
        .args([
            "--programs",
            bulkhead_testbed::deploy_dir().to_str().expect("a path in UTF-8"),
        ])
        .output()
        .expect("the command starts")
}

/// Standard output of a drill, which has to be one JSON object and nothing else.
fn drill(incident: &str) -> Value {
    let positions = POSITIONS.to_string();
    let output = replay(&[incident, "--positions", &positions, "--output", "json"]);
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    serde_json::from_slice(&output.stdout).expect("nothing but JSON")
}

/// A count, or an amount, which is text.
fn number(report: &Value, key: &str) -> u64 {
    let value = &report[key];
    let amount = value.as_str().and_then(|text| text.parse().ok());
    value
        .as_u64()
        .or(amount)
        .unwrap_or_else(|| panic!("{key} is no whole number"))
}

/// The phases of a recovery with claims.
const RECOVERY: [&str; 9] = [
    "breach",
    "pause",
    "freeze",
    "snapshot",
    "evacuation",
    "ballot",
    "restoration",
    "claims",
    "reopening",
];

/// What holds for every incident in which less is lost, and after which claims are paid.
fn assert_laws(report: &Value, phases: &[&str]) {
    assert!(number(report, "loss_with") < number(report, "loss_without"));
    assert_recovered(report, phases);
}

/// What holds for every incident after which claims are paid.
fn assert_recovered(report: &Value, phases: &[&str]) {
    assert_eq!(number(report, "positions"), POSITIONS);
    let breach = number(report, "breach_slot");
    assert_eq!(
        (number(report, "trip_slot"), number(report, "pause_slot")),
        (breach, breach)
    );
    assert!(number(report, "loss_with") <= number(report, "bound"));
    assert_eq!(
        number(report, "claims_paid") + number(report, "dust"),
        number(report, "pool")
    );
    assert!(number(report, "dust") < POSITIONS);
    assert_eq!(number(report, "tokens_before"), number(report, "tokens_after"));
    let checks = report["checks"].as_array().expect("a list");
    assert!(checks.len() >= 10 && checks.iter().all(|check| check["holds"] == true));
    let names: Vec<_> = report["phases"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|phase| {
            assert!(number(phase, "transactions") > 0 && number(phase, "compute_units") > 0);
            assert!(number(phase, "slot") >= breach && number(phase, "fee_lamports") >= 5_000);
            assert!(number(phase, "seconds") < 30 * 86_400);
            phase["name"].as_str().expect("text")
        })
        .collect();
    assert_eq!(names, phases);
}

/// What the drill ran with, and what else would have latched.
fn thresholds(report: &Value) -> [&Value; 2] {
    let rows = report["thresholds"].as_array().expect("a list");
    [&rows[0], &rows[1]]
}

fn refusals(report: &Value) -> Vec<&str> {
    let refused = report["refused_attempts"].as_array().expect("a list");
    refused.iter().filter_map(|attempt| attempt["error"].as_str()).collect()
}

#[test]
fn a_stolen_admin_is_bounded_by_one_window() {
    let report = drill("drift-2026-04");
    assert_laws(&report, &RECOVERY);
    assert_eq!(report["incident"], "drift-2026-04");
    assert_eq!(number(&report, "loss_without"), 285_000_000_000_000);
    assert_eq!(number(&report, "bound"), number(&report, "limit"));
    // A breaker gets twice its limit as a trip limit: it latches later than at the limit, and nothing more is lost.
    let [twice, once] = thresholds(&report);
    assert_eq!(number(twice, "trip_limit"), 2 * number(&report, "limit"));
    assert_eq!(number(once, "trip_limit"), number(&report, "limit"));
    // Four more parts, twenty seconds apart, fit below it.
    assert_eq!(number(twice, "latched_after"), number(once, "latched_after") + 80);
    assert_eq!(number(twice, "loss"), number(&report, "loss_with"));
    assert_eq!(number(once, "loss"), number(&report, "loss_with"));
    assert!(number(twice, "waiting") > number(once, "waiting"));
    let honest = |row: &Value, key| number(&row["honest"], key);
    assert!(honest(twice, "refused") <= honest(once, "refused"));
    for row in [twice, once] {
        assert!(honest(row, "before") > 0 && honest(row, "held_back_before") == 0);
    }
    let errors = refusals(&report);
    assert_eq!(errors.iter().filter(|error| **error == "DurableNonce").count(), 4);
    assert_eq!(errors.last(), Some(&"VaultEvacuated"), "what waited is void");
    for name in [
        "NotApproved",
        "ActionPaused",
        "ProposalRequired",
        "NotAMember",
        "NotOperator",
        "WrongEvacuationRoute",
    ] {
        assert!(errors.contains(&name), "{name} is missing in {errors:?}");
    }
}

#[test]
fn a_drain_in_one_transaction_is_bounded_by_one_slot() {
    let report = drill("nirvana-2022-07");
    assert_laws(&report, &RECOVERY);
    assert_eq!(number(&report, "bound"), number(&report, "slot_limit"));
    // All but what the bug's whole-number price cannot divide.
    assert!(number(&report, "custody_before") - number(&report, "loss_without") < 10);
    assert!(number(&report, "loss_with") > 0);
}

#[test]
fn a_pause_travels_to_those_who_depend_on_it_and_ends_there_too() {
    let report = drill("euler-2023-03");
    let mut phases = RECOVERY.to_vec();
    phases.insert(2, "contagion");
    assert_laws(&report, &phases);
    assert_eq!(number(&report, "loss_without").div_ceil(1_000), 197_000_000_000);
    let rows = report["downstream"].as_array().expect("a list");
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!(number(row, "linked_slot"), number(&report, "breach_slot"));
        assert_eq!(number(row, "loss_without"), number(row, "exposed"));
        assert!(
            number(row, "exposed") > number(row, "own_limit"),
            "or the link would make no difference"
        );
        assert_eq!(number(row, "loss_with"), 0);
        assert_eq!(number(row, "traded"), number(row, "trades"));
        assert_eq!(
            (&row["has_lapsed"], number(row, "linked_seconds")),
            (&true.into(), 72 * 3_600)
        );
    }
    assert!(!report["assumed"].as_array().expect("a list").is_empty());
}

/// What holds where the pause came before the theft, and the council resumed.
fn assert_nothing_lost(report: &Value, phases: &[&str]) {
    let breach = number(report, "breach_slot");
    assert_eq!(
        (number(report, "trip_slot"), number(report, "pause_slot")),
        (breach, breach)
    );
    assert_eq!((number(report, "loss_with"), &report["restored"]), (0, &false.into()));
    assert!(number(report, "loss_without") > number(report, "custody_before") / 1_000 * 999);
    assert!(number(report, "warning_seconds") > 0);
    assert_eq!(number(report, "tokens_before"), number(report, "tokens_after"));
    let checks = report["checks"].as_array().expect("a list");
    assert!(checks.len() >= 7 && checks.iter().all(|check| check["holds"] == true));
    let list = report["phases"].as_array().expect("a list").iter();
    let names: Vec<_> = list.filter_map(|phase| phase["name"].as_str()).collect();
    assert_eq!(names, phases);
    assert!(!report["assumed"].as_array().expect("a list").is_empty());
    assert_eq!(report["thresholds"], Value::Array(vec![]), "another detector latched");
}

#[test]
fn a_pushed_price_pauses_before_anything_is_borrowed_against_it() {
    let report = drill("mango-2022-10");
    assert_nothing_lost(&report, &["breach", "pause", "freeze", "resumption"]);
    // The first of twelve steps is already too far.
    assert_eq!(number(&report, "warning_seconds"), 170);
    let errors = refusals(&report);
    for name in [
        "ActionPaused",
        "ForeignPrice",
        "NotStandalone",
        "PriceNotNewer",
        "NotLatched",
    ] {
        assert!(errors.contains(&name), "{name} is missing in {errors:?}");
    }
}

#[test]
fn a_changed_authority_is_a_warning_of_days() {
    let report = drill("swissborg-2025-09");
    assert_nothing_lost(&report, &["breach", "pause", "answer", "freeze", "resumption"]);
    assert_eq!(number(&report, "loss_without"), 41_300_000_000_000);
    assert!(number(&report, "warning_seconds") > 8 * 86_400);
    let errors = refusals(&report);
    let missing = errors.iter().filter(|error| **error == "MissingRequiredSignature");
    assert_eq!(missing.count(), 2, "{errors:?}");
}

#[test]
fn a_captured_vote_is_sent_back_and_undone() {
    let report = drill("solend-2022-06");
    let mut phases = RECOVERY.to_vec();
    phases.insert(5, "veto");
    assert_laws(&report, &phases);
    assert_eq!(number(&report, "bound"), number(&report, "limit"));
    assert_eq!(number(&report, "loss_without"), 215_700_000_000_000);
    let checks = report["checks"].as_array().expect("a list");
    assert!(checks.iter().any(|check| check["name"] == "CapturedVoteUndone"));
    let errors = refusals(&report);
    for name in [
        "CandidatesChanged",
        "AlreadyVoted",
        "VotesTooRecent",
        "ResultDisputable",
        "BallotStillVoting",
        "OnlyNoneCounts",
    ] {
        assert!(errors.contains(&name), "{name} is missing in {errors:?}");
    }
    assert!(!report["assumed"].as_array().expect("a list").is_empty());
}

#[test]
fn a_drain_below_every_limit_is_found_by_what_is_missing() {
    let report = drill("raydium-2022-12");
    assert_laws(&report, &RECOVERY);
    assert_eq!(number(&report, "loss_without"), 4_400_000_000_000);
    // One percent may be missing, and more must be missing for a minute: no second withdrawal falls into it.
    let tolerated = number(&report, "real_tvl_usd") * 1_000_000 / 100;
    let part = 50_000_000_000;
    assert!(number(&report, "loss_with") > tolerated * 9 / 10 && number(&report, "loss_with") <= tolerated + 2 * part);
    assert!(
        number(&report, "loss_with") < number(&report, "limit"),
        "no limit of the outflow would have noticed"
    );
    assert_eq!(report["thresholds"], Value::Array(vec![]), "another detector latched");
}

#[test]
fn keys_in_one_place_loosen_nothing_while_one_vetoer_is_elsewhere() {
    let report = drill("multichain-2023-07");
    assert_laws(&report, &RECOVERY);
    assert_eq!(number(&report, "loss_without"), 126_000_000_000_000);
    assert_eq!(number(&report, "bound"), number(&report, "limit"));
    let errors = refusals(&report);
    // The limits and the pause: at once, and after the veto.
    for name in ["DelayNotPassed", "ProposalNotOpen"] {
        assert_eq!(errors.iter().filter(|error| **error == name).count(), 2, "{errors:?}");
    }
}

#[test]
fn a_crowd_shares_one_limit() {
    let report = drill("nomad-2022-08");
    assert_laws(&report, &RECOVERY);
    assert!(number(&report, "loss_without") > number(&report, "custody_before") / 100 * 98);
    // What the first transaction took is below the limit of a slot, and was paid.
    assert!(number(&report, "loss_with") >= 2_300_000_000_000);
    let [twice, once] = thresholds(&report);
    assert!(number(twice, "waiting") > number(once, "waiting"));
    assert!(refusals(&report).contains(&"ActionPaused"));
}

#[test]
fn bad_debt_is_shared_out_as_it_was_published() {
    let report = drill("notional-2025-11");
    // Nothing less is lost: the loans are older than the theft at the pool.
    assert_eq!(number(&report, "loss_with"), number(&report, "loss_without"));
    assert_eq!(number(&report, "loss_with"), 2_341_360_000_000);
    assert_recovered(&report, &RECOVERY);
    let found = &report["haircuts"];
    let haircut = |row: &Value| row["haircut"].as_u64().expect("a number");
    let paused: Vec<_> = found["paused"]
        .as_array()
        .expect("a list")
        .iter()
        .map(haircut)
        .collect();
    assert_eq!(paused, [56_019, 19_244]);
    assert!(haircut(&found["by_hand"]) > 56_019);
    assert_eq!(
        (haircut(&found["pool_too"]), number(&found["pool_too"], "bad_debt")),
        (0, 0)
    );
    assert!(refusals(&report).contains(&"ActionPaused"));
}

#[test]
fn a_drill_of_the_same_incident_tells_the_same() {
    assert_eq!(drill("nirvana-2022-07"), drill("nirvana-2022-07"));
}

#[test]
fn the_report_is_written_as_one_page() {
    let file = std::env::temp_dir().join(format!("bulkhead-drill-{}.html", std::process::id()));
    let path = file.to_str().expect("a path in UTF-8");
    let output = replay(&["nirvana-2022-07", "--positions", "20", "--report", path]);
    let page = std::fs::read_to_string(&file);
    std::fs::remove_file(&file).expect("written");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.contains("with Bulkhead") && text.contains("✓ TokensConserved"));
    assert!(page.expect("a page").contains("<svg"));
}

#[test]
fn wrong_arguments_are_named_and_print_no_report() {
    for (arguments, name) in [
        (["drift"].as_slice(), "UnknownIncident"),
        (&["drift-2026-04", "--positions", "15"], "TooFewPositions"),
    ] {
        let output = replay(arguments);
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && output.stdout.is_empty() && printed.contains(name),
            "{printed}"
        );
    }
}

#[test]
fn every_incident_is_listed() {
    let output = replay(&["--list"]);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    for name in [
        "drift-2026-04",
        "mango-2022-10",
        "nirvana-2022-07",
        "swissborg-2025-09",
        "euler-2023-03",
        "solend-2022-06",
        "raydium-2022-12",
        "multichain-2023-07",
        "nomad-2022-08",
        "notional-2025-11",
    ] {
        assert!(text.contains(name), "{name} is missing in\n{text}");
    }
}

#[test]
fn a_closed_pipe_is_no_error_and_a_full_disk_is_named() {
    let list = |out: Stdio| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bulkhead-drill"));
        let child = command.arg("--list").stdout(out).stderr(Stdio::piped()).spawn();
        child
            .and_then(|child| child.wait_with_output())
            .expect("the command runs")
    };
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    assert!(list(writer.into()).status.success());
    if let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") {
        let output = list(full.into());
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stderr).contains("NotWritten"));
    }
}

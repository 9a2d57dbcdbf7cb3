//! Files that never end, say a thing twice or hold what a terminal obeys; and results that would be written over what is
//! read.

mod common;

use std::fs;

use common::{Folder, bulkhead, checkout, stderr, stdout};
use solana_keypair::Keypair;

const SNAPSHOT: &str = "So11111111111111111111111111111111111111112";

fn built(folder: &Folder) -> String {
    let rows: String = (1..20).map(|i| format!("{i:064x},{:064x},{i}\n", i % 5 + 1)).collect();
    let csv = folder.write("rows.csv", &format!("key,owner,amount\n{rows}"));
    let built = folder.path("built");
    let made = bulkhead(&["snapshot", "build", &csv, "--snapshot", SNAPSHOT, "--out", &built]);
    assert!(made.status.success(), "{}", stderr(&made));
    built
}

/// Whatever file is asked for, one without an end is refused and does not fill the memory.
#[test]
fn a_file_without_an_end_is_refused() {
    let folder = Folder::new();
    let built = built(&folder);
    let payer = folder.keypair("payer.json", &Keypair::new_from_array([7; 32]));
    let example = checkout("migrations/domain.example.toml");
    let zero = "/dev/zero";
    for arguments in [
        vec!["snapshot", "verify", &built, "--proof", zero],
        vec!["init", "--config", zero, "--keypair", &payer, "--dry-run"],
        vec!["init", "--config", &example, "--keypair", zero, "--dry-run"],
        vec!["proposal", "show", "--file", zero],
        vec!["calibrate", "flow", "--csv", zero, "--false-trip-every", "180d"],
        vec!["calibrate", "price", "--csv", zero, "--false-trip-every", "180d"],
        vec!["snapshot", "build", zero, "--snapshot", SNAPSHOT, "--out", "never"],
    ] {
        let done = bulkhead(&arguments);
        assert_eq!(done.status.code(), Some(1), "{arguments:?}");
        let printed = stderr(&done);
        assert!(
            ["TooLong", "NotAFile", "a line of more than"]
                .iter()
                .any(|name| printed.contains(name)),
            "{arguments:?}: {printed}"
        );
    }
}

/// A name that stands twice is read by some as the first and by others as the last.
#[test]
fn json_that_says_a_thing_twice_is_refused() {
    let folder = Folder::new();
    let built = built(&folder);
    let payer = folder.keypair("payer.json", &Keypair::new_from_array([7; 32]));
    let config = folder.write("domain.json", r#"{"quorum_bps": 1000, "quorum_bps": 1}"#);
    let account = format!(r#"{{"pubkey":"{SNAPSHOT}","account":{{"owner":"{SNAPSHOT}","owner":"{SNAPSHOT}"}}}}"#);
    let account = folder.write("account.json", &account);
    let proof = folder.write("proof.json", r#"[{"index": 1, "index": 2}]"#);
    for arguments in [
        vec!["init", "--config", &config, "--keypair", &payer, "--dry-run"],
        vec!["proposal", "show", "--file", &account],
        vec![
            "snapshot",
            "build",
            &account,
            "--layout",
            &account,
            "--snapshot",
            SNAPSHOT,
            "--out",
            "never",
        ],
        vec!["snapshot", "verify", &built, "--proof", &proof],
    ] {
        let done = bulkhead(&arguments);
        assert_eq!(done.status.code(), Some(1), "{arguments:?}");
        assert!(
            stderr(&done).contains("appears twice"),
            "{arguments:?}: {}",
            stderr(&done)
        );
    }
}

/// What a manifest of somebody else holds reaches the terminal as letters, and a parser as it was.
#[test]
fn what_others_wrote_moves_no_terminal() {
    let folder = Folder::new();
    let built = built(&folder);
    let file = format!("{built}/manifest.json");
    let name = "a\u{9b}2J\u{7f}\u{202e}b\u{1f600}";
    let mut manifest: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    manifest["sources"][0]["name"] = name.into();
    fs::write(&file, manifest.to_string()).unwrap();
    let done = bulkhead(&["snapshot", "verify", &built, "--output", "json"]);
    let text = stdout(&done);
    assert!(!text.contains(['\u{9b}', '\u{7f}', '\u{202e}']), "{text:?}");
    let printed: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(printed["sources"][0]["name"], name);
}

#[test]
fn a_result_is_not_written_over_what_is_read() {
    let folder = Folder::new();
    let history = fs::read_to_string(checkout("crates/calibrate/samples/flow.csv")).unwrap();
    let csv = folder.write("flow.csv", &history);
    let again = format!("{}/./flow.csv", folder.path(""));
    let plot = folder.path("plot.svg");
    for more in [
        vec!["--toml", &csv],
        vec!["--toml", &again],
        vec!["--toml", &plot, "--plot", &plot],
    ] {
        let mut arguments = vec!["calibrate", "flow", "--csv", &csv, "--false-trip-every", "180d"];
        arguments.extend(["--mint", SNAPSHOT, "--operator", SNAPSHOT]);
        arguments.extend(more);
        let done = bulkhead(&arguments);
        assert_eq!(done.status.code(), Some(1), "{arguments:?}");
        assert!(stderr(&done).contains("SameFile"), "{}", stderr(&done));
    }
    assert_eq!(fs::read_to_string(&csv).unwrap(), history);
}

/// A result without a name of its own is refused before anything is made.
#[test]
fn a_result_needs_a_name() {
    let folder = Folder::new();
    let csv = folder.write("rows.csv", &format!("key,owner,amount\n{:064x},{:064x},5\n", 1, 2));
    fs::create_dir(folder.path("sub")).unwrap();
    let up = format!("{}/..", folder.path("sub"));
    let done = bulkhead(&["snapshot", "build", &csv, "--snapshot", SNAPSHOT, "--out", &up]);
    assert!(stderr(&done).contains("NotAName"), "{}", stderr(&done));
    let dot = format!("{}/.", folder.path("made"));
    let done = bulkhead(&["snapshot", "build", &csv, "--snapshot", SNAPSHOT, "--out", &dot]);
    assert!(done.status.success(), "{}", stderr(&done));
    let mut names: Vec<_> = fs::read_dir(folder.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["made", "rows.csv", "sub"]);
}

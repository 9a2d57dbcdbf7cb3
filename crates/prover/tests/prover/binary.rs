//! The command, from keys to the comparison.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use bulkhead_snapshot::{BuildOptions, Silent, Source, TagInputs, build};
use serde_json::Value;

use super::position;

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bulkhead-prover"))
        .args(arguments)
        .output()
        .unwrap()
}

fn json(arguments: &[&str]) -> Value {
    let output = run(&[&["--output", "json"], arguments].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn refusal(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(!output.status.success() && output.stdout.is_empty());
    let text = String::from_utf8(output.stderr).unwrap();
    text.lines().last().unwrap_or_default().to_owned()
}

/// A snapshot's folder, as `bulkhead snapshot build` makes it.
fn snapshot(dir: &Path, name: &str, positions: &[(u8, u8, u64)]) -> PathBuf {
    let lines: Vec<_> = positions
        .iter()
        .map(|(first, owner, amount)| {
            let position = position(*first, *first, *owner, *amount);
            format!(
                "{{\"key\": \"{}\", \"owner\": \"{}\", \"amount\": {amount}}}\n",
                position.key, position.owner
            )
        })
        .collect();
    let source = dir.join(format!("{name}.jsonl"));
    std::fs::write(&source, lines.concat()).unwrap();
    let options = BuildOptions {
        tag: TagInputs::new([1; 32].into(), [name.len() as u8; 32].into(), 0),
        slot: None,
        ledger: None,
        threads: 1,
        progress: &Silent,
    };
    let out = dir.join(name);
    build(&[Source::at(&source).unwrap()], &out, &options).unwrap();
    out
}

#[test]
fn from_keys_to_the_comparison_and_marked_everywhere() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let chosen = snapshot(dir.path(), "chosen", &[(1, 9, 600), (2, 10, 300), (0x90, 11, 100)]);
    let successor = snapshot(dir.path(), "successor", &[(7, 10, 150), (8, 9, 300), (9, 11, 50)]);
    let (chosen, successor) = (chosen.to_str().unwrap(), successor.to_str().unwrap());

    let keys = at("keys");
    assert!(refusal(&["setup", "--page-size", "2", "--out", &keys]).starts_with("error: NoCeremony"));
    let made = json(&["setup", "--insecure", "--page-size", "2", "--out", &keys]);
    assert_eq!(made["set_up"], "insecure");
    let (proving, verifying) = (at("keys/page-2.proving-key"), at("keys/page-2.verifying-key.json"));
    assert_eq!(made["proving_key_bytes"], std::fs::metadata(&proving).unwrap().len());

    let address = position(3, 3, 0, 0).key.to_string();
    let first = at("proofs-chosen");
    let prove = [
        "prove",
        "--snapshot",
        chosen,
        "--other",
        successor,
        "--key",
        &proving,
        "--pool",
        "500",
    ];
    let prove = [&prove[..], &["--domain", &address, "--plan", &address, "--out", &first]].concat();
    assert!(refusal(&prove).starts_with("error: InsecureKey"));
    let prove = [&prove[..], &["--allow-insecure"]].concat();
    let elsewhere: Vec<_> = prove
        .iter()
        .map(|word| if *word == chosen { "nowhere" } else { word })
        .collect();
    assert!(refusal(&elsewhere).contains("nowhere"));
    assert!(refusal(&["verify", &first, "--key", "nowhere"]).starts_with("error: Io: nowhere"));
    let begun = json(&[&prove[..], &["--at-most", "1"]].concat());
    assert_eq!(
        (&begun["set_up"], &begun["proved"], &begun["left"]),
        (&"insecure".into(), &1.into(), &1.into())
    );
    assert!(begun["seconds_left"].as_f64().unwrap() > 0.0);
    let done = json(&prove);
    assert_eq!(
        (&done["resumed"], &done["proved"], &done["left"]),
        (&1.into(), &1.into(), &0.into())
    );

    let second = at("proofs-successor");
    let prove = [
        "prove",
        "--part",
        "successor",
        "--snapshot",
        successor,
        "--key",
        &proving,
        "--pool",
        "500",
    ];
    let prove = [
        &prove[..],
        &[
            "--domain",
            &address,
            "--plan",
            &address,
            "--out",
            &second,
            "--allow-insecure",
        ],
    ]
    .concat();
    assert!(refusal(&prove).contains("a successor is proved with `--other`"));
    json(&[&prove[..], &["--other", chosen]].concat());

    let verify = ["verify", &first, "--key", &verifying];
    assert!(refusal(&verify).starts_with("error: InsecureKey"));
    let verified = json(&[&verify[..], &["--allow-insecure"]].concat());
    assert_eq!(
        (&verified["set_up"], &verified["paid"]),
        (&"insecure".into(), &"500".into())
    );
    let text = run(&[&verify[..], &["--allow-insecure"]].concat());
    assert!(String::from_utf8_lossy(&text.stdout).starts_with("INSECURE SET-UP"));

    let compared = json(&["compare", &first, &second, "--key", &verifying, "--allow-insecure"]);
    assert_eq!(
        (&compared["equal"], &compared["chosen"]["set_up"]),
        (&true.into(), &"insecure".into())
    );
    assert!(
        refusal(&["compare", &second, &first, "--key", &verifying, "--allow-insecure"])
            .starts_with("error: ProofRefused")
    );

    // A key that was touched: its mark, a point, its length.
    let text = std::fs::read_to_string(&verifying).unwrap();
    let id = made["key"].as_str().unwrap();
    std::fs::write(&verifying, text.replace(id, &"00".repeat(32))).unwrap();
    assert!(refusal(&[&verify[..], &["--allow-insecure"]].concat()).starts_with("error: Malformed"));
    std::fs::write(&verifying, text.replace("\"page_size\": 2", "\"page_size\": 3")).unwrap();
    assert!(refusal(&[&verify[..], &["--allow-insecure"]].concat()).starts_with("error: Malformed"));
    let bytes = std::fs::read(&proving).unwrap();
    for (name, touched) in [
        ("cut", bytes[..bytes.len() - 1].to_vec()),
        ("other page size", [&bytes[..16], &[3], &bytes[17..]].concat()),
        ("without its mark", [&bytes[..12], &[0], &bytes[13..]].concat()),
        ("another id", [&bytes[..30], &[bytes[30] ^ 1], &bytes[31..]].concat()),
    ] {
        std::fs::write(&proving, touched).unwrap();
        let again = [&prove[..], &["--other", chosen]].concat();
        assert!(refusal(&again).starts_with("error: Malformed"), "{name}");
    }
}

#[test]
fn counts_are_printed() {
    let counted = json(&["count", "--page-size", "5"]);
    assert_eq!(counted["leaves"], 5);
    assert_eq!(
        counted["constraints"],
        5 * counted["per_leaf"].as_u64().unwrap() + counted["per_page"].as_u64().unwrap()
    );
    let text = run(&["count", "--page-size", "5"]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("LeafHash"));
}

//! `bulkhead snapshot`, as it is typed: the whole way from a file to a proof that holds.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;

const SNAPSHOT: &str = "So11111111111111111111111111111111111111112";

fn bulkhead(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bulkhead"))
        .current_dir(folder)
        .arg("snapshot")
        .args(arguments)
        .output()
        .unwrap()
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    let found = bulkhead(folder, &[arguments, &["--output", "json"]].concat());
    assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
    serde_json::from_slice(&found.stdout).unwrap()
}

/// What goes wrong is said on standard error, and standard output stays empty.
fn refused(folder: &Path, arguments: &[&str], name: &str) {
    let found = bulkhead(folder, arguments);
    let printed = String::from_utf8_lossy(&found.stderr);
    assert!(
        !found.status.success() && found.stdout.is_empty() && printed.contains(name),
        "{printed}"
    );
}

#[test]
fn from_a_file_to_a_proof_that_holds() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let key = |i: u32| format!("{:064x}", u128::from(i) * 0x0123_4567_89ab_cdef_0123);
    let owner = |i: u32| format!("{:064x}", i % 5 + 1);
    let rows =
        |ids: std::ops::Range<u32>| -> String { ids.map(|i| format!("{},{},{}\n", key(i), owner(i), i + 1)).collect() };
    fs::write(folder.join("old.csv"), "key,owner,amount\n".to_owned() + &rows(0..100)).unwrap();
    fs::write(folder.join("new.csv"), "key,owner,amount\n".to_owned() + &rows(10..120)).unwrap();
    let collected = json(folder, &["collect", "old.csv", "--slot", "7", "--out", "collected"]);
    assert_eq!(
        (&collected["positions"], &collected["total"]),
        (&100.into(), &"5050".into())
    );
    let old = json(folder, &["build", "collected", "--snapshot", SNAPSHOT, "--out", "old"]);
    assert_eq!(
        (&old["slot"], &old["count"], &old["total"]),
        (&7.into(), &100.into(), &"5050".into())
    );
    json(
        folder,
        &[
            "build",
            "new.csv",
            "--snapshot",
            SNAPSHOT,
            "--threads",
            "1",
            "--out",
            "new",
        ],
    );
    refused(
        folder,
        &["build", "new.csv", "--snapshot", SNAPSHOT, "--out", "new"],
        "OutputExists",
    );

    let root = old["root"].as_str().unwrap();
    assert_eq!(json(folder, &["verify", "old", "--root", root, "--total", "5050"]), old);
    refused(folder, &["verify", "old", "--total", "5051"], "TotalDiffers");
    refused(folder, &["verify", "new", "--root", root], "RootDiffers");

    let one = json(folder, &["prove", "old", "--key", &base58(&key(3))]);
    let proofs = json(folder, &["prove", "old", "--owner", one[0]["owner"].as_str().unwrap()]);
    assert_eq!(proofs.as_array().unwrap().len(), 20);
    fs::write(folder.join("proofs.json"), proofs.to_string()).unwrap();
    json(folder, &["verify", "old", "--proof", "proofs.json"]);
    refused(folder, &["verify", "new", "--proof", "proofs.json"], "BadProof");
    refused(folder, &["prove", "old", "--key", SNAPSHOT], "NotALeaf");

    let changes = json(folder, &["diff", "old", "new"]);
    assert_eq!(
        (&changes["unchanged"], &changes["count_after"]),
        (&90.into(), &110.into())
    );
    let came: u64 = changes["owners"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["came"].as_u64().unwrap())
        .sum();
    assert_eq!(came, 20);
    // JSON is read for the accounts in it, and proofs are none; what is no format at all is not read.
    fs::write(folder.join("proofs.txt"), proofs.to_string()).unwrap();
    for (file, name) in [
        ("proofs.json", "BadRow: proofs.json, row 1: neither accounts"),
        ("proofs.txt", "UnknownFormat: proofs.txt"),
    ] {
        refused(folder, &["build", file, "--snapshot", SNAPSHOT, "--out", "bad"], name);
    }
    fs::write(folder.join("bad.csv"), "key,owner,amount\nx,y,1\n").unwrap();
    refused(
        folder,
        &["build", "bad.csv", "--snapshot", SNAPSHOT, "--out", "bad"],
        "bad.csv, row 2",
    );
    assert!(!folder.join("bad").exists() && !folder.join("bad.partial").exists());
}

fn base58(hex: &str) -> String {
    let bytes: Vec<u8> = (0..32)
        .map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
        .collect();
    bulkhead_interface::Pubkey::new_from_array(bytes.try_into().unwrap()).to_string()
}

/// What attesters post: the tree of a slot, bound to the log.
#[test]
fn a_checkpoints_tree_is_bound_to_its_log_and_slot() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let rows: String = (0..50)
        .map(|i| format!("{i:064x},{:064x},{}\n", i % 3 + 1, i + 1))
        .collect();
    fs::write(folder.join("live.csv"), "key,owner,amount\n".to_owned() + &rows).unwrap();
    let built = |slot: &str, out: &str| {
        let log = [
            "build",
            "live.csv",
            "--checkpoint-log",
            SNAPSHOT,
            "--slot",
            slot,
            "--out",
            out,
        ];
        json(folder, &log)
    };
    let (first, second) = (built("7", "first"), built("8", "second"));
    let snapshot = json(
        folder,
        &[
            "build",
            "live.csv",
            "--snapshot",
            SNAPSHOT,
            "--slot",
            "7",
            "--out",
            "third",
        ],
    );
    assert_eq!(first["tag"]["checkpoint_slot"], 7);
    let roots = [&first, &second, &snapshot].map(|built| built["root"].as_str().unwrap());
    assert!(roots[0] != roots[1] && roots[0] != roots[2] && roots[1] != roots[2]);
    assert_eq!(json(folder, &["verify", "first"]), first);
    let printed = bulkhead(folder, &["verify", "first"]);
    let printed = String::from_utf8_lossy(&printed.stdout).into_owned();
    let shards_hash = printed.lines().find_map(|line| line.strip_prefix("shards    "));
    let shards_hash = shards_hash.expect("what its counts are bound by");
    // The root says nothing of how many leaves each shard has: who posts others lies with the right root.
    let (root, wrong) = (roots[0], "11".repeat(32));
    refused(folder, &["verify", "first", "--root", root], "ShardsHashRequired");
    let counted = [
        "verify",
        "first",
        "--root",
        root,
        "--count",
        "50",
        "--shards-hash",
        shards_hash,
    ];
    assert_eq!(json(folder, &counted), first);
    let others = ["verify", "first", "--root", root, "--shards-hash", &wrong];
    refused(folder, &others, "ShardsDiffer");
    refused(folder, &["verify", "first", "--count", "51"], "CountDiffers");
    let no_slot = ["build", "live.csv", "--checkpoint-log", SNAPSHOT, "--out", "fourth"];
    refused(folder, &no_slot, "--slot");

    // A collection that is of another slot is no checkpoint of this one.
    json(folder, &["collect", "live.csv", "--slot", "5", "--out", "collected"]);
    let other = [
        "build",
        "collected",
        "--checkpoint-log",
        SNAPSHOT,
        "--slot",
        "9",
        "--out",
        "fifth",
    ];
    refused(folder, &other, "SlotsMixed: the checkpoint is from slot 9");
}

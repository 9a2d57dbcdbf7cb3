//! Snapshots as folders: every source, every refusal, interruption, and what changed.

mod common;

use std::{fs, panic::AssertUnwindSafe};

use bulkhead_interface::Pubkey;
use bulkhead_snapshot::{
    BuildOptions, Error, Manifest, Position, ProofEntry, Roots, RootsBuilder, Silent, Snapshot, Source, Tree, build,
    collect_source, diff, layout_from_file, verify,
};
use common::*;
use proptest::prelude::*;
use tempfile::tempdir;

fn dumps(folder: &std::path::Path, positions: &[Position]) -> Source {
    fs::create_dir(folder).unwrap();
    for (i, position) in positions.iter().enumerate() {
        let account = account(&position.key, &ledger().program, &account_data(position));
        fs::write(folder.join(format!("{i:05}.json")), account.to_string()).unwrap();
    }
    // Accounts that are no positions: of another program, of another length, with other first bytes.
    let other = positions[0];
    let mut unlike = account_data(&other);
    unlike[0] = b'P';
    let strangers = [
        account(&digest("other", 0), &digest("other", 1), &account_data(&other)),
        account(&digest("other", 2), &ledger().program, &[0; 95]),
        account(&digest("other", 3), &ledger().program, &unlike),
    ];
    fs::write(
        folder.join("strangers.json"),
        serde_json::Value::from(strangers.to_vec()).to_string(),
    )
    .unwrap();
    Source::at(folder).unwrap()
}

#[test]
fn every_source_gives_the_same_root() {
    let dir = tempdir().unwrap();
    let all = positions(700);
    let tree = Tree::build(tag().tag, all.clone()).unwrap();
    let ledger_file = dir.path().join("ledger.json");
    fs::write(&ledger_file, ledger_account(&ledger()).to_string()).unwrap();
    let layout = layout_from_file(&ledger_file).unwrap();
    let dumped = dumps(&dir.path().join("dumps"), &all);
    let collected = dir.path().join("collected");
    let (entry, total) = collect_source(&dumped, Some(&layout), Some(77), &collected, &Silent).unwrap();
    assert_eq!((entry.positions, entry.skipped, total), (700, 3, tree.root().sum));
    let sources = [
        vec![csv(&dir.path().join("all.csv"), &all)],
        vec![json_lines(&dir.path().join("all.jsonl"), &all)],
        vec![Source::at(&collected.join("positions.parquet")).unwrap()],
        vec![Source::at(&collected).unwrap()],
        vec![dumped],
        // In two parts, of two kinds.
        vec![
            csv(&dir.path().join("second.csv"), &all[300..]),
            json_lines(&dir.path().join("first.jsonl"), &all[..300]),
        ],
    ];
    let mut tables = vec![];
    for (number, sources) in sources.iter().enumerate() {
        let out = dir.path().join(format!("snapshot-{number}"));
        let options = BuildOptions {
            ledger: Some(layout),
            ..options(&Silent)
        };
        let manifest = build(sources, &out, &options).unwrap();
        assert_eq!(names(&out), ["leaves.parquet", "manifest.json"]);
        assert_eq!(
            (manifest.roots.root, manifest.roots.total),
            (tree.root().hash, tree.root().sum)
        );
        assert_eq!((manifest.roots.count, manifest.positions), (tree.count(), 700));
        assert_eq!(verify(&out, &Silent).unwrap(), manifest);
        assert_eq!(manifest.slot, (sources[0].kind() == "collection").then_some(77));
        tables.push(fs::read(out.join("leaves.parquet")).unwrap());
    }
    assert!(
        tables.windows(2).all(|pair| pair[0] == pair[1]),
        "equal leaves make equal bytes"
    );
    assert!(
        names(dir.path())
            .iter()
            .all(|name| !name.ends_with("partial") && !name.ends_with("draft"))
    );
}

/// Each refusal by name, file and row; and nothing is left where the result would have been.
#[test]
fn bad_input_is_named_and_nothing_is_written() {
    let dir = tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let all = positions(40);
    let rows = |text: &str| format!("key,owner,amount\n{},{},1\n{text}\n", all[0].key, all[0].owner);
    let (key, owner) = (all[1].key, all[1].owner);
    let cases = [
        ("negative", rows(&format!("{key},{owner},-1")), "BadRow", "row 3"),
        (
            "wide",
            rows(&format!("{key},{owner},18446744073709551616")),
            "BadRow",
            "row 3",
        ),
        ("fraction", rows(&format!("{key},{owner},1.5")), "BadRow", "row 3"),
        (
            "no-key",
            rows(&format!("{},{owner},1", "l".repeat(44))),
            "BadRow",
            "row 3",
        ),
        ("few", rows(&format!("{key},{owner}")), "BadRow", "row 3"),
        ("quote", rows(&format!("\"{key},{owner},1")), "BadRow", "row 3"),
        ("column", "key,owner,balance\n".into(), "MissingColumn", "amount"),
        ("empty", String::new(), "MissingColumn", "key"),
        (
            "twice",
            rows(&format!("{key},{owner},5\n{},{owner},0", all[0].key)),
            "DuplicatePosition",
            "twice.csv, row 4",
        ),
        (
            "sum",
            rows(&format!("{key},{owner},18446744073709551615")),
            "SumOverflow",
            "sum.csv, row 3",
        ),
    ];
    let refused = |sources: &[Source], name: &str, place: &str| {
        let before = names(dir.path());
        let error = built(sources, &path("out")).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with(&format!("{name}: ")) && text.contains(place), "{text}");
        assert_eq!(names(dir.path()), before, "{text}");
    };
    for (file, text, name, place) in cases {
        let file = path(&format!("{file}.csv"));
        fs::write(&file, text).unwrap();
        refused(&[Source::at(&file).unwrap()], name, place);
    }
    // One position in two files.
    let (first, second) = (csv(&path("a.csv"), &all), json_lines(&path("b.jsonl"), &all[7..8]));
    refused(&[first, second], "DuplicatePosition", "b.jsonl, row 1");
    for (file, line) in [
        ("broken", "{\"key\":"),
        ("lacking", "{\"key\": \"11111111111111111111111111111111\"}"),
        (
            "signed",
            &format!("{{\"key\":\"{key}\",\"owner\":\"{owner}\",\"amount\":-4}}"),
        ),
        (
            "floating",
            &format!("{{\"key\":\"{key}\",\"owner\":\"{owner}\",\"amount\":4.0}}"),
        ),
    ] {
        let file = path(&format!("{file}.jsonl"));
        fs::write(&file, format!("\n{line}\n")).unwrap();
        refused(&[Source::at(&file).unwrap()], "BadRow", "row 2");
    }
    fs::write(path("what.txt"), "").unwrap();
    assert!(matches!(Source::at(&path("what.txt")), Err(Error::UnknownFormat(_))));
    assert!(matches!(Source::at(&path("nowhere")), Err(Error::Io { .. })));
    let accounts = dumps(&path("accounts"), &all);
    refused(&[accounts], "LayoutRequired", "accounts");
    // What is there already stays.
    fs::create_dir(path("there")).unwrap();
    let good = csv(&path("good.csv"), &all);
    assert!(matches!(built(&[good], &path("there")), Err(Error::OutputExists(_))));
    assert!(names(&path("there")).is_empty());
}

#[test]
fn a_parquet_file_cut_or_damaged_is_refused() {
    let dir = tempdir().unwrap();
    let all = positions(3_000);
    let collected = dir.path().join("collected");
    collect_source(&csv(&dir.path().join("all.csv"), &all), None, None, &collected, &Silent).unwrap();
    let whole = fs::read(collected.join("positions.parquet")).unwrap();
    let file = dir.path().join("cut.parquet");
    for len in [0, 3, 4, 11, 12, whole.len() / 2, whole.len() - 4, whole.len() - 1] {
        fs::write(&file, &whole[..len]).unwrap();
        let error = built(&[Source::at(&file).unwrap()], &dir.path().join("out")).unwrap_err();
        let expected = if len < 4 { "BadParquet: " } else { "TruncatedParquet: " };
        assert!(error.to_string().starts_with(expected), "{len} bytes: {error}");
        assert_eq!(names(dir.path()), ["all.csv", "collected", "cut.parquet"]);
    }
    // A collection is held against its manifest before a row of it is taken.
    let mut damaged = whole.clone();
    damaged[1_000] ^= 1;
    fs::write(collected.join("positions.parquet"), damaged).unwrap();
    let error = built(&[Source::at(&collected).unwrap()], &dir.path().join("out")).unwrap_err();
    assert!(matches!(error, Error::ManifestMismatch { .. }), "{error}");
    assert!(!dir.path().join("out").exists() && !dir.path().join("out.partial").exists());
}

#[test]
fn slots_do_not_mix() {
    let dir = tempdir().unwrap();
    let all = positions(20);
    let collect = |name: &str, part: &[Position], slot| {
        let out = dir.path().join(name);
        let file = dir.path().join(format!("{name}.csv"));
        collect_source(&csv(&file, part), None, slot, &out, &Silent).unwrap();
        Source::at(&out).unwrap()
    };
    let (early, late) = (
        collect("early", &all[..10], Some(5)),
        collect("late", &all[10..], Some(6)),
    );
    let error = built(&[early.clone(), late], &dir.path().join("out")).unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("SlotsMixed: ") && text.contains("early") && text.contains("slot 6"),
        "{text}"
    );
    let also_early = collect("also-early", &all[10..], Some(5));
    let unknown = csv(&dir.path().join("unknown.csv"), &positions(30)[20..]);
    let manifest = built(&[early, also_early, unknown], &dir.path().join("out")).unwrap();
    assert_eq!((manifest.slot, manifest.positions), (Some(5), 30));
}

/// Changes one thing of a good snapshot; `verify` and `Snapshot::open` have to see it.
#[test]
fn whatever_is_changed_in_a_snapshot_is_found() {
    let dir = tempdir().unwrap();
    let out = dir.path().join("out");
    built(&[csv(&dir.path().join("all.csv"), &positions(900))], &out).unwrap();
    let (manifest_file, leaves_file) = (out.join("manifest.json"), out.join("leaves.parquet"));
    let (manifest, leaves) = (
        fs::read_to_string(&manifest_file).unwrap(),
        fs::read(&leaves_file).unwrap(),
    );
    let refused = |what: &str| {
        let error = verify(&out, &Silent).unwrap_err();
        assert!(
            matches!(error, Error::ManifestMismatch { .. } | Error::UnknownSchema { .. }),
            "{what}: {error}"
        );
        assert!(Snapshot::open(&out, &Silent).is_err(), "{what}");
    };
    for at in (0..leaves.len()).step_by(leaves.len() / 23) {
        let mut damaged = leaves.clone();
        damaged[at] ^= 0x40;
        fs::write(&leaves_file, damaged).unwrap();
        refused(&format!("byte {at}"));
    }
    fs::write(&leaves_file, &leaves).unwrap();
    let parsed: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    for (pointer, value) in [
        ("/schema_version", 2.into()),
        ("/root", hex([7; 32]).into()),
        ("/total", "1".into()),
        ("/count", 1.into()),
        ("/tag/ledger_index", 1.into()),
        ("/tag/hash", hex([7; 32]).into()),
        ("/tag/snapshot", digest("other", 0).to_string().into()),
        ("/shards/3/sum", "9".into()),
        ("/shards/3/first", 0.into()),
        ("/shards/3/canopy_height", 9.into()),
        ("/shards/3/seen", 0.into()),
        ("/shards/3/seen", 5_000.into()),
        ("/positions", 3.into()),
        ("/slot", 3.into()),
        ("/sources/0/positions", 3.into()),
        ("/sources/0/slot", 3.into()),
        ("/sources/0/kind", "hearsay".into()),
        ("/sources", serde_json::json!([])),
        ("/files", serde_json::json!([])),
        ("/files/0/name", "/dev/zero".into()),
        ("/files/0/name", "../out/leaves.parquet".into()),
        ("/files/0/sha256", hex([7; 32]).into()),
        ("/files/0/rows", 3.into()),
        ("/files/0/bytes", 3.into()),
        ("/files/0/name", "else.parquet".into()),
        ("/shards", serde_json::json!([])),
    ] {
        let mut changed = parsed.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        fs::write(&manifest_file, changed.to_string()).unwrap();
        refused(pointer);
    }
    // A second file, which nothing is compared with.
    let mut changed = parsed.clone();
    let mut second = changed["files"][0].clone();
    second["name"] = "more.parquet".into();
    changed["files"].as_array_mut().unwrap().push(second);
    fs::write(&manifest_file, changed.to_string()).unwrap();
    refused("a second file");
    // Leaves and hash of another snapshot under this one's root.
    let other = dir.path().join("other");
    let theirs = built(&[csv(&dir.path().join("other.csv"), &positions(899))], &other).unwrap();
    fs::copy(other.join("leaves.parquet"), &leaves_file).unwrap();
    let mut changed = parsed.clone();
    changed["files"] = serde_json::to_value(&theirs.files).unwrap();
    fs::write(&manifest_file, changed.to_string()).unwrap();
    refused("another table");
    fs::write(&leaves_file, leaves).unwrap();
    fs::write(&manifest_file, manifest).unwrap();
    verify(&out, &Silent).unwrap();
}

/// Killed in the hashing after any number of shards, the same command goes on with the rest.
#[test]
fn an_interrupted_run_goes_on_where_it_was() {
    let dir = tempdir().unwrap();
    let all = positions(5_000);
    let source = [csv(&dir.path().join("all.csv"), &all)];
    let whole = built(&source, &dir.path().join("whole")).unwrap();
    for kill_after in [0, 1, 7, 15] {
        let out = dir.path().join(format!("killed-{kill_after}"));
        let watch = Watch {
            kill_after: Some(kill_after),
            ..Watch::default()
        };
        let options_once = BuildOptions {
            threads: 1,
            ..options(&watch)
        };
        std::panic::catch_unwind(AssertUnwindSafe(|| build(&source, &out, &options_once))).unwrap_err();
        assert!(!out.exists());
        // With other input it is another run.
        let other = [csv(&dir.path().join("other.csv"), &all[1..])];
        assert!(matches!(built(&other, &out), Err(Error::ForeignWork(_))));
        let watch = Watch::default();
        let resumed = build(&source, &out, &options(&watch)).unwrap();
        assert_eq!(*watch.resumed.lock().unwrap(), kill_after + 1);
        assert!(
            !watch.steps.lock().unwrap().contains(&"read".to_owned()),
            "it is not read again"
        );
        assert_eq!(resumed, whole);
        assert_eq!(
            fs::read(out.join("leaves.parquet")).unwrap(),
            fs::read(dir.path().join("whole/leaves.parquet")).unwrap()
        );
        assert!(!dir.path().join(format!("killed-{kill_after}.partial")).exists());
    }
}

#[test]
fn what_changed_is_told_by_owner() {
    let dir = tempdir().unwrap();
    let mut before: Vec<_> = positions(60)
        .into_iter()
        .filter(|position| position.amount != 0)
        .collect();
    let mut after = before.clone();
    let gone = before.pop().unwrap();
    after.retain(|position| position.key != before[3].key);
    after[0].amount += 7;
    let moved = after[1].owner;
    after[1].owner = digest("new", 0);
    let (old, new) = (dir.path().join("old"), dir.path().join("new"));
    built(&[csv(&dir.path().join("old.csv"), &before)], &old).unwrap();
    built(&[csv(&dir.path().join("new.csv"), &after)], &new).unwrap();
    let found = diff(&old, &new, &Silent).unwrap();
    let of = |owner: Pubkey| found.owners.iter().find(|change| change.owner == owner).unwrap();
    let sum = |all: &[Position]| all.iter().map(|position| position.amount).sum::<u64>();
    assert_eq!((found.total_before, found.total_after), (sum(&before), sum(&after)));
    assert_eq!(
        (found.count_before, found.count_after),
        (before.len() as u64, after.len() as u64)
    );
    assert_eq!(found.unchanged, before.len() as u64 - 3);
    assert_eq!(
        (of(digest("new", 0)).came, of(digest("new", 0)).after),
        (1, after[1].amount)
    );
    assert!(of(moved).went >= 1 && of(before[3].owner).went >= 1 && of(gone.owner).came >= 1);
    let counts = found.owners.iter().fold((0, 0, 0), |sum, own| {
        (sum.0 + own.came, sum.1 + own.went, sum.2 + own.changed)
    });
    assert_eq!(counts, (2, 2, 1));
    let (less, more) = found
        .owners
        .iter()
        .fold((0, 0), |sum, own| (sum.0 + own.before, sum.1 + own.after));
    assert_eq!(found.total_before - less, found.total_after - more);
    let same = diff(&old, &old, &Silent).unwrap();
    assert!(same.owners.is_empty() && same.unchanged == same.count_before);
}

#[test]
fn proofs_as_text_hold_and_forged_ones_do_not() {
    let dir = tempdir().unwrap();
    let out = dir.path().join("out");
    built(&[csv(&dir.path().join("all.csv"), &positions(800))], &out).unwrap();
    let snapshot = Snapshot::open(&out, &Silent).unwrap();
    let manifest = &snapshot.manifest;
    let owner = digest("owner", 3);
    assert_eq!(
        snapshot.leaves_of(&owner).count(),
        snapshot.tree.leaves().filter(|(_, leaf)| leaf.owner == owner).count()
    );
    assert_eq!(snapshot.leaves_of(&digest("nobody", 0)).count(), 0);
    for proof in snapshot.tree.proofs().step_by(37) {
        let entry = ProofEntry::new(&proof, manifest);
        entry.verify(manifest).unwrap();
        let text = serde_json::to_string(&entry).unwrap();
        let read: ProofEntry = serde_json::from_str(&text).unwrap();
        assert_eq!(read, entry);
        let forgeries: [fn(&mut ProofEntry); 9] = [
            |entry| entry.amount += 1,
            |entry| entry.index ^= 1,
            |entry| entry.index ^= 1 << 20,
            |entry| entry.owner = entry.key,
            |entry| entry.siblings[0].sum += 1,
            |entry| entry.siblings.truncate(8),
            |entry| entry.claim_bit += 1,
            |entry| entry.siblings_below_canopy += 1,
            |entry| entry.total += 1,
        ];
        for forge in forgeries {
            let mut forged = entry.clone();
            forge(&mut forged);
            assert!(matches!(forged.verify(manifest), Err(Error::BadProof(_))), "{forged:?}");
        }
    }
}

#[test]
fn nothing_at_all_is_a_snapshot_too() {
    let dir = tempdir().unwrap();
    let (none, naught) = (dir.path().join("none"), dir.path().join("naught"));
    let source = csv(&dir.path().join("none.csv"), &[]);
    // A header without rows is a mistake, unless it is meant.
    let error = built(std::slice::from_ref(&source), &none).unwrap_err();
    assert!(matches!(error, Error::NothingRead { .. }), "{error}");
    let empty = built(&[source.or_nothing()], &none).unwrap();
    assert_eq!(empty.roots.root, Tree::build(tag().tag, vec![]).unwrap().root().hash);
    assert_eq!((empty.roots.count, empty.positions), (0, 0));
    let zero = Position {
        amount: 0,
        ..positions(1)[0]
    };
    let zero = built(&[csv(&dir.path().join("zero.csv"), &[zero])], &naught).unwrap();
    assert_eq!((zero.roots.root, zero.positions), (empty.roots.root, 1));
    assert_eq!(verify(&none, &Silent).unwrap(), empty);
    assert_eq!(Manifest::open(&naught).unwrap(), zero);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// In place, streamed in batches of any size, and as a tree: one root, whatever the order.
    #[test]
    fn streamed_is_in_place_is_a_tree(count in 0u32..3_000, batch in 1usize..700, turn in 0usize..3_000, threads in 1usize..4) {
        let mut all = positions(count);
        let tree = Tree::build(tag().tag, all.clone()).unwrap();
        let turn = turn % all.len().max(1);
        all.rotate_left(turn);
        let roots = Roots::of(&tag().tag, &mut all, threads).unwrap();
        prop_assert_eq!((roots.root, roots.total, roots.count), (tree.root().hash, tree.root().sum, tree.count()));
        for (number, entry) in (0..).zip(&roots.shards) {
            let shard = tree.shard(number).unwrap();
            prop_assert_eq!((entry.canopy_height, entry.count, entry.seen), (shard.canopy_height, shard.count, shard.seen));
        }
        // `of` has put them in order.
        let mut streamed = RootsBuilder::new(tag().tag);
        for batch in all.chunks(batch) {
            streamed.append(batch).unwrap();
        }
        prop_assert_eq!(streamed.finish().unwrap(), roots);
    }
}

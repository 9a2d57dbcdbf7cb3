//! Files that somebody else has made or changed: nothing of them ends the process, hangs it or decides a root.

mod common;

use std::{fs, panic::AssertUnwindSafe, path::Path};

use bulkhead_snapshot::{
    BuildOptions, Error, Manifest, Position, Silent, Snapshot, Source, build, collect_source, diff, layout_from_file,
    verify,
};
use common::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use tempfile::tempdir;

/// A snapshot whose manifest `change` has been at.
fn changed(change: impl Fn(&mut Value)) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempdir().unwrap();
    let out = dir.path().join("out");
    built(&[csv(&dir.path().join("all.csv"), &positions(90))], &out).unwrap();
    let file = out.join("manifest.json");
    let mut manifest: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    change(&mut manifest);
    fs::write(&file, manifest.to_string()).unwrap();
    (dir, out)
}

/// Counts of four billion leaves a shard, which belong together and have the right root, once made every reader reserve
/// 288 GB and the process end there.
#[test]
fn a_manifest_of_billions_of_leaves_reserves_nothing() {
    let (_dir, out) = changed(|manifest| {
        let mut first = 0u64;
        for shard in manifest["shards"].as_array_mut().unwrap() {
            let count = if first == 0 { u64::from(u32::MAX) } else { 0 };
            shard["count"] = count.into();
            shard["seen"] = count.into();
            shard["first"] = first.into();
            first += count;
        }
        manifest["count"] = first.into();
        manifest["positions"] = first.into();
        manifest["sources"][0]["positions"] = first.into();
        manifest["files"][0]["rows"] = first.into();
    });
    assert!(matches!(Manifest::open(&out), Err(Error::ManifestMismatch { .. })));
    assert!(Snapshot::open(&out, &Silent).is_err() && verify(&out, &Silent).is_err());
    assert!(diff(&out, &out, &Silent).is_err());
}

/// What would never end: devices, and links to them, wherever a file is read.
#[cfg(unix)]
#[test]
fn a_device_is_no_file() {
    use std::os::unix::fs::symlink;
    let zero = Path::new("/dev/zero");
    assert!(matches!(Source::at(zero), Err(Error::NotAFile(_))));
    assert!(layout_from_file(zero).is_err());
    let (dir, out) = changed(|_| ());
    fs::remove_file(out.join("leaves.parquet")).unwrap();
    symlink(zero, out.join("leaves.parquet")).unwrap();
    assert!(matches!(verify(&out, &Silent), Err(Error::NotAFile(_))));
    assert!(Snapshot::open(&out, &Silent).is_err());
    fs::remove_file(out.join("manifest.json")).unwrap();
    symlink(zero, out.join("manifest.json")).unwrap();
    assert!(matches!(Manifest::open(&out), Err(Error::NotAFile(_))));
    // A collection's table, and its manifest naming another file.
    let all = positions(20);
    let collected = dir.path().join("collected");
    collect_source(
        &csv(&dir.path().join("some.csv"), &all),
        None,
        None,
        &collected,
        &Silent,
    )
    .unwrap();
    let manifest = fs::read_to_string(collected.join("collection.json")).unwrap();
    fs::remove_file(collected.join("positions.parquet")).unwrap();
    symlink(zero, collected.join("positions.parquet")).unwrap();
    let source = Source::at(&collected).unwrap();
    assert!(built(&[source], &dir.path().join("a")).is_err());
    let mut named: Value = serde_json::from_str(&manifest).unwrap();
    named["files"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "name": "/dev/zero", "rows": 1, "bytes": 1, "sha256": hex([0; 32]) }));
    fs::write(collected.join("collection.json"), named.to_string()).unwrap();
    let error = built(&[Source::at(&collected).unwrap()], &dir.path().join("a")).unwrap_err();
    assert!(
        matches!(error, Error::NotAFile(_) | Error::ManifestMismatch { .. }),
        "{error}"
    );
    // And a file of a folder.
    let folder = dir.path().join("folder");
    fs::create_dir(&folder).unwrap();
    symlink(zero, folder.join("all.csv")).unwrap();
    assert!(matches!(
        built(&[Source::at(&folder).unwrap()], &dir.path().join("a")),
        Err(Error::NotAFile(_))
    ));
}

#[test]
fn a_manifest_longer_than_any_is_not_read() {
    let (_dir, out) = changed(|manifest| manifest["note"] = "x".repeat(17 << 20).into());
    assert!(matches!(Manifest::open(&out), Err(Error::TooLong { .. })));
}

/// Every field of a collection's manifest is held against something.
#[test]
fn whatever_is_changed_in_a_collection_is_found() {
    let dir = tempdir().unwrap();
    let collected = dir.path().join("collected");
    let source = csv(&dir.path().join("all.csv"), &positions(70));
    collect_source(&source, None, Some(9), &collected, &Silent).unwrap();
    let file = collected.join("collection.json");
    let good: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    for (pointer, value) in [
        ("/schema_version", json!(2)),
        ("/slot", json!(8)),
        ("/slot", Value::Null),
        ("/total", json!("1")),
        ("/source/slot", json!(8)),
        ("/source/positions", json!(71)),
        ("/source/kind", json!("hearsay")),
        ("/files/0/rows", json!(69)),
        ("/files/0/bytes", json!(69)),
        ("/files/0/sha256", json!(hex([1; 32]))),
        ("/files/0/name", json!("collection.json")),
        ("/files", json!([])),
    ] {
        let mut changed = good.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        fs::write(&file, changed.to_string()).unwrap();
        let error = built(&[Source::at(&collected).unwrap()], &dir.path().join("out")).unwrap_err();
        assert!(
            matches!(error, Error::ManifestMismatch { .. } | Error::UnknownSchema { .. }),
            "{pointer}: {error}"
        );
    }
    fs::write(&file, good.to_string()).unwrap();
    built(&[Source::at(&collected).unwrap()], &dir.path().join("out")).unwrap();
}

/// A run over `source` that is killed after one shard, so that `NAME.partial` stays.
fn killed(source: &Source, out: &Path) {
    let watch = Watch {
        kill_after: Some(0),
        ..Watch::default()
    };
    let options = BuildOptions {
        threads: 1,
        ..options(&watch)
    };
    let sources = std::slice::from_ref(source);
    std::panic::catch_unwind(AssertUnwindSafe(|| build(sources, out, &options))).unwrap_err();
}

/// `NAME.partial` with the right plan and other leaves, shards done and not done alike: the sources decide, or nothing.
#[test]
fn what_lies_in_the_work_folder_decides_nothing() {
    let dir = tempdir().unwrap();
    let (mine, theirs) = (positions(3_000), {
        let mut theirs = positions(3_000);
        theirs
            .iter_mut()
            .for_each(|position| position.owner = digest("thief", 0));
        theirs
    });
    let mine = csv(&dir.path().join("mine.csv"), &mine);
    let theirs = csv(&dir.path().join("theirs.csv"), &theirs);
    let (out, forged) = (dir.path().join("out"), dir.path().join("forged"));
    killed(&mine, &out);
    killed(&theirs, &forged);
    let work = dir.path().join("out.partial");
    let plan = fs::read(work.join("plan.json")).unwrap();
    for name in names(&dir.path().join("forged.partial")) {
        fs::copy(dir.path().join("forged.partial").join(&name), work.join(&name)).unwrap();
    }
    fs::write(work.join("plan.json"), plan).unwrap();
    let error = built(std::slice::from_ref(&mine), &out).unwrap_err();
    assert!(matches!(error, Error::ForeignWork(_)), "{error}");
    assert!(!out.exists());
    // One file of them is enough.
    fs::remove_dir_all(&work).unwrap();
    for ending in ["positions", "leaves", "json"] {
        killed(&mine, &out);
        let forged = dir.path().join("forged.partial");
        let name = names(&forged)
            .into_iter()
            .find(|name| name.starts_with("shard") && name.ends_with(ending))
            .unwrap();
        fs::copy(forged.join(&name), work.join(&name)).unwrap();
        match built(std::slice::from_ref(&mine), &out) {
            Ok(found) => assert_eq!(
                found.roots,
                built(std::slice::from_ref(&mine), &dir.path().join(ending))
                    .unwrap()
                    .roots
            ),
            Err(error) => assert!(
                matches!(error, Error::ForeignWork(_) | Error::ManifestMismatch { .. }),
                "{error}"
            ),
        }
        drop(fs::remove_dir_all(&work));
        drop(fs::remove_dir_all(&out));
    }
}

/// Files and links that lie where a run works are not followed.
#[cfg(unix)]
#[test]
fn a_link_in_the_work_folder_is_not_written_through() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let dir = tempdir().unwrap();
    let precious = dir.path().join("precious");
    fs::write(&precious, "mine").unwrap();
    for ending in ["partial", "draft"] {
        let work = dir.path().join(format!("out.{ending}"));
        fs::create_dir(&work).unwrap();
        fs::set_permissions(&work, fs::Permissions::from_mode(0o777)).unwrap();
        for name in [
            "shard-00.positions",
            "positions.parquet",
            "plan.json.draft",
            "collection.json.draft",
            "owner",
        ] {
            symlink(&precious, work.join(name)).unwrap();
        }
        let source = csv(&dir.path().join("all.csv"), &positions(50));
        let out = dir.path().join("out");
        if ending == "partial" {
            built(&[source], &out).unwrap();
        } else {
            collect_source(&source, None, None, &out, &Silent).unwrap();
        }
        assert_eq!(fs::read_to_string(&precious).unwrap(), "mine");
        fs::remove_dir_all(&out).unwrap();
    }
    // The folder itself as a link to somewhere else.
    symlink(dir.path(), dir.path().join("linked.partial")).unwrap();
    let source = csv(&dir.path().join("all.csv"), &positions(50));
    let error = built(&[source], &dir.path().join("linked")).unwrap_err();
    assert!(matches!(error, Error::ForeignWork(_)), "{error}");
    assert!(precious.is_file());
}

fn parquet_bytes(count: u32) -> Vec<u8> {
    let dir = tempdir().unwrap();
    let out = dir.path().join("collected");
    collect_source(
        &csv(&dir.path().join("all.csv"), &positions(count)),
        None,
        None,
        &out,
        &Silent,
    )
    .unwrap();
    fs::read(out.join("positions.parquet")).unwrap()
}

/// Is an answer, whichever: the library's own panics are none.
fn read_parquet(bytes: &[u8]) -> Result<u64, Error> {
    let dir = tempdir().unwrap();
    let file = dir.path().join("all.parquet");
    fs::write(&file, bytes).unwrap();
    let source = Source::at(&file).unwrap();
    collect_source(&source, None, None, &dir.path().join("out"), &Silent).map(|(_, total)| total)
}

/// Every byte of the footer, which says where everything lies, and of the first pages, changed in three ways.
#[test]
fn damaged_parquet_is_an_error_and_never_a_panic() {
    let good = parquet_bytes(40);
    read_parquet(&good).unwrap();
    let footer = good.len() - 8 - u32::from_le_bytes(good[good.len() - 8..good.len() - 4].try_into().unwrap()) as usize;
    for at in (footer..good.len()).chain(0..80) {
        for flip in [0x01, 0x80, 0xff] {
            let mut damaged = good.clone();
            damaged[at] ^= flip;
            // A note or a name of no meaning may be another; then it reads as before or not at all.
            drop(read_parquet(&damaged));
        }
    }
    for cut in (0..good.len()).step_by(41) {
        assert!(read_parquet(&good[..cut]).is_err(), "{cut}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn parquet_of_anything(edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)) {
        let mut bytes = parquet_bytes(12);
        for (at, value) in edits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        drop(read_parquet(&bytes));
    }

    /// A manifest with any one value of its tree replaced is refused, or says the same.
    #[test]
    fn a_manifest_of_anything(at in any::<prop::sample::Index>(), with in 0usize..9) {
        let (_dir, out) = changed(|_| ());
        let file = out.join("manifest.json");
        let good: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let mut pointers = vec![];
        all_pointers(&good, String::new(), &mut pointers);
        let pointer = &pointers[at.index(pointers.len())];
        let value = [json!(null), json!(-1), json!(u64::MAX), json!(1e300), json!(""), json!("\u{1b}[2J"), json!([]), json!({}), json!(true)][with].clone();
        let mut changed = good;
        *changed.pointer_mut(pointer).unwrap() = value;
        fs::write(&file, changed.to_string()).unwrap();
        let names_only = pointer.ends_with("/name") || pointer.ends_with("/skipped") || pointer.ends_with("/bytes") || pointer.ends_with("/slot") || pointer == "/slot";
        if !names_only {
            prop_assert!(verify(&out, &Silent).is_err() && Snapshot::open(&out, &Silent).is_err(), "{}", pointer);
        } else {
            drop(verify(&out, &Silent));
        }
    }

    /// Text of anything, under every name that a source can have.
    #[test]
    fn sources_of_anything(text in prop::collection::vec(prop_oneof![Just(b','), Just(b'\n'), Just(b'"'), Just(b'{'), Just(b'['), any::<u8>()], 0..300)) {
        let dir = tempdir().unwrap();
        for name in ["a.csv", "a.jsonl", "a.json", "a.parquet"] {
            let file = dir.path().join(name);
            fs::write(&file, &text).unwrap();
            let options = BuildOptions { ledger: Some(ledger()), ..options(&Silent) };
            prop_assert!(build(&[Source::at(&file).unwrap()], &dir.path().join("out"), &options).is_err());
            drop(layout_from_file(&file));
            drop(Source::sniffed(&file, "standard input"));
        }
    }
}

fn all_pointers(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| all_pointers(value, format!("{at}/{name}"), found)),
        Value::Array(list) => (0..)
            .zip(list)
            .for_each(|(i, value): (usize, _)| all_pointers(value, format!("{at}/{i}"), found)),
        _ => {}
    }
    if !at.is_empty() {
        found.push(at);
    }
}

/// Two runs into one folder at the same time.
#[test]
fn one_run_at_a_time() {
    struct Inner<'a>(&'a Source, &'a Path);
    impl bulkhead_snapshot::Progress for Inner<'_> {
        fn begin(&self, step: &str, _: Option<u64>) {
            if step == "read" {
                let error = built(std::slice::from_ref(self.0), self.1).unwrap_err();
                assert!(matches!(error, Error::WorkBusy(_)), "{error}");
            }
        }
        fn advance(&self, _: u64) {}
        fn resumed(&self, _: usize) {}
    }
    let dir = tempdir().unwrap();
    let source = csv(&dir.path().join("all.csv"), &positions(50));
    let out = dir.path().join("out");
    let progress = Inner(&source, &out);
    let all: Vec<Position> = positions(50);
    let found = build(std::slice::from_ref(&source), &out, &options(&progress)).unwrap();
    assert_eq!(found.positions, all.len() as u64);
}

//! Files as people have them: what is harmless is read, the rest is reported with file, row and what to do, and nothing is
//! passed over in silence.

mod common;

use std::{fs, path::Path};

use bulkhead_snapshot::{BuildOptions, Error, Manifest, Position, Silent, Source, Tree, build, collect_source};
use common::*;
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

fn build_with_layout(sources: &[Source], out: &Path) -> Result<Manifest, Error> {
    let options = BuildOptions {
        ledger: Some(ledger()),
        ..options(&Silent)
    };
    build(sources, out, &options)
}

/// Builds from one file of this name and text.
fn from(dir: &TempDir, name: &str, text: impl AsRef<[u8]>) -> Result<Manifest, Error> {
    let file = dir.path().join(name);
    fs::write(&file, text).unwrap();
    let result = build_with_layout(&[Source::at(&file).unwrap()], &dir.path().join("out"));
    drop(fs::remove_dir_all(dir.path().join("out")));
    result
}

fn root_of(positions: &[Position]) -> [u8; 32] {
    Tree::build(tag().tag, positions.to_vec()).unwrap().root().hash
}

#[test]
fn harmless_differences_are_read() {
    let dir = tempdir().unwrap();
    let all = positions(5);
    let row = |i: usize, between: &str| {
        let Position { key, owner, amount } = all[i];
        format!("{key}{between}{owner}{between}{amount}")
    };
    let rows = |between: &str, end: &str| (0..5).map(|i| row(i, between) + end).collect::<String>();
    let objects: String = all
        .iter()
        .map(|at| {
            json!({ "key": at.key.to_string(), "owner": format!(" {} ", at.owner), "amount": at.amount }).to_string()
                + "\r\n"
        })
        .collect();
    for (name, text) in [
        ("ending.CSV", format!("key,owner,amount\n{}", rows(",", "\n"))),
        (
            "spaces.csv",
            format!(" key , Owner,\tAMOUNT \r\n{}", rows(" , ", "\r\n")),
        ),
        ("mark.csv", format!("\u{feff}key,owner,amount\n{}", rows(",", "\n"))),
        (
            "quoted-mark.csv",
            format!("\u{feff}\"key\",\"owner\",\"amount\"\n{}", rows(",", "\n")),
        ),
        ("blank.csv", format!("\n  \nkey,owner,amount\n{}\n \n", rows(",", "\n"))),
        ("comma.csv", format!("key,owner,amount\n{}", rows(",", ",\n"))),
        ("mark.jsonl", format!("\u{feff}{objects}")),
        ("ending.JSONL", objects.clone()),
        ("ending.NdJson", objects),
    ] {
        let found = from(&dir, name, text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((found.roots.root, found.positions), (root_of(&all), 5), "{name}");
    }
}

#[test]
fn the_rest_is_told_with_what_to_do() {
    let dir = tempdir().unwrap();
    let Position { key, owner, .. } = positions(1)[0];
    let wide: Vec<u8> = format!("key,owner,amount\n{key},{owner},1\n")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let cases: [(&str, Vec<u8>, &[&str]); 9] = [
        (
            "twice.csv",
            format!("key,amount,owner,Amount \n{key},1,{owner},2\n").into(),
            &["RepeatedColumn", "amount", "remove"],
        ),
        (
            "header.csv",
            "key,owner,amount\n".into(),
            &["NothingRead", "header.csv", "--allow-empty"],
        ),
        ("nothing.jsonl", "\n\n".into(), &["NothingRead", "nothing.jsonl"]),
        ("wide.csv", wide, &["BadRow", "wide.csv, row 1", "UTF-8"]),
        (
            "thousands.csv",
            format!("key,owner,amount\n{key},{owner},1,000\n").into(),
            &["BadRow", "row 2", "4 fields", "header has 3"],
        ),
        ("none.csv", String::new().into(), &["MissingColumn", "key"]),
        (
            "list.jsonl",
            format!("[{{\"key\":\"{key}\"}}]").into(),
            &["BadRow", "row 1", ".json"],
        ),
        ("rows.json", "[1]".into(), &["BadRow", "rows.json", "not an account"]),
        (
            "cut.json",
            "[\n\n{\"pub".into(),
            &["BadRow", "cut.json, row 3", "not JSON"],
        ),
    ];
    for (name, text, words) in cases {
        let error = from(&dir, name, text).unwrap_err().to_string();
        assert!(words.iter().all(|word| error.contains(word)), "{name}: {error}");
    }
}

/// A folder of mixed endings: each file is read by its own kind, and one that is not read stops the run.
#[test]
fn a_folder_is_read_whole_or_not_at_all() {
    let dir = tempdir().unwrap();
    let all = positions(80);
    let folder = dir.path().join("folder");
    fs::create_dir(&folder).unwrap();
    let accounts = |part: &[Position]| {
        Value::from(
            part.iter()
                .map(|at| account(&at.key, &ledger().program, &account_data(at)))
                .collect::<Vec<_>>(),
        )
    };
    csv(&folder.join("1.csv"), &all[..10]);
    fs::rename(folder.join("1.csv"), folder.join("1.CSV")).unwrap();
    json_lines(&folder.join("2.jsonl"), &all[10..20]);
    fs::write(folder.join("3.json"), accounts(&all[20..30]).to_string()).unwrap();
    fs::write(folder.join("4.JSON"), accounts(&all[30..40]).to_string()).unwrap();
    let collected = dir.path().join("collected");
    collect_source(
        &csv(&dir.path().join("rest.csv"), &all[40..]),
        None,
        None,
        &collected,
        &Silent,
    )
    .unwrap();
    fs::copy(collected.join("positions.parquet"), folder.join("5.Parquet")).unwrap();
    let source = Source::at(&folder).unwrap();
    let found = build_with_layout(std::slice::from_ref(&source), &dir.path().join("out")).unwrap();
    assert_eq!((found.roots.root, found.positions), (root_of(&all), 80));
    for (name, text) in [
        ("6.txt", "key,owner,amount"),
        ("7", "[]"),
        ("8.json", "[]"),
        ("9.jsonl", "\n"),
    ] {
        fs::write(folder.join(name), text).unwrap();
        let error = build_with_layout(std::slice::from_ref(&source), &dir.path().join("again")).unwrap_err();
        assert!(
            matches!(&error, Error::UnreadFile { file, .. } if file.ends_with(name)),
            "{name}: {error}"
        );
        let error = collect_source(&source, Some(&ledger()), None, &dir.path().join("again"), &Silent).unwrap_err();
        assert!(matches!(error, Error::UnreadFile { .. }), "{name}: {error}");
        fs::remove_file(folder.join(name)).unwrap();
    }
    fs::create_dir(folder.join("more")).unwrap();
    assert!(matches!(
        build_with_layout(&[source], &dir.path().join("again")),
        Err(Error::UnreadFile { .. })
    ));
    // Accounts of which none is of the ledger.
    fs::create_dir(dir.path().join("strangers")).unwrap();
    let stranger = account(&digest("a", 0), &digest("b", 0), &[0; 96]);
    fs::write(dir.path().join("strangers/a.json"), stranger.to_string()).unwrap();
    let source = Source::at(&dir.path().join("strangers")).unwrap();
    let error = build_with_layout(&[source], &dir.path().join("again")).unwrap_err();
    assert!(matches!(error, Error::NothingRead { skipped: 1, .. }), "{error}");
}

/// What people have from a node or from the ledger tool.
#[test]
fn answers_of_nodes_and_of_the_ledger_tool_are_read() {
    let dir = tempdir().unwrap();
    let all = positions(30);
    let accounts = |part: &[Position]| -> Vec<Value> {
        part.iter()
            .map(|at| account(&at.key, &ledger().program, &account_data(at)))
            .collect()
    };
    let whole = accounts(&all);
    let page = |part: &[Position], next: Value| json!({ "jsonrpc": "2.0", "id": "1", "result": { "accounts": accounts(part), "paginationKey": next } });
    let in_context = |accounts: &[Value], slot: u64| json!({ "jsonrpc": "2.0", "id": 1, "result": { "context": { "slot": slot }, "value": accounts } });
    for (name, answer, slot) in [
        ("list", json!(whole), None),
        ("raw", json!({ "jsonrpc": "2.0", "id": 1, "result": whole }), None),
        ("context", in_context(&whole, 9), Some(9)),
        ("result", json!({ "context": { "slot": 9 }, "value": whole }), Some(9)),
        ("page", page(&all, Value::Null), None),
        (
            "pages",
            json!([page(&all[..9], json!("key")), page(&all[9..], Value::Null)]),
            None,
        ),
        (
            "v2",
            json!({ "result": { "context": { "slot": 7 }, "value": { "accounts": whole, "paginationKey": null } } }),
            Some(7),
        ),
        (
            "tool",
            json!({ "accounts": whole, "summary": { "num_accounts": 30 } }),
            None,
        ),
    ] {
        let found =
            from(&dir, &format!("{name}.json"), answer.to_string()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            (found.roots.root, found.positions, found.slot),
            (root_of(&all), 30, slot),
            "{name}"
        );
    }
    let mut cut = whole.clone();
    cut[3]["account"]["space"] = 97.into();
    let mut parsed = whole.clone();
    parsed[3]["account"]["data"] = json!({ "parsed": {} });
    let mut plain = whole.clone();
    plain[3]["account"]["data"] = json!("2R9jLfiAQ9bgdcw6h8s44439");
    for (name, answer, words) in [
        (
            "first-pages",
            json!([page(&all[..9], json!("a")), page(&all[9..], json!("b"))]),
            "last page is missing",
        ),
        (
            "error",
            json!({ "error": { "code": 1, "message": "no \u{1b}[2J" } }),
            "the node refused",
        ),
        (
            "slots",
            json!([in_context(&whole[..3], 9), in_context(&whole[3..], 10)]),
            "slot 9 and from slot 10",
        ),
        ("slice", json!(cut), "dataSlice"),
        ("parsed", json!(parsed), "base64"),
        ("plain", json!(plain), "base58"),
        ("nothing", json!({ "result": null }), "neither accounts"),
    ] {
        let error = from(&dir, &format!("{name}.json"), answer.to_string())
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("BadRow: ") && error.contains(words) && !error.contains('\u{1b}'),
            "{name}: {error}"
        );
    }
    // Pages as files of one folder, and answers of two slots among them.
    let folder = dir.path().join("folder");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("1.json"), page(&all[..9], json!("a")).to_string()).unwrap();
    let source = Source::at(&folder).unwrap();
    assert!(
        build_with_layout(std::slice::from_ref(&source), &dir.path().join("out"))
            .unwrap_err()
            .to_string()
            .contains("last page")
    );
    fs::write(folder.join("2.json"), page(&all[9..], Value::Null).to_string()).unwrap();
    let found = build_with_layout(std::slice::from_ref(&source), &dir.path().join("out")).unwrap();
    assert_eq!(found.roots.root, root_of(&all));
    fs::write(folder.join("1.json"), in_context(&whole[..9], 4).to_string()).unwrap();
    fs::write(folder.join("2.json"), in_context(&whole[9..], 5).to_string()).unwrap();
    let error = build_with_layout(&[source], &dir.path().join("again")).unwrap_err();
    assert!(
        matches!(
            error,
            Error::SlotsMixed {
                first_slot: 4,
                second_slot: 5,
                ..
            }
        ),
        "{error}"
    );
}

/// Standard input has no name to tell it by.
#[test]
fn what_comes_without_a_name_is_told_by_its_first_bytes() {
    let dir = tempdir().unwrap();
    let all = positions(20);
    let text = |source: &Source| fs::read(source.path()).unwrap();
    let of_csv = text(&csv(&dir.path().join("a.csv"), &all));
    let of_lines = text(&json_lines(&dir.path().join("a.jsonl"), &all));
    let collected = dir.path().join("collected");
    collect_source(
        &Source::at(&dir.path().join("a.csv")).unwrap(),
        None,
        None,
        &collected,
        &Silent,
    )
    .unwrap();
    let of_parquet = fs::read(collected.join("positions.parquet")).unwrap();
    let accounts: Vec<_> = all
        .iter()
        .map(|at| account(&at.key, &ledger().program, &account_data(at)))
        .collect();
    let of_answer = json!({ "result": accounts }).to_string().into_bytes();
    for (i, bytes) in [of_csv, of_lines, of_parquet, of_answer].iter().enumerate() {
        let file = dir.path().join(format!("input-{i}"));
        fs::write(&file, bytes).unwrap();
        let source = Source::sniffed(&file, "standard input").unwrap();
        let found = build_with_layout(&[source], &dir.path().join(format!("out-{i}"))).unwrap();
        assert_eq!(
            (found.roots.root, found.sources[0].name.as_str()),
            (root_of(&all), "standard input")
        );
    }
    fs::write(dir.path().join("none"), "hello").unwrap();
    assert!(Source::sniffed(&dir.path().join("none"), "standard input").is_err());
}

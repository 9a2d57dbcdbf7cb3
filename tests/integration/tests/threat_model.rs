//! Each row of `docs/threat-model.md` names tests: they exist.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Where tests without a folder are.
const USUAL: &str = "tests/integration/tests";

fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The file or folder at the beginning of a name, and what of the name is left: a test in it, or nothing.
fn place(name: &str) -> Option<(PathBuf, Option<&str>)> {
    let parts: Vec<_> = name.split("::").collect();
    let places = (1..=parts.len()).rev().flat_map(|count| {
        let path = parts[..count].join("/");
        [path.clone(), format!("{path}.rs")].map(|path| (count, path))
    });
    let found = places.into_iter().find_map(|(count, path)| {
        let both = [checkout().join(&path), checkout().join(USUAL).join(&path)];
        both.into_iter().find(|file| file.exists()).map(|file| (count, file))
    });
    let (count, file) = found?;
    match parts[count..] {
        [] => Some((file, None)),
        [test] => Some((file, Some(test))),
        _ => None,
    }
}

/// All that is written in a file, or in the files of a folder.
fn text(place: &Path) -> String {
    if place.is_file() {
        return fs::read_to_string(place).expect("it is there");
    }
    let files = fs::read_dir(place).expect("a folder");
    files.map(|file| text(&file.expect("a file").path())).collect()
}

fn has(place: &Path, test: &str) -> bool {
    text(place).contains(&format!("fn {test}("))
}

/// What a row names that does not exist.
fn missing(tests: &str) -> Vec<&str> {
    let mut before: Option<PathBuf> = None;
    let mut missing = vec![];
    for name in tests.split('`').skip(1).step_by(2) {
        let found = match (place(name), &before) {
            (Some((file, test)), _) if test.is_none_or(|test| has(&file, test)) => Some(file),
            // A test of the file that was named last.
            (None, Some(file)) if has(file, name) => Some(file.clone()),
            _ => None,
        };
        match found {
            Some(file) => before = Some(file),
            None => missing.push(name),
        }
    }
    missing
}

#[test]
fn every_test_that_is_named_exists() {
    let page = fs::read_to_string(checkout().join("docs/threat-model.md")).expect("the page");
    let mut rows = 0;
    let mut wrong = vec![];
    for (number, line) in (1..).zip(page.lines()) {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, attack, answer, tests, _] = cells[..] else {
            assert!(!line.starts_with('|'), "line {number} has another number of cells");
            continue;
        };
        if attack == "attack" || attack.starts_with("---") {
            continue;
        }
        rows += 1;
        // What is possible has no test that it is not.
        if tests.is_empty() && !answer.contains("**Possible") {
            wrong.push(format!("line {number}: no test"));
        }
        wrong.extend(missing(tests).iter().map(|name| format!("line {number}: {name}")));
    }
    assert!(rows > 100, "{rows} rows");
    assert!(wrong.is_empty(), "not there:\n{}", wrong.join("\n"));
}

#[test]
fn what_does_not_exist_is_found() {
    assert_eq!(
        missing("`pause.rs`, `pause::a_stolen_guardian_runs_out_of_pauses`"),
        [""; 0]
    );
    let wrong = [
        "pause::no_such_test",
        "no_such_file.rs",
        "crates/core/tests/no_such_file.rs",
        "no_such_test",
    ];
    let named = wrong.map(|name| format!("`{name}`")).join(", ");
    assert_eq!(missing(&format!("`pause.rs`, {named}")), wrong);
}

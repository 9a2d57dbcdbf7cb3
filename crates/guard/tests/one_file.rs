//! The guard is one file that a program can copy: nothing of it is elsewhere, and the copy of the host that does so is
//! the same.

use std::{fs, path::PathBuf};

fn read(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_copy_is_the_guard() {
    let (own, copy) = (
        read("src/guard.rs"),
        read("../../tests/hosts/copied-guard/src/guard.rs"),
    );
    assert!(
        own == copy,
        "copy crates/guard/src/guard.rs to tests/hosts/copied-guard/src"
    );
}

/// A path to the crate would not resolve in a copy.
#[test]
fn it_refers_to_nothing_but_itself_and_core() {
    let own = read("src/guard.rs");
    for reference in ["crate::", "super::", "extern crate", "std::", "alloc::"] {
        assert!(!own.contains(reference), "{reference}");
    }
    let beside: Vec<_> = fs::read_dir(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src"))
        .expect("src")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .filter(|name| name != "guard.rs" && name != "lib.rs")
        .collect();
    assert!(beside.is_empty(), "{beside:?}");
    // What lib.rs adds is documentation and lints.
    let items = read("src/lib.rs")
        .lines()
        .filter(|line| line.starts_with("pub "))
        .count();
    assert_eq!(items, 1, "`pub use guard::*` and nothing else");
}

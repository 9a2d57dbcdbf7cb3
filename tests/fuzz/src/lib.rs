//! What reads bytes that strangers wrote, each as a function of random bytes that panics when a law is broken. One harness
//! for both: `tests/fixed.rs` runs a fixed number of inputs from a fixed seed, `src/fuzz.rs` is driven by libFuzzer.
//!
//! Each target begins with something valid and spoils it as the bytes say, for random bytes alone never pass the first
//! check.

pub mod entry;
pub mod guard;
pub mod layout;
pub mod manifest;
pub mod proof;

use arbitrary::{Result, Unstructured};

/// The targets by their names.
pub const TARGETS: [(&str, fn(&[u8])); 5] = [
    ("guard", |bytes| drop(guard::run(&mut Unstructured::new(bytes)))),
    ("layout", |bytes| drop(layout::run(&mut Unstructured::new(bytes)))),
    ("proof", |bytes| drop(proof::run(&mut Unstructured::new(bytes)))),
    ("manifest", |bytes| drop(manifest::run(&mut Unstructured::new(bytes)))),
    ("entry", |bytes| drop(entry::run(&mut Unstructured::new(bytes)))),
];

/// Writes up to `most` bytes over others. Says whether anything is different now.
pub(crate) fn spoil(u: &mut Unstructured, bytes: &mut [u8], most: u8) -> Result<bool> {
    let before = bytes.to_vec();
    for _ in 0..u.int_in_range(0..=most)? {
        if bytes.is_empty() {
            break;
        }
        let at = u.choose_index(bytes.len())?;
        bytes[at] = u.arbitrary()?;
    }
    Ok(bytes != before)
}

/// Cuts some bytes off, or puts some behind, one time in four.
pub(crate) fn resize(u: &mut Unstructured, bytes: &mut Vec<u8>) -> Result<()> {
    if u.ratio(1, 4)? {
        let longest = bytes.len() + 64;
        let len = u.int_in_range(0..=longest)?;
        bytes.resize(len, u.arbitrary()?);
    }
    Ok(())
}

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

/// A target: its name, and what it does with an input.
pub type Target = (&'static str, fn(&mut Unstructured) -> Result<()>);

/// Every target.
pub static TARGETS: [Target; 5] = [
    ("guard", guard::run),
    ("layout", layout::run),
    ("proof", proof::run),
    ("manifest", manifest::run),
    ("entry", entry::run),
];

/// Runs the target of that name. Bytes that come to an end too soon are an input like any other.
///
/// # Panics
/// When a law is broken, and when there is no such target.
pub fn run(name: &str, bytes: &[u8]) {
    let (_, target) = TARGETS.iter().find(|(each, _)| *each == name).expect("a target");
    let _ = target(&mut Unstructured::new(bytes));
}

/// Writes up to `most` bytes over others.
pub(crate) fn spoil(u: &mut Unstructured, bytes: &mut [u8], most: u8) -> Result<()> {
    if !bytes.is_empty() {
        for _ in 0..u.int_in_range(0..=most)? {
            let at = u.choose_index(bytes.len())?;
            bytes[at] = u.arbitrary()?;
        }
    }
    Ok(())
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

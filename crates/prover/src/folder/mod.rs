//! A ledger's proofs in a folder: `run.json`, and a file a page.
//!
//! A page's file appears whole or not at all, so a run that is killed loses the pages it was at and no other. Files that
//! are there are believed only as far as they verify.

mod ledger;
mod manifest;
mod pages;
mod prove;
mod verify;

pub use {
    ledger::Ledger,
    manifest::{Plan, SCHEMA_VERSION},
    prove::{Options, Proved, prove_folder},
    verify::{Compared, Verified, compare, verify_folder},
};

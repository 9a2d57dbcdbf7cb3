//! Watches over authorities: arguments of `bulkhead propose open-authority-watch`.

use serde_json::json;

use super::{File, Placeholder};
use crate::{
    Adoption,
    names::{placeholder, snake},
};

/// Loader of upgradeable programs.
const LOADER: &str = "BPFLoaderUpgradeab1e11111111111111111111111";
/// No authority.
const NOBODY: &str = "11111111111111111111111111111111";
/// A trip closes the whole domain.
const DOMAIN: u8 = 255;
/// The longest that a trip lasts by itself.
const LATCH: i64 = 259_200;
/// What is watched: a program, a field of a host's account.
const PROGRAM: u8 = 0;
const HOST_FIELD: u8 = 2;

/// One file of arguments for each watch.
pub fn files(adoption: &Adoption, placeholders: &mut Vec<Placeholder>) -> Vec<File> {
    let mut note = |address: String, what: String| {
        placeholders.push(Placeholder {
            address: address.clone(),
            what,
        });
        address
    };
    let data = adoption.program_data.clone().unwrap_or_else(|| {
        note(
            placeholder("program_data"),
            "the program's data account, as `solana program show` says".into(),
        )
    });
    let upgrade = note(
        placeholder("upgrade_authority"),
        "the program's upgrade authority, as `solana program show` says".into(),
    );
    let mut files = vec![File {
        path: "watches/upgrade_authority.json".into(),
        text: arguments(PROGRAM, &data, LOADER, 0, &upgrade),
    }];
    for authority in &adoption.authorities {
        let named = format!("{}_{}", snake(&authority.account), authority.field.replace('.', "_"));
        let account = note(
            placeholder(&authority.account),
            format!("the {} of the host", authority.account),
        );
        let expected = note(
            placeholder(&format!("key_{named}")),
            format!("who is `{}` of the {} today", authority.field, authority.account),
        );
        let offset = u32::try_from(authority.offset).unwrap_or(u32::MAX);
        files.push(File {
            path: format!("watches/{named}.json"),
            text: arguments(HOST_FIELD, &account, &adoption.program, offset, &expected),
        });
    }
    files.dedup_by(|one, other| one.path == other.path);
    files
}

fn arguments(kind: u8, account: &str, program: &str, offset: u32, expected: &str) -> String {
    let value = json!({
        "compartment": 0,
        "trip_scope": DOMAIN,
        "latch_seconds": LATCH,
        "kind": kind,
        "account": account,
        "program": program,
        "offset": offset,
        "watches_upgrades": false,
        "expected": [expected, NOBODY, NOBODY],
    });
    serde_json::to_string_pretty(&value).unwrap_or_default() + "\n"
}

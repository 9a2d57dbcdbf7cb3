//! Programs that were upgraded, or whose upgrade authority changed.

use anchor_lang::prelude::Pubkey;

use super::{Finding, Judged, Memory, compare_with_first};
use crate::{source::program::Program, view::View};

/// A program may not change.
#[derive(Clone, Debug)]
pub struct Upgraded {
    /// The programs, with their program data accounts.
    pub data: Vec<(Pubkey, Pubkey)>,
    /// The upgrade authority that is in order. What was first seen without it.
    pub authority: Option<Pubkey>,
    /// The hash of the code that is in order. With it, the same code may be deployed again.
    pub hash: Option<[u8; 32]>,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn judge(look: &Upgraded, was: &Memory, view: &View) -> Judged {
    let mut first = was.first();
    let mut findings = Vec::new();
    for (program, key) in look.data.iter().filter(|(_, key)| view.is_known(key)) {
        let Some(found) = view.account(key).and_then(Program::of) else {
            // Not before it was seen once: it may not be deployed yet, or the file is wrong, which `--check` says.
            if first.contains_key(&program.to_string()) {
                findings.push(Finding::about(
                    program,
                    "the program is closed, or is no upgradeable program any more".into(),
                ));
            }
            continue;
        };
        let authority = found
            .authority
            .map_or_else(|| "nobody".to_owned(), |key| key.to_string());
        let mut wrong = Vec::new();
        if let Some(expected) = look.authority.filter(|expected| found.authority != Some(*expected)) {
            wrong.push(format!("its upgrade authority is {authority} and should be {expected}"));
        }
        if let Some(expected) = look.hash.filter(|expected| found.hash != *expected) {
            wrong.push(format!(
                "its code has the hash {} and should have {}",
                hex(&found.hash),
                hex(&expected)
            ));
        }
        let slot = if look.hash.is_none() {
            found.slot.to_string()
        } else {
            String::new()
        };
        let now = format!("slot {slot}, authority {authority}, hash {}", hex(&found.hash));
        if let Some(known) = compare_with_first(&mut first, program, now.clone())
            && wrong.is_empty()
            && !is_pinned(look)
        {
            wrong.push(format!("it was {known}, and is now {now}"));
        }
        if !wrong.is_empty() {
            findings.push(Finding::about(
                program,
                format!("the program changed: {}", wrong.join("; ")),
            ));
        }
    }
    Judged {
        memory: Memory::First(first),
        findings,
    }
}

/// Whether the file names everything that is in order.
const fn is_pinned(look: &Upgraded) -> bool {
    look.authority.is_some() && look.hash.is_some()
}

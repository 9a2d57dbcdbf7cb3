//! Host accounts that shrank or are gone: positions that were cut off, books that were closed.

use anchor_lang::prelude::Pubkey;

use super::{Finding, Judged, Memory};
use crate::view::View;

/// An account may not become shorter.
#[derive(Clone, Debug)]
pub struct Shrank {
    /// The accounts.
    pub accounts: Vec<Pubkey>,
}

pub(super) fn judge(look: &Shrank, was: &Memory, view: &View) -> Judged {
    let mut longest = was.first();
    let mut findings = Vec::new();
    for key in look.accounts.iter().filter(|key| view.is_known(key)) {
        let name = key.to_string();
        let known = longest.get(&name).and_then(|text| text.parse::<usize>().ok());
        let length = view.account(key).map(|account| account.data.len());
        match (known, length) {
            (Some(known), None) => {
                findings.push(Finding::about(
                    key,
                    format!("the account had {known} bytes and is gone"),
                ));
            }
            (Some(known), Some(length)) if length < known => {
                findings.push(Finding::about(
                    key,
                    format!("the account had {known} bytes and has {length}"),
                ));
            }
            (_, Some(length)) => {
                longest.insert(name, length.to_string());
            }
            (None, None) => {}
        }
    }
    Judged {
        memory: Memory::First(longest),
        findings,
    }
}

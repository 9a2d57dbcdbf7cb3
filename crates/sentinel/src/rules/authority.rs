//! Authorities that changed: of token accounts, of multisigs, of any host's accounts.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{detectors::solvency, token};
use solana_account::Account;

use super::{Finding, Judged, Memory, compare_with_first};
use crate::view::View;

/// An authority may not change.
#[derive(Clone, Debug)]
pub struct Authority {
    /// The accounts.
    pub accounts: Vec<Pubkey>,
    /// Offset of 32 bytes. Without it, they are token accounts, with a holder, a delegate and a close authority.
    pub offset: Option<u32>,
    /// The authority that is in order. What was first seen without it.
    pub expect: Option<Pubkey>,
}

/// The authorities, in words.
fn found(look: &Authority, account: &Account) -> Option<(Pubkey, String)> {
    let key = |bytes: [u8; 32]| Pubkey::new_from_array(bytes);
    if let Some(offset) = look.offset {
        let bytes = account.data.get(usize::try_from(offset).ok()?..)?.first_chunk::<32>()?;
        let authority = key(*bytes);
        return Some((authority, format!("{authority} of program {}", account.owner)));
    }
    solvency::mint_of(&account.owner, &account.data)?;
    let holder = key(token::holder(&account.data)?);
    let [delegate, closer] = [token::delegate(&account.data)?, token::close_authority(&account.data)?].map(|bytes| {
        if bytes == [0; 32] {
            "nobody".to_owned()
        } else {
            key(bytes).to_string()
        }
    });
    Some((
        holder,
        format!("{holder}, delegate {delegate}, close authority {closer}"),
    ))
}

pub(super) fn judge(look: &Authority, was: &Memory, view: &View) -> Judged {
    let mut first = was.first();
    let mut findings = Vec::new();
    for account in look.accounts.iter().filter(|account| view.is_known(account)) {
        let Some((authority, words)) = view.account(account).and_then(|account| found(look, account)) else {
            if first.contains_key(&account.to_string()) {
                let text = "the account is gone, or has no authority at this place any more";
                findings.push(Finding::about(account, text.into()));
            }
            continue;
        };
        let known = compare_with_first(&mut first, account, words.clone());
        if let Some(expected) = look.expect.filter(|expected| *expected != authority) {
            findings.push(Finding::about(
                account,
                format!("its authority is {words} and should be {expected}"),
            ));
        } else if let Some(known) = known.filter(|_| look.expect.is_none() || look.offset.is_none()) {
            findings.push(Finding::about(
                account,
                format!("its authority was {known}, and is now {words}"),
            ));
        }
    }
    Judged {
        memory: Memory::First(first),
        findings,
    }
}

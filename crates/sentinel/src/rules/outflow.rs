//! Balances that fall, seen from outside: whatever the host, its breakers and its vaults say of themselves.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{pda, watch::Kind};
use bulkhead_core::{detectors::solvency, token};
use bulkhead_interface::layout::{SolvencyBreaker, Vault};
use solana_account::Account;

use super::{Finding, Judged, Memory};
use crate::view::View;

/// Parts of a window. What left is forgotten at most one part late.
const PARTS: i64 = 30;

/// A balance may fall by so much in a window.
#[derive(Clone, Debug)]
pub struct Outflow {
    /// The accounts, or the custody of every vault and the reserves of every solvency breaker.
    pub accounts: Vec<Pubkey>,
    /// Native units.
    pub amount: Option<u64>,
    /// Basis points of the highest balance in the window. With both, the smaller.
    pub share_bps: Option<u16>,
    /// Length of the window.
    pub window_seconds: i64,
}

impl Outflow {
    /// The accounts whose balances are looked at.
    #[must_use]
    pub fn accounts(&self, view: &View) -> Vec<Pubkey> {
        if !self.accounts.is_empty() {
            return self.accounts.clone();
        }
        // What an endpoint names as the domain's may be another's.
        let vaults = view
            .of_kind::<Vault>(Kind::Vault)
            .filter(|(_, vault)| vault.domain == *view.domain);
        let custody = vaults.map(|(key, _)| pda::custody(&key));
        let breakers = view.of_kind::<SolvencyBreaker>(Kind::SolvencyBreaker);
        let breakers = breakers.filter(|(_, breaker)| breaker.domain == *view.domain);
        let reserves = breakers.flat_map(|(_, breaker)| {
            let reserves: Vec<Pubkey> = solvency::reserves(&breaker)
                .iter()
                .map(|reserve| reserve.account)
                .collect();
            reserves
        });
        let mut all: Vec<Pubkey> = custody.chain(reserves).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The greatest fall from `highest` that is in order.
    fn allowed(&self, highest: u64) -> u64 {
        let share = self.share_bps.map(|bps| {
            let part = u128::from(highest) * u128::from(bps) / 10_000;
            u64::try_from(part).unwrap_or(u64::MAX)
        });
        self.amount.into_iter().chain(share).min().unwrap_or(u64::MAX)
    }
}

/// Tokens of a token account, lamports of any other, nothing of one that is gone.
#[must_use]
pub fn balance(account: Option<&Account>) -> u64 {
    let Some(account) = account else { return 0 };
    let is_token = solvency::mint_of(&account.owner, &account.data).is_some();
    let tokens = is_token.then(|| token::amount(&account.data)).flatten();
    tokens.unwrap_or(account.lamports)
}

pub(super) fn judge(look: &Outflow, was: &Memory, view: &View) -> Judged {
    let part_seconds = (look.window_seconds / PARTS).max(1);
    let mut highs = was.highs();
    let mut findings = Vec::new();
    let accounts = look.accounts(view);
    highs.retain(|account, _| accounts.iter().any(|key| key.to_string() == *account));
    for key in accounts.iter().filter(|key| view.is_known(key)) {
        let held = balance(view.account(key));
        let list = highs.entry(key.to_string()).or_default();
        // A clock that steps back counts in the newest part.
        let part = (view.at.now.div_euclid(part_seconds)).max(list.last().map_or(i64::MIN, |(part, _)| *part));
        match list.last_mut() {
            Some((last, high)) if *last == part => *high = held.max(*high),
            _ => list.push((part, held)),
        }
        let first = part
            .saturating_sub(look.window_seconds.div_euclid(part_seconds))
            .saturating_sub(1);
        list.retain(|(part, _)| *part >= first);
        let highest = list.iter().map(|(_, high)| *high).max().unwrap_or(held);
        let (fall, allowed) = (highest.saturating_sub(held), look.allowed(highest));
        if fall > allowed {
            let text = format!(
                "the balance fell by {fall} from {highest} to {held} within {} seconds, and {allowed} is in order",
                look.window_seconds
            );
            findings.push(Finding::about(key, text));
        }
    }
    Judged {
        memory: Memory::Highs(highs),
        findings,
    }
}

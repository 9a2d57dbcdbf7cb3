//! Watches a domain through its accounts.
//!
//! Logs are a convenience only: the runtime keeps 10 KB of logs, and a sender can fill them before the act. Nobody can
//! hide what an act writes to an account. A proposal exists for at least its delay of an hour, and a queued release for
//! its vault's delay. A client that fetches the accounts more often sees every one. `docs/watching.md` lists where each
//! act leaves its trace, and for how long.
//!
//! Fetch with [`questions`], store with [`Accounts::of`], compare with [`changes`]. Any byte that differs produces a
//! change, so changes without a name of their own are reported too.

mod change;
mod differ;
mod kinds;

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use bulkhead_interface::ID;

pub use change::{Change, Detail, Event};
pub use kinds::{Kind, Question, questions};

/// The accounts of one domain at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts(BTreeMap<Pubkey, Vec<u8>>);

impl Accounts {
    /// Keeps those of these accounts, given with owner and data, that belong to `domain`: Bulkhead accounts of a known
    /// kind and version that name the domain or an account of it. The order does not matter.
    pub fn of<'a>(domain: &Pubkey, all: impl IntoIterator<Item = (Pubkey, Pubkey, &'a [u8])>) -> Self {
        let mut rest: Vec<(Pubkey, Pubkey, &[u8])> = all
            .into_iter()
            .filter(|(_, owner, _)| *owner == ID)
            .filter_map(|(key, _, data)| Some((key, Kind::of(data)?.parent(key, data)?, data)))
            .collect();
        let mut own = BTreeMap::new();
        // Accounts that name an account of the domain are found in the next round.
        loop {
            let before = own.len();
            rest.retain(|(key, parent, data)| {
                let belongs = parent == domain || own.contains_key(parent);
                if belongs {
                    own.insert(*key, data.to_vec());
                }
                !belongs
            });
            if own.len() == before {
                return Self(own);
            }
        }
    }

    /// The accounts and their data.
    pub fn iter(&self) -> impl Iterator<Item = (&Pubkey, &[u8])> {
        self.0.iter().map(|(key, data)| (key, data.as_slice()))
    }

    /// The addresses of one kind, for a second round of [`questions`].
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> Vec<Pubkey> {
        let is_it = |data: &[u8]| Kind::of(data) == Some(kind);
        self.iter()
            .filter(|(_, data)| is_it(data))
            .map(|(key, _)| *key)
            .collect()
    }
}

/// The changes between two times, named after the events, by account. Without earlier accounts, reports the whole
/// current state: each open proposal, and each mask and latch that is set.
#[must_use]
pub fn changes(before: &Accounts, after: &Accounts) -> Vec<Change> {
    let mut keys: Vec<_> = before.0.keys().chain(after.0.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter()
        .flat_map(|key| differ::account(*key, before.0.get(key), after.0.get(key)))
        .collect()
}

/// The changes of one account between two times, given what Bulkhead owns at its address: the data, or nothing. Unlike
/// [`changes`], it does not ask to which domain the account belongs.
#[must_use]
pub fn account_changes(key: Pubkey, before: Option<&Vec<u8>>, after: Option<&Vec<u8>>) -> Vec<Change> {
    differ::account(key, before, after)
}

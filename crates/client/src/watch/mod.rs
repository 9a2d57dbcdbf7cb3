//! Watching a domain by its accounts.
//!
//! Logs are a convenience: the runtime keeps 10 KB of them, and whoever sends the transaction can fill these first. What
//! an act leaves in an account nobody can hide: a proposal lies there for its delay of an hour at least, a queued release
//! for its vault's time, and whoever fetches the accounts more often than that sees every one. `docs/watching.md` says
//! where each act leaves its trace, and how long it stays.
//!
//! Fetch with [`questions`], keep with [`Accounts::of`], compare with [`changes`]. Every byte of an account that differs
//! makes a change, so what has no name of its own is told too.

mod change;
mod differ;
mod kinds;

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use bulkhead_interface::ID;

pub use change::{Change, Detail, Event};
pub use kinds::{Kind, Question, questions};

/// The accounts of one domain at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts(BTreeMap<Pubkey, Vec<u8>>);

impl Accounts {
    /// Keeps what belongs to `domain` of these accounts, given with their owner and data: Bulkhead's, of a kind and version
    /// that are known, that name the domain or an account that does. The order does not matter.
    pub fn of<'a>(domain: &Pubkey, all: impl IntoIterator<Item = (Pubkey, Pubkey, &'a [u8])>) -> Self {
        let mut rest: Vec<(Pubkey, Pubkey, &[u8])> = all
            .into_iter()
            .filter(|(_, owner, _)| *owner == ID)
            .filter_map(|(key, _, data)| Some((key, Kind::of(data)?.parent(key, data)?, data)))
            .collect();
        let mut own = BTreeMap::new();
        // What names an account that names the domain is found in the next round.
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

    /// The addresses of a kind, for a second round of [`questions`].
    #[must_use]
    pub fn of_kind(&self, kind: Kind) -> Vec<Pubkey> {
        let is_it = |data: &[u8]| Kind::of(data) == Some(kind);
        self.iter()
            .filter(|(_, data)| is_it(data))
            .map(|(key, _)| *key)
            .collect()
    }
}

/// What happened between two moments, in the words of the events, by account. With nothing before, everything that stands:
/// each open proposal, each mask and latch that is set.
#[must_use]
pub fn changes(before: &Accounts, after: &Accounts) -> Vec<Change> {
    let mut keys: Vec<_> = before.0.keys().chain(after.0.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys.into_iter()
        .flat_map(|key| differ::account(*key, before.0.get(key), after.0.get(key)))
        .collect()
}

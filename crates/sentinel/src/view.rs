//! What one endpoint reports of the cluster at one time.

use std::collections::{BTreeMap, BTreeSet};

use anchor_lang::{Discriminator, ZeroCopy, prelude::Pubkey};
pub use bulkhead_client::chain::{CLOCK, clock_of};
use bulkhead_client::{
    decode,
    watch::{self, Kind},
};
use bulkhead_core::acts::At;
use bulkhead_interface::layout::{Council, Domain, PauseBoard};
use solana_account::Account;

/// Accounts as they were last reported. An account that was reported not to exist is `None`.
pub type Accounts = BTreeMap<Pubkey, Option<Account>>;

/// One domain, as one endpoint reports it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The domain.
    pub domain: &'a Pubkey,
    /// Slot and time.
    pub at: At,
    /// The accounts of this domain and of all others, and of hosts.
    pub accounts: &'a Accounts,
    /// Those that belong to the domain.
    pub own: &'a BTreeSet<Pubkey>,
}

impl<'a> View<'a> {
    /// An account that exists.
    #[must_use]
    pub fn account(&self, key: &Pubkey) -> Option<&'a Account> {
        self.accounts.get(key)?.as_ref()
    }

    /// Whether the endpoint has reported anything about an account, be it that it does not exist.
    #[must_use]
    pub fn is_known(&self, key: &Pubkey) -> bool {
        self.accounts.contains_key(key)
    }

    /// An account of Bulkhead, decoded.
    #[must_use]
    pub fn load<T: ZeroCopy + Discriminator>(&self, key: &Pubkey) -> Option<T> {
        let account = self.account(key)?;
        decode::owned(&account.owner, &account.data)
    }

    /// The domain's own account.
    #[must_use]
    pub fn domain(&self) -> Option<Domain> {
        self.load(self.domain)
    }

    /// Its board.
    #[must_use]
    pub fn board(&self) -> Option<PauseBoard> {
        self.load(&bulkhead_client::pda::board(self.domain))
    }

    /// Its council.
    #[must_use]
    pub fn council(&self) -> Option<Council> {
        self.load(&bulkhead_client::pda::council(self.domain))
    }

    /// Its accounts of one kind.
    pub fn of_kind<T: ZeroCopy + Discriminator>(&self, kind: Kind) -> impl Iterator<Item = (Pubkey, T)> + use<'a, T> {
        let (own, accounts) = (self.own, self.accounts);
        own.iter().filter_map(move |key| {
            let account = accounts.get(key)?.as_ref()?;
            if Kind::of(&account.data) != Some(kind) {
                return None;
            }
            Some((*key, decode::owned(&account.owner, &account.data)?))
        })
    }

    /// Its accounts, as changes are found in them.
    #[must_use]
    pub fn watched(&self) -> watch::Accounts {
        let own = self.own.iter().filter_map(|key| {
            let account = self.account(key)?;
            Some((*key, account.owner, account.data.as_slice()))
        });
        watch::Accounts::of(self.domain, own)
    }
}

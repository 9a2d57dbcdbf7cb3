//! A domain as all parts of its status see it.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::acts::At;
use bulkhead_interface::layout::{Council, Domain, Incident, PauseBoard};

use super::Accounts;
use crate::pda;

/// The accounts, and those that every part needs.
pub(super) struct Seen<'a> {
    pub accounts: &'a Accounts,
    pub key: Pubkey,
    pub domain: Domain,
    pub council: Council,
    pub board: PauseBoard,
    /// The open incident.
    pub incident: Option<(Pubkey, Incident)>,
    pub at: At,
}

impl<'a> Seen<'a> {
    /// `None` if domain, council or board are missing.
    pub(super) fn of(accounts: &'a Accounts, at: At) -> Option<Self> {
        let key = accounts.domain();
        let domain: Domain = accounts.find(&key)?;
        let open = domain.open_incident;
        Some(Self {
            accounts,
            key,
            domain,
            council: accounts.find(&pda::council(&key))?,
            board: accounts.find(&pda::board(&key))?,
            incident: accounts.find(&open).map(|incident| (open, incident)),
            at,
        })
    }
}

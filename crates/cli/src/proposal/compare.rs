//! Compares a proposal with the accounts on a cluster.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
};

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{
    chain::Chain,
    payload::{self, Change, When, changes},
};
use bulkhead_core::proposals::proposal::Progress;

use super::Read;

/// Owner and data of the accounts that were read.
type Known = HashMap<Pubkey, Option<(Pubkey, Vec<u8>)>>;

/// What the proposal would change, and its state. Which accounts that takes shows only while it is computed: those that
/// are missing are read, and it is computed again, until none is.
pub(super) async fn with_cluster(chain: &dyn Chain, read: &Read) -> anyhow::Result<(Vec<Change>, Option<Progress>)> {
    let mut known = Known::new();
    loop {
        let missing = RefCell::new(BTreeSet::new());
        let found = compute(read, &known, &missing);
        let missing: Vec<_> = missing.into_inner().into_iter().collect();
        if missing.is_empty() {
            return Ok(found);
        }
        let accounts = chain.accounts(&missing).await?;
        let accounts = accounts
            .into_iter()
            .map(|account| account.map(|each| (each.owner, each.data)));
        known.extend(missing.into_iter().zip(accounts));
    }
}

fn compute(read: &Read, known: &Known, missing: &RefCell<BTreeSet<Pubkey>>) -> (Vec<Change>, Option<Progress>) {
    let data = |key: &Pubkey| {
        let account = known.get(key);
        if account.is_none() {
            missing.borrow_mut().insert(*key);
        }
        account.cloned().flatten()
    };
    let when = When {
        proposed_slot: read.proposal.created_slot,
        now: read.now.map_or(0, |at| at.now),
    };
    let found = changes(&read.payload, &read.proposal.domain, when, &data);
    let council = read.council.as_ref().zip(read.now);
    let progress = council.map(|(council, at)| payload::progress(&read.proposal, &read.payload, council, &data, at));
    (found, progress)
}

//! Ledgers that are read on chain while the domain is frozen and sealed against the host's own total.

mod close_shard;
mod ingest_export;
mod ingest_linked;
mod ingest_positions;
mod open_shard;
mod open_snapshot;
mod override_seal;
mod register_ledger;
mod seal_snapshot;

pub use {
    close_shard::*, ingest_export::*, ingest_positions::*, open_shard::*, open_snapshot::*, override_seal::*,
    register_ledger::*, seal_snapshot::*,
};

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::Gathered,
    snapshots::layout::{self, Factors, Seen, linked},
};
use bulkhead_interface::layout::{Ledger, Snapshot, SnapshotShard};

use crate::{authority::core_error, current::Current, error::BulkheadError};

/// Passes accounts on as the rules see them, borrowed for as long as that takes.
pub fn seen<'info, T>(accounts: &[AccountInfo<'info>], with: impl FnOnce(&[Seen]) -> Result<T>) -> Result<T> {
    let data: Vec<_> = accounts
        .iter()
        .map(AccountInfo::try_borrow_data)
        .collect::<std::result::Result<_, _>>()?;
    let seen: Vec<_> = accounts
        .iter()
        .zip(&data)
        .map(|(account, data)| Seen {
            key: account.key,
            program: account.owner,
            data,
        })
        .collect();
    with(&seen)
}

/// The factors of a ledger as their accounts have them now, and the accounts behind theirs. They come first.
pub fn live_factors<'a, 'info>(
    ledger: &Ledger,
    accounts: &'a [AccountInfo<'info>],
) -> Result<(Factors, &'a [AccountInfo<'info>])> {
    let (own, rest) = accounts
        .split_at_checked(linked::factor_count(ledger))
        .ok_or(BulkheadError::LinkedAccountMissing)?;
    let factors = seen(own, |seen| {
        Factors::read(ledger, seen.iter().copied()).map_err(core_error)
    })?;
    Ok((factors, rest))
}

/// The factors that a ledger's snapshot was opened with.
pub fn frozen_factors(ledger: &Ledger, snapshot: &AccountInfo) -> Result<Factors> {
    Factors::frozen(ledger, &snapshot.try_borrow_data()?).map_err(core_error)
}

/// The host's own sum of all its positions, if it can be read.
fn host_total(ledger: &Ledger, account: &AccountInfo) -> Result<Option<u128>> {
    let data = account.try_borrow_data()?;
    Ok(layout::read_total(ledger, account.owner, &data))
}

/// Was the ledger restored in this incident? Its restoration can exist at only one address.
fn is_restored(restoration: &AccountInfo) -> bool {
    *restoration.owner == crate::ID
}

/// Completes the given shards in their order. A cranker who signs declares their own shards complete.
fn gather<'info>(snapshot: (&Pubkey, &Snapshot), accounts: &'info [AccountInfo<'info>]) -> Result<Gathered> {
    let mut gathered = Gathered::default();
    for account in accounts.iter().filter(|account| !account.is_signer) {
        let shard = AccountLoader::<SnapshotShard>::try_from(account)?;
        let mut shard = shard.current_mut()?;
        let is_cranker = |signer: &AccountInfo| signer.is_signer && *signer.key == shard.cranker;
        let is_signed = accounts.iter().any(is_cranker);
        gathered.take(snapshot, &mut shard, is_signed).map_err(core_error)?;
    }
    Ok(gathered)
}

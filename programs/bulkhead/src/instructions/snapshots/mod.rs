//! Ledgers that are read on chain while the domain is frozen and sealed against the host's own total.

mod close_shard;
mod ingest_export;
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
use bulkhead_core::{acts::Gathered, snapshots::layout};
use bulkhead_interface::layout::{Ledger, Snapshot, SnapshotShard};

use crate::{authority::core_error, current::Current};

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

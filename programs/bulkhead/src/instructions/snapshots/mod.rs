//! Ledgers read on chain while the domain is frozen, and sealed against the host's own total.

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
use bulkhead_core::{
    acts::{Gathered, SnapshotError},
    frontier::FrontierError,
    layout::{self, LayoutError},
};
use bulkhead_interface::layout::{Ledger, Snapshot, SnapshotShard};

use crate::{authority::act_error, current::Current, error::BulkheadError};

/// The sum the host keeps of all its positions, if it can be read.
fn host_total(ledger: &Ledger, account: &AccountInfo) -> Result<Option<u128>> {
    let data = account.try_borrow_data()?;
    Ok(layout::read_total(ledger, account.owner, &data))
}

/// Was the ledger restored in this incident? Its restoration is at the one address there is for it.
fn is_restored(restoration: &AccountInfo) -> bool {
    *restoration.owner == crate::ID
}

/// Completes the shards given, in their order. Whoever signs among them says that its own are done.
fn gather<'info>(snapshot: (&Pubkey, &Snapshot), accounts: &'info [AccountInfo<'info>]) -> Result<Gathered> {
    let mut gathered = Gathered::default();
    for account in accounts.iter().filter(|account| !account.is_signer) {
        let shard = AccountLoader::<SnapshotShard>::try_from(account)?;
        let mut shard = shard.current_mut()?;
        let is_cranker = |signer: &AccountInfo| signer.is_signer && *signer.key == shard.cranker;
        let is_signed = accounts.iter().any(is_cranker);
        gathered.take(snapshot, &mut shard, is_signed).map_err(act_error)?;
    }
    Ok(gathered)
}

/// Names the program's error for a broken rule of snapshots.
pub fn snapshot_error(error: SnapshotError) -> Error {
    use SnapshotError as S;
    match error {
        S::NoSuchLedger => BulkheadError::NoSuchLedger,
        S::Foreign => BulkheadError::ForeignAccount,
        S::InvalidLedger => BulkheadError::InvalidLedger,
        S::LedgersOverlap => BulkheadError::LedgersOverlap,
        S::LedgersMissing => BulkheadError::LedgersMissing,
        S::TotalMovable => BulkheadError::TotalMovable,
        S::TotalUnreadable => BulkheadError::TotalUnreadable,
        S::TotalMismatch => BulkheadError::TotalMismatch,
        S::Sealed => BulkheadError::SnapshotSealed,
        S::Restored => BulkheadError::LedgerRestored,
        S::NothingRead => BulkheadError::NothingRead,
        S::ShardsNotAscending => BulkheadError::ShardsNotAscending,
        S::NotShardCranker => BulkheadError::NotShardCranker,
        S::OverrideMismatch => BulkheadError::OverrideMismatch,
        S::Unsettled => BulkheadError::SnapshotUnsettled,
        S::Frontier(error) => return frontier_error(error),
    }
    .into()
}

/// Names the program's error for an account that is no readable position.
fn layout_error(error: LayoutError) -> Error {
    match error {
        LayoutError::NotAPosition => BulkheadError::NotAPosition,
        LayoutError::AmountTooLarge => BulkheadError::AmountTooLarge,
        LayoutError::TooManySlots => BulkheadError::TooManySlots,
    }
    .into()
}

/// Names the program's error for a position the shard does not take.
pub fn frontier_error(error: FrontierError) -> Error {
    match error {
        FrontierError::Sealed => BulkheadError::SnapshotSealed,
        FrontierError::WrongShard => BulkheadError::WrongShard,
        FrontierError::NotAscending => BulkheadError::PositionsNotAscending,
        FrontierError::Full => BulkheadError::ShardFull,
        FrontierError::SumOverflow => BulkheadError::Overflow,
    }
    .into()
}

//! Ledgers read on chain while the domain is held, and sealed against the host's own total.

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
    frontier::FrontierError,
    layout::{self, LayoutError},
};
use bulkhead_interface::{
    constants::phase,
    layout::{Domain, Ledger},
};

use crate::error::BulkheadError;

/// Positions are only read while nothing may move them.
fn require_held(domain: &Domain, incident: &Pubkey) -> Result<()> {
    require!(domain.state == phase::HELD, BulkheadError::WrongPhase);
    require_keys_eq!(domain.open_incident, *incident, BulkheadError::IncidentNotOpen);
    Ok(())
}

/// The sum the host keeps of all its positions.
fn host_total(ledger: &Ledger, account: &AccountInfo) -> Result<u128> {
    require_keys_eq!(*account.owner, ledger.total_program, BulkheadError::TotalUnreadable);
    let data = account.try_borrow_data()?;
    layout::read_total(ledger, &data).ok_or(BulkheadError::TotalUnreadable.into())
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

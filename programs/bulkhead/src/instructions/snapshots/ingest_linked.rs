//! The long way of `ingest_positions`: ledgers whose positions are read with the help of other accounts, or lie many in
//! one account.
//!
//! Remaining accounts: the snapshot, if the ledger has factors, for those that it was opened with. Then the positions, in
//! ascending order of their keys; where a token owns a position, its mint and the holder's token account follow it. An
//! account of many positions is passed once for every sixteen of them.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::{self, ReaderKeys},
    snapshots::layout::{Factors, linked},
};

use super::{IngestPositions, frozen_factors, seen};
use crate::{authority::*, current::Current, curve::Syscalls, error::BulkheadError};

#[inline(never)]
pub fn ingest_linked<'info>(accounts: &IngestPositions<'info>, others: &[AccountInfo<'info>]) -> Result<()> {
    require_standalone(&accounts.instructions)?;
    let keys = ReaderKeys {
        cranker: accounts.cranker.key,
        domain: accounts.domain.as_ref().key,
        ledger: accounts.ledger.as_ref().key,
    };
    let (domain, ledger) = (accounts.domain.current()?, accounts.ledger.current()?);
    let mut shard = accounts.shard.current_mut()?;
    acts::require_reader(&domain, &shard, &keys).map_err(core_error)?;
    let (factors, positions) = if linked::factor_count(&ledger) == 0 {
        (Factors::default(), others)
    } else {
        let (snapshot, positions) = others.split_first().ok_or(BulkheadError::LinkedAccountMissing)?;
        // The shard's own snapshot belongs to this program, which wrote the factors behind it.
        require_keys_eq!(*snapshot.key, shard.snapshot, BulkheadError::LinkedAccountMissing);
        (frozen_factors(&ledger, snapshot)?, positions)
    };
    let groups = positions.chunks(linked::accounts_each(&ledger));
    for group in groups {
        seen(group, |group| {
            let (position, others) = group.split_first().ok_or(BulkheadError::LinkedAccountMissing)?;
            acts::take_linked(&ledger, &factors, &mut shard, *position, others, &Syscalls).map_err(core_error)
        })?;
    }
    Ok(())
}

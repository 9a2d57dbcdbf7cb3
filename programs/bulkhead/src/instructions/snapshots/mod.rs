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
use bulkhead_interface::layout::{FrozenFactors, Ledger, Snapshot, SnapshotShard, space};

use crate::{
    authority::{core_error, require_standalone},
    current::Current,
    error::BulkheadError,
};

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

/// Opens a snapshot with `open`, which gets the ledger's factors as their accounts have them now, and stores what they
/// were behind it. Accounts are the instructions sysvar and the factors', for a ledger that has any. Returns its tag.
pub fn read_factors_into<'info>(
    ledger: &Ledger,
    account: &AccountLoader<'info, Snapshot>,
    others: &[AccountInfo<'info>],
    open: impl FnOnce(&mut Snapshot, &[Seen]) -> Result<FrozenFactors>,
) -> Result<[u8; 32]> {
    let has_factors = linked::factor_count(ledger) != 0;
    let factors = if has_factors {
        let (instructions, factors) = others.split_first().ok_or(BulkheadError::LinkedAccountMissing)?;
        require_standalone(instructions)?;
        factors
    } else {
        &[]
    };
    let (tag, frozen) = seen(factors, |factors| {
        let mut snapshot = account.load_init()?;
        let frozen = open(&mut snapshot, factors)?;
        Ok((snapshot.tag, frozen))
    })?;
    if has_factors {
        let mut data = account.as_ref().try_borrow_mut_data()?;
        let behind = data.get_mut(space::<Snapshot>()..).unwrap_or_default();
        let frozen = bytemuck::bytes_of(&frozen);
        require_eq!(behind.len(), frozen.len(), BulkheadError::ForeignAccount);
        behind.copy_from_slice(frozen);
    }
    Ok(tag)
}

/// The host's own sum of all its positions, if it can be read.
pub fn host_total(ledger: &Ledger, account: &AccountInfo) -> Result<Option<u128>> {
    let data = account.try_borrow_data()?;
    Ok(layout::read_total(ledger, account.owner, &data))
}

/// Was the ledger restored in this incident? Its restoration can exist at only one address.
fn is_restored(restoration: &AccountInfo) -> bool {
    *restoration.owner == crate::ID
}

/// Completes the given shards in their order. A cranker who signs declares their own shards complete.
pub fn gather<'info>(snapshot: (&Pubkey, &Snapshot), accounts: &'info [AccountInfo<'info>]) -> Result<Gathered> {
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

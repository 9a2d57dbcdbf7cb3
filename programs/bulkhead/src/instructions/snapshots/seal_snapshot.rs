//! Seals a snapshot: completes its shards, and makes root and total final.
//!
//! Anyone may, with the shards that have leaves as remaining accounts, in ascending order. Only
//! while the domain is held by the snapshot's incident, and only when the sum of all leaves is the
//! total the host itself keeps: a position left out or a shard not given makes the sum fall short.

use anchor_lang::prelude::*;
use bulkhead_core::{frontier, incident::mark_again, layout, root};
use bulkhead_interface::{
    constants::{snapshot_state, step},
    layout::{Domain, Incident, Ledger, Snapshot, SnapshotShard},
};

use super::{frontier_error, host_total, require_held};
use crate::{current::Current, error::BulkheadError, events::SnapshotSealed};

#[event_cpi]
#[derive(Accounts)]
pub struct SealSnapshot<'info> {
    pub domain: AccountLoader<'info, Domain>,
    #[account(mut)]
    pub incident: AccountLoader<'info, Incident>,
    pub ledger: AccountLoader<'info, Ledger>,
    #[account(
        mut,
        constraint = snapshot.current()?.domain == domain.key() @ BulkheadError::ForeignAccount,
        constraint = snapshot.current()?.incident == incident.key() @ BulkheadError::ForeignAccount,
        constraint = snapshot.current()?.ledger == ledger.key() @ BulkheadError::ForeignAccount
    )]
    pub snapshot: AccountLoader<'info, Snapshot>,
    /// CHECK: only read, through the layout.
    #[account(constraint = total_account.key() == ledger.current()?.total_account @ BulkheadError::ForeignAccount)]
    pub total_account: UncheckedAccount<'info>,
}

pub fn handle_seal_snapshot<'info>(ctx: Context<'info, SealSnapshot<'info>>) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = {
        let mut snapshot = accounts.snapshot.current_mut()?;
        require_held(&*accounts.domain.current()?, &snapshot.incident)?;
        let ledger = accounts.ledger.current()?;
        let host_sum = complete(&mut snapshot, accounts.snapshot.key(), ctx.remaining_accounts)?;
        let sum = if layout::counts_host_units(&ledger) {
            host_sum
        } else {
            snapshot.total.into()
        };
        require!(
            sum == host_total(&ledger, &accounts.total_account)?,
            BulkheadError::TotalMismatch
        );
        seal(&mut snapshot, &mut *accounts.incident.current_mut()?)?;
        SnapshotSealed {
            snapshot: accounts.snapshot.key(),
            incident: snapshot.incident,
            ledger: snapshot.ledger,
            root: snapshot.root,
            total: snapshot.total,
            count: snapshot.count,
        }
    };
    emit_cpi!(event);
    Ok(())
}

/// Completes the shards given, takes their roots over and computes root, total and count; a shard
/// not given has no leaf. Gives the sum in the host's units, where the shards keep it.
pub(super) fn complete<'info>(
    snapshot: &mut Snapshot,
    key: Pubkey,
    shards: &'info [AccountInfo<'info>],
) -> Result<u128> {
    require!(snapshot.state == snapshot_state::OPEN, BulkheadError::SnapshotSealed);
    snapshot.shards = [root::empty_shard(); _];
    let mut given = 0u16;
    let mut host_sum = 0u128;
    for account in shards {
        let loader = AccountLoader::<SnapshotShard>::try_from(account)?;
        let mut shard = loader.current_mut()?;
        require_keys_eq!(shard.snapshot, key, BulkheadError::ForeignAccount);
        let bit = 1u16.unbounded_shl(shard.shard.into());
        // Ascending: the bit is above all bits so far.
        require!(bit > given, BulkheadError::ShardsNotAscending);
        given |= bit;
        let sum = host_sum.checked_add(frontier::host_sum(&shard));
        host_sum = sum.ok_or(BulkheadError::Overflow)?;
        if let Some(slot) = snapshot.shards.get_mut(usize::from(shard.shard)) {
            *slot = frontier::finish(&mut shard).map_err(frontier_error)?;
        }
    }
    snapshot.shards_sealed = given;
    let (node, leaves) = root::seal(&mut snapshot.shards).map_err(|_| BulkheadError::Overflow)?;
    snapshot.root = node.hash;
    snapshot.total = node.sum;
    snapshot.count = leaves.into();
    Ok(host_sum)
}

/// Makes what was completed final.
pub(super) fn seal(snapshot: &mut Snapshot, incident: &mut Incident) -> Result<()> {
    let clock = Clock::get()?;
    snapshot.state = snapshot_state::SEALED;
    snapshot.sealed_slot = clock.slot;
    snapshot.sealed_ts = clock.unix_timestamp;
    mark_again(incident, step::SNAPSHOT, clock.slot, clock.unix_timestamp);
    Ok(())
}

//! Seals a snapshot: completes its shards, and fixes the root and total that a ballot can choose.
//!
//! Anyone may call it, with the shards that have leaves as remaining accounts, in ascending order. The domain must be
//! frozen by the snapshot's incident, and the sum of all leaves must equal the total that the host itself keeps, within
//! the ledger's tolerance: a position left out or a shard not passed makes the sum fall short. A sum that is not
//! exactly that total also needs the signatures of the crankers of its open shards, passed as remaining accounts, who
//! thereby declare their shards complete. The instruction must be standalone in its transaction, so that nothing
//! manipulates that total. For one day a seal by crank can be replaced by a seal closer to that total. A matured
//! override can replace it until the ledger is restored.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Sealing};
use bulkhead_interface::{
    layout::{Domain, Incident, Ledger, Snapshot},
    seeds::SEED_RESTORATION,
};

use super::{frozen_factors, gather, host_total, is_restored};
use crate::{authority::*, current::Current, error::BulkheadError, events::SnapshotSealed};

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
    /// CHECK: read only, through the layout.
    #[account(constraint = total_account.key() == ledger.current()?.total_account @ BulkheadError::ForeignAccount)]
    pub total_account: UncheckedAccount<'info>,
    /// CHECK: address of the ledger's restoration in this incident; it may not exist yet.
    #[account(seeds = [SEED_RESTORATION, incident.key().as_ref(), &[ledger.current()?.index]], bump)]
    pub restoration: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

pub fn handle_seal_snapshot<'info>(ctx: Context<'info, SealSnapshot<'info>>) -> Result<()> {
    let accounts = &ctx.accounts;
    require_standalone(&accounts.instructions)?;
    let key = accounts.snapshot.key();
    let factors = frozen_factors(&*accounts.ledger.current()?, accounts.snapshot.as_ref())?;
    let event = {
        let mut snapshot = accounts.snapshot.current_mut()?;
        let gathered = gather((&key, &snapshot), ctx.remaining_accounts)?;
        let ledger = accounts.ledger.current()?;
        let sealing = Sealing {
            domain: &*accounts.domain.current()?,
            ledger: &ledger,
            host_total: host_total(&ledger, &accounts.total_account)?,
            factors,
            is_restored: is_restored(&accounts.restoration),
            at: clock()?,
        };
        acts::seal_snapshot(
            &mut snapshot,
            &mut *accounts.incident.current_mut()?,
            gathered,
            &sealing,
        )
        .map_err(core_error)?;
        SnapshotSealed::of(key, &snapshot)
    };
    emit_cpi!(event);
    Ok(())
}

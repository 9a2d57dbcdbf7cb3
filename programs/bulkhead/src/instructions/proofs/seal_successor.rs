//! Seals what a successor's shards contain, once. Whoever finds it wrong opens another.
//!
//! Anyone may call it, with the shards that have leaves as remaining accounts, in ascending order. Their sum is exactly the
//! host's own total. It must be standalone in its transaction.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Sealing};
use bulkhead_interface::layout::{Domain, Ledger, Snapshot};

use crate::{
    authority::*,
    current::Current,
    error::BulkheadError,
    events::SnapshotSealed,
    instructions::{frozen_factors, gather, host_total},
};

#[event_cpi]
#[derive(Accounts)]
pub struct SealSuccessor<'info> {
    pub domain: AccountLoader<'info, Domain>,
    pub ledger: AccountLoader<'info, Ledger>,
    #[account(
        mut,
        constraint = snapshot.current()?.domain == domain.key() @ BulkheadError::ForeignAccount,
        constraint = snapshot.current()?.ledger == ledger.key() @ BulkheadError::ForeignAccount
    )]
    pub snapshot: AccountLoader<'info, Snapshot>,
    /// CHECK: read only, through the layout.
    #[account(constraint = total_account.key() == ledger.current()?.total_account @ BulkheadError::ForeignAccount)]
    pub total_account: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

pub fn handle_seal_successor<'info>(ctx: Context<'info, SealSuccessor<'info>>) -> Result<()> {
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
            is_restored: true,
            at: clock()?,
        };
        acts::seal_successor(&mut snapshot, gathered, &sealing).map_err(core_error)?;
        SnapshotSealed::of(key, &snapshot)
    };
    emit_cpi!(event);
    Ok(())
}

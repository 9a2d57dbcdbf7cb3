//! Fixes what a proof of a sealed ledger is about: the accumulator and the count that each of its shards ended with.
//!
//! Anyone may call it, for the snapshot that a restoration pays by, or for a successor's. The shards that have leaves are
//! the remaining accounts, in ascending order. What it writes follows from them, so there is one for each snapshot.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Ends};
use bulkhead_interface::{
    layout::{Restoration, SealedLedger, Snapshot, SnapshotShard, space},
    seeds::SEED_SEALED_LEDGER,
};

use crate::{authority::core_error, current::Current, curve::Syscalls, events::LedgerFixed};

#[event_cpi]
#[derive(Accounts)]
pub struct FixLedger<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub snapshot: AccountLoader<'info, Snapshot>,
    /// The plan that names the snapshot; none for a successor's.
    pub restoration: Option<AccountLoader<'info, Restoration>>,
    #[account(
        init, payer = payer, space = space::<SealedLedger>(),
        seeds = [SEED_SEALED_LEDGER, snapshot.key().as_ref()], bump
    )]
    pub fixed: AccountLoader<'info, SealedLedger>,
    pub system_program: Program<'info, System>,
}

pub fn handle_fix_ledger<'info>(ctx: Context<'info, FixLedger<'info>>) -> Result<()> {
    let event = ctx.accounts.fix(ctx.remaining_accounts, ctx.bumps.fixed)?;
    emit_cpi!(event);
    Ok(())
}

impl<'info> FixLedger<'info> {
    #[inline(never)]
    fn fix(&self, shards: &'info [AccountInfo<'info>], bump: u8) -> Result<LedgerFixed> {
        let snapshot = self.snapshot.current()?;
        let of = (self.snapshot.as_ref().key, &*snapshot);
        let mut ends = Ends::default();
        for account in shards {
            let shard = AccountLoader::<SnapshotShard>::try_from(account)?;
            ends.take(of, &*shard.current()?).map_err(core_error)?;
        }
        let plan = self.restoration.as_ref().map(Current::current).transpose()?;
        let mut fixed = self.fixed.load_init()?;
        let to = (self.payer.key, bump);
        acts::fix_ledger(&mut fixed, of, plan.as_deref(), &ends, &Syscalls, to).map_err(core_error)?;
        Ok(LedgerFixed {
            domain: fixed.domain,
            incident: fixed.incident,
            ledger_index: fixed.ledger_index,
            snapshot: fixed.snapshot,
            role: fixed.role,
            total: fixed.total,
        })
    }
}

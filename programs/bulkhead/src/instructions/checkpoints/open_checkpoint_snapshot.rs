//! Makes a sealed snapshot of an attested checkpoint from before the incident, so that a ballot can
//! choose it.
//!
//! Anyone may, while the domain is held or recovering, with the roots, sums and counts of the sixteen
//! shards, which have to be exactly what the checkpoint commits to. A contested checkpoint, one that
//! lacks attesters and one that was posted when the incident had begun are refused.

use anchor_lang::prelude::*;
use bulkhead_core::checkpoint::{require_shards, require_usable, tag};
use bulkhead_interface::{
    constants::{SHARDS, VERSION, phase, snapshot_source, snapshot_state, step},
    layout::{CheckpointLog, Domain, Incident, Ledger, Node, ShardRoot, Snapshot, space},
    seeds::SEED_CHECKPOINT,
};

use super::checkpoint_error;
use crate::{current::Current, error::BulkheadError, events::CheckpointSnapshotOpened};

/// What a checkpoint says of one shard.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ShardSummary {
    /// Root hash over its caps.
    pub root: [u8; 32],
    /// Sum of its leaves.
    pub sum: u64,
    /// Number of its leaves.
    pub count: u32,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(slot: u64)]
pub struct OpenCheckpointSnapshot<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(
        constraint = incident.current()?.domain == domain.key() @ BulkheadError::ForeignAccount,
        constraint = domain.current()?.open_incident == incident.key() @ BulkheadError::IncidentNotOpen
    )]
    pub incident: AccountLoader<'info, Incident>,
    #[account(constraint = log.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub log: AccountLoader<'info, CheckpointLog>,
    #[account(address = log.current()?.ledger @ BulkheadError::ForeignAccount)]
    pub ledger: AccountLoader<'info, Ledger>,
    #[account(
        init,
        payer = payer,
        space = space::<Snapshot>(),
        seeds = [SEED_CHECKPOINT, incident.key().as_ref(), &[log.current()?.ledger_index], &slot.to_le_bytes()],
        bump
    )]
    pub snapshot: AccountLoader<'info, Snapshot>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_checkpoint_snapshot(
    ctx: Context<OpenCheckpointSnapshot>,
    slot: u64,
    shards: Vec<ShardSummary>,
) -> Result<()> {
    let event = ctx.accounts.open(slot, &shards, ctx.bumps.snapshot)?;
    emit_cpi!(event);
    Ok(())
}

impl OpenCheckpointSnapshot<'_> {
    #[inline(never)]
    fn open(&self, slot: u64, shards: &[ShardSummary], bump: u8) -> Result<CheckpointSnapshotOpened> {
        let phase = self.domain.current()?.state;
        require!(
            matches!(phase, phase::HELD | phase::RECOVERING),
            BulkheadError::WrongPhase
        );
        let breach = self
            .incident
            .current()?
            .steps
            .get(step::BREACH)
            .map_or(0, |step| step.slot);
        let log = self.log.current()?;
        let entry = require_usable(&log, slot, breach).map_err(checkpoint_error)?;
        require!(shards.len() == SHARDS, BulkheadError::ShardsMismatch);

        let mut snapshot = self.snapshot.load_init()?;
        for (root, shard) in snapshot.shards.iter_mut().zip(shards) {
            *root = ShardRoot {
                root: Node {
                    hash: shard.root,
                    sum: shard.sum,
                },
                count: shard.count,
                first: 0,
            };
        }
        require_shards(entry, &mut snapshot.shards).map_err(checkpoint_error)?;
        let clock = Clock::get()?;
        snapshot.version = VERSION;
        snapshot.bump = bump;
        snapshot.state = snapshot_state::SEALED;
        snapshot.ledger_index = log.ledger_index;
        snapshot.source = snapshot_source::CHECKPOINT;
        snapshot.shards_sealed = with_leaves(&snapshot.shards);
        snapshot.domain = log.domain;
        snapshot.incident = self.incident.key();
        snapshot.ledger = log.ledger;
        snapshot.mint = self.ledger.current()?.mint;
        snapshot.tag = tag(&crate::ID, &self.log.key(), log.ledger_index, slot);
        snapshot.root = entry.root;
        snapshot.total = entry.total;
        snapshot.count = entry.count;
        snapshot.opened_slot = clock.slot;
        snapshot.sealed_slot = clock.slot;
        snapshot.sealed_ts = clock.unix_timestamp;
        snapshot.checkpoint_slot = slot;
        Ok(CheckpointSnapshotOpened {
            snapshot: self.snapshot.key(),
            incident: snapshot.incident,
            log: self.log.key(),
            slot,
            tag: snapshot.tag,
            root: snapshot.root,
            total: snapshot.total,
            count: snapshot.count,
        })
    }
}

/// Bit s: shard s has leaves.
fn with_leaves(shards: &[ShardRoot; SHARDS]) -> u16 {
    let bits = shards.iter().zip(0u32..).filter(|(shard, _)| shard.count != 0);
    bits.fold(0, |bits, (_, number)| bits | 1u16.unbounded_shl(number))
}

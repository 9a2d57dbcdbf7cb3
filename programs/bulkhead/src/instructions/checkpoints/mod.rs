//! Roots of a ledger from before an incident. They are posted and attested in peace, contested with evidence, and put
//! to the vote when the state at the pause is the attacker's.

mod attest_checkpoint;
mod close_evidence;
mod close_sample;
mod compare_sample;
mod contest_checkpoint;
mod contest_node;
mod dispute_checkpoint;
mod finish_publication;
mod open_checkpoint_log;
mod open_checkpoint_shard;
mod open_checkpoint_snapshot;
mod post_checkpoint;
mod prove_leaf;
mod publish_leaves;
mod sample_position;
mod void_checkpoint_snapshot;

pub use {
    attest_checkpoint::*, close_evidence::*, close_sample::*, compare_sample::*, contest_checkpoint::*,
    contest_node::*, dispute_checkpoint::*, finish_publication::*, open_checkpoint_log::*, open_checkpoint_shard::*,
    open_checkpoint_snapshot::*, post_checkpoint::*, prove_leaf::*, publish_leaves::*, sample_position::*,
    void_checkpoint_snapshot::*,
};

use anchor_lang::{Discriminator, prelude::*, system_program};
use bulkhead_core::acts;
use bulkhead_interface::{
    constants::{SHARDS, VERSION},
    layout::{CheckpointLog, Incident, Node, ShardRoot, Snapshot, space},
};

use crate::{
    authority::{clock, core_error},
    error::BulkheadError,
};

/// A checkpoint's summary of one shard.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ShardSummary {
    /// Root hash over its canopy.
    pub root: [u8; 32],
    /// Sum of its leaves.
    pub sum: u64,
    /// Number of its leaves.
    pub count: u32,
}

/// Encodes the summaries of the sixteen shards.
fn write_shards(from: &[ShardSummary], into: &mut [ShardRoot; SHARDS]) -> Result<()> {
    require!(from.len() == SHARDS, BulkheadError::ShardsMismatch);
    for (root, shard) in into.iter_mut().zip(from) {
        *root = ShardRoot {
            root: Node {
                hash: shard.root,
                sum: shard.sum,
            },
            count: shard.count,
            first: 0,
        };
    }
    Ok(())
}

/// Checks with the ledger's log whether `snapshot` may be restored, and records there that it was. `log` is the log's
/// address, which the caller has derived; a ledger may have no log.
pub fn note_restoration(log: &AccountInfo, incident: &Incident, snapshot: &Snapshot) -> Result<()> {
    let at = clock()?;
    if log.owner != &crate::ID {
        require!(
            log.owner == &system_program::ID && log.data_is_empty(),
            BulkheadError::ForeignAccount
        );
        return acts::note_restoration(None, incident, snapshot, at).map_err(core_error);
    }
    let mut data = log.try_borrow_mut_data()?;
    let (discriminator, body) = data
        .get_mut(..space::<CheckpointLog>())
        .and_then(|data| data.split_at_mut_checked(CheckpointLog::DISCRIMINATOR.len()))
        .ok_or(BulkheadError::ForeignAccount)?;
    require!(
        discriminator == CheckpointLog::DISCRIMINATOR,
        BulkheadError::ForeignAccount
    );
    let log: &mut CheckpointLog = bytemuck::try_from_bytes_mut(body).map_err(|_| BulkheadError::ForeignAccount)?;
    require!(log.version == VERSION, BulkheadError::UnknownVersion);
    acts::note_restoration(Some(log), incident, snapshot, at).map_err(core_error)
}

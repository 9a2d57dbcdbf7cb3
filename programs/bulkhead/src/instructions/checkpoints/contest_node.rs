//! Anyone shows a node that no honest tree has: posted or attested -> contested.
//!
//! By the bytes it is hashed from and its way up to the root: an inner node that says another sum
//! than its two children have or has a gap before a leaf, a leaf that says another sum than its
//! amount, that is bound to something else or stands at another place than it says, or bytes that are neither. An honest
//! tree's nodes are hashed from nothing else, so no honest checkpoint can be contested. It is final.

use anchor_lang::prelude::*;
use bulkhead_core::{acts, checkpoints::checkpoint::Revealed};
use bulkhead_interface::layout::CheckpointLog;

use crate::{authority::core_error, current::Current, events::CheckpointNodeContested};

/// A node of a checkpoint's tree.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ContestNodeArgs {
    /// Slot of the checkpoint.
    pub slot: u64,
    /// Bit l: at the l-th level from the node up, its sibling is on the left. Zero above the siblings.
    pub path: u32,
    /// The sum the tree says it has.
    pub sum: u64,
    /// The bytes it is the hash of.
    pub preimage: Vec<u8>,
    /// Siblings from the node up to the root: 40 bytes each, hash and sum.
    pub proof: Vec<u8>,
}

#[event_cpi]
#[derive(Accounts)]
pub struct ContestNode<'info> {
    #[account(mut)]
    pub log: AccountLoader<'info, CheckpointLog>,
}

pub fn handle_contest_node(ctx: Context<ContestNode>, args: ContestNodeArgs) -> Result<()> {
    let key = ctx.accounts.log.key();
    let hash = {
        let mut log = ctx.accounts.log.current_mut()?;
        let node = Revealed {
            preimage: &args.preimage,
            sum: args.sum,
            path: args.path,
            siblings: &args.proof,
        };
        acts::contest_node(&crate::ID, (&key, &mut log), args.slot, &node).map_err(core_error)?
    };
    emit_cpi!(CheckpointNodeContested {
        log: key,
        slot: args.slot,
        hash,
        path: args.path,
        sum: args.sum,
    });
    Ok(())
}

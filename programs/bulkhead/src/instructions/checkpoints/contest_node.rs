//! Anyone proves a node that no honest tree contains: posted or attested -> contested.
//!
//! The proof is the bytes that the node is hashed from and its path up to the root. The node is one of the following:
//! an inner node whose sum differs from the sum of its two children, or that has a gap before a leaf; a leaf whose sum
//! differs from its amount, that is bound to something else, or that stands at another index than it states; or bytes
//! that are neither. An honest tree's nodes are hashed from nothing else, so no honest checkpoint can be contested. The
//! contest is final.

use anchor_lang::prelude::*;
use bulkhead_core::{acts, checkpoints::checkpoint::Revealed};
use bulkhead_interface::layout::CheckpointLog;

use crate::{authority::core_error, current::Current, events::CheckpointNodeContested};

/// A node of a checkpoint's tree.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ContestNodeArgs {
    /// Slot of the checkpoint.
    pub slot: u64,
    /// Bit l is set if, at the l-th level up from the node, its sibling is on the left. Bits above the siblings are
    /// zero.
    pub path: u32,
    /// The sum that the tree states for the node.
    pub sum: u64,
    /// The preimage of the node's hash.
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

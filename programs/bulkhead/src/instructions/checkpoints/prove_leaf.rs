//! Anyone proves that a checkpoint contains a leaf, and stores the leaf as evidence.
//!
//! There is one account per leaf, because two proofs do not fit one transaction. The stored leaf is what the tree
//! states; it accuses nobody by itself.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{
    constants::VERSION,
    layout::{CheckpointLog, LeafEvidence, space},
    seeds::SEED_EVIDENCE,
};

use crate::{authority::core_error, current::Current, events::LeafProved};

/// A leaf and its proof.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ProveLeafArgs {
    /// Slot of the checkpoint.
    pub slot: u64,
    /// Index of the leaf.
    pub index: u32,
    /// Key of the position.
    pub key: Pubkey,
    /// Owner of the position.
    pub owner: Pubkey,
    /// Amount of the leaf. Native units.
    pub amount: u64,
    /// Siblings from the leaf up to the root: 40 bytes each, hash and sum.
    pub proof: Vec<u8>,
}

#[derive(Accounts)]
#[instruction(args: ProveLeafArgs)]
pub struct ProveLeaf<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub log: AccountLoader<'info, CheckpointLog>,
    #[account(
        init,
        payer = payer,
        space = space::<LeafEvidence>(),
        seeds = [
            SEED_EVIDENCE, log.key().as_ref(), &args.slot.to_le_bytes(), &args.index.to_le_bytes(), payer.key().as_ref()
        ],
        bump
    )]
    pub evidence: AccountLoader<'info, LeafEvidence>,
    pub system_program: Program<'info, System>,
}

pub fn handle_prove_leaf(ctx: Context<ProveLeaf>, args: ProveLeafArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let key = accounts.log.key();
    let log = accounts.log.current()?;
    let mut evidence = accounts.evidence.load_init()?;
    evidence.index = args.index;
    evidence.amount = args.amount;
    evidence.slot = args.slot;
    evidence.key = args.key;
    evidence.owner = args.owner;
    acts::prove_leaf(&crate::ID, (&key, &log), &args.proof, &mut evidence).map_err(core_error)?;
    evidence.version = VERSION;
    evidence.bump = ctx.bumps.evidence;
    evidence.payer = accounts.payer.key();
    emit!(LeafProved {
        log: key,
        evidence: accounts.evidence.key(),
        slot: args.slot,
        index: args.index,
    });
    Ok(())
}

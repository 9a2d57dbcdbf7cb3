//! Anyone stores that a leaf is part of one of the two states of an interim share-out.
//!
//! A claim needs proofs in both states, more than fits a transaction in a large ledger. So the checkpoint's leaf is
//! proved first, in an account of the prover's, which they use again for the next claim. A final claim of a third state
//! needs a leaf of the snapshot, or the two leaves around the place of a position that was not in it.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{
    constants::VERSION,
    layout::{Interim, InterimProof, ProvedLeaf, Snapshot, space},
    seeds::SEED_INTERIM_PROOF,
};

use crate::{authority::core_error, current::Current, error::BulkheadError, events::InterimLeafProved, pda};

/// A leaf and its proof.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ProveInterimLeafArgs {
    /// Which of the account's two rows to write.
    pub row: u8,
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
pub struct ProveInterimLeaf<'info> {
    #[account(mut)]
    pub prover: Signer<'info>,
    pub interim: AccountLoader<'info, Interim>,
    /// The snapshot or the checkpoint's snapshot.
    pub state: AccountLoader<'info, Snapshot>,
    #[account(
        init_if_needed, payer = prover, space = space::<InterimProof>(),
        seeds = [SEED_INTERIM_PROOF, interim.key().as_ref(), prover.key().as_ref()], bump
    )]
    pub proof: AccountLoader<'info, InterimProof>,
    pub system_program: Program<'info, System>,
}

pub fn handle_prove_interim_leaf(ctx: Context<ProveInterimLeaf>, args: ProveInterimLeafArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let interim = accounts.interim.key();
    let mut proof = if pda::is_new(accounts.proof.as_ref())? {
        let mut proof = accounts.proof.load_init()?;
        proof.version = VERSION;
        proof.bump = ctx.bumps.proof;
        proof.interim = interim;
        proof.prover = accounts.prover.key();
        proof
    } else {
        accounts.proof.current_mut()?
    };
    let row = proof.leaves.get_mut(usize::from(args.row));
    let row = row.ok_or(BulkheadError::ArgumentOutOfRange)?;
    *row = ProvedLeaf {
        index: args.index,
        amount: args.amount,
        key: args.key,
        owner: args.owner,
        ..bytemuck::Zeroable::zeroed()
    };
    let state = (&accounts.state.key(), &*accounts.state.current()?);
    acts::prove_interim_leaf(&*accounts.interim.current()?, state, &args.proof, row).map_err(core_error)?;
    emit!(InterimLeafProved {
        interim,
        proof: accounts.proof.key(),
        of: row.of,
        index: args.index,
    });
    Ok(())
}

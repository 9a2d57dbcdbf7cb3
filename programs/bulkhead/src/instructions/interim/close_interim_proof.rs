//! A prover closes their account of proved leaves and takes back the rent. It can be created again at any time.

use anchor_lang::prelude::*;
use bulkhead_interface::layout::InterimProof;

use crate::{current::Current, error::BulkheadError, events::InterimProofClosed};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseInterimProof<'info> {
    #[account(mut)]
    pub prover: Signer<'info>,
    #[account(
        mut, close = prover,
        constraint = proof.current()?.prover == prover.key() @ BulkheadError::ForeignAccount
    )]
    pub proof: AccountLoader<'info, InterimProof>,
}

pub fn handle_close_interim_proof(ctx: Context<CloseInterimProof>) -> Result<()> {
    let interim = ctx.accounts.proof.current()?.interim;
    emit_cpi!(InterimProofClosed {
        interim,
        proof: ctx.accounts.proof.key(),
    });
    Ok(())
}

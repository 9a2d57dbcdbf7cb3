//! Moves a run on by a page: the leaves that lead from its state to the next are there, ascend, and are paid their shares.
//!
//! Its prover signs. A page that led to where the run is may be sent again, which changes nothing. It emits no event: the
//! run itself says how far it is.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, ProofPage};
use bulkhead_interface::{
    constants::{PROOF_LEN, PROOF_STATE_LEN},
    layout::{ProofKey, ProofRun, StateProof},
};

use crate::{authority::core_error, current::Current, curve::Syscalls};

/// A page: the state that it leads to, and its proof.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct ProvePageArgs {
    /// The state after the page.
    pub after: [u8; PROOF_STATE_LEN],
    /// -A, B and C, as the runtime's syscalls take them.
    pub proof: [u8; PROOF_LEN],
}

#[derive(Accounts)]
pub struct ProvePage<'info> {
    pub prover: Signer<'info>,
    pub proof: AccountLoader<'info, StateProof>,
    pub key: AccountLoader<'info, ProofKey>,
    #[account(mut)]
    pub run: AccountLoader<'info, ProofRun>,
}

pub fn handle_prove_page(ctx: Context<ProvePage>, args: ProvePageArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let page = ProofPage {
        after: &args.after,
        proof: &args.proof,
    };
    acts::prove_page(
        &mut *accounts.run.current_mut()?,
        (accounts.proof.as_ref().key, &*accounts.proof.current()?),
        &*accounts.key.current()?,
        accounts.prover.key,
        &page,
        &Syscalls,
    )
    .map_err(core_error)?;
    Ok(())
}

//! Opens a run of one's own over one shard of one ledger, or begins one's own anew: before the first leaf, or where
//! another run of the same shard is, whoever moved it there.
//!
//! A run belongs to its prover. Pages of leaves that nobody has can be proved too, and lead a shared run astray.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, NewRun};
use bulkhead_interface::{
    layout::{ProofRun, StateProof, space},
    seeds::SEED_PROOF_RUN,
};

use crate::{authority::core_error, current::Current, curve::Syscalls, error::BulkheadError, events::RunOpened, pda};

#[event_cpi]
#[derive(Accounts)]
#[instruction(role: u8, shard: u8)]
pub struct OpenRun<'info> {
    /// Who moves the run on, and pays for it.
    #[account(mut)]
    pub prover: Signer<'info>,
    pub proof: AccountLoader<'info, StateProof>,
    /// The run to begin at, if any.
    pub from: Option<AccountLoader<'info, ProofRun>>,
    #[account(
        init_if_needed, payer = prover, space = space::<ProofRun>(),
        seeds = [SEED_PROOF_RUN, proof.key().as_ref(), prover.key().as_ref(), &[role], &[shard]], bump
    )]
    pub run: AccountLoader<'info, ProofRun>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_run(ctx: Context<OpenRun>, role: u8, shard: u8) -> Result<()> {
    let event = ctx.accounts.open(role, shard, ctx.bumps.run)?;
    emit_cpi!(event);
    Ok(())
}

impl OpenRun<'_> {
    #[inline(never)]
    fn open(&self, role: u8, shard: u8, bump: u8) -> Result<RunOpened> {
        let proof = self.proof.key();
        // To begin where one's own run is changes nothing; two loads of one account would fail without a name.
        let is_own = self.from.as_ref().is_some_and(|from| from.key() == self.run.key());
        require!(!is_own, BulkheadError::ForeignAccount);
        let from = self.from.as_ref().map(Current::current).transpose()?;
        let new = NewRun {
            program: &crate::ID,
            prover: self.prover.key(),
            role,
            shard,
            bump,
        };
        let mut run = if pda::is_new(self.run.as_ref())? {
            self.run.load_init()?
        } else {
            self.run.current_mut()?
        };
        acts::open_run(
            &mut run,
            (&proof, &*self.proof.current()?),
            &new,
            from.as_deref(),
            &Syscalls,
        )
        .map_err(core_error)?;
        Ok(RunOpened {
            proof,
            run: self.run.key(),
            prover: run.prover,
            role,
            shard,
        })
    }
}

//! Closes accounts of proofs and returns their rent to whoever paid it: a run by its prover whenever it wants, a statement
//! and a fixed ledger by anyone once the incident is over and the domain reopened after another.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Domain, ProofRules, ProofRun, SealedLedger, StateProof};

use crate::{authority::core_error, current::Current, error::BulkheadError, events::ProofAccountClosed};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseRun<'info> {
    #[account(mut)]
    pub prover: Signer<'info>,
    #[account(mut, close = prover)]
    pub run: AccountLoader<'info, ProofRun>,
}

pub fn handle_close_run(ctx: Context<CloseRun>) -> Result<()> {
    let accounts = &ctx.accounts;
    acts::close_run(&*accounts.run.current()?, accounts.prover.key).map_err(core_error)?;
    emit_cpi!(ProofAccountClosed {
        account: ctx.accounts.run.key(),
    });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct CloseProof<'info> {
    pub domain: AccountLoader<'info, Domain>,
    pub rules: AccountLoader<'info, ProofRules>,
    #[account(mut, close = payer)]
    pub proof: AccountLoader<'info, StateProof>,
    /// CHECK: who paid for the statement.
    #[account(mut, address = proof.current()?.payer @ BulkheadError::WrongDestination)]
    pub payer: UncheckedAccount<'info>,
}

pub fn handle_close_proof(ctx: Context<CloseProof>) -> Result<()> {
    let accounts = &ctx.accounts;
    {
        let proof = accounts.proof.current()?;
        let (domain, rules) = (accounts.domain.current()?, accounts.rules.current()?);
        let of = (accounts.domain.as_ref().key, &*domain, &*rules);
        acts::require_proofs_over(of, &proof.domain, &proof.incident).map_err(core_error)?;
    }
    emit_cpi!(ProofAccountClosed {
        account: ctx.accounts.proof.key(),
    });
    Ok(())
}

#[event_cpi]
#[derive(Accounts)]
pub struct CloseFixedLedger<'info> {
    pub domain: AccountLoader<'info, Domain>,
    pub rules: AccountLoader<'info, ProofRules>,
    #[account(mut, close = payer)]
    pub fixed: AccountLoader<'info, SealedLedger>,
    /// CHECK: who paid for it.
    #[account(mut, address = fixed.current()?.payer @ BulkheadError::WrongDestination)]
    pub payer: UncheckedAccount<'info>,
}

pub fn handle_close_fixed_ledger(ctx: Context<CloseFixedLedger>) -> Result<()> {
    let accounts = &ctx.accounts;
    {
        let fixed = accounts.fixed.current()?;
        let (domain, rules) = (accounts.domain.current()?, accounts.rules.current()?);
        let of = (accounts.domain.as_ref().key, &*domain, &*rules);
        acts::require_proofs_over(of, &fixed.domain, &fixed.incident).map_err(core_error)?;
    }
    emit_cpi!(ProofAccountClosed {
        account: ctx.accounts.fixed.key(),
    });
    Ok(())
}

//! Executes a proposal: runs the instruction it holds, signed by the domain's PDA.
//!
//! Anyone may crank it once the proposal has matured, with exactly the accounts it names. So the domain can be the
//! host's admin key and upgrade authority, and someone who holds every key of the host's team changes nothing
//! immediately. The proposal is consumed before the instruction runs, and runs once.

use anchor_lang::prelude::*;

use crate::{
    authority::*,
    call::{Decided, StoredInstruction},
    error::BulkheadError,
    events::InstructionRun,
};

#[event_cpi]
#[derive(Accounts)]
pub struct RunInstruction<'info> {
    pub config: ConfigAuthority<'info>,
    /// CHECK: the program that the stored instruction names.
    pub callee: UncheckedAccount<'info>,
}

pub fn handle_run_instruction<'info>(ctx: Context<'info, RunInstruction<'info>>) -> Result<()> {
    let config = &ctx.accounts.config;
    let payload = config.payload()?;
    let instruction = StoredInstruction::try_from_slice(&payload).map_err(|_| BulkheadError::PayloadMismatch)?;
    config.authorize(&instruction)?;
    let callee = instruction.program_id;
    instruction.run(
        &config.domain,
        &ctx.accounts.callee,
        ctx.remaining_accounts,
        Decided::ByProposal,
    )?;
    emit_cpi!(InstructionRun {
        domain: config.domain.key(),
        proposal: config
            .proposal
            .as_ref()
            .map(|proposal| proposal.key())
            .unwrap_or_default(),
        callee,
    });
    Ok(())
}

//! Any guardian runs the next step of a run of an emergency action: exactly the stored instruction, signed by the
//! domain's PDA.
//!
//! Burns no pause right: the run's start did. Steps run in order, each once in a run, and several may share a
//! transaction. A step that fails fails its transaction, so the run stays where it was; whatever steps before it did in
//! earlier transactions stays done, and any guardian goes on there. A step can reach no more than the instruction of an
//! action that has only one.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Council, Domain, EmergencyAction, EmergencyRun, space};

use crate::{
    authority::{clock, core_error},
    call::{Decided, StoredInstruction},
    current::Current,
    error::BulkheadError,
    events::EmergencyStepRun,
};

#[derive(Accounts)]
pub struct RunEmergencyStep<'info> {
    pub guardian: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(constraint = emergency_action.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub emergency_action: AccountLoader<'info, EmergencyAction>,
    #[account(
        mut,
        constraint = run.current()?.emergency_action == emergency_action.key() @ BulkheadError::ForeignAccount
    )]
    pub run: AccountLoader<'info, EmergencyRun>,
    /// CHECK: the program that the step's instruction names.
    pub callee: UncheckedAccount<'info>,
}

pub fn handle_run_emergency_step<'info>(ctx: Context<'info, RunEmergencyStep<'info>>, step: u8) -> Result<()> {
    let accounts = &ctx.accounts;
    let guardian = accounts.guardian.key();
    let offset = usize::from(accounts.run.current()?.next_offset);
    let (instruction, end) = accounts.read(offset)?;
    let is_last = acts::run_emergency_step(
        &*accounts.domain.current()?,
        &*accounts.council.current()?,
        &*accounts.emergency_action.current()?,
        &mut *accounts.run.current_mut()?,
        &guardian,
        (step, end),
        clock()?,
    )
    .map_err(core_error)?;
    instruction.run(
        &accounts.domain,
        &accounts.callee,
        ctx.remaining_accounts,
        Decided::ByGuardian,
    )?;
    emit!(EmergencyStepRun {
        emergency_action: accounts.emergency_action.key(),
        run: accounts.run.key(),
        guardian,
        step,
        is_last,
    });
    Ok(())
}

impl RunEmergencyStep<'_> {
    /// The instruction that begins at `offset` of the action's bytes, and where it ends. A run at its end has none left,
    /// and no rule would let it go on.
    fn read(&self, offset: usize) -> Result<(StoredInstruction, usize)> {
        let len = usize::from(self.emergency_action.current()?.instruction_len);
        let data = self.emergency_action.as_ref().try_borrow_data()?;
        let body = data.get(space::<EmergencyAction>()..).and_then(|body| body.get(..len));
        let mut rest = body
            .and_then(|body| body.get(offset..))
            .filter(|rest| !rest.is_empty())
            .ok_or(BulkheadError::RunOver)?;
        let instruction = StoredInstruction::deserialize(&mut rest).map_err(|_| BulkheadError::RunOver)?;
        let end = len.checked_sub(rest.len()).ok_or(BulkheadError::RunOver)?;
        Ok((instruction, end))
    }
}

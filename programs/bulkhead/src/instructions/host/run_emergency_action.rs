//! One guardian runs an emergency action immediately: exactly the stored instruction, signed by the domain's PDA.
//!
//! Actions of several steps run step by step: `start_emergency_run`. Each run burns a pause right. A silent guardian may run one too. The instruction cannot touch any token account of
//! the domain, whatever is stored. Governance has vouched that it only closes.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Council, Domain, EmergencyAction};

use crate::{
    authority::core_error,
    call::{Decided, stored_behind},
    current::Current,
    error::BulkheadError,
    events::EmergencyActionRun,
};

#[event_cpi]
#[derive(Accounts)]
pub struct RunEmergencyAction<'info> {
    pub guardian: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(mut, constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(constraint = emergency_action.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub emergency_action: AccountLoader<'info, EmergencyAction>,
    /// CHECK: the program that the stored instruction names.
    pub callee: UncheckedAccount<'info>,
}

pub fn handle_run_emergency_action<'info>(ctx: Context<'info, RunEmergencyAction<'info>>) -> Result<()> {
    let accounts = &ctx.accounts;
    let guardian = accounts.guardian.key();
    acts::require_one_step(&*accounts.emergency_action.current()?).map_err(core_error)?;
    let rights_left = acts::run_emergency_action(
        &*accounts.domain.current()?,
        &mut *accounts.council.current_mut()?,
        &guardian,
    )
    .map_err(core_error)?;
    let instruction = stored_behind::<EmergencyAction>(accounts.emergency_action.as_ref())?;
    instruction.run(
        &accounts.domain,
        &accounts.callee,
        ctx.remaining_accounts,
        Decided::ByGuardian,
    )?;
    emit_cpi!(EmergencyActionRun {
        domain: accounts.domain.key(),
        emergency_action: accounts.emergency_action.key(),
        guardian,
        rights_left,
    });
    Ok(())
}

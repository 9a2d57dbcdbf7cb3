//! One guardian runs a playbook, at once: exactly the stored instruction, as the domain's PDA.
//!
//! Burns a pause right each time. A silent guardian may as well. It touches no token account of the
//! domain, whatever was stored; that it only closes, governance has vouched for.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Council, Domain, Playbook, space};

use crate::{
    authority::act_error,
    call::{Decided, StoredInstruction},
    current::Current,
    error::BulkheadError,
    events::PlaybookRun,
};

#[event_cpi]
#[derive(Accounts)]
pub struct RunPlaybook<'info> {
    pub guardian: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(mut, constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(constraint = playbook.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub playbook: AccountLoader<'info, Playbook>,
    /// CHECK: the program that the stored instruction names.
    pub callee: UncheckedAccount<'info>,
}

pub fn handle_run_playbook<'info>(ctx: Context<'info, RunPlaybook<'info>>) -> Result<()> {
    let accounts = &ctx.accounts;
    let guardian = accounts.guardian.key();
    let rights_left = acts::run_playbook(
        &*accounts.domain.current()?,
        &mut *accounts.council.current_mut()?,
        &guardian,
    )
    .map_err(act_error)?;
    let instruction = {
        let data = accounts.playbook.as_ref().try_borrow_data()?;
        let mut body = data.get(space::<Playbook>()..).ok_or(BulkheadError::PayloadMismatch)?;
        StoredInstruction::deserialize(&mut body).map_err(|_| BulkheadError::PayloadMismatch)?
    };
    instruction.run(
        &accounts.domain,
        &accounts.callee,
        ctx.remaining_accounts,
        Decided::ByGuardian,
    )?;
    emit_cpi!(PlaybookRun {
        domain: accounts.domain.key(),
        playbook: accounts.playbook.key(),
        guardian,
        rights_left,
    });
    Ok(())
}

//! One guardian starts a run of an emergency action, which burns a pause right, once for all its steps.
//!
//! The guardian names the hash of the action that they have read. Each guardian has one run of an action, and a new run
//! replaces the guardian's own last one only. So a stolen key cannot set back a run that somebody else has started.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{
    constants::VERSION,
    layout::{Council, Domain, EmergencyAction, EmergencyRun, space},
    seeds::SEED_EMERGENCY_RUN,
};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::EmergencyRunStarted,
    pda,
};

#[event_cpi]
#[derive(Accounts)]
pub struct StartEmergencyRun<'info> {
    pub guardian: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(mut, constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(constraint = emergency_action.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub emergency_action: AccountLoader<'info, EmergencyAction>,
    /// Created by the guardian's first run of this action.
    #[account(
        init_if_needed,
        payer = payer,
        space = space::<EmergencyRun>(),
        seeds = [SEED_EMERGENCY_RUN, emergency_action.key().as_ref(), guardian.key().as_ref()],
        bump
    )]
    pub run: AccountLoader<'info, EmergencyRun>,
    pub system_program: Program<'info, System>,
}

pub fn handle_start_emergency_run(ctx: Context<StartEmergencyRun>, instruction_hash: [u8; 32]) -> Result<()> {
    let accounts = &ctx.accounts;
    let guardian = accounts.guardian.key();
    let rights_left = {
        let mut run = if pda::is_new(accounts.run.as_ref())? {
            let mut run = accounts.run.load_init()?;
            run.version = VERSION;
            run.bump = ctx.bumps.run;
            run.domain = accounts.domain.key();
            run.emergency_action = accounts.emergency_action.key();
            run
        } else {
            accounts.run.current_mut()?
        };
        acts::start_emergency_run(
            &*accounts.domain.current()?,
            &mut *accounts.council.current_mut()?,
            &*accounts.emergency_action.current()?,
            &mut run,
            &guardian,
            &instruction_hash,
            clock()?,
        )
        .map_err(core_error)?
    };
    emit_cpi!(EmergencyRunStarted {
        domain: accounts.domain.key(),
        emergency_action: accounts.emergency_action.key(),
        run: accounts.run.key(),
        guardian,
        rights_left,
    });
    Ok(())
}

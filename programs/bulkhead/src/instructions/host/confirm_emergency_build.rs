//! A guardian confirms that the emergency build of a program goes out. At the council's threshold anyone may deploy it.
//!
//! Only in the open incident of a domain that is frozen or recovering, so never in a pause that lapses. The guardian names
//! the build's hash. Once in an incident: what governance decides after that stands.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Council, Domain, HostProgram};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::EmergencyBuildConfirmed,
};

#[event_cpi]
#[derive(Accounts)]
pub struct ConfirmEmergencyBuild<'info> {
    pub guardian: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(mut, constraint = record.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub record: AccountLoader<'info, HostProgram>,
}

pub fn handle_confirm_emergency_build(ctx: Context<ConfirmEmergencyBuild>, build_hash: [u8; 32]) -> Result<()> {
    let accounts = &ctx.accounts;
    let guardian = accounts.guardian.key();
    let (confirmed, program, incident) = {
        let mut record = accounts.record.current_mut()?;
        let domain = accounts.domain.current()?;
        let council = accounts.council.current()?;
        let confirmed = acts::confirm_emergency_build(&domain, &council, &mut record, &guardian, &build_hash, clock()?)
            .map_err(core_error)?;
        (confirmed, record.program, record.incident)
    };
    emit_cpi!(EmergencyBuildConfirmed {
        program,
        incident,
        guardian,
        confirmations: confirmed.confirmations,
        is_reached: confirmed.is_reached,
    });
    Ok(())
}

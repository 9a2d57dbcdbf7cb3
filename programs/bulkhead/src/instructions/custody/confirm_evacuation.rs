//! A guardian confirms that the vaults are to be evacuated to their routes. At the council's threshold anyone may crank
//! `evacuate`.
//!
//! Each guardian sends one transaction, in the open incident of a domain that is frozen or recovering. A confirmation
//! chooses no destination: routes were registered in peace, or by a proposal that knew of this incident. Confirmations
//! of an earlier council do not count. An evacuation that is active stays active.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{
    constants::{VERSION, migration_state},
    layout::{Council, Domain, Incident, Migration, space},
    seeds::SEED_MIGRATION,
};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::{EvacuationConfirmed, EvacuationStarted},
    pda,
};

#[event_cpi]
#[derive(Accounts)]
pub struct ConfirmEvacuation<'info> {
    pub guardian: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut)]
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(
        mut,
        constraint = incident.current()?.domain == domain.key() @ BulkheadError::ForeignAccount,
        constraint = domain.current()?.open_incident == incident.key() @ BulkheadError::IncidentNotOpen
    )]
    pub incident: AccountLoader<'info, Incident>,
    /// Created by the first guardian who confirms.
    #[account(
        init_if_needed,
        payer = payer,
        space = space::<Migration>(),
        seeds = [SEED_MIGRATION, incident.key().as_ref()],
        bump
    )]
    pub migration: AccountLoader<'info, Migration>,
    pub system_program: Program<'info, System>,
}

pub fn handle_confirm_evacuation(ctx: Context<ConfirmEvacuation>) -> Result<()> {
    let accounts = &ctx.accounts;
    let at = clock()?;
    let guardian = accounts.guardian.key();
    let (domain_key, incident_key) = (accounts.domain.key(), accounts.incident.key());
    let confirmed = {
        let mut domain = accounts.domain.current_mut()?;
        let council = accounts.council.current()?;
        let mut migration = if pda::is_new(accounts.migration.as_ref())? {
            let mut migration = accounts.migration.load_init()?;
            migration.version = VERSION;
            migration.bump = ctx.bumps.migration;
            migration.state = migration_state::PENDING;
            migration.config_epoch = council.config_epoch;
            migration.domain = domain_key;
            migration.incident = incident_key;
            migration
        } else {
            accounts.migration.current_mut()?
        };
        let mut incident = accounts.incident.current_mut()?;
        acts::confirm_evacuation(&mut domain, &council, &mut incident, &mut migration, &guardian, at)
            .map_err(core_error)?
    };
    emit_cpi!(EvacuationConfirmed {
        incident: incident_key,
        guardian,
        confirmations: confirmed.confirmations,
    });
    if confirmed.is_reached {
        emit_cpi!(EvacuationStarted {
            domain: domain_key,
            incident: incident_key,
            migration: accounts.migration.key(),
        });
    }
    Ok(())
}

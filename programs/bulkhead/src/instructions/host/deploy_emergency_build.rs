//! Anyone deploys the emergency build of a program that the guardians have confirmed in the open incident.
//!
//! Only the build with the registered hash, out of a buffer whose authority is the domain, to the registered receiver of
//! its lamports.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Domain, HostProgram};

use super::upgrade::*;
use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::HostUpgraded,
};

#[derive(Accounts)]
pub struct DeployEmergencyBuild<'info> {
    pub domain: AccountLoader<'info, Domain>,
    #[account(
        mut,
        constraint = record.current()?.domain == domain.key() @ BulkheadError::ForeignAccount,
        constraint = record.current()?.program == upgraded.program.key() @ BulkheadError::ForeignAccount,
        constraint = record.current()?.build_spill == upgraded.spill.key() @ BulkheadError::WrongDestination
    )]
    pub record: AccountLoader<'info, HostProgram>,
    pub upgraded: Upgraded<'info>,
}

pub fn handle_deploy_emergency_build(ctx: Context<DeployEmergencyBuild>) -> Result<()> {
    let accounts = &ctx.accounts;
    let domain = accounts.domain.key();
    let (deployed_slot, hash) = accounts.upgraded.check(&domain)?;
    acts::deploy_emergency_build(
        &*accounts.domain.current()?,
        &mut *accounts.record.current_mut()?,
        &hash,
        clock()?,
    )
    .map_err(core_error)?;
    accounts.upgraded.run(&accounts.domain, deployed_slot)?;
    emit!(HostUpgraded {
        domain,
        program: accounts.upgraded.program.key(),
        hash,
        is_emergency_build: true,
    });
    Ok(())
}

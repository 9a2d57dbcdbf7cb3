//! Registers the build of a program that the guardians' threshold can deploy in a freeze, for instance one that permits
//! withdrawals only.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. A hash of zero removes it.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{
    layout::{HostProgram, space},
    seeds::SEED_HOST_PROGRAM,
};

use crate::{authority::*, events::EmergencyBuildRegistered, instructions::host::record_of};

/// Payload of a `RegisterEmergencyBuild` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct RegisterEmergencyBuildArgs {
    /// The program.
    pub program: Pubkey,
    /// SHA-256 of all code of the build, or zero for none.
    pub build_hash: [u8; 32],
    /// Receives the lamports of the buffer that the build is deployed from.
    pub spill: Pubkey,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: RegisterEmergencyBuildArgs)]
pub struct RegisterEmergencyBuild<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    /// Created by the first decision about the program.
    #[account(
        init_if_needed,
        payer = payer,
        space = space::<HostProgram>(),
        seeds = [SEED_HOST_PROGRAM, config.domain.key().as_ref(), args.program.as_ref()],
        bump
    )]
    pub record: AccountLoader<'info, HostProgram>,
    pub system_program: Program<'info, System>,
}

pub fn handle_register_emergency_build(
    ctx: Context<RegisterEmergencyBuild>,
    args: RegisterEmergencyBuildArgs,
) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    let domain = accounts.config.domain.key();
    {
        let mut record = record_of(&accounts.record, ctx.bumps.record, &domain, &args.program)?;
        let slot = accounts.config.proposal_slot()?;
        acts::register_emergency_build(&mut record, &args.build_hash, &args.spill, slot).map_err(core_error)?;
    }
    emit_cpi!(EmergencyBuildRegistered {
        domain,
        program: args.program,
        build_hash: args.build_hash,
    });
    Ok(())
}

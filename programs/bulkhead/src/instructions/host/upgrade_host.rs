//! Executes a proposal: upgrades a program of the host, whose upgrade authority the domain holds, to the build with the
//! hash that was approved.
//!
//! Anyone may crank it once the proposal has matured. The buffer's authority has to be the domain already, and its code
//! is hashed in the same instruction that deploys it, so nothing comes between the two.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{
    layout::{HostProgram, space},
    seeds::SEED_HOST_PROGRAM,
};

use super::upgrade::*;
use crate::{authority::*, error::BulkheadError, events::HostUpgraded, instructions::host::record_of};

/// Payload of an `UpgradeHost` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct UpgradeHostArgs {
    /// The program.
    pub program: Pubkey,
    /// SHA-256 of all code in the buffer.
    pub buffer_hash: [u8; 32],
    /// Receives the buffer's lamports.
    pub spill: Pubkey,
}

#[derive(Accounts)]
#[instruction(args: UpgradeHostArgs)]
pub struct UpgradeHost<'info> {
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
    pub upgraded: Upgraded<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_upgrade_host(ctx: Context<UpgradeHost>, args: UpgradeHostArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    let upgraded = &accounts.upgraded;
    require_keys_eq!(upgraded.program.key(), args.program, BulkheadError::ForeignAccount);
    require_keys_eq!(upgraded.spill.key(), args.spill, BulkheadError::WrongDestination);
    let domain = accounts.config.domain.key();
    let (deployed_slot, hash) = upgraded.check(&domain)?;
    {
        let mut record = record_of(&accounts.record, ctx.bumps.record, &domain, &args.program)?;
        let slot = accounts.config.proposal_slot()?;
        acts::upgrade_host(&mut record, &args.buffer_hash, &hash, slot, clock()?).map_err(core_error)?;
    }
    upgraded.run(&accounts.config.domain, deployed_slot)?;
    emit!(HostUpgraded {
        domain,
        program: args.program,
        hash,
        is_emergency_build: false,
    });
    Ok(())
}

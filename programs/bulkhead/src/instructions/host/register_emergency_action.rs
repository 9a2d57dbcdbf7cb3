//! Stores an instruction that guardians can run immediately: one that only tightens the host.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. Bulkhead cannot know what a host's
//! instruction does; governance vouches that it only closes. Registering an index again replaces its instruction.

use anchor_lang::prelude::*;
use bulkhead_core::{acts, hash::sha256};
use bulkhead_interface::{
    constants::{MAX_PAYLOAD, VERSION},
    layout::{EmergencyAction, space},
    seeds::SEED_EMERGENCY_ACTION,
};

use crate::{authority::*, call::StoredInstruction, error::BulkheadError, events::EmergencyActionRegistered, pda};

/// Payload of a `RegisterEmergencyAction` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct RegisterEmergencyActionArgs {
    /// Number within the domain.
    pub index: u8,
    /// The instruction that it runs.
    pub instruction: StoredInstruction,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: RegisterEmergencyActionArgs)]
pub struct RegisterEmergencyAction<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    /// CHECK: the emergency action's PDA, by its seeds; created by its first registration.
    #[account(mut, seeds = [SEED_EMERGENCY_ACTION, config.domain.key().as_ref(), &[args.index]], bump)]
    pub emergency_action: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_register_emergency_action(
    ctx: Context<RegisterEmergencyAction>,
    args: RegisterEmergencyActionArgs,
) -> Result<()> {
    let config = &ctx.accounts.config;
    config.authorize(&args)?;
    let domain = config.domain.key();
    args.instruction.check(&domain)?;
    let mut bytes = Vec::new();
    args.instruction.serialize(&mut bytes)?;
    require!(bytes.len() <= MAX_PAYLOAD, BulkheadError::PayloadTooLong);
    make_room(
        &ctx.accounts.emergency_action,
        &ctx.accounts.payer,
        ctx.accounts.system_program.key(),
        (&domain, args.index, ctx.bumps.emergency_action),
        bytes.len(),
    )?;
    let mut contents = EmergencyAction {
        version: VERSION,
        bump: ctx.bumps.emergency_action,
        index: args.index,
        steps: 1,
        registered_steps: 1,
        instruction_len: u16::try_from(bytes.len()).map_err(|_| BulkheadError::PayloadTooLong)?,
        domain,
        instruction_hash: sha256(&[&bytes]),
        registered_ts: Clock::get()?.unix_timestamp,
        ..bytemuck::Zeroable::zeroed()
    };
    {
        let mut data = ctx.accounts.emergency_action.try_borrow_mut_data()?;
        let (header, body) = data
            .split_at_mut_checked(space::<EmergencyAction>())
            .ok_or(BulkheadError::PayloadTooLong)?;
        let earlier: &[u8] = header.get(8..).unwrap_or_default();
        let earlier: EmergencyAction =
            bytemuck::try_pod_read_unaligned(earlier).map_err(|_| BulkheadError::PayloadTooLong)?;
        contents.decided_slot = earlier.decided_slot;
        acts::decide(&mut contents.decided_slot, config.proposal_slot()?).map_err(core_error)?;
        pda::fill(header, &contents)?;
        body.copy_from_slice(&bytes);
    }
    emit_cpi!(EmergencyActionRegistered {
        domain,
        emergency_action: ctx.accounts.emergency_action.key(),
        index: args.index,
        callee: args.instruction.program_id,
        instruction_hash: contents.instruction_hash,
    });
    Ok(())
}

/// Creates the account of an action, or resizes the existing one to hold `len` bytes after its header.
pub(super) fn make_room<'info>(
    emergency_action: &AccountInfo<'info>,
    payer: &AccountInfo<'info>,
    system_program: Pubkey,
    (domain, index, bump): (&Pubkey, u8, u8),
    len: usize,
) -> Result<()> {
    let space = space::<EmergencyAction>().saturating_add(len);
    let seeds: &[&[u8]] = &[SEED_EMERGENCY_ACTION, domain.as_ref(), &[index], &[bump]];
    pda::make_room(emergency_action, payer, system_program, space, seeds)
}

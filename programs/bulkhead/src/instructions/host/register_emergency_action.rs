//! Stores an instruction that guardians can run immediately: one that only tightens the host.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards. Bulkhead cannot know what a host's
//! instruction does; governance vouches that it only closes. Registering an index again replaces its instruction.

use anchor_lang::{
    prelude::*,
    system_program::{Transfer, transfer},
};
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
    ctx.accounts.make_room(&args, ctx.bumps.emergency_action, bytes.len())?;
    let mut contents = EmergencyAction {
        version: VERSION,
        bump: ctx.bumps.emergency_action,
        index: args.index,
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

impl RegisterEmergencyAction<'_> {
    /// Creates the account, or resizes the existing one to the length it needs.
    fn make_room(&self, args: &RegisterEmergencyActionArgs, bump: u8, len: usize) -> Result<()> {
        let space = space::<EmergencyAction>().saturating_add(len);
        let (emergency_action, payer) = (self.emergency_action.as_ref(), self.payer.as_ref());
        let domain = self.config.domain.key();
        let seeds: &[&[u8]] = &[SEED_EMERGENCY_ACTION, domain.as_ref(), &[args.index], &[bump]];
        if *emergency_action.owner != crate::ID {
            return pda::create(emergency_action, payer, self.system_program.key(), space, seeds);
        }
        let missing = Rent::get()?
            .minimum_balance(space)
            .saturating_sub(emergency_action.lamports());
        if missing > 0 {
            let accounts = Transfer {
                from: payer.clone(),
                to: emergency_action.clone(),
            };
            transfer(CpiContext::new(self.system_program.key(), accounts), missing)?;
        }
        Ok(emergency_action.resize(space)?)
    }
}

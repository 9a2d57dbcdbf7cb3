//! Registers steps of an emergency action that has several: instructions that only tighten, which guardians run in order.
//!
//! Requires the setup authority during set-up and matured proposals afterwards. An action larger than a transaction is
//! registered in pieces, each with its own proposal. Every piece names the hash of the whole action, so that approving
//! one piece approves a part of exactly one action. Nothing of it runs until all of it is registered.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Piece};
use bulkhead_interface::{
    constants::VERSION,
    layout::{EmergencyAction, space},
    seeds::SEED_EMERGENCY_ACTION,
};

use super::register_emergency_action::make_room;
use crate::{
    authority::*, call::StoredInstruction, current::if_there, error::BulkheadError, events::EmergencyActionRegistered,
    pda,
};

/// Payload of a `RegisterEmergencySteps` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct RegisterEmergencyStepsArgs {
    /// Number within the domain.
    pub index: u8,
    /// Steps that the action has when all of them are registered.
    pub steps: u8,
    /// Number of the first of these steps, from 0. 0 replaces whatever is registered under this number.
    pub first: u8,
    /// SHA-256 of the Borsh encodings of all steps, in order.
    pub whole_hash: [u8; 32],
    /// Steps, in order.
    pub instructions: Vec<StoredInstruction>,
}

impl RegisterEmergencyStepsArgs {
    /// The steps as the action stores them.
    fn bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for instruction in &self.instructions {
            instruction.serialize(&mut bytes)?;
        }
        Ok(bytes)
    }

    fn piece<'a>(&self, bytes: &'a [u8]) -> Piece<'a> {
        Piece {
            steps: self.steps,
            first: self.first,
            count: self.instructions.len(),
            whole_hash: self.whole_hash,
            bytes,
        }
    }

    /// Refuses what could never run.
    pub fn check(&self, domain: &Pubkey) -> Result<()> {
        acts::check_piece(&self.piece(&self.bytes()?)).map_err(core_error)?;
        self.instructions
            .iter()
            .try_for_each(|instruction| instruction.check(domain))
    }
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: RegisterEmergencyStepsArgs)]
pub struct RegisterEmergencySteps<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    /// CHECK: the emergency action's PDA, by its seeds; created by its first registration.
    #[account(mut, seeds = [SEED_EMERGENCY_ACTION, config.domain.key().as_ref(), &[args.index]], bump)]
    pub emergency_action: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_register_emergency_steps(
    ctx: Context<RegisterEmergencySteps>,
    args: RegisterEmergencyStepsArgs,
) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    let domain = accounts.config.domain.key();
    args.check(&domain)?;
    let bytes = args.bytes()?;
    let account = accounts.emergency_action.as_ref();
    let earlier = if_there::<EmergencyAction>(account)?.map(|earlier| *earlier);
    let mut action = EmergencyAction {
        version: VERSION,
        bump: ctx.bumps.emergency_action,
        index: args.index,
        domain,
        registered_ts: clock()?.now,
        ..earlier.unwrap_or(bytemuck::Zeroable::zeroed())
    };
    {
        let data = account.try_borrow_data()?;
        let body = data.get(space::<EmergencyAction>()..).unwrap_or_default();
        let kept = body.get(..action.instruction_len.into());
        let kept = kept.ok_or(BulkheadError::PayloadMismatch)?;
        let slot = accounts.config.proposal_slot()?;
        acts::register_emergency_steps(&mut action, kept, &args.piece(&bytes), slot).map_err(core_error)?;
    }
    let len = usize::from(action.instruction_len);
    make_room(
        account,
        &accounts.payer,
        accounts.system_program.key(),
        (&domain, args.index, action.bump),
        len,
    )?;
    {
        let mut data = account.try_borrow_mut_data()?;
        let (header, body) = data
            .split_at_mut_checked(space::<EmergencyAction>())
            .ok_or(BulkheadError::PayloadTooLong)?;
        pda::fill(header, &action)?;
        let begin = len.checked_sub(bytes.len()).ok_or(BulkheadError::PayloadTooLong)?;
        let own = body.get_mut(begin..).ok_or(BulkheadError::PayloadTooLong)?;
        require!(own.len() == bytes.len(), BulkheadError::PayloadTooLong);
        own.copy_from_slice(&bytes);
    }
    emit_cpi!(EmergencyActionRegistered {
        domain,
        emergency_action: account.key(),
        index: args.index,
        callee: args
            .instructions
            .first()
            .map(|first| first.program_id)
            .unwrap_or_default(),
        instruction_hash: action.instruction_hash,
    });
    Ok(())
}

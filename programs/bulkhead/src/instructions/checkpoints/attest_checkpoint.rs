//! Another attester confirms that a checkpoint is right, naming its hash.
//!
//! Each attester may attest once, and only attesters of the council it was posted under may. Works in every phase: an
//! attested checkpoint cannot change, and the time of its posting decides whether it is from before an incident.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{
    constants::checkpoint_state,
    layout::{CheckpointLog, Council},
};

use crate::{
    authority::{INSTRUCTIONS_SYSVAR, core_error, refuse_durable_nonce},
    current::Current,
    error::BulkheadError,
    events::CheckpointAttested,
};

#[event_cpi]
#[derive(Accounts)]
pub struct AttestCheckpoint<'info> {
    pub attester: Signer<'info>,
    pub council: AccountLoader<'info, Council>,
    #[account(mut, constraint = log.current()?.domain == council.current()?.domain @ BulkheadError::ForeignAccount)]
    pub log: AccountLoader<'info, CheckpointLog>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

pub fn handle_attest_checkpoint(ctx: Context<AttestCheckpoint>, slot: u64, hash: [u8; 32]) -> Result<()> {
    let accounts = &ctx.accounts;
    refuse_durable_nonce(&accounts.instructions)?;
    let is_attested = acts::attest_checkpoint(
        &*accounts.council.current()?,
        &mut *accounts.log.current_mut()?,
        accounts.attester.key,
        slot,
        &hash,
    )
    .map_err(core_error)?;
    emit_cpi!(CheckpointAttested {
        log: accounts.log.key(),
        attester: accounts.attester.key(),
        slot,
        hash,
        state: if is_attested {
            checkpoint_state::ATTESTED
        } else {
            checkpoint_state::POSTED
        },
    });
    Ok(())
}

//! An attester posts a checkpoint of a slot that has just ended, and attests it thereby.
//!
//! Only while the domain operates: from the first alarm on the log stands still, so nothing from
//! before an incident is overwritten while it lasts. The slot's hash must be what the SlotHashes
//! sysvar has. Nothing that was posted can be changed, taken back or moved.

use anchor_lang::prelude::*;
use bulkhead_core::checkpoint::{Claim as Statement, Moment, latest, post};
use bulkhead_interface::{
    constants::{phase, role},
    layout::{CheckpointLog, Council, Domain},
};

use super::checkpoint_error;
use crate::{
    authority::{INSTRUCTIONS_SYSVAR, refuse_durable_nonce, require_member},
    current::Current,
    error::BulkheadError,
    events::CheckpointPosted,
};

/// The sysvar that holds the hashes of recent slots.
pub const SLOT_HASHES_SYSVAR: Pubkey = pubkey!("SysvarS1otHashes111111111111111111111111111");

/// What the attester says of a slot.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct PostCheckpointArgs {
    /// Slot at whose end the positions were read.
    pub slot: u64,
    /// Its bank hash.
    pub slot_hash: [u8; 32],
    /// Root hash.
    pub root: [u8; 32],
    /// Sum of all leaves.
    pub total: u64,
    /// Number of leaves.
    pub count: u64,
    /// Hash over roots, sums and counts of the shards.
    pub shards_hash: [u8; 32],
}

#[event_cpi]
#[derive(Accounts)]
pub struct PostCheckpoint<'info> {
    pub attester: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(mut, constraint = log.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub log: AccountLoader<'info, CheckpointLog>,
    /// CHECK: the SlotHashes sysvar, by address.
    #[account(address = SLOT_HASHES_SYSVAR)]
    pub slot_hashes: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

pub fn handle_post_checkpoint(ctx: Context<PostCheckpoint>, args: PostCheckpointArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    refuse_durable_nonce(&accounts.instructions)?;
    require!(
        accounts.domain.current()?.state == phase::OPERATING,
        BulkheadError::WrongPhase
    );
    let clock = Clock::get()?;
    let event = {
        let council = accounts.council.current()?;
        let poster = require_member(&council, accounts.attester.key, role::ATTESTER)?;
        let statement = Statement {
            slot: args.slot,
            slot_hash: args.slot_hash,
            root: args.root,
            total: args.total,
            count: args.count,
            shards_hash: args.shards_hash,
        };
        let at = Moment {
            slot: clock.slot,
            now: clock.unix_timestamp,
        };
        let mut log = accounts.log.current_mut()?;
        let slot_hashes = accounts.slot_hashes.try_borrow_data()?;
        let key = accounts.log.key();
        let hash = post(&mut log, &key, &council, poster, &statement, &slot_hashes, at).map_err(checkpoint_error)?;
        let entry = latest(&log).ok_or(BulkheadError::NoSuchCheckpoint)?;
        CheckpointPosted {
            log: key,
            attester: accounts.attester.key(),
            slot: args.slot,
            slot_hash: args.slot_hash,
            root: args.root,
            total: args.total,
            count: args.count,
            shards_hash: args.shards_hash,
            previous: entry.previous,
            hash,
            state: entry.state,
        }
    };
    emit_cpi!(event);
    Ok(())
}

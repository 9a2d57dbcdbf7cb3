//! An attester posts a checkpoint of a slot that has just ended, and thereby attests it.
//!
//! Allowed only until the domain is frozen. From then on the log does not change, so nothing from before an incident is
//! overwritten while it lasts. An alarm that nobody has confirmed blocks nothing. The slot's hash must match the
//! SlotHashes sysvar. The program reads the host's own total of its positions and refuses a checkpoint whose total
//! differs from it by more than the agreed tolerance. The instruction must be standalone in its transaction, so that
//! nobody manipulates the host's total for it. Remaining accounts are those of the ledger's factors, if it has any. A posted
//! checkpoint cannot be changed, withdrawn or moved.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::{self, Live, Posting},
    checkpoints::checkpoint::Claim as Statement,
};
use bulkhead_interface::layout::{CheckpointLog, Council, Domain, Ledger};

use crate::{
    authority::{INSTRUCTIONS_SYSVAR, clock, core_error, refuse_durable_nonce, require_standalone},
    current::Current,
    error::BulkheadError,
    events::CheckpointPosted,
    instructions::live_factors,
};

/// The sysvar that holds the hashes of recent slots.
pub const SLOT_HASHES_SYSVAR: Pubkey = pubkey!("SysvarS1otHashes111111111111111111111111111");

/// The attester's statement about a slot.
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
    #[account(address = log.current()?.ledger @ BulkheadError::ForeignAccount)]
    pub ledger: AccountLoader<'info, Ledger>,
    /// CHECK: the account where the host keeps the sum, matched by the ledger's address; its owner is checked when it
    /// is read.
    #[account(address = ledger.current()?.total_account @ BulkheadError::ForeignAccount)]
    pub total_account: UncheckedAccount<'info>,
    /// CHECK: the SlotHashes sysvar, by address.
    #[account(address = SLOT_HASHES_SYSVAR)]
    pub slot_hashes: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

pub fn handle_post_checkpoint<'info>(
    ctx: Context<'info, PostCheckpoint<'info>>,
    args: PostCheckpointArgs,
) -> Result<()> {
    let accounts = &ctx.accounts;
    refuse_durable_nonce(&accounts.instructions)?;
    require_standalone(&accounts.instructions)?;
    let event = {
        let statement = Statement {
            slot: args.slot,
            slot_hash: args.slot_hash,
            root: args.root,
            total: args.total,
            count: args.count,
            shards_hash: args.shards_hash,
        };
        let key = accounts.log.key();
        let total = accounts.total_account.try_borrow_data()?;
        let slot_hashes = accounts.slot_hashes.try_borrow_data()?;
        let posting = Posting {
            attester: accounts.attester.key,
            claim: &statement,
            slot_hashes: &slot_hashes,
            total: Live {
                program: accounts.total_account.owner,
                data: &total,
            },
            factors: live_factors(&*accounts.ledger.current()?, ctx.remaining_accounts)?.0,
        };
        let entry = acts::post_checkpoint(
            &*accounts.domain.current()?,
            &*accounts.council.current()?,
            (&key, &mut *accounts.log.current_mut()?),
            &*accounts.ledger.current()?,
            &posting,
            clock()?,
        )
        .map_err(core_error)?;
        CheckpointPosted {
            log: key,
            attester: accounts.attester.key(),
            slot: args.slot,
            slot_hash: args.slot_hash,
            root: args.root,
            total: args.total,
            host_total: entry.host_total,
            count: args.count,
            shards_hash: args.shards_hash,
            previous: entry.previous,
            hash: entry.hash,
            state: entry.state,
        }
    };
    emit_cpi!(event);
    Ok(())
}

//! Anyone puts on record that a leaf of a checkpoint differs from the host's account as it is now.
//!
//! Positions change, by right or by theft, and an attacker may have changed this one: so nothing
//! follows by itself. The difference, witnessed by the program, is there for attesters to explain and
//! for those who vote or veto to weigh. Each proved leaf counts once.

use anchor_lang::prelude::*;
use bulkhead_core::{checkpoint::dispute, layout::Reader, words::same_key};
use bulkhead_interface::{
    constants::{evidence_state, ledger_mode},
    layout::{CheckpointLog, LeafEvidence, Ledger},
};

use super::checkpoint_error;
use crate::{current::Current, error::BulkheadError, events::CheckpointDisputed};

#[event_cpi]
#[derive(Accounts)]
pub struct DisputeCheckpoint<'info> {
    #[account(mut)]
    pub log: AccountLoader<'info, CheckpointLog>,
    #[account(address = log.current()?.ledger @ BulkheadError::ForeignAccount)]
    pub ledger: AccountLoader<'info, Ledger>,
    #[account(mut, constraint = evidence.current()?.log == log.key() @ BulkheadError::ForeignAccount)]
    pub evidence: AccountLoader<'info, LeafEvidence>,
    /// CHECK: the position's account, whatever it is now.
    #[account(address = evidence.current()?.key @ BulkheadError::ForeignAccount)]
    pub position: UncheckedAccount<'info>,
}

pub fn handle_dispute_checkpoint(ctx: Context<DisputeCheckpoint>) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = {
        let mut evidence = accounts.evidence.current_mut()?;
        require!(evidence.state == evidence_state::PROVED, BulkheadError::EvidenceUsed);
        let ledger = accounts.ledger.current()?;
        // What the host has to be asked is no evidence: it may answer differently now and be right.
        require!(ledger.mode == ledger_mode::BYTES, BulkheadError::WrongLedgerMode);
        let data = accounts.position.try_borrow_data()?;
        let live = same_key(accounts.position.owner.as_array(), ledger.program.as_array())
            .then(|| Reader::new(&ledger).read(&data).ok())
            .flatten()
            .map(|position| (position.owner, position.amount));
        let disputes = dispute(&mut *accounts.log.current_mut()?, &evidence, live).map_err(checkpoint_error)?;
        evidence.state = evidence_state::DISPUTED;
        let (live_owner, live_amount) = live.unwrap_or((&[0; 32], 0));
        CheckpointDisputed {
            log: evidence.log,
            slot: evidence.slot,
            key: evidence.key,
            owner: evidence.owner,
            amount: evidence.amount,
            is_position: live.is_some(),
            live_owner: Pubkey::new_from_array(*live_owner),
            live_amount,
            disputes,
        }
    };
    emit_cpi!(event);
    Ok(())
}

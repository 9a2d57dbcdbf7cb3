//! Anyone puts on record that a leaf of a checkpoint differs from the host's account as it is now.
//!
//! Positions change, legitimately or by theft, and an attacker may have changed this one. The dispute therefore has no
//! automatic effect. The program has witnessed the difference; attesters can explain it, and voters and vetoers can
//! weigh it. A leaf counts once, however many people prove it and however often: its record stays as long as its
//! checkpoint.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Disputed, Live};
use bulkhead_interface::{
    constants::VERSION,
    layout::{CheckpointLog, LeafEvidence, Ledger, space},
    seeds::SEED_DISPUTE,
};

use crate::{authority::core_error, current::Current, error::BulkheadError, events::CheckpointDisputed, pda};

#[event_cpi]
#[derive(Accounts)]
pub struct DisputeCheckpoint<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut)]
    pub log: AccountLoader<'info, CheckpointLog>,
    #[account(address = log.current()?.ledger @ BulkheadError::ForeignAccount)]
    pub ledger: AccountLoader<'info, Ledger>,
    #[account(constraint = evidence.current()?.log == log.key() @ BulkheadError::ForeignAccount)]
    pub evidence: AccountLoader<'info, LeafEvidence>,
    /// The leaf's record.
    #[account(
        init_if_needed,
        payer = payer,
        space = space::<LeafEvidence>(),
        seeds = [
            SEED_DISPUTE,
            log.key().as_ref(),
            &evidence.current()?.slot.to_le_bytes(),
            &evidence.current()?.index.to_le_bytes()
        ],
        bump
    )]
    pub dispute: AccountLoader<'info, LeafEvidence>,
    /// CHECK: the position's account, whatever it contains now.
    #[account(address = evidence.current()?.key @ BulkheadError::ForeignAccount)]
    pub position: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_dispute_checkpoint(ctx: Context<DisputeCheckpoint>) -> Result<()> {
    let accounts = &ctx.accounts;
    require!(pda::is_new(accounts.dispute.as_ref())?, BulkheadError::EvidenceUsed);
    let event = {
        let evidence = accounts.evidence.current()?;
        let ledger = accounts.ledger.current()?;
        let data = accounts.position.try_borrow_data()?;
        let position = Live {
            program: accounts.position.owner,
            data: &data,
        };
        let mut dispute = accounts.dispute.load_init()?;
        let mut log = accounts.log.current_mut()?;
        let Disputed { live, disputes } =
            acts::dispute_checkpoint(&mut log, &ledger, &evidence, position, &mut dispute).map_err(core_error)?;
        dispute.version = VERSION;
        dispute.bump = ctx.bumps.dispute;
        dispute.payer = accounts.payer.key();
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

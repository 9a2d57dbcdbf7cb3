//! Anyone has the program read a position in the current slot and store what it read.
//!
//! A sample belongs to the slot it is taken in. Nobody can take one afterwards: when a checkpoint of the slot is
//! posted, all its samples are known. The instruction must be standalone in its transaction, so that nothing borrowed
//! is read. Allowed until the domain is frozen, like posting.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Live};
use bulkhead_interface::{
    constants::VERSION,
    layout::{CheckpointLog, Domain, Ledger, PositionSample, space},
    seeds::SEED_SAMPLE,
};

use crate::{
    authority::{INSTRUCTIONS_SYSVAR, clock, core_error, require_standalone},
    current::Current,
    error::BulkheadError,
    events::PositionSampled,
};

#[derive(Accounts)]
#[instruction(slot: u64)]
pub struct SamplePosition<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(constraint = log.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub log: AccountLoader<'info, CheckpointLog>,
    #[account(address = log.current()?.ledger @ BulkheadError::ForeignAccount)]
    pub ledger: AccountLoader<'info, Ledger>,
    /// CHECK: the position's account; its owner program and layout are checked when it is read.
    pub position: UncheckedAccount<'info>,
    #[account(
        init,
        payer = payer,
        space = space::<PositionSample>(),
        seeds = [SEED_SAMPLE, log.key().as_ref(), &slot.to_le_bytes(), position.key().as_ref()],
        bump
    )]
    pub sample: AccountLoader<'info, PositionSample>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_sample_position(ctx: Context<SamplePosition>, slot: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    require_standalone(&accounts.instructions)?;
    let (key, position) = (accounts.log.key(), accounts.position.key());
    let mut sample = accounts.sample.load_init()?;
    sample.slot = slot;
    sample.key = position;
    acts::sample_position(
        &*accounts.domain.current()?,
        &key,
        &*accounts.ledger.current()?,
        Live {
            program: accounts.position.owner,
            data: &accounts.position.try_borrow_data()?,
        },
        clock()?,
        &mut sample,
    )
    .map_err(core_error)?;
    sample.version = VERSION;
    sample.bump = ctx.bumps.sample;
    sample.payer = accounts.payer.key();
    emit!(PositionSampled {
        log: key,
        slot,
        key: position,
        owner: sample.owner,
        amount: sample.amount,
    });
    Ok(())
}

//! Closes a sample and returns the rent to whoever took it. Allowed once no checkpoint of its slot is left and the
//! sample is as old as a checkpoint may become before it is overwritten.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{CheckpointLog, PositionSample};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::SampleClosed,
};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseSample<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(address = sample.current()?.log @ BulkheadError::ForeignAccount)]
    pub log: AccountLoader<'info, CheckpointLog>,
    #[account(
        mut,
        close = payer,
        constraint = sample.current()?.payer == payer.key() @ BulkheadError::ForeignAccount
    )]
    pub sample: AccountLoader<'info, PositionSample>,
}

pub fn handle_close_sample(ctx: Context<CloseSample>) -> Result<()> {
    let accounts = &ctx.accounts;
    acts::close_sample(&*accounts.log.current()?, &*accounts.sample.current()?, clock()?.now).map_err(core_error)?;
    emit_cpi!(SampleClosed {
        sample: accounts.sample.key(),
    });
    Ok(())
}

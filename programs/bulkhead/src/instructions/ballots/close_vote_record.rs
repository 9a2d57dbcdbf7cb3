//! Closes the record of a vote whose round is over and returns the rent to the voter.
//!
//! Anyone may call it, but never while the round is still voting, because the record prevents a second vote. Only the
//! voter, by signature, gives up a weight that was noted for a vote which never starts.

use anchor_lang::prelude::*;
use bulkhead_core::ballots::ballot::check_record_done;
use bulkhead_interface::layout::{Ballot, VoteRecord};

use crate::{authority::core_error, current::Current, error::BulkheadError, events::VoteRecordClosed};

#[event_cpi]
#[derive(Accounts)]
pub struct CloseVoteRecord<'info> {
    pub ballot: AccountLoader<'info, Ballot>,
    #[account(
        mut, close = voter,
        constraint = record.current()?.ballot == ballot.key() @ BulkheadError::ForeignAccount
    )]
    pub record: AccountLoader<'info, VoteRecord>,
    /// CHECK: the voter named in the record; receives its rent.
    #[account(mut, address = record.current()?.voter @ BulkheadError::ForeignAccount)]
    pub voter: UncheckedAccount<'info>,
}

pub fn handle_close_vote_record(ctx: Context<CloseVoteRecord>) -> Result<()> {
    let accounts = &ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    {
        let ballot = accounts.ballot.current()?;
        let record = accounts.record.current()?;
        check_record_done(&ballot, &record, accounts.voter.is_signer, now).map_err(core_error)?;
    }
    emit_cpi!(VoteRecordClosed {
        ballot: accounts.ballot.key(),
        voter: accounts.voter.key(),
    });
    Ok(())
}

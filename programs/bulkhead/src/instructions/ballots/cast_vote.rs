//! A voter casts everything in escrow for one candidate, or for none (255).
//!
//! Once a voter and round: the record's existence stops a second vote. The escrow is locked until
//! the ballot ends, so the same tokens can neither leave nor vote from another escrow, and a flash
//! loan cannot vote. Tokens borrowed for the whole vote can: the weight is what stands in escrow,
//! whoever it belongs to, and the council's veto is what answers that.

use anchor_lang::prelude::*;
use bulkhead_core::{ballot::cast, escrow::lock};
use bulkhead_interface::{
    constants::VERSION,
    layout::{Ballot, VoteRecord, VoterEscrow, space},
    seeds::SEED_VOTE,
};

use super::ballot_error;
use crate::{current::Current, error::BulkheadError, events::VoteCast};

#[derive(Accounts)]
pub struct CastVote<'info> {
    pub voter: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut)]
    pub ballot: AccountLoader<'info, Ballot>,
    #[account(mut)]
    pub escrow: AccountLoader<'info, VoterEscrow>,
    #[account(
        init, payer = payer, space = space::<VoteRecord>(),
        seeds = [SEED_VOTE, ballot.key().as_ref(), voter.key().as_ref()], bump
    )]
    pub record: AccountLoader<'info, VoteRecord>,
    pub system_program: Program<'info, System>,
}

pub fn handle_cast_vote(ctx: Context<CastVote>, choice: u8) -> Result<()> {
    let accounts = &ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    let mut ballot = accounts.ballot.current_mut()?;
    let mut escrow = accounts.escrow.current_mut()?;
    require_keys_eq!(escrow.voter, *accounts.voter.key, BulkheadError::ForeignAccount);
    require_keys_eq!(escrow.domain, ballot.domain, BulkheadError::ForeignAccount);
    let weight = escrow.amount;
    cast(&mut ballot, choice, weight, now).map_err(ballot_error)?;
    lock(&mut escrow, ballot.ends_ts);

    let mut record = accounts.record.load_init()?;
    record.version = VERSION;
    record.bump = ctx.bumps.record;
    record.choice = choice;
    record.round = ballot.round;
    record.weight = weight;
    record.ballot = accounts.ballot.key();
    record.voter = *accounts.voter.key;

    emit!(VoteCast {
        ballot: record.ballot,
        voter: record.voter,
        choice,
        weight,
    });
    Ok(())
}

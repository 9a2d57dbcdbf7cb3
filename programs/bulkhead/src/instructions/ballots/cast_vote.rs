//! A voter casts their whole eligible escrow for one candidate, or for none (255).
//!
//! One vote per voter and round: an existing record prevents a second vote. Only tokens that were in escrow before the
//! vote started count, and the escrow stays locked until the vote ends. The same tokens can therefore neither leave nor
//! vote from another escrow, and neither a flash loan nor a loan for the last second can vote. Tokens borrowed for the
//! whole vote can: the weight is the escrowed amount, whoever owns it. The council's veto is the defence against that.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::{
    layout::{Ballot, VoteRecord, VoterEscrow, space},
    seeds::SEED_VOTE,
};

use crate::{authority::core_error, current::Current, events::VoteCast};

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
    let ballot = *accounts.ballot.as_ref().key;
    let mut record = accounts.record.load_init()?;
    record.bump = ctx.bumps.record;
    let weight = acts::cast_vote(
        (&ballot, &mut *accounts.ballot.current_mut()?),
        &mut *accounts.escrow.current_mut()?,
        &mut record,
        accounts.voter.key,
        choice,
        now,
    )
    .map_err(core_error)?;
    emit!(VoteCast {
        ballot,
        voter: *accounts.voter.key,
        choice,
        weight,
    });
    Ok(())
}

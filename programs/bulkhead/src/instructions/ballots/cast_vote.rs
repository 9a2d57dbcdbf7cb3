//! A voter casts their whole eligible escrow for one candidate, or for none (255).
//!
//! One vote per voter and round: an existing record prevents a second vote. Only tokens that were in escrow before the
//! vote started count, and the escrow stays locked until the vote ends. The same tokens can therefore neither leave nor
//! vote from another escrow, and neither a flash loan nor a loan for the last second can vote. Tokens borrowed for the
//! whole vote can: the weight is the escrowed amount, whoever owns it. The council's veto is the defence against that.
//!
//! In a ballot whose rules name a voter-weight plug-in, the voter passes the plug-in's record instead: during nominations
//! with choice 254, which notes the weight, and during the vote with a choice. The smaller of the two weights counts. A
//! ballot takes escrows or records and never both, so no token counts in both. What one token can do within the plug-in
//! is the plug-in's: see the threat model.
//!
//! A vote for a candidate can be changed to none until the vote ends, and to nothing else. Once the vote cools off, only
//! votes for none count.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, WeightSource};
use bulkhead_interface::{
    layout::{Ballot, VoteRecord, VoterEscrow, space},
    seeds::SEED_VOTE,
};

use super::weight_account;
use crate::{
    authority::{clock, core_error},
    current::Current,
    events::VoteCast,
    pda,
};

#[derive(Accounts)]
pub struct CastVote<'info> {
    pub voter: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut)]
    pub ballot: AccountLoader<'info, Ballot>,
    /// The voter's escrow, in a ballot without a plug-in.
    #[account(mut)]
    pub escrow: Option<AccountLoader<'info, VoterEscrow>>,
    /// The plug-in's record of the voter, in a ballot with a plug-in.
    /// CHECK: the act compares owner and contents.
    pub weight: Option<UncheckedAccount<'info>>,
    #[account(
        init_if_needed, payer = payer, space = space::<VoteRecord>(),
        seeds = [SEED_VOTE, ballot.key().as_ref(), voter.key().as_ref()], bump
    )]
    pub record: AccountLoader<'info, VoteRecord>,
    pub system_program: Program<'info, System>,
}

pub fn handle_cast_vote(ctx: Context<CastVote>, choice: u8) -> Result<()> {
    let accounts = &ctx.accounts;
    let ballot = *accounts.ballot.as_ref().key;
    let mut record = if pda::is_new(accounts.record.as_ref())? {
        accounts.record.load_init()?
    } else {
        accounts.record.current_mut()?
    };
    record.bump = ctx.bumps.record;
    let mut escrow = accounts.escrow.as_ref().map(Current::current_mut).transpose()?;
    let weight = accounts.weight.as_deref();
    let data = weight.map(|account| account.try_borrow_data()).transpose()?;
    let source = match (escrow.as_deref_mut(), weight.zip(data.as_ref())) {
        (Some(escrow), None) => WeightSource::Escrow(escrow),
        (None, Some(account)) => WeightSource::PlugIn(weight_account(account)),
        _ => WeightSource::Nothing,
    };
    let weight = acts::cast_vote(
        (&ballot, &mut *accounts.ballot.current_mut()?),
        source,
        &mut record,
        accounts.voter.key,
        choice,
        clock()?,
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

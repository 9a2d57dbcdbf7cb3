//! A voter deposits governance tokens into escrow.
//!
//! The amount that arrives counts, and only if it arrived before the vote started. Later deposits do not add to that
//! vote.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_core::ballots::escrow::deposit;
use bulkhead_interface::{
    layout::{Domain, VoterEscrow},
    seeds::SEED_VOTES,
};

use crate::{
    authority::core_error,
    current::Current,
    error::BulkheadError,
    events::VotesDeposited,
    token::{self, Transfer},
};

#[event_cpi]
#[derive(Accounts)]
pub struct DepositVotes<'info> {
    pub voter: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(
        mut,
        constraint = escrow.current()?.domain == domain.key() @ BulkheadError::ForeignAccount,
        constraint = escrow.current()?.voter == voter.key() @ BulkheadError::ForeignAccount
    )]
    pub escrow: AccountLoader<'info, VoterEscrow>,
    #[account(mut)]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(mut, seeds = [SEED_VOTES, domain.key().as_ref()], bump)]
    pub votes: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(address = domain.current()?.governance_mint @ BulkheadError::ForeignAccount)]
    pub governance_mint: Box<InterfaceAccount<'info, Mint>>,
    pub token_program: Interface<'info, TokenInterface>,
}

pub fn handle_deposit_votes(ctx: Context<DepositVotes>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    let transfer = Transfer {
        program: accounts.token_program.as_ref(),
        from: (*accounts.source).as_ref(),
        mint: (*accounts.governance_mint).as_ref(),
        to: (*accounts.votes).as_ref(),
        authority: accounts.voter.as_ref(),
        decimals: accounts.governance_mint.decimals,
    };
    let arrived = token::transfer(&transfer, amount, &[])?.received;
    require!(arrived > 0, BulkheadError::ZeroAmount);
    let escrowed = {
        let mut escrow = accounts.escrow.current_mut()?;
        let vote_seconds = accounts.domain.current()?.vote_seconds;
        deposit(&mut escrow, arrived, vote_seconds, now).map_err(core_error)?;
        escrow.amount
    };
    emit_cpi!(VotesDeposited {
        escrow: accounts.escrow.key(),
        voter: accounts.voter.key(),
        amount: arrived,
        escrowed,
    });
    Ok(())
}

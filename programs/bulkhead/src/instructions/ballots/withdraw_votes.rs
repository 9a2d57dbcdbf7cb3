//! A voter withdraws governance tokens from escrow to any token account.
//!
//! The withdrawal is refused until the last ballot they voted in has ended.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_core::ballots::escrow::withdraw;
use bulkhead_interface::{
    layout::{Domain, VoterEscrow},
    seeds::{SEED_DOMAIN, SEED_VOTES},
};

use crate::{
    authority::core_error,
    current::Current,
    error::BulkheadError,
    events::VotesWithdrawn,
    token::{self, Transfer},
};

#[event_cpi]
#[derive(Accounts)]
pub struct WithdrawVotes<'info> {
    pub voter: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(
        mut,
        constraint = escrow.current()?.domain == domain.key() @ BulkheadError::ForeignAccount,
        constraint = escrow.current()?.voter == voter.key() @ BulkheadError::ForeignAccount
    )]
    pub escrow: AccountLoader<'info, VoterEscrow>,
    #[account(mut, seeds = [SEED_VOTES, domain.key().as_ref()], bump)]
    pub votes: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(mut)]
    pub destination: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(address = domain.current()?.governance_mint @ BulkheadError::ForeignAccount)]
    pub governance_mint: Box<InterfaceAccount<'info, Mint>>,
    pub token_program: Interface<'info, TokenInterface>,
}

pub fn handle_withdraw_votes(ctx: Context<WithdrawVotes>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    require!(amount > 0, BulkheadError::ZeroAmount);
    let now = Clock::get()?.unix_timestamp;
    let escrowed = {
        let mut escrow = accounts.escrow.current_mut()?;
        withdraw(&mut escrow, amount, now).map_err(core_error)?;
        escrow.amount
    };
    let (setup_authority, bump) = {
        let domain = accounts.domain.current()?;
        (domain.setup_authority, domain.bump)
    };
    let transfer = Transfer {
        program: accounts.token_program.as_ref(),
        from: (*accounts.votes).as_ref(),
        mint: (*accounts.governance_mint).as_ref(),
        to: (*accounts.destination).as_ref(),
        authority: accounts.domain.as_ref(),
        decimals: accounts.governance_mint.decimals,
    };
    let seeds: &[&[u8]] = &[SEED_DOMAIN, setup_authority.as_ref(), &[bump]];
    token::transfer(&transfer, amount, &[seeds])?;
    emit_cpi!(VotesWithdrawn {
        escrow: accounts.escrow.key(),
        voter: accounts.voter.key(),
        amount,
        escrowed,
    });
    Ok(())
}

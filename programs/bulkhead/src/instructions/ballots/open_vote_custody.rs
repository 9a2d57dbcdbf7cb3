//! Creates the token account that holds a domain's escrowed governance tokens.
//!
//! Anyone may call it, once per domain. The account's authority is the domain's PDA, which signs for it only in
//! `withdraw_votes`: no proposal and no crank can move these tokens. Mints are refused if an extension or the freeze
//! authority lets someone else move or lock the account: whoever can freeze this account can stop every vote.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_interface::{layout::Domain, seeds::SEED_VOTES};

use crate::{current::Current, error::BulkheadError, events::VoteCustodyOpened, token::require_votable_mint};

#[event_cpi]
#[derive(Accounts)]
pub struct OpenVoteCustody<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    pub domain: AccountLoader<'info, Domain>,
    #[account(address = domain.current()?.governance_mint @ BulkheadError::ForeignAccount)]
    pub governance_mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(
        init, payer = payer,
        token::mint = governance_mint, token::authority = domain, token::token_program = token_program,
        seeds = [SEED_VOTES, domain.key().as_ref()], bump
    )]
    pub votes: Box<InterfaceAccount<'info, TokenAccount>>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_vote_custody(ctx: Context<OpenVoteCustody>) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.domain.current()?;
    require_votable_mint((*accounts.governance_mint).as_ref())?;
    emit_cpi!(VoteCustodyOpened {
        domain: accounts.domain.key(),
        votes: accounts.votes.key(),
        governance_mint: accounts.governance_mint.key(),
    });
    Ok(())
}

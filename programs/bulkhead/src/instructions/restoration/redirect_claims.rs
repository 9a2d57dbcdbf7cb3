//! Names a token account for the claims of one owner that cannot be paid. By a matured proposal only.
//!
//! It takes effect only while the owner's associated token account is frozen or somebody else's: `claim_elsewhere` looks.
//! So it takes nothing from an owner who can be paid, whoever has captured the council.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenAccount;
use bulkhead_interface::{
    constants::{VERSION, kind},
    layout::{ClaimRoute, space},
    seeds::SEED_CLAIM_ROUTE,
};

use crate::{authority::*, error::BulkheadError, events::ClaimsRedirected};

/// Payload of a `REDIRECT_CLAIMS` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct RedirectClaimsArgs {
    /// Owner of the leaves.
    pub owner: Pubkey,
    /// Token account that is paid in its place.
    pub destination: Pubkey,
    /// Who holds that account.
    pub holder: Pubkey,
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: RedirectClaimsArgs)]
pub struct RedirectClaims<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(
        address = args.destination @ BulkheadError::WrongDestination,
        constraint = destination.owner == args.holder && !destination.is_frozen() @ BulkheadError::WrongDestination
    )]
    pub destination: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        init, payer = payer, space = space::<ClaimRoute>(),
        seeds = [SEED_CLAIM_ROUTE, config.domain.key().as_ref(), args.owner.as_ref(), args.destination.as_ref()], bump
    )]
    pub route: AccountLoader<'info, ClaimRoute>,
    pub system_program: Program<'info, System>,
}

pub fn handle_redirect_claims(ctx: Context<RedirectClaims>, args: RedirectClaimsArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(kind::REDIRECT_CLAIMS, &args)?;
    {
        let mut route = accounts.route.load_init()?;
        route.version = VERSION;
        route.bump = ctx.bumps.route;
        route.domain = accounts.config.domain.key();
        route.owner = args.owner;
        route.destination = args.destination;
        route.holder = args.holder;
    }
    emit_cpi!(ClaimsRedirected {
        domain: accounts.config.domain.key(),
        owner: args.owner,
        destination: args.destination,
        holder: args.holder,
    });
    Ok(())
}

//! Names a token account for the claims of one owner in one restoration that cannot be paid. It requires a matured
//! proposal created after the state was chosen. A later proposal replaces it, or revokes it by naming an account of the
//! owner's.
//!
//! The owner is an address that no key signs for. The redirection takes effect only while the owner's associated token
//! account is frozen or owned by someone else; `claim_elsewhere` checks that. So it takes nothing from an owner who can
//! be paid or can sign, whoever has captured the council.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenAccount;
use bulkhead_core::acts::{self, Redirection};
use bulkhead_interface::{
    constants::VERSION,
    layout::{ClaimRedirect, Restoration, space},
    seeds::SEED_CLAIM_REDIRECT,
};

use crate::{authority::*, current::Current, error::BulkheadError, events::ClaimsRedirected, pda};

/// Payload of a `RedirectClaims` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct RedirectClaimsArgs {
    /// The restoration whose claims are redirected.
    pub restoration: Pubkey,
    /// Owner of the leaves.
    pub owner: Pubkey,
    /// Token account that is paid instead.
    pub destination: Pubkey,
    /// Holder of that account.
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
        constraint = restoration.key() == args.restoration @ BulkheadError::ForeignAccount,
        constraint = restoration.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount
    )]
    pub restoration: AccountLoader<'info, Restoration>,
    #[account(
        address = args.destination @ BulkheadError::WrongDestination,
        constraint = destination.owner == args.holder && !destination.is_frozen() @ BulkheadError::WrongDestination,
        constraint = destination.mint == restoration.current()?.mint @ BulkheadError::WrongDestination
    )]
    pub destination: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        init_if_needed, payer = payer, space = space::<ClaimRedirect>(),
        seeds = [SEED_CLAIM_REDIRECT, restoration.key().as_ref(), args.owner.as_ref()], bump
    )]
    pub route: AccountLoader<'info, ClaimRedirect>,
    pub system_program: Program<'info, System>,
}

pub fn handle_redirect_claims(ctx: Context<RedirectClaims>, args: RedirectClaimsArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    accounts.redirect(&args, ctx.bumps.route)?;
    emit_cpi!(ClaimsRedirected {
        domain: accounts.config.domain.key(),
        restoration: args.restoration,
        owner: args.owner,
        destination: args.destination,
        holder: args.holder,
    });
    Ok(())
}

impl RedirectClaims<'_> {
    #[inline(never)]
    fn redirect(&self, args: &RedirectClaimsArgs, bump: u8) -> Result<()> {
        let mut route = if pda::is_new(self.route.as_ref())? {
            let mut route = self.route.load_init()?;
            route.version = VERSION;
            route.bump = bump;
            route
        } else {
            self.route.current_mut()?
        };
        let how = Redirection {
            owner: args.owner,
            destination: args.destination,
            holder: args.holder,
        };
        let restoration = self.restoration.current()?;
        acts::redirect_claims(
            (&args.restoration, &restoration),
            &mut route,
            &how,
            args.owner.is_on_curve(),
            self.config.proposal_slot()?.unwrap_or_default(),
        )
        .map_err(core_error)
    }
}

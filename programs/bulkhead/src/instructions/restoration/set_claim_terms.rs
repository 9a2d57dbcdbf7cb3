//! Sets how long the claims of a ledger's restorations run, who receives the rest, and which program may take over what
//! its owners do not claim within their notice.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards, in peace only: before there is anything
//! to vote on. Restorations copy the terms when their state is chosen, so later terms change none of them.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, NewClaimTerms, Terms};
use bulkhead_interface::{
    layout::{ClaimTerms, Ledger, space},
    seeds::SEED_CLAIM_TERMS,
};
use bytemuck::Zeroable;

use super::require_rest_account;
use crate::{authority::*, current::Current, error::BulkheadError, events::ClaimTermsSet, pda};

/// Arguments of `set_claim_terms`, and the payload of its proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct SetClaimTermsArgs {
    /// Number of the ledger.
    pub ledger_index: u8,
    /// How many days claims run, counted from the choice and anew from each notable share-out; 0 for no end.
    pub claim_days: u16,
    /// Owner of the associated token account that receives the rest. The default key if claims have no end.
    pub rest_owner: Pubkey,
    /// PDA of the program that may consume claims after the owners' notice, or the default key.
    pub successor: Pubkey,
}

impl SetClaimTermsArgs {
    /// The terms in the type the acts take.
    #[must_use]
    pub const fn terms(&self) -> Terms {
        Terms {
            claim_days: self.claim_days,
            rest_owner: self.rest_owner,
            successor: self.successor,
        }
    }

    /// Refuses a successor that a key signs for.
    pub fn check_successor(&self) -> Result<()> {
        acts::check_successor(&self.successor, self.successor.is_on_curve()).map_err(core_error)
    }
}

#[event_cpi]
#[derive(Accounts)]
#[instruction(args: SetClaimTermsArgs)]
pub struct SetClaimTerms<'info> {
    pub config: ConfigAuthority<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(
        constraint = ledger.current()?.domain == config.domain.key() @ BulkheadError::ForeignAccount,
        constraint = ledger.current()?.index == args.ledger_index @ BulkheadError::ForeignAccount
    )]
    pub ledger: AccountLoader<'info, Ledger>,
    /// The associated token account of the owner of the rest; none if claims have no end.
    /// CHECK: the handler checks address, mint and holder.
    pub destination: Option<UncheckedAccount<'info>>,
    #[account(
        init_if_needed, payer = payer, space = space::<ClaimTerms>(),
        seeds = [SEED_CLAIM_TERMS, config.domain.key().as_ref(), &[args.ledger_index]], bump
    )]
    pub terms: AccountLoader<'info, ClaimTerms>,
    pub system_program: Program<'info, System>,
}

pub fn handle_set_claim_terms(ctx: Context<SetClaimTerms>, args: SetClaimTermsArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
    args.check_successor()?;
    if args.claim_days != 0 {
        let destination = accounts.destination.as_ref().ok_or(BulkheadError::WrongDestination)?;
        let mint = accounts.ledger.current()?.mint;
        require_rest_account(destination, &args.rest_owner, &mint)?;
    }
    let domain = accounts.config.domain.key();
    let new = NewClaimTerms {
        domain,
        ledger_index: args.ledger_index,
        bump: ctx.bumps.terms,
    };
    let mut terms = if pda::is_new(accounts.terms.as_ref())? {
        ClaimTerms::zeroed()
    } else {
        *accounts.terms.current()?
    };
    acts::set_claim_terms(
        &*accounts.config.domain.current()?,
        &mut terms,
        &new,
        &args.terms(),
        accounts.config.proposal_slot()?,
    )
    .map_err(core_error)?;
    pda::write(accounts.terms.as_ref(), &terms)?;
    emit_cpi!(ClaimTermsSet {
        domain: accounts.config.domain.key(),
        ledger_index: args.ledger_index,
        claim_days: args.claim_days,
        rest_owner: args.rest_owner,
        successor: args.successor,
    });
    Ok(())
}

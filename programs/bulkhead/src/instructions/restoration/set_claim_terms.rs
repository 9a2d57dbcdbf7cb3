//! Sets how long the claims of a ledger's restorations run, and who receives the rest.
//!
//! Requires the setup authority during set-up and a matured proposal afterwards, in peace only: before there is anything
//! to vote on. Restorations copy the terms when their state is chosen, so later terms change none of them.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, NewClaimTerms, Terms};
use bulkhead_interface::{
    layout::{ClaimTerms, Ledger},
    seeds::SEED_CLAIM_TERMS,
};
use bytemuck::Zeroable;

use super::require_rest_account;
use crate::{
    authority::*,
    current::{Current, if_there},
    error::BulkheadError,
    events::ClaimTermsSet,
    pda,
};

/// Arguments of `set_claim_terms`, and the payload of its proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct SetClaimTermsArgs {
    /// Number of the ledger.
    pub ledger_index: u8,
    /// How many days claims run, counted from the choice and anew from each notable share-out; 0 for no end.
    pub claim_days: u16,
    /// Owner of the associated token account that receives the rest. The default key if claims have no end.
    pub rest_owner: Pubkey,
}

impl SetClaimTermsArgs {
    /// The terms in the type the acts take.
    #[must_use]
    pub const fn terms(&self) -> Terms {
        Terms {
            claim_days: self.claim_days,
            rest_owner: self.rest_owner,
        }
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
    /// CHECK: the terms, by address; created if they do not exist.
    #[account(mut, seeds = [SEED_CLAIM_TERMS, config.domain.key().as_ref(), &[args.ledger_index]], bump)]
    pub terms: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_set_claim_terms(ctx: Context<SetClaimTerms>, args: SetClaimTermsArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.config.authorize(&args)?;
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
    let there = if_there::<ClaimTerms>(&accounts.terms)?.map(|terms| *terms);
    let mut terms = there.unwrap_or_else(ClaimTerms::zeroed);
    acts::set_claim_terms(
        &*accounts.config.domain.current()?,
        &mut terms,
        &new,
        &args.terms(),
        accounts.config.proposal_slot()?,
    )
    .map_err(core_error)?;
    pda::put(
        &accounts.terms,
        accounts.payer.as_ref(),
        accounts.system_program.key(),
        &[SEED_CLAIM_TERMS, domain.as_ref(), &[args.ledger_index], &[new.bump]],
        &terms,
    )?;
    emit_cpi!(ClaimTermsSet {
        domain: accounts.config.domain.key(),
        ledger_index: args.ledger_index,
        claim_days: args.claim_days,
        rest_owner: args.rest_owner,
    });
    Ok(())
}

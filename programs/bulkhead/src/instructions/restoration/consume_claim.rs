//! A program takes over one leaf's claim, to make the position anew: the share goes to the token account that the program
//! chooses, and the return data says whose position it was.
//!
//! The program's PDA signs by CPI. The owner lets it: by its own signature, by `wish_claims`, or because the ledger's
//! terms named the program before the vote and the owners' notice has passed; see `bulkhead_core::restoration::wishes`.
//! The leaf counts as paid to its owner. Anyone can pay it to the owner in kind as long as it was not consumed, and what
//! is shared out later is due again, to either.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Consent};
use bulkhead_interface::{
    layout::{ClaimRedirect, ClaimTerms},
    seeds::{SEED_CLAIM_TERMS, SEED_CLAIM_WISH},
};

use super::claim::*;
use crate::{
    authority::{clock, core_error},
    current::{Current, if_there},
    error::BulkheadError,
    token::require_receiver,
};

#[derive(Accounts)]
pub struct ConsumeClaim<'info> {
    pub claim: Claim<'info>,
    /// The program's address that takes the claim over.
    pub consumer: Signer<'info>,
    /// CHECK: the owner's wish, by address; need not be there.
    #[account(
        seeds = [SEED_CLAIM_WISH, claim.restoration.current()?.domain.as_ref(), claim.owner.key.as_ref()], bump
    )]
    pub wish: UncheckedAccount<'info>,
    /// CHECK: the terms of the ledger's claims, by address; need not be there.
    #[account(
        seeds = [
            SEED_CLAIM_TERMS,
            claim.restoration.current()?.domain.as_ref(),
            &[claim.restoration.current()?.ledger_index],
        ],
        bump
    )]
    pub terms: UncheckedAccount<'info>,
}

/// What was consumed.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct ConsumedClaim {
    /// Owner of the leaf.
    pub owner: Pubkey,
    /// Key of the position.
    pub key: Pubkey,
    /// Amount of the leaf. Native units.
    pub amount: u64,
    /// Amount that left the pool now. Native units.
    pub paid: u64,
}

pub fn handle_consume_claim<'info>(ctx: Context<'info, ConsumeClaim<'info>>, args: ClaimArgs) -> Result<ConsumedClaim> {
    let accounts = &ctx.accounts;
    let claim = &accounts.claim;
    claim.require_linked()?;
    claim.require_leaf(&args)?;
    accounts.require_consent()?;
    require_keys_neq!(*claim.destination.key, *claim.pool.key, BulkheadError::WrongDestination);
    require_receiver(&claim.destination, claim.mint.key, claim.token_program.key)?;
    let paid = claim.book(&args, ctx.remaining_accounts)?;
    claim.pay(args.index, &claim.destination, claim.owner.key, paid)?;
    Ok(ConsumedClaim {
        owner: claim.owner.key(),
        key: args.key,
        amount: args.amount,
        paid,
    })
}

impl ConsumeClaim<'_> {
    fn require_consent(&self) -> Result<()> {
        let owner = &self.claim.owner;
        let wish = if_there::<ClaimRedirect>(&self.wish)?;
        let terms = if_there::<ClaimTerms>(&self.terms)?;
        let consent = Consent {
            owner: (owner.key, owner.is_signer),
            wish: wish.as_deref(),
            terms: terms.as_deref(),
        };
        let restoration = self.claim.restoration.current()?;
        acts::may_consume(&restoration, self.consumer.key, consent, clock()?.now).map_err(core_error)
    }
}

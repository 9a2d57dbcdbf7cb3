//! From the chosen state to paid accounts: plan, money, shares, claims.

pub(super) mod begin;
mod choose_restoration;
mod claim;
mod claim_batch;
mod claim_elsewhere;
mod close_claim_page;
mod close_restoration;
mod consume_claim;
mod extend_claims;
mod fund_from_recovery_account;
mod fund_restoration;
mod open_claim_page;
mod redirect_claims;
mod return_surplus;
mod set_claim_terms;
mod share_out;
mod sweep_unclaimed;
mod wish_claims;

pub use {
    begin::*, choose_restoration::*, claim::*, claim_batch::*, claim_elsewhere::*, close_claim_page::*,
    close_restoration::*, consume_claim::*, extend_claims::*, fund_from_recovery_account::*, fund_restoration::*,
    open_claim_page::*, redirect_claims::*, return_surplus::*, set_claim_terms::*, share_out::*, sweep_unclaimed::*,
    wish_claims::*,
};

use anchor_lang::prelude::*;
use anchor_spl::associated_token::get_associated_token_address_with_program_id;
use bulkhead_core::{acts, token as bytes};
use bulkhead_interface::layout::{ClaimTerms, Restoration};

use crate::{
    authority::core_error,
    current::if_there,
    error::BulkheadError,
    token::{holder, require_receiver},
};

/// Copies the terms of the ledger's claims, if they exist, into a restoration that was just begun.
pub(super) fn copy_terms(restoration: &mut Restoration, terms: &AccountInfo) -> Result<()> {
    let terms = if_there::<ClaimTerms>(terms)?;
    acts::copy_claim_terms(restoration, terms.as_deref()).map_err(core_error)
}

/// Requires that claims still run. Reads the clock only if they have an end.
#[inline(always)]
pub(super) fn require_claims_run(restoration: &Restoration) -> Result<()> {
    if restoration.claim_days == 0 {
        return Ok(());
    }
    acts::require_claims_run(restoration, Clock::get()?.unix_timestamp).map_err(core_error)
}

/// Requires the associated token account of the owner of the rest, held by that owner and able to receive. Nobody else
/// can create an account at this address, and one whose holder has changed is refused.
fn require_rest_account(account: &AccountInfo, owner: &Pubkey, mint: &Pubkey) -> Result<()> {
    require_receiver(account, mint, account.owner)?;
    let associated = get_associated_token_address_with_program_id(owner, mint, account.owner);
    require_keys_eq!(*account.key, associated, BulkheadError::WrongDestination);
    require_keys_eq!(holder(account)?, *owner, BulkheadError::WrongDestination);
    require!(
        !bytes::is_frozen(&account.try_borrow_data()?),
        BulkheadError::WrongDestination
    );
    Ok(())
}

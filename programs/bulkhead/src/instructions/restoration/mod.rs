//! From the state that was chosen to every account paid: plan, money, tranches, claims.

mod choose_restoration;
mod claim;
mod fund_from_refuge;
mod fund_restoration;
mod open_claim_page;
mod open_tranche;

pub use {
    choose_restoration::*, claim::*, fund_from_refuge::*, fund_restoration::*, open_claim_page::*, open_tranche::*,
};

use anchor_lang::prelude::*;
use bulkhead_core::tranche::TrancheError;

use crate::error::BulkheadError;

/// Names the program's error for a broken rule of `core::tranche`.
fn tranche_error(error: TrancheError) -> Error {
    use TrancheError as E;
    match error {
        E::Refused => BulkheadError::TrancheRefused,
        E::NoSuchTranche => BulkheadError::NoSuchTranche,
        E::NotALeaf => BulkheadError::InvalidProof,
        E::NothingToClaim => BulkheadError::NothingToClaim,
        E::Overflow => BulkheadError::Overflow,
    }
    .into()
}

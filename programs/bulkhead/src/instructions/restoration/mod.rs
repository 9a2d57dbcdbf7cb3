//! From the chosen state to paid accounts: plan, money, shares, claims.

mod choose_restoration;
mod claim;
mod claim_elsewhere;
mod close_claim_page;
mod fund_from_recovery_account;
mod fund_restoration;
mod open_claim_page;
mod redirect_claims;
mod return_surplus;
mod share_out;

pub use {
    choose_restoration::*, claim::*, claim_elsewhere::*, close_claim_page::*, fund_from_recovery_account::*,
    fund_restoration::*, open_claim_page::*, redirect_claims::*, return_surplus::*, share_out::*,
};

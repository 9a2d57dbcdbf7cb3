//! Proposals: the only way to loosen anything.

mod approve;
mod close_proposal;
mod edit_proposal;
mod propose;
mod veto;
mod withdraw_approval;

pub use {approve::*, close_proposal::*, edit_proposal::*, propose::*, veto::*, withdraw_approval::*};

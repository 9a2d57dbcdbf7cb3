//! Proposals: the only path to anything looser.

mod approve;
mod close_proposal;
mod propose;
mod veto;
mod withdraw_approval;

pub use {approve::*, close_proposal::*, propose::*, veto::*, withdraw_approval::*};

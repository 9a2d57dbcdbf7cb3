//! Who runs a ballot while the domain is frozen or recovering. Anyone may open the ballot, add the incident's own
//! snapshot and run the ballot again. A guardian or an approver may add other snapshots and start the vote; after a
//! week, anyone may start it.
//!
//! They only put states to the vote. The vote itself belongs to the token's holders, and its result binds the proposal
//! that restores.

use std::cell::Ref;

use anchor_lang::prelude::*;
use bulkhead_core::ballots::weight::WeightAccount;
use bulkhead_interface::layout::{Council, Domain};

use crate::{current::Current, error::BulkheadError};

/// Accounts of every instruction that runs a ballot.
#[derive(Accounts)]
pub struct BallotAuthority<'info> {
    /// A guardian or an approver; anyone where the instruction allows it.
    pub member: Signer<'info>,
    /// The domain that votes.
    pub domain: AccountLoader<'info, Domain>,
    /// Its council.
    #[account(constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
}

/// An account of a voter-weight plug-in, and what it contains, as the acts take it.
pub fn weight_account<'a>((account, data): (&'a AccountInfo, &'a Ref<&mut [u8]>)) -> WeightAccount<'a> {
    WeightAccount {
        key: account.key,
        owner: account.owner,
        data,
    }
}

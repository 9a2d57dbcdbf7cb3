//! Who runs a ballot, while the domain is frozen or recovering: anyone opens it, puts the incident's own snapshot on it
//! and holds it again; a guardian or an approver puts others there and starts the vote, and after a week anyone does.
//!
//! They put states to the vote and nothing else. The vote itself belongs to the token's holders,
//! and the result binds the proposal that restores.

use anchor_lang::prelude::*;
use bulkhead_interface::layout::{Council, Domain};

use crate::{current::Current, error::BulkheadError};

/// The accounts of everyone who runs a ballot.
#[derive(Accounts)]
pub struct BallotAuthority<'info> {
    /// A guardian or an approver; anyone for what anyone may do.
    pub member: Signer<'info>,
    /// The domain that votes.
    pub domain: AccountLoader<'info, Domain>,
    /// Its council.
    #[account(constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
}

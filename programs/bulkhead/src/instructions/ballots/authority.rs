//! Who may run a ballot: any guardian or approver, while the domain is held or recovering.
//!
//! They put states to the vote and nothing else. The vote itself belongs to the token's holders,
//! and the result binds the proposal that restores.

use anchor_lang::prelude::*;
use bulkhead_interface::{
    constants::{phase, role},
    layout::{Ballot, Council, Domain},
};

use crate::{authority::require_member, current::Current, error::BulkheadError};

/// The accounts of everyone who runs a ballot.
#[derive(Accounts)]
pub struct BallotAuthority<'info> {
    /// A guardian or an approver.
    pub member: Signer<'info>,
    /// The domain that votes.
    pub domain: AccountLoader<'info, Domain>,
    /// Its council.
    #[account(constraint = council.current()?.domain == domain.key() @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
}

impl BallotAuthority<'_> {
    /// Accepts a guardian or an approver of a domain in an emergency.
    pub fn authorize(&self) -> Result<()> {
        let domain = self.domain.current()?;
        require!(
            matches!(domain.state, phase::HELD | phase::RECOVERING),
            BulkheadError::WrongPhase
        );
        require_member(
            &*self.council.current()?,
            self.member.key,
            role::GUARDIAN | role::APPROVER,
        )?;
        Ok(())
    }

    /// That the ballot belongs to this domain and to its open incident.
    pub fn require_current(&self, ballot: &Ballot) -> Result<()> {
        require_keys_eq!(ballot.domain, self.domain.key(), BulkheadError::ForeignAccount);
        require_keys_eq!(
            ballot.incident,
            self.domain.current()?.open_incident,
            BulkheadError::IncidentNotOpen
        );
        Ok(())
    }
}

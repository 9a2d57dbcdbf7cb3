//! Anyone runs a vote again that ended without a winner: voting -> nominating.
//!
//! Without this instruction, one vote below the quorum, or one that few voters won and the council declines, would
//! leave the domain frozen forever. A ballot that has a winner can be renewed in two cases. First, the winner became
//! void or was sealed again with other leaves. Second, the winner was not restored for a week plus twice the delay of a
//! proposal that restores; it can then still be restored until another vote has a result. The incident's own snapshot
//! stays on the ballot. Members nominate other snapshots again and have one day to do so. Votes and their records
//! belong to the old round.
//!
//! A vetoer may do the same to a result that does not stand yet (`veto`), if the ballot's rules have a dispute window:
//! twice in a ballot at most, and never to a state that the holders chose again after a veto. Who holds vetoers delays
//! what the holders want by that much, and neither chooses a state nor stops the escape's clock.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Renewal};
use bulkhead_interface::layout::{Ballot, Snapshot};

use super::authority::*;
use crate::{
    authority::core_error,
    current::Current,
    error::BulkheadError,
    events::{BallotRenewed, BallotVetoed},
};

#[event_cpi]
#[derive(Accounts)]
pub struct RenewBallot<'info> {
    pub council: BallotAuthority<'info>,
    #[account(mut, constraint = ballot.current()?.domain == council.domain.key() @ BulkheadError::ForeignAccount)]
    pub ballot: AccountLoader<'info, Ballot>,
    /// The winning snapshot, needed to show that it is no longer what was voted on.
    pub stale: Option<AccountLoader<'info, Snapshot>>,
}

pub fn handle_renew_ballot(ctx: Context<RenewBallot>, veto: bool) -> Result<()> {
    let accounts = &ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    let round = {
        let mut ballot = accounts.ballot.current_mut()?;
        let stale = accounts.stale.as_ref();
        let key = stale.map(Key::key).unwrap_or_default();
        let snapshot = stale.map(Current::current).transpose()?;
        let stale = snapshot.as_deref().map(|snapshot| (&key, snapshot));
        let how = if veto { Renewal::Veto } else { Renewal::Again(stale) };
        let (domain, council) = (accounts.council.domain.current()?, accounts.council.council.current()?);
        let signer = accounts.council.member.key;
        acts::renew_ballot(&domain, &council, &mut ballot, signer, how, now).map_err(core_error)?;
        ballot.round
    };
    if veto {
        emit_cpi!(BallotVetoed {
            ballot: accounts.ballot.key(),
            vetoer: accounts.council.member.key(),
            round,
        });
        return Ok(());
    }
    emit_cpi!(BallotRenewed {
        ballot: accounts.ballot.key(),
        round,
    });
    Ok(())
}

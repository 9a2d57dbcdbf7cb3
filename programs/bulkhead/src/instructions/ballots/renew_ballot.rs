//! Anyone runs a vote again that ended without a winner: voting -> nominating.
//!
//! Without this instruction, one vote below the quorum, or one that few voters won and the council declines, would
//! leave the domain frozen forever. A ballot that has a winner can be renewed in two cases. First, the winner became
//! void or was sealed again with other leaves. Second, the winner was not restored for a week plus twice the delay of a
//! proposal that restores; it can then still be restored until another vote has a result. The incident's own snapshot
//! stays on the ballot. Members nominate other snapshots again and have one day to do so. Votes and their records
//! belong to the old round.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Ballot, Snapshot};

use super::authority::*;
use crate::{authority::core_error, current::Current, error::BulkheadError, events::BallotRenewed};

#[event_cpi]
#[derive(Accounts)]
pub struct RenewBallot<'info> {
    pub council: BallotAuthority<'info>,
    #[account(mut, constraint = ballot.current()?.domain == council.domain.key() @ BulkheadError::ForeignAccount)]
    pub ballot: AccountLoader<'info, Ballot>,
    /// The winning snapshot, needed to show that it is no longer what was voted on.
    pub stale: Option<AccountLoader<'info, Snapshot>>,
}

pub fn handle_renew_ballot(ctx: Context<RenewBallot>) -> Result<()> {
    let accounts = &ctx.accounts;
    let now = Clock::get()?.unix_timestamp;
    let round = {
        let mut ballot = accounts.ballot.current_mut()?;
        let stale = accounts.stale.as_ref();
        let key = stale.map(Key::key).unwrap_or_default();
        let snapshot = stale.map(Current::current).transpose()?;
        let stale = snapshot.as_deref().map(|snapshot| (&key, snapshot));
        let (domain, council) = (accounts.council.domain.current()?, accounts.council.council.current()?);
        acts::renew_ballot(&domain, &council, &mut ballot, stale, now).map_err(core_error)?;
        ballot.round
    };
    emit_cpi!(BallotRenewed {
        ballot: accounts.ballot.key(),
        round,
    });
    Ok(())
}

//! Adds a sealed snapshot to the ballot. Anyone may add the snapshot that was read in the incident itself. A guardian
//! or an approver may add a snapshot of a checkpoint.
//!
//! Only snapshots of the ballot's own incident and ledger are accepted, each once, and only before the vote starts. The
//! incident's own snapshot always has a place, however many other candidates there are. A member has one place per
//! round and cannot free it again.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Ballot, Snapshot};

use super::authority::*;
use crate::{authority::core_error, current::Current, error::BulkheadError, events::CandidateAdded};

#[event_cpi]
#[derive(Accounts)]
pub struct AddCandidate<'info> {
    pub council: BallotAuthority<'info>,
    #[account(mut, constraint = ballot.current()?.domain == council.domain.key() @ BulkheadError::ForeignAccount)]
    pub ballot: AccountLoader<'info, Ballot>,
    pub snapshot: AccountLoader<'info, Snapshot>,
}

pub fn handle_add_candidate(ctx: Context<AddCandidate>) -> Result<()> {
    let accounts = &ctx.accounts;
    let snapshot_key = accounts.snapshot.key();
    let (candidate, root) = {
        let snapshot = accounts.snapshot.current()?;
        let candidate = acts::add_candidate(
            &*accounts.council.domain.current()?,
            &*accounts.council.council.current()?,
            &mut *accounts.ballot.current_mut()?,
            (snapshot_key, &snapshot),
            accounts.council.member.key,
            Clock::get()?.unix_timestamp,
        )
        .map_err(core_error)?;
        (candidate, snapshot.root)
    };
    emit_cpi!(CandidateAdded {
        ballot: accounts.ballot.key(),
        candidate,
        snapshot: snapshot_key,
        root,
    });
    Ok(())
}

//! Puts a sealed snapshot on the ballot: anyone the one that was read in the incident itself, a guardian or an approver
//! another, of a checkpoint.
//!
//! Only snapshots of the ballot's own incident and ledger, each once, and only before the vote. The incident's own has
//! its place however many others there are; a member has one place a round and cannot empty it.

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

//! A guardian or an approver puts a sealed snapshot on the ballot.
//!
//! Only snapshots of the ballot's own incident and ledger, each once, and only before the vote.

use anchor_lang::prelude::*;
use bulkhead_core::ballot::nominate;
use bulkhead_interface::{
    constants::snapshot_state,
    layout::{Ballot, Snapshot},
};

use super::{authority::*, ballot_error};
use crate::{current::Current, error::BulkheadError, events::CandidateAdded};

#[event_cpi]
#[derive(Accounts)]
pub struct AddCandidate<'info> {
    pub council: BallotAuthority<'info>,
    #[account(mut)]
    pub ballot: AccountLoader<'info, Ballot>,
    pub snapshot: AccountLoader<'info, Snapshot>,
}

pub fn handle_add_candidate(ctx: Context<AddCandidate>) -> Result<()> {
    let accounts = &ctx.accounts;
    accounts.council.authorize()?;
    let snapshot_key = accounts.snapshot.key();
    let candidate = {
        let mut ballot = accounts.ballot.current_mut()?;
        accounts.council.require_current(&ballot)?;
        let snapshot = accounts.snapshot.current()?;
        require!(
            snapshot.incident == ballot.incident && snapshot.ledger_index == ballot.ledger_index,
            BulkheadError::ForeignAccount
        );
        require!(
            snapshot.state == snapshot_state::SEALED,
            BulkheadError::SnapshotNotSealed
        );
        nominate(&mut ballot, snapshot_key).map_err(ballot_error)?
    };
    emit_cpi!(CandidateAdded {
        ballot: accounts.ballot.key(),
        candidate,
        snapshot: snapshot_key,
    });
    Ok(())
}

//! The vote on the state to restore.

use bulkhead_interface::{
    Pubkey,
    constants::{VERSION, class, phase, role, snapshot_source, snapshot_state, step},
    layout::{Ballot, Council, Domain, Incident, Ledger, Snapshot, VoteRecord, VoterEscrow},
};

use crate::{
    CoreError,
    acts::{At, require_settled},
    ballots::{ballot, escrow},
    domain::council::member_index,
    pause::incident::mark,
};

/// Identifies a ballot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewBallot {
    /// Its domain.
    pub domain: Pubkey,
    /// The open incident.
    pub incident: Pubkey,
    /// Bump of the ballot's PDA.
    pub bump: u8,
    /// Number of the ledger.
    pub ledger_index: u8,
}

/// Anyone opens the ballot over a ledger of the open incident. Nominations begin. `ledger` is the ledger registered
/// under the ballot's number. If none is registered there is nothing to vote on, and the ballot would stay forever.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_ballot(
    domain: &Domain,
    ledger: Option<&Ledger>,
    ballot: &mut Ballot,
    new: &NewBallot,
    now: i64,
) -> Result<(), CoreError> {
    require_emergency(domain, &new.incident)?;
    let ledger = ledger.ok_or(CoreError::NoSuchLedger)?;
    if ledger.domain != new.domain || ledger.index != new.ledger_index {
        return Err(CoreError::ForeignAccount);
    }
    ballot.version = VERSION;
    ballot.bump = new.bump;
    ballot.ledger_index = new.ledger_index;
    ballot.domain = new.domain;
    ballot.incident = new.incident;
    ballot::open(ballot, now);
    Ok(())
}

/// Adds a sealed snapshot of the ballot's own ledger and incident. Anyone may add the one that was read in the
/// incident, once no better seal can replace it. A guardian or an approver may add another.
///
/// # Errors
/// A named [`CoreError`].
pub fn add_candidate(
    domain: &Domain,
    council: &Council,
    ballot: &mut Ballot,
    (key, snapshot): (Pubkey, &Snapshot),
    signer: &Pubkey,
    now: i64,
) -> Result<u8, CoreError> {
    require_emergency(domain, &ballot.incident)?;
    if snapshot.incident != ballot.incident || snapshot.ledger_index != ballot.ledger_index {
        return Err(CoreError::ForeignAccount);
    }
    if snapshot.state != snapshot_state::SEALED {
        return Err(CoreError::SnapshotNotSealed);
    }
    let nominator = if snapshot.source == snapshot_source::FROZEN {
        require_settled(snapshot, now)?;
        None
    } else {
        member_index(council, signer, role::GUARDIAN | role::APPROVER)?;
        Some(*signer)
    };
    ballot::nominate(ballot, key, snapshot.root, nominator)
}

/// Starts the vote. A guardian or an approver may start it one day after nominations began, if the incident's own
/// snapshot is on the ballot; anyone may start it after a week. `supply` is the governance token's supply at this
/// moment.
///
/// # Errors
/// A named [`CoreError`].
pub fn start_voting(
    domain: &Domain,
    council: &Council,
    incident: &mut Incident,
    ballot: &mut Ballot,
    signer: &Pubkey,
    supply: u64,
    at: At,
) -> Result<(), CoreError> {
    require_emergency(domain, &ballot.incident)?;
    let is_member = member_index(council, signer, role::GUARDIAN | role::APPROVER).is_ok();
    let quorum = ballot::quorum_ceil(supply, domain.quorum_bps).ok_or(CoreError::Overflow)?;
    ballot::start(ballot, quorum, domain.vote_seconds, is_member, at.now)?;
    mark(incident, step::BALLOT, at.slot, at.now);
    Ok(())
}

/// Casts the eligible part of an escrow, and locks the escrow until the vote ends. Returns the weight.
///
/// # Errors
/// A named [`CoreError`].
#[inline(always)]
pub fn cast_vote(
    (key, ballot): (&Pubkey, &mut Ballot),
    escrow: &mut VoterEscrow,
    record: &mut VoteRecord,
    voter: &Pubkey,
    choice: u8,
    now: i64,
) -> Result<u64, CoreError> {
    if escrow.voter != *voter || escrow.domain != ballot.domain {
        return Err(CoreError::ForeignAccount);
    }
    let weight = escrow::weight(escrow, ballot.starts_ts);
    match ballot::cast(ballot, choice, weight, now) {
        Err(CoreError::EscrowTooSmall) if escrow.amount > 0 => return Err(CoreError::VotesTooRecent),
        cast => cast?,
    }
    escrow::lock(escrow, ballot.ends_ts);
    record.version = VERSION;
    record.choice = choice;
    record.round = ballot.round;
    record.weight = weight;
    record.ballot = *key;
    record.voter = *voter;
    Ok(weight)
}

/// Anyone runs a vote again that ended without a winner, whose winner is `stale`, or whose winner was not restored in
/// the time that the council needs for two proposals.
///
/// # Errors
/// A named [`CoreError`].
pub fn renew_ballot(
    domain: &Domain,
    council: &Council,
    ballot: &mut Ballot,
    stale: Option<(&Pubkey, &Snapshot)>,
    now: i64,
) -> Result<(), CoreError> {
    require_emergency(domain, &ballot.incident)?;
    let policy = council.policies.get(usize::from(class::RESTORATION));
    let patience = ballot::patience(policy.map_or(0, |policy| policy.delay_seconds));
    ballot::renew(ballot, stale, patience, now)
}

/// A vote requires a frozen or recovering domain and the open incident.
fn require_emergency(domain: &Domain, incident: &Pubkey) -> Result<(), CoreError> {
    if !matches!(domain.state, phase::FROZEN | phase::RECOVERING) {
        return Err(CoreError::WrongPhase);
    }
    if domain.open_incident != *incident {
        return Err(CoreError::IncidentNotOpen);
    }
    Ok(())
}

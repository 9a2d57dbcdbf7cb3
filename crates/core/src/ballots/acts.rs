//! The vote on the state to restore.

use bulkhead_interface::{
    Pubkey,
    constants::{
        CHOICE_NONE, CHOICE_NOTED, VERSION, ballot_state, class, phase, role, snapshot_source, snapshot_state, step,
    },
    layout::{Ballot, BallotRules, Council, Domain, Incident, Ledger, Snapshot, VoteRecord, VoterEscrow},
};

use crate::{
    CoreError,
    acts::{At, require_settled},
    ballots::{
        ballot, escrow, rules,
        weight::{self, WeightAccount},
    },
    domain::council::member_index,
    pause::incident::mark,
};

pub use crate::ballots::rules::{HowToVote, check_ballot_rules, set_ballot_rules};

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
/// `rules` are the domain's, if it has any: the ballot keeps them.
///
/// # Errors
/// A named [`CoreError`].
pub fn open_ballot(
    domain: &Domain,
    (ledger, rules): (Option<&Ledger>, Option<&BallotRules>),
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
    rules::copy(ballot, domain, rules)
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
    let nominator = match snapshot.source {
        snapshot_source::FROZEN => {
            require_settled(snapshot, now)?;
            None
        }
        snapshot_source::CHECKPOINT => {
            member_index(council, signer, role::GUARDIAN | role::APPROVER)?;
            Some(*signer)
        }
        // What the repaired host starts with is what a vote decided, and no candidate of another.
        _ => return Err(CoreError::ForeignAccount),
    };
    ballot::nominate(ballot, key, snapshot.root, nominator, now)
}

/// Who could vote.
#[derive(Clone, Copy)]
pub struct Electorate<'a> {
    /// Supply of the governance token.
    pub supply: u64,
    /// The plug-in's record of all weight there is.
    pub max_weight: Option<WeightAccount<'a>>,
}

/// Starts the vote. A guardian or an approver may start it one day after nominations began, if the incident's own
/// snapshot is on the ballot; anyone may start it after a week. The quorum is a share of the governance token's supply at
/// this moment, or of the weight that the plug-in's record states, if the ballot's rules name one.
///
/// # Errors
/// A named [`CoreError`].
pub fn start_voting(
    domain: &Domain,
    council: &Council,
    incident: &mut Incident,
    ballot: &mut Ballot,
    signer: &Pubkey,
    electorate: Electorate<'_>,
    at: At,
) -> Result<(), CoreError> {
    require_emergency(domain, &ballot.incident)?;
    let is_member = member_index(council, signer, role::GUARDIAN | role::APPROVER).is_ok();
    let mut total = electorate.supply;
    if ballot.max_weight_record != Pubkey::default() {
        let account = electorate.max_weight.ok_or(CoreError::ForeignWeight)?;
        total = weight::read_max(ballot, &account, at.slot)?;
        ballot.max_weight = total;
    }
    let quorum = ballot::quorum_ceil(total, domain.quorum_bps).ok_or(CoreError::Overflow)?;
    ballot::start(ballot, quorum, domain.vote_seconds, is_member, at.now)?;
    mark(incident, step::BALLOT, at.slot, at.now);
    Ok(())
}

/// Where a voter's weight comes from.
pub enum WeightSource<'a> {
    /// Governance tokens in escrow.
    Escrow(&'a mut VoterEscrow),
    /// The plug-in's record.
    PlugIn(WeightAccount<'a>),
    /// Neither is passed.
    Nothing,
}

/// Casts the eligible part of an escrow, and locks the escrow until the vote ends. In a ballot with a plug-in, notes the
/// plug-in's weight while nominations last (`choice` 254), and casts later what of it is still there. A vote that was
/// cast for a candidate can be changed to none, and to nothing else. `record` is zero if the voter has none. Returns the
/// weight.
///
/// # Errors
/// A named [`CoreError`].
#[inline(always)]
pub fn cast_vote(
    (key, ballot): (&Pubkey, &mut Ballot),
    source: WeightSource<'_>,
    record: &mut VoteRecord,
    voter: &Pubkey,
    choice: u8,
    at: At,
) -> Result<u64, CoreError> {
    let is_noted = record.version != 0 && record.choice == CHOICE_NOTED && record.round == ballot.round;
    if record.version != 0 && !is_noted {
        return change_to_none(ballot, record, choice, at.now);
    }
    let weight = match source {
        WeightSource::Escrow(escrow) if ballot.weight_program == Pubkey::default() => {
            cast_escrow(ballot, escrow, voter, choice, at.now)?
        }
        WeightSource::PlugIn(account) if ballot.weight_program != Pubkey::default() => {
            let noted = is_noted.then_some(record.weight);
            cast_weight((key, ballot), &account, noted, (voter, choice), at)?
        }
        _ => return Err(CoreError::WrongWeightSource),
    };
    record.version = VERSION;
    record.choice = choice;
    record.round = ballot.round;
    record.weight = weight;
    record.ballot = *key;
    record.voter = *voter;
    Ok(weight)
}

/// The vote of a record becomes one for none.
fn change_to_none(ballot: &mut Ballot, record: &mut VoteRecord, choice: u8, now: i64) -> Result<u64, CoreError> {
    if record.round != ballot.round || choice != CHOICE_NONE || record.choice == CHOICE_NONE {
        return Err(CoreError::AlreadyVoted);
    }
    ballot::withdraw(ballot, record.choice, record.weight, now)?;
    record.choice = CHOICE_NONE;
    Ok(record.weight)
}

#[inline(always)]
fn cast_escrow(
    ballot: &mut Ballot,
    escrow: &mut VoterEscrow,
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
    Ok(weight)
}

/// Notes a plug-in's weight before the vote, or casts the smaller of what was noted and what is there.
#[inline(never)]
fn cast_weight(
    (key, ballot): (&Pubkey, &mut Ballot),
    account: &WeightAccount<'_>,
    noted: Option<u64>,
    (voter, choice): (&Pubkey, u8),
    at: At,
) -> Result<u64, CoreError> {
    let found = weight::read(ballot, account, voter, at.slot)?;
    if choice == CHOICE_NOTED {
        return match ballot.state {
            ballot_state::NOMINATING if found.weight > 0 => Ok(found.weight),
            ballot_state::NOMINATING => Err(CoreError::WeightNotNoted),
            _ => Err(CoreError::BallotNotNominating),
        };
    }
    weight::check_cast((key, ballot), &found)?;
    let weight = found.weight.min(noted.unwrap_or(0));
    match ballot::cast(ballot, choice, weight, at.now) {
        Err(CoreError::EscrowTooSmall) => Err(CoreError::WeightNotNoted),
        cast => cast.map(|()| weight),
    }
}

/// Why a ballot goes back to its nominations.
#[derive(Clone, Copy)]
pub enum Renewal<'a> {
    /// Anyone: its vote has no winner, or one that was not restored, or one whose snapshot, named here, is stale.
    Again(Option<(&'a Pubkey, &'a Snapshot)>),
    /// A vetoer: its result does not stand yet.
    Veto,
}

/// Anyone runs a vote again that ended without a winner, whose winner is stale, or whose winner was not restored in the
/// time that the council needs for two proposals. A vetoer sends a result back that does not stand yet.
///
/// # Errors
/// A named [`CoreError`].
pub fn renew_ballot(
    domain: &Domain,
    council: &Council,
    ballot: &mut Ballot,
    signer: &Pubkey,
    how: Renewal<'_>,
    now: i64,
) -> Result<(), CoreError> {
    require_emergency(domain, &ballot.incident)?;
    let stale = match how {
        Renewal::Again(stale) => stale,
        Renewal::Veto => {
            member_index(council, signer, role::VETOER)?;
            return ballot::veto(ballot, now);
        }
    };
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

//! How token holders choose the state to restore: nomination, one vote each, quorum, majority.
//!
//! A ballot that ends without a winner can be run again in a new round; otherwise one failed vote would leave the
//! domain frozen forever. A ballot whose winner is not restored for a long time can be run again too; otherwise a vote
//! with a small turnout that the council declines would have the same effect. This takes nothing from the winner: it
//! can be restored until another vote has a result.

use crate::CoreError;
use bulkhead_interface::{
    Pubkey,
    constants::{
        BPS, CHOICE_NONE, MAX_CANDIDATES, NOMINATION_PATIENCE_SECONDS, NOMINATION_SECONDS, WINNER_SECONDS,
        ballot_state, snapshot_state,
    },
    layout::{Ballot, Candidate, Snapshot, VoteRecord},
};

/// Weight that must vote: `⌈supply · bps / 10,000⌉`.
#[must_use]
pub fn quorum_ceil(supply: u64, quorum_bps: u16) -> Option<u64> {
    let (bps, whole) = (u64::from(quorum_bps), u64::from(BPS));
    let hundreds = supply.checked_div(whole)?.checked_mul(bps)?;
    let rest = supply.checked_rem(whole)?.checked_mul(bps)?;
    hundreds.checked_add(rest.div_ceil(whole))
}

/// The candidates in use.
#[must_use]
pub fn candidates(ballot: &Ballot) -> &[Candidate] {
    let count = usize::from(ballot.candidate_count).min(MAX_CANDIDATES);
    ballot.candidates.get(..count).unwrap_or_default()
}

/// Is the snapshot different from what was put on the ballot: void, read again or sealed again with other leaves?
#[must_use]
pub fn is_stale(candidate: &Candidate, snapshot: &Snapshot) -> bool {
    snapshot.state != snapshot_state::SEALED || snapshot.root != candidate.root
}

/// Puts a snapshot on the ballot and returns its number. `nominator` is the nominating member; `None` for the snapshot
/// that was read in the incident itself, which always has a place. A member has one place per round, of the seven
/// others, and cannot free it again: so one key can neither fill the ballot nor withdraw what others relied on. A
/// snapshot that is already on the ballot with other leaves is updated.
///
/// # Errors
/// [`CoreError::BallotNotNominating`], [`CoreError::CandidateRefused`].
pub fn nominate(
    ballot: &mut Ballot,
    snapshot: Pubkey,
    root: [u8; 32],
    nominator: Option<Pubkey>,
) -> Result<u8, CoreError> {
    require_nominating(ballot)?;
    let rows = candidates(ballot);
    let next = rows.len();
    let number = match rows.iter().position(|row| row.snapshot == snapshot) {
        Some(number) => number,
        None if nominator.is_none_or(|member| may_nominate(rows, &member)) => next,
        None => return Err(CoreError::CandidateRefused),
    };
    let row = ballot.candidates.get_mut(number).ok_or(CoreError::CandidateRefused)?;
    if number == next {
        (row.snapshot, row.nominator) = (snapshot, nominator.unwrap_or_default());
        ballot.candidate_count = ballot.candidate_count.checked_add(1).ok_or(CoreError::Overflow)?;
    } else if row.root == root {
        return Err(CoreError::CandidateRefused);
    }
    row.root = root;
    u8::try_from(number).map_err(|_| CoreError::Overflow)
}

/// Does the member have a place left, and does the ballot?
fn may_nominate(rows: &[Candidate], member: &Pubkey) -> bool {
    let others = rows.iter().filter(|row| !is_own(row)).count();
    others < MAX_CANDIDATES.saturating_sub(1) && rows.iter().all(|row| row.nominator != *member)
}

/// Is it the snapshot that was read in the incident itself?
fn is_own(row: &Candidate) -> bool {
    row.nominator == Pubkey::default()
}

/// Opens a ballot for nominations, or reopens it.
pub const fn open(ballot: &mut Ballot, now: i64) {
    ballot.state = ballot_state::NOMINATING;
    ballot.nominating_ts = now;
}

/// Starts the vote. A member may start it one day after the ballot was opened or run again, if the incident's own
/// snapshot is on it. Anyone may start it after a week.
///
/// # Errors
/// [`CoreError::BallotNotNominating`], [`CoreError::NominationNotOver`], [`CoreError::NoSuchCandidate`] without any
/// candidate.
pub fn start(ballot: &mut Ballot, quorum: u64, vote_seconds: i64, is_member: bool, now: i64) -> Result<(), CoreError> {
    require_nominating(ballot)?;
    let has_own = candidates(ballot).iter().any(is_own);
    let wait = if is_member && has_own {
        NOMINATION_SECONDS
    } else {
        NOMINATION_PATIENCE_SECONDS
    };
    if now.saturating_sub(ballot.nominating_ts) < wait {
        return Err(CoreError::NominationNotOver);
    }
    if ballot.candidate_count == 0 {
        return Err(CoreError::NoSuchCandidate);
    }
    ballot.ends_ts = now.checked_add(vote_seconds).ok_or(CoreError::Overflow)?;
    ballot.starts_ts = now;
    ballot.quorum = quorum;
    ballot.state = ballot_state::VOTING;
    Ok(())
}

/// Counts one vote.
///
/// # Errors
/// [`CoreError::BallotNotVoting`], [`CoreError::EscrowTooSmall`], [`CoreError::NoSuchCandidate`].
pub fn cast(ballot: &mut Ballot, choice: u8, weight: u64, now: i64) -> Result<(), CoreError> {
    if ballot.state != ballot_state::VOTING || now < ballot.starts_ts || now >= ballot.ends_ts {
        return Err(CoreError::BallotNotVoting);
    }
    if weight == 0 {
        return Err(CoreError::EscrowTooSmall);
    }
    let count = ballot.candidate_count;
    let votes = match ballot.candidates.get_mut(usize::from(choice)) {
        Some(candidate) if choice < count => &mut candidate.votes,
        _ if choice == CHOICE_NONE => &mut ballot.none_votes,
        _ => return Err(CoreError::NoSuchCandidate),
    };
    *votes = votes.checked_add(weight).ok_or(CoreError::Overflow)?;
    Ok(())
}

/// Number of the candidate with more than half of all votes cast, including votes for none.
///
/// # Errors
/// [`CoreError::BallotStillVoting`], [`CoreError::QuorumNotReached`], [`CoreError::NotTheWinner`].
pub fn winner(ballot: &Ballot, now: i64) -> Result<u8, CoreError> {
    require_ended(ballot, now)?;
    let cast = votes_cast(ballot)?;
    if cast < ballot.quorum {
        return Err(CoreError::QuorumNotReached);
    }
    (0..ballot.candidate_count)
        .zip(candidates(ballot))
        .find(|(_, candidate)| candidate.votes > cast.saturating_sub(candidate.votes))
        .map(|(number, _)| number)
        .ok_or(CoreError::NotTheWinner)
}

/// The snapshot that may be restored: the winner of a vote that has ended; until this vote has a result, the winner of
/// the vote before.
///
/// # Errors
/// Those of [`winner`].
pub fn chosen(ballot: &Ballot, now: i64) -> Result<Candidate, CoreError> {
    match winner(ballot, now) {
        Ok(number) => candidates(ballot)
            .get(usize::from(number))
            .copied()
            .ok_or(CoreError::NotTheWinner),
        Err(error) if ballot.elected == Pubkey::default() || is_declined(ballot, now) => Err(error),
        Err(_) => Ok(Candidate {
            snapshot: ballot.elected,
            root: ballot.elected_root,
            ..bytemuck::Zeroable::zeroed()
        }),
    }
}

/// Has a vote ended with a quorum and with more than half for no candidate at all?
fn is_declined(ballot: &Ballot, now: i64) -> bool {
    let cast = votes_cast(ballot).unwrap_or(0);
    require_ended(ballot, now).is_ok()
        && cast >= ballot.quorum
        && ballot.none_votes > cast.saturating_sub(ballot.none_votes)
}

/// Checks that the ballot chose the snapshot at `key` with its current leaves.
///
/// # Errors
/// Those of [`winner`].
pub fn check_winner(ballot: &Ballot, key: &Pubkey, snapshot: &Snapshot, now: i64) -> Result<(), CoreError> {
    let chosen = chosen(ballot, now)?;
    if chosen.snapshot == *key && !is_stale(&chosen, snapshot) {
        Ok(())
    } else {
        Err(CoreError::NotTheWinner)
    }
}

/// How long a won vote cannot be run again, where a proposal that restores waits for `delay_seconds`: long enough to
/// propose it, and to propose it again after a veto or an expiry.
#[must_use]
pub const fn patience(delay_seconds: i64) -> i64 {
    WINNER_SECONDS.saturating_add(delay_seconds.saturating_mul(2))
}

/// Returns to nominating after a vote without a winner, whose winner is `stale`, or whose winner was not restored for
/// `patience` seconds. Votes are dropped, and so is every candidate except the incident's own snapshot: members
/// nominate again. A winner that is not stale remains restorable until another vote has a result.
///
/// # Errors
/// [`CoreError::BallotStillVoting`], [`CoreError::BallotDecided`].
pub fn renew(
    ballot: &mut Ballot,
    stale: Option<(&Pubkey, &Snapshot)>,
    patience: i64,
    now: i64,
) -> Result<(), CoreError> {
    let elected = match winner(ballot, now) {
        Ok(number) => {
            let row = candidates(ballot).get(usize::from(number));
            let row = row.copied().ok_or(CoreError::NotTheWinner)?;
            if stale.is_some_and(|(key, snapshot)| row.snapshot == *key && is_stale(&row, snapshot)) {
                None
            } else if now < ballot.ends_ts.saturating_add(patience) {
                return Err(CoreError::BallotDecided);
            } else {
                Some((row.snapshot, row.root))
            }
        }
        Err(CoreError::QuorumNotReached | CoreError::NotTheWinner) => {
            (!is_declined(ballot, now)).then_some((ballot.elected, ballot.elected_root))
        }
        Err(error) => return Err(error),
    };
    (ballot.elected, ballot.elected_root) = elected.unwrap_or_default();
    let own = candidates(ballot).iter().find(|row| is_own(row)).copied();
    ballot.candidates = bytemuck::Zeroable::zeroed();
    ballot.candidate_count = u8::from(own.is_some());
    if let (Some(own), Some(first)) = (own, ballot.candidates.first_mut()) {
        *first = Candidate { votes: 0, ..own };
    }
    ballot.round = ballot.round.checked_add(1).ok_or(CoreError::Overflow)?;
    open(ballot, now);
    (ballot.starts_ts, ballot.ends_ts) = (0, 0);
    (ballot.quorum, ballot.none_votes) = (0, 0);
    Ok(())
}

/// Is a vote's record no longer needed, because its round is over?
///
/// # Errors
/// [`CoreError::BallotStillVoting`].
pub fn check_record_done(ballot: &Ballot, record: &VoteRecord, now: i64) -> Result<(), CoreError> {
    if record.round != ballot.round {
        return Ok(());
    }
    require_ended(ballot, now)
}

fn require_nominating(ballot: &Ballot) -> Result<(), CoreError> {
    if ballot.state == ballot_state::NOMINATING {
        Ok(())
    } else {
        Err(CoreError::BallotNotNominating)
    }
}

fn require_ended(ballot: &Ballot, now: i64) -> Result<(), CoreError> {
    if ballot.state == ballot_state::VOTING && now >= ballot.ends_ts {
        Ok(())
    } else {
        Err(CoreError::BallotStillVoting)
    }
}

fn votes_cast(ballot: &Ballot) -> Result<u64, CoreError> {
    candidates(ballot)
        .iter()
        .try_fold(ballot.none_votes, |sum, candidate| sum.checked_add(candidate.votes))
        .ok_or(CoreError::Overflow)
}

#[cfg(test)]
mod tests;

//! How token holders choose the state to restore: nomination, one vote each, quorum, majority.
//!
//! A ballot that ends without a winner can be run again in a new round; otherwise one failed vote would leave the
//! domain frozen forever. A ballot whose winner is not restored for a long time can be run again too; otherwise a vote
//! with a small turnout that the council declines would have the same effect. This takes nothing from the winner: it
//! can be restored until another vote has a result.
//!
//! Where the domain's rules ask for it, candidates must have stood for a while before the vote starts, counted anew from
//! each change of the list and never beyond a written end; at its end a vote cools off, and only votes for none count;
//! and its result can be vetoed for a while before it stands. Vetoes are few, and a state that is chosen again after a
//! veto is not vetoed again: a council delays what the holders want, and never takes it from them.

use crate::CoreError;
use bulkhead_interface::{
    Pubkey,
    constants::{
        BPS, CHOICE_NONE, CHOICE_NOTED, MAX_BALLOT_VETOES, MAX_CANDIDATES, NOMINATION_PATIENCE_SECONDS,
        NOMINATION_SECONDS, NOTED_SECONDS, WINNER_SECONDS, ballot_state, snapshot_state,
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
/// Every change of the list gives everyone the dispute window again, until [`settled_at`]'s end. A member's candidate
/// that could no longer have the whole window is refused.
///
/// # Errors
/// [`CoreError::BallotNotNominating`], [`CoreError::CandidateRefused`], [`CoreError::NominationsClosed`].
pub fn nominate(
    ballot: &mut Ballot,
    snapshot: Pubkey,
    root: [u8; 32],
    nominator: Option<Pubkey>,
    now: i64,
) -> Result<u8, CoreError> {
    require_nominating(ballot)?;
    let is_late = now.saturating_add(ballot.dispute_seconds) > nominations_end(ballot);
    if nominator.is_some() && ballot.dispute_seconds > 0 && ballot.candidate_count > 0 && is_late {
        return Err(CoreError::NominationsClosed);
    }
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
    if number == 0 && next == 0 {
        ballot.first_ts = now;
    }
    ballot.changed_ts = now;
    u8::try_from(number).map_err(|_| CoreError::Overflow)
}

/// When changes of the list stop moving the start of the vote: a week after nominations began, or twice the dispute
/// window after the first candidate, so that others have one window to nominate and everyone has one to examine.
#[must_use]
pub fn nominations_end(ballot: &Ballot) -> i64 {
    let week = ballot.nominating_ts.saturating_add(NOMINATION_PATIENCE_SECONDS);
    let windows = ballot.dispute_seconds.saturating_mul(2);
    week.max(ballot.first_ts.saturating_add(windows))
}

/// When the candidates have stood for the dispute window. The window begins again with each change, and has an end that
/// no change moves.
#[must_use]
pub fn settled_at(ballot: &Ballot) -> i64 {
    let stood = ballot.changed_ts.saturating_add(ballot.dispute_seconds);
    stood.min(nominations_end(ballot))
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
/// candidate, [`CoreError::CandidatesChanged`].
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
    if now < settled_at(ballot) {
        return Err(CoreError::CandidatesChanged);
    }
    ballot.ends_ts = now.checked_add(vote_seconds).ok_or(CoreError::Overflow)?;
    ballot.starts_ts = now;
    ballot.quorum = quorum;
    ballot.state = ballot_state::VOTING;
    Ok(())
}

/// When the vote begins to cool off: from then on only votes for none count, and not for the quorum. So whoever comes at
/// the last moment can stop a result and cannot make one, not even by completing the quorum of a candidate that seemed to
/// fall short of it; and everyone else has this time to answer what was cast before.
#[must_use]
pub const fn cools_off_at(ballot: &Ballot) -> i64 {
    ballot.ends_ts.saturating_sub(ballot.cool_off_seconds)
}

/// Counts one vote.
///
/// # Errors
/// [`CoreError::BallotNotVoting`], [`CoreError::OnlyNoneCounts`], [`CoreError::EscrowTooSmall`],
/// [`CoreError::NoSuchCandidate`], [`CoreError::Overflow`].
pub fn cast(ballot: &mut Ballot, choice: u8, weight: u64, now: i64) -> Result<(), CoreError> {
    require_voting(ballot, now)?;
    if choice != CHOICE_NONE && now >= cools_off_at(ballot) {
        return Err(CoreError::OnlyNoneCounts);
    }
    if weight == 0 {
        return Err(CoreError::EscrowTooSmall);
    }
    // The sum must fit too: a ballot whose votes cannot be added up could never be run again.
    votes_cast(ballot)?.checked_add(weight).ok_or(CoreError::Overflow)?;
    let count = ballot.candidate_count;
    let votes = match ballot.candidates.get_mut(usize::from(choice)) {
        Some(candidate) if choice < count => &mut candidate.votes,
        _ if choice == CHOICE_NONE => &mut ballot.none_votes,
        _ => return Err(CoreError::NoSuchCandidate),
    };
    *votes = votes.checked_add(weight).ok_or(CoreError::Overflow)?;
    if now >= cools_off_at(ballot) {
        ballot.late_votes = ballot.late_votes.checked_add(weight).ok_or(CoreError::Overflow)?;
    }
    Ok(())
}

/// Moves a vote that was cast for a candidate to none, which is the only change a vote can make: until the last second,
/// so that holders can take back what they gave to a state that turned out to be wrong.
///
/// # Errors
/// [`CoreError::BallotNotVoting`], [`CoreError::NoSuchCandidate`], [`CoreError::Overflow`].
pub fn withdraw(ballot: &mut Ballot, choice: u8, weight: u64, now: i64) -> Result<(), CoreError> {
    require_voting(ballot, now)?;
    let row = ballot.candidates.get_mut(usize::from(choice));
    let row = row.ok_or(CoreError::NoSuchCandidate)?;
    row.votes = row.votes.checked_sub(weight).ok_or(CoreError::Overflow)?;
    ballot.none_votes = ballot.none_votes.checked_add(weight).ok_or(CoreError::Overflow)?;
    Ok(())
}

/// Number of the candidate with more than half of all votes cast, including votes for none.
///
/// # Errors
/// [`CoreError::BallotStillVoting`], [`CoreError::QuorumNotReached`], [`CoreError::NotTheWinner`],
/// [`CoreError::MoreVotesThanWeight`].
pub fn winner(ballot: &Ballot, now: i64) -> Result<u8, CoreError> {
    require_ended(ballot, now)?;
    let cast = votes_cast(ballot)?;
    if is_overcast(ballot, cast) {
        return Err(CoreError::MoreVotesThanWeight);
    }
    if !has_quorum(ballot, cast) {
        return Err(CoreError::QuorumNotReached);
    }
    (0..ballot.candidate_count)
        .zip(candidates(ballot))
        .find(|(_, candidate)| candidate.votes > cast.saturating_sub(candidate.votes))
        .map(|(number, _)| number)
        .ok_or(CoreError::NotTheWinner)
}

/// When the result of a vote can no longer be vetoed, and may be restored.
#[must_use]
pub const fn stands_at(ballot: &Ballot) -> i64 {
    ballot.ends_ts.saturating_add(ballot.dispute_seconds)
}

/// The snapshot that may be restored: the winner of a vote that has ended, once its result stands; until this vote has a
/// result, the winner of the vote before.
///
/// # Errors
/// Those of [`winner`], [`CoreError::ResultDisputable`].
pub fn chosen(ballot: &Ballot, now: i64) -> Result<Candidate, CoreError> {
    match winner(ballot, now) {
        Ok(_) if now < stands_at(ballot) => Err(CoreError::ResultDisputable),
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
        && !is_overcast(ballot, cast)
        && has_quorum(ballot, cast)
        && ballot.none_votes > cast.saturating_sub(ballot.none_votes)
}

/// Were enough votes cast before the vote cooled off?
const fn has_quorum(ballot: &Ballot, cast: u64) -> bool {
    cast.saturating_sub(ballot.late_votes) >= ballot.quorum
}

/// Are there more votes than weight? Then tokens were counted twice, and nobody knows which.
const fn is_overcast(ballot: &Ballot, cast: u64) -> bool {
    ballot.max_weight > 0 && cast > ballot.max_weight
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
            } else if now < stands_at(ballot).saturating_add(patience) {
                return Err(CoreError::BallotDecided);
            } else {
                Some((row.snapshot, row.root))
            }
        }
        Err(CoreError::QuorumNotReached | CoreError::NotTheWinner | CoreError::MoreVotesThanWeight) => {
            (!is_declined(ballot, now)).then_some((ballot.elected, ballot.elected_root))
        }
        Err(error) => return Err(error),
    };
    begin_round(ballot, elected, now)
}

/// The council vetoes a result that does not stand yet: its holders are asked again at once. Possible a few times for
/// one ballot, whatever its rounds, and never against a state that the holders chose again after a veto.
///
/// # Errors
/// Those of [`winner`], [`CoreError::VetoTooLate`], [`CoreError::VetoesSpent`].
pub fn veto(ballot: &mut Ballot, now: i64) -> Result<(), CoreError> {
    let number = winner(ballot, now)?;
    if now >= stands_at(ballot) {
        return Err(CoreError::VetoTooLate);
    }
    let row = candidates(ballot).get(usize::from(number));
    let root = row.ok_or(CoreError::NotTheWinner)?.root;
    let is_chosen_again = ballot.vetoes > 0 && ballot.vetoed_root == root;
    if is_chosen_again || ballot.vetoes >= MAX_BALLOT_VETOES {
        return Err(CoreError::VetoesSpent);
    }
    ballot.vetoes = ballot.vetoes.checked_add(1).ok_or(CoreError::Overflow)?;
    ballot.vetoed_root = root;
    begin_round(ballot, None, now)
}

/// Back to nominating. `elected` can be restored until another vote has a result.
fn begin_round(ballot: &mut Ballot, elected: Option<(Pubkey, [u8; 32])>, now: i64) -> Result<(), CoreError> {
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
    (ballot.max_weight, ballot.late_votes) = (0, 0);
    (ballot.changed_ts, ballot.first_ts) = (now, now);
    Ok(())
}

/// Is a vote's record no longer needed, because its round is over? A weight that was noted for a vote which never starts
/// is given up by its voter alone, after a long time: its rent would be locked forever, but the vote may still start, and
/// nobody may then find the note of another gone.
///
/// # Errors
/// [`CoreError::BallotStillVoting`].
pub fn check_record_done(ballot: &Ballot, record: &VoteRecord, is_by_voter: bool, now: i64) -> Result<(), CoreError> {
    let is_old =
        is_by_voter && record.choice == CHOICE_NOTED && now.saturating_sub(ballot.nominating_ts) >= NOTED_SECONDS;
    if record.round != ballot.round || (ballot.state == ballot_state::NOMINATING && is_old) {
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

fn require_voting(ballot: &Ballot, now: i64) -> Result<(), CoreError> {
    if ballot.state == ballot_state::VOTING && now >= ballot.starts_ts && now < ballot.ends_ts {
        Ok(())
    } else {
        Err(CoreError::BallotNotVoting)
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

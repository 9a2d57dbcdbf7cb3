//! How token holders choose the state to restart from: nomination, one vote each, quorum, majority.
//!
//! A ballot that ends without a winner can be held again, in a new round: otherwise one failed vote
//! would leave the domain held for ever.

use bulkhead_interface::{
    Pubkey,
    constants::{BPS, CHOICE_NONE, MAX_CANDIDATES, ballot_state},
    layout::{Ballot, Candidate, VoteRecord},
};

/// Why a ballot refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BallotError {
    /// Candidates are taken, and voting started, while nominating only.
    NotNominating,
    /// Before the first or after the last second of the vote.
    NotVoting,
    /// The vote has not ended.
    StillVoting,
    /// On the ballot already, or no room.
    CandidateRefused,
    /// No candidate has that number, or there is none at all.
    NoSuchCandidate,
    /// A vote needs weight.
    NoWeight,
    /// Too few votes.
    QuorumNotReached,
    /// No candidate has more than half of the votes, or another one has.
    NotTheWinner,
    /// It has a winner: nothing to hold again.
    HasWinner,
    /// A sum does not fit.
    Overflow,
}

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

/// Puts a snapshot on the ballot and returns its number.
///
/// # Errors
/// [`BallotError::NotNominating`], [`BallotError::CandidateRefused`].
pub fn nominate(ballot: &mut Ballot, snapshot: Pubkey) -> Result<u8, BallotError> {
    require_nominating(ballot)?;
    if candidates(ballot)
        .iter()
        .any(|candidate| candidate.snapshot == snapshot)
    {
        return Err(BallotError::CandidateRefused);
    }
    let number = ballot.candidate_count;
    let row = ballot
        .candidates
        .get_mut(usize::from(number))
        .ok_or(BallotError::CandidateRefused)?;
    *row = Candidate { snapshot, votes: 0 };
    ballot.candidate_count = number.checked_add(1).ok_or(BallotError::Overflow)?;
    Ok(number)
}

/// Starts the vote.
///
/// # Errors
/// [`BallotError::NotNominating`], [`BallotError::NoSuchCandidate`] without any candidate.
pub fn start(ballot: &mut Ballot, quorum: u64, vote_seconds: i64, now: i64) -> Result<(), BallotError> {
    require_nominating(ballot)?;
    if ballot.candidate_count == 0 {
        return Err(BallotError::NoSuchCandidate);
    }
    ballot.ends_ts = now.checked_add(vote_seconds).ok_or(BallotError::Overflow)?;
    ballot.starts_ts = now;
    ballot.quorum = quorum;
    ballot.state = ballot_state::VOTING;
    Ok(())
}

/// Counts one vote.
///
/// # Errors
/// [`BallotError::NotVoting`], [`BallotError::NoWeight`], [`BallotError::NoSuchCandidate`].
pub fn cast(ballot: &mut Ballot, choice: u8, weight: u64, now: i64) -> Result<(), BallotError> {
    if ballot.state != ballot_state::VOTING || now < ballot.starts_ts || now >= ballot.ends_ts {
        return Err(BallotError::NotVoting);
    }
    if weight == 0 {
        return Err(BallotError::NoWeight);
    }
    let count = ballot.candidate_count;
    let votes = match ballot.candidates.get_mut(usize::from(choice)) {
        Some(candidate) if choice < count => &mut candidate.votes,
        _ if choice == CHOICE_NONE => &mut ballot.none_votes,
        _ => return Err(BallotError::NoSuchCandidate),
    };
    *votes = votes.checked_add(weight).ok_or(BallotError::Overflow)?;
    Ok(())
}

/// The number of the candidate that more than half of all votes cast, those for none included,
/// are for.
///
/// # Errors
/// [`BallotError::StillVoting`], [`BallotError::QuorumNotReached`], [`BallotError::NotTheWinner`].
pub fn winner(ballot: &Ballot, now: i64) -> Result<u8, BallotError> {
    require_ended(ballot, now)?;
    let cast = votes_cast(ballot)?;
    if cast < ballot.quorum {
        return Err(BallotError::QuorumNotReached);
    }
    (0..ballot.candidate_count)
        .zip(candidates(ballot))
        .find(|(_, candidate)| candidate.votes > cast.saturating_sub(candidate.votes))
        .map(|(number, _)| number)
        .ok_or(BallotError::NotTheWinner)
}

/// That `snapshot` is what the ballot chose.
///
/// # Errors
/// Those of [`winner`].
pub fn check_winner(ballot: &Ballot, snapshot: &Pubkey, now: i64) -> Result<(), BallotError> {
    let number = winner(ballot, now)?;
    match candidates(ballot).get(usize::from(number)) {
        Some(candidate) if candidate.snapshot == *snapshot => Ok(()),
        _ => Err(BallotError::NotTheWinner),
    }
}

/// Goes back to nominating after a vote without a winner, or with one that is `void`. Candidates
/// stay, votes do not, and nor does the void candidate.
///
/// # Errors
/// [`BallotError::StillVoting`], [`BallotError::HasWinner`].
pub fn renew(ballot: &mut Ballot, void: Option<&Pubkey>, now: i64) -> Result<(), BallotError> {
    let number = void.and_then(|void| candidates(ballot).iter().position(|row| row.snapshot == *void));
    match winner(ballot, now) {
        Ok(winner) if number != Some(usize::from(winner)) => return Err(BallotError::HasWinner),
        Ok(_) | Err(BallotError::QuorumNotReached | BallotError::NotTheWinner) => {}
        Err(error) => return Err(error),
    }
    if let Some(rest) = number.and_then(|number| ballot.candidates.get_mut(number..)) {
        rest.rotate_left(1);
        ballot.candidate_count = ballot.candidate_count.saturating_sub(1);
        if let Some(last) = rest.last_mut() {
            *last = Candidate {
                snapshot: Pubkey::default(),
                votes: 0,
            };
        }
    }
    ballot.round = ballot.round.checked_add(1).ok_or(BallotError::Overflow)?;
    ballot.state = ballot_state::NOMINATING;
    (ballot.starts_ts, ballot.ends_ts) = (0, 0);
    (ballot.quorum, ballot.none_votes) = (0, 0);
    for candidate in &mut ballot.candidates {
        candidate.votes = 0;
    }
    Ok(())
}

/// Whether a vote's record guards nothing any more: its round is over.
///
/// # Errors
/// [`BallotError::StillVoting`].
pub fn check_record_done(ballot: &Ballot, record: &VoteRecord, now: i64) -> Result<(), BallotError> {
    if record.round != ballot.round {
        return Ok(());
    }
    require_ended(ballot, now)
}

fn require_nominating(ballot: &Ballot) -> Result<(), BallotError> {
    if ballot.state == ballot_state::NOMINATING {
        Ok(())
    } else {
        Err(BallotError::NotNominating)
    }
}

fn require_ended(ballot: &Ballot, now: i64) -> Result<(), BallotError> {
    if ballot.state == ballot_state::VOTING && now >= ballot.ends_ts {
        Ok(())
    } else {
        Err(BallotError::StillVoting)
    }
}

fn votes_cast(ballot: &Ballot) -> Result<u64, BallotError> {
    candidates(ballot)
        .iter()
        .try_fold(ballot.none_votes, |sum, candidate| sum.checked_add(candidate.votes))
        .ok_or(BallotError::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    fn key(byte: u8) -> Pubkey {
        Pubkey::new_from_array([byte; 32])
    }

    fn voting(quorum: u64, candidates: u8) -> Ballot {
        let mut ballot = Ballot::zeroed();
        for i in 0..candidates {
            nominate(&mut ballot, key(i)).expect("room");
        }
        start(&mut ballot, quorum, 100, 1_000).expect("nominating");
        ballot
    }

    #[test]
    fn quorum_rounds_up() {
        assert_eq!(quorum_ceil(0, 500), Some(0));
        assert_eq!(quorum_ceil(1, 1), Some(1));
        assert_eq!(quorum_ceil(10_000, 500), Some(500));
        assert_eq!(quorum_ceil(10_001, 500), Some(501));
        assert_eq!(quorum_ceil(u64::MAX, BPS), Some(u64::MAX));
    }

    #[test]
    fn each_candidate_once_and_only_while_nominating() {
        let mut ballot = Ballot::zeroed();
        assert_eq!(start(&mut ballot, 0, 1, 0), Err(BallotError::NoSuchCandidate));
        for i in 0..8 {
            assert_eq!(nominate(&mut ballot, key(i)), Ok(i));
        }
        assert_eq!(nominate(&mut ballot, key(3)), Err(BallotError::CandidateRefused));
        assert_eq!(nominate(&mut ballot, key(99)), Err(BallotError::CandidateRefused));
        start(&mut ballot, 0, 1, 0).expect("nominating");
        assert_eq!(nominate(&mut ballot, key(99)), Err(BallotError::NotNominating));
        assert_eq!(start(&mut ballot, 0, 1, 0), Err(BallotError::NotNominating));
    }

    #[test]
    fn votes_count_from_the_first_second_to_the_last() {
        let mut ballot = voting(1, 1);
        assert_eq!(cast(&mut ballot, 0, 5, 999), Err(BallotError::NotVoting));
        assert_eq!(cast(&mut ballot, 0, 5, 1_100), Err(BallotError::NotVoting));
        assert_eq!(cast(&mut ballot, 1, 5, 1_000), Err(BallotError::NoSuchCandidate));
        assert_eq!(cast(&mut ballot, 0, 0, 1_000), Err(BallotError::NoWeight));
        cast(&mut ballot, 0, 5, 1_000).expect("voting");
        cast(&mut ballot, CHOICE_NONE, 4, 1_099).expect("voting");
        assert_eq!(winner(&ballot, 1_099), Err(BallotError::StillVoting));
        assert_eq!(winner(&ballot, 1_100), Ok(0));
        assert_eq!(check_winner(&ballot, &key(0), 1_100), Ok(()));
        assert_eq!(check_winner(&ballot, &key(1), 1_100), Err(BallotError::NotTheWinner));
    }

    #[test]
    fn half_is_no_majority() {
        let mut ballot = voting(1, 2);
        cast(&mut ballot, 0, 5, 1_000).expect("voting");
        cast(&mut ballot, 1, 3, 1_000).expect("voting");
        cast(&mut ballot, CHOICE_NONE, 2, 1_000).expect("voting");
        assert_eq!(winner(&ballot, 1_100), Err(BallotError::NotTheWinner));
    }

    #[test]
    fn nobody_voting_chooses_nothing() {
        assert_eq!(winner(&voting(0, 1), 1_100), Err(BallotError::NotTheWinner));
        assert_eq!(winner(&voting(1, 1), 1_100), Err(BallotError::QuorumNotReached));
    }

    #[test]
    fn a_vote_without_a_winner_is_held_again() {
        let mut ballot = voting(10, 1);
        let record = VoteRecord {
            round: ballot.round,
            ..VoteRecord::zeroed()
        };
        cast(&mut ballot, 0, 5, 1_000).expect("voting");
        assert_eq!(renew(&mut ballot, None, 1_099), Err(BallotError::StillVoting));
        assert_eq!(
            check_record_done(&ballot, &record, 1_099),
            Err(BallotError::StillVoting)
        );
        renew(&mut ballot, None, 1_100).expect("no quorum");
        assert_eq!(
            (ballot.state, ballot.candidates[0].votes),
            (ballot_state::NOMINATING, 0)
        );
        start(&mut ballot, 10, 100, 2_000).expect("nominating");
        assert_eq!(check_record_done(&ballot, &record, 2_000), Ok(()));
        let record = VoteRecord {
            round: ballot.round,
            ..VoteRecord::zeroed()
        };
        assert_eq!(
            check_record_done(&ballot, &record, 2_099),
            Err(BallotError::StillVoting)
        );
        cast(&mut ballot, 0, 10, 2_000).expect("voting");
        assert_eq!(winner(&ballot, 2_100), Ok(0));
        assert_eq!(renew(&mut ballot, None, 2_100), Err(BallotError::HasWinner));
    }

    #[test]
    fn a_void_winner_makes_way_for_the_others() {
        let mut ballot = voting(1, 3);
        cast(&mut ballot, 1, 5, 1_000).expect("voting");
        assert_eq!(renew(&mut ballot, Some(&key(1)), 1_099), Err(BallotError::StillVoting));
        assert_eq!(renew(&mut ballot, Some(&key(0)), 1_100), Err(BallotError::HasWinner));
        assert_eq!(renew(&mut ballot, Some(&key(9)), 1_100), Err(BallotError::HasWinner));
        renew(&mut ballot, Some(&key(1)), 1_100).expect("the winner is void");
        let left: Vec<_> = candidates(&ballot)
            .iter()
            .map(|row| (row.snapshot, row.votes))
            .collect();
        assert_eq!(left, [(key(0), 0), (key(2), 0)]);
        assert_eq!(ballot.candidates[2].snapshot, Pubkey::default());
        assert_eq!(ballot.state, ballot_state::NOMINATING);
    }
}

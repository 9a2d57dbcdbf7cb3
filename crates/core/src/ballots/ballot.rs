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
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    const DAY: i64 = NOMINATION_SECONDS;
    const PATIENCE: i64 = 500;

    fn key(byte: u8) -> Pubkey {
        Pubkey::new_from_array([byte; 32])
    }

    fn snapshot(root: u8) -> Snapshot {
        Snapshot {
            state: snapshot_state::SEALED,
            root: [root; 32],
            ..Snapshot::zeroed()
        }
    }

    /// Snapshot `i`, by member `i`; number 0 is the incident's own.
    fn put(ballot: &mut Ballot, i: u8) -> Result<u8, CoreError> {
        nominate(ballot, key(i), [i; 32], (i > 0).then(|| key(100 + i)))
    }

    /// From 1,000 to 1,100.
    fn voting(quorum: u64, candidates: u8) -> Ballot {
        let mut ballot = Ballot::zeroed();
        open(&mut ballot, 1_000 - DAY);
        for i in 0..candidates {
            put(&mut ballot, i).expect("room");
        }
        start(&mut ballot, quorum, 100, true, 1_000).expect("nominating");
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
    fn the_incidents_own_snapshot_has_a_place_however_many_others_there_are() {
        let mut ballot = Ballot::zeroed();
        for i in 1..8 {
            assert_eq!(put(&mut ballot, i), Ok(i - 1));
        }
        assert_eq!(put(&mut ballot, 9), Err(CoreError::CandidateRefused));
        assert_eq!(put(&mut ballot, 0), Ok(7));
        assert_eq!(put(&mut ballot, 0), Err(CoreError::CandidateRefused));
    }

    #[test]
    fn a_member_has_one_place_and_cannot_empty_it() {
        let mut ballot = Ballot::zeroed();
        assert_eq!(put(&mut ballot, 1), Ok(0));
        for other in [2, 3] {
            assert_eq!(
                nominate(&mut ballot, key(other), [other; 32], Some(key(101))),
                Err(CoreError::CandidateRefused)
            );
        }
        assert_eq!(put(&mut ballot, 1), Err(CoreError::CandidateRefused));
        assert_eq!(ballot.candidate_count, 1);
    }

    #[test]
    fn a_snapshot_sealed_again_is_brought_up_to_date() {
        let mut ballot = Ballot::zeroed();
        put(&mut ballot, 0).expect("room");
        put(&mut ballot, 1).expect("room");
        assert_eq!(nominate(&mut ballot, key(0), [77; 32], None), Ok(0));
        assert_eq!((ballot.candidates[0].root, ballot.candidate_count), ([77; 32], 2));
        assert_eq!(ballot.candidates[0].nominator, Pubkey::default());
    }

    #[test]
    fn everybody_has_a_day_to_nominate_whoever_wants_to_start() {
        let mut ballot = Ballot::zeroed();
        open(&mut ballot, 500);
        put(&mut ballot, 0).expect("room");
        let early = start(&mut ballot, 1, 100, true, 500 + DAY - 1);
        assert_eq!(early, Err(CoreError::NominationNotOver));
        assert_eq!(
            start(&mut ballot, 1, 100, false, 500 + NOMINATION_PATIENCE_SECONDS - 1),
            Err(CoreError::NominationNotOver)
        );
        start(&mut ballot, 1, 100, true, 500 + DAY).expect("a day");
        assert_eq!(put(&mut ballot, 1), Err(CoreError::BallotNotNominating));
        assert_eq!(
            start(&mut ballot, 0, 1, true, 500 + DAY),
            Err(CoreError::BallotNotNominating)
        );
    }

    #[test]
    fn without_the_incidents_own_snapshot_it_takes_a_week_and_then_anyone_starts() {
        let mut ballot = Ballot::zeroed();
        let week = NOMINATION_PATIENCE_SECONDS;
        assert_eq!(start(&mut ballot, 0, 1, false, week), Err(CoreError::NoSuchCandidate));
        put(&mut ballot, 1).expect("room");
        assert_eq!(
            start(&mut ballot, 0, 1, true, week - 1),
            Err(CoreError::NominationNotOver)
        );
        start(&mut ballot, 0, 1, false, week).expect("a week");
    }

    #[test]
    fn votes_count_from_the_first_second_to_the_last() {
        let mut ballot = voting(1, 1);
        assert_eq!(cast(&mut ballot, 0, 5, 999), Err(CoreError::BallotNotVoting));
        assert_eq!(cast(&mut ballot, 0, 5, 1_100), Err(CoreError::BallotNotVoting));
        assert_eq!(cast(&mut ballot, 1, 5, 1_000), Err(CoreError::NoSuchCandidate));
        assert_eq!(cast(&mut ballot, 0, 0, 1_000), Err(CoreError::EscrowTooSmall));
        cast(&mut ballot, 0, 5, 1_000).expect("voting");
        cast(&mut ballot, CHOICE_NONE, 4, 1_099).expect("voting");
        assert_eq!(winner(&ballot, 1_099), Err(CoreError::BallotStillVoting));
        assert_eq!(winner(&ballot, 1_100), Ok(0));
        let check = |key, root| check_winner(&ballot, &key, &snapshot(root), 1_100);
        assert_eq!(check(key(0), 0), Ok(()));
        assert_eq!(check(key(1), 0), Err(CoreError::NotTheWinner));
        assert_eq!(
            check(key(0), 1),
            Err(CoreError::NotTheWinner),
            "sealed again with other leaves"
        );
    }

    #[test]
    fn half_is_no_majority() {
        let mut ballot = voting(1, 2);
        cast(&mut ballot, 0, 5, 1_000).expect("voting");
        cast(&mut ballot, 1, 3, 1_000).expect("voting");
        cast(&mut ballot, CHOICE_NONE, 2, 1_000).expect("voting");
        assert_eq!(winner(&ballot, 1_100), Err(CoreError::NotTheWinner));
    }

    #[test]
    fn nobody_voting_chooses_nothing() {
        assert_eq!(winner(&voting(0, 1), 1_100), Err(CoreError::NotTheWinner));
        assert_eq!(winner(&voting(1, 1), 1_100), Err(CoreError::QuorumNotReached));
    }

    #[test]
    fn a_vote_without_a_winner_is_run_again() {
        let mut ballot = voting(10, 3);
        let record = VoteRecord {
            round: ballot.round,
            ..VoteRecord::zeroed()
        };
        cast(&mut ballot, 0, 5, 1_000).expect("voting");
        assert_eq!(
            renew(&mut ballot, None, PATIENCE, 1_099),
            Err(CoreError::BallotStillVoting)
        );
        let done = check_record_done(&ballot, &record, 1_099);
        assert_eq!(done, Err(CoreError::BallotStillVoting));
        renew(&mut ballot, None, PATIENCE, 1_100).expect("no quorum");
        assert_eq!((ballot.state, ballot.nominating_ts), (ballot_state::NOMINATING, 1_100));
        // The incident's own stays, without its votes; members nominate again, and have a day for it.
        let left: Vec<_> = candidates(&ballot)
            .iter()
            .map(|row| (row.snapshot, row.votes))
            .collect();
        assert_eq!(left, [(key(0), 0)]);
        assert_eq!(put(&mut ballot, 2), Ok(1));
        let early = start(&mut ballot, 10, 100, true, 1_100 + DAY - 1);
        assert_eq!(early, Err(CoreError::NominationNotOver));
        let again = 1_100 + DAY;
        start(&mut ballot, 10, 100, true, again).expect("a day later");
        assert_eq!(check_record_done(&ballot, &record, again), Ok(()));
        cast(&mut ballot, 0, 10, again).expect("voting");
        assert_eq!(winner(&ballot, again + 100), Ok(0));
        let decided = Err(CoreError::BallotDecided);
        assert_eq!(renew(&mut ballot, None, PATIENCE, again + 99 + PATIENCE), decided);
        renew(&mut ballot, None, PATIENCE, again + 100 + PATIENCE).expect("it was not restored");
    }

    /// Holding the vote again takes nothing away from who won it before: that takes another vote's result.
    #[test]
    fn a_winner_that_lapsed_can_be_restored_until_another_vote_has_a_result() {
        let may = |ballot: &Ballot, number: u8, now| check_winner(ballot, &key(number), &snapshot(number), now).is_ok();
        let mut ballot = voting(10, 2);
        cast(&mut ballot, 1, 10, 1_000).expect("voting");
        let now = 1_100 + PATIENCE;
        renew(&mut ballot, None, PATIENCE, now).expect("it was not restored");
        assert!(may(&ballot, 1, now) && !may(&ballot, 0, now));
        // With other leaves it is not what was voted on.
        assert!(check_winner(&ballot, &key(1), &snapshot(7), now).is_err());
        let (start, end) = (now + DAY, now + DAY + 100);
        super::start(&mut ballot, 10, 100, true, start).expect("a day later");
        assert!(may(&ballot, 1, start));
        let voted = |choice, weight| {
            let mut ballot = ballot;
            cast(&mut ballot, choice, weight, start).expect("voting");
            ballot
        };
        let missed = voted(0, 9);
        assert!(may(&missed, 1, end), "no quorum, no result");
        let other = voted(0, 10);
        assert!(may(&other, 0, end) && !may(&other, 1, end) && may(&other, 1, end - 1));
        let declined = voted(CHOICE_NONE, 10);
        assert!(!may(&declined, 1, end) && may(&declined, 1, end - 1));
        for (mut ballot, is_kept) in [(missed, true), (declined, false)] {
            renew(&mut ballot, None, PATIENCE, end).expect("no winner");
            assert_eq!(may(&ballot, 1, end), is_kept);
        }
    }

    #[test]
    fn there_is_time_for_a_proposal_and_another() {
        assert_eq!(patience(86_400), WINNER_SECONDS + 2 * 86_400);
        assert_eq!(patience(i64::MAX), i64::MAX);
    }

    #[test]
    fn a_stale_winner_makes_way() {
        let mut ballot = voting(1, 3);
        cast(&mut ballot, 1, 5, 1_000).expect("voting");
        let void = Snapshot {
            state: snapshot_state::VOID,
            ..snapshot(1)
        };
        let renew = |ballot: &mut Ballot, number: u8, snapshot: &Snapshot, now| {
            renew(ballot, Some((&key(number), snapshot)), PATIENCE, now)
        };
        assert_eq!(renew(&mut ballot, 1, &void, 1_099), Err(CoreError::BallotStillVoting));
        assert_eq!(renew(&mut ballot, 0, &void, 1_100), Err(CoreError::BallotDecided));
        assert_eq!(
            renew(&mut ballot, 1, &snapshot(1), 1_100),
            Err(CoreError::BallotDecided)
        );
        renew(&mut ballot, 1, &void, 1_100).expect("the winner is void");
        assert_eq!(candidates(&ballot).len(), 1);
        assert_eq!(ballot.state, ballot_state::NOMINATING);
        let after = check_winner(&ballot, &key(1), &snapshot(1), 1_100);
        assert!(after.is_err(), "what was void is not restored by a vote from before");
    }
}

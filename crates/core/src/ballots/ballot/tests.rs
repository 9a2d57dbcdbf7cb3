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
    nominate(
        ballot,
        key(i),
        [i; 32],
        (i > 0).then(|| key(100 + i)),
        ballot.nominating_ts,
    )
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
            nominate(&mut ballot, key(other), [other; 32], Some(key(101)), 0),
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
    assert_eq!(nominate(&mut ballot, key(0), [77; 32], None, 0), Ok(0));
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
    let done = check_record_done(&ballot, &record, true, 1_099);
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
    assert_eq!(check_record_done(&ballot, &record, false, again), Ok(()));
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

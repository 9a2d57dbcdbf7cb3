//! Cool-off, dispute window and veto, each with the attack that it answers: a late whale, a captured council, a captured
//! vote, and a list of candidates that changes at the last moment.

use bulkhead_core::{CoreError, ballots::ballot};
use bulkhead_interface::{
    Pubkey,
    constants::{
        CHOICE_NONE, MAX_BALLOT_VETOES, MAX_DISPUTE_SECONDS, NOMINATION_PATIENCE_SECONDS, NOMINATION_SECONDS,
        snapshot_state,
    },
    layout::{Ballot, Snapshot},
};
use bytemuck::Zeroable;
use proptest::{collection::vec, prelude::*};

const DAY: i64 = 86_400;
const WEEK: i64 = NOMINATION_PATIENCE_SECONDS;
const VOTE: i64 = 3 * DAY;
const COOL: i64 = DAY;
const DISPUTE: i64 = 2 * DAY;
const OPENED: i64 = 1_000_000;
const PATIENCE: i64 = 10 * DAY;

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn opened() -> Ballot {
    let mut ballot = Ballot {
        cool_off_seconds: COOL,
        dispute_seconds: DISPUTE,
        ..Ballot::zeroed()
    };
    ballot::open(&mut ballot, OPENED);
    ballot
}

/// Candidate `i`, by member `i`; number 0 is the incident's own.
fn put(ballot: &mut Ballot, i: u8, now: i64) -> Result<u8, CoreError> {
    ballot::nominate(ballot, key(200 + i), [i; 32], (i > 0).then(|| key(100 + i)), now)
}

/// Candidates 0 and 1 stood long enough, and the vote started. Returns when.
fn voting() -> (Ballot, i64) {
    let mut ballot = opened();
    put(&mut ballot, 0, OPENED).expect("room");
    put(&mut ballot, 1, OPENED).expect("room");
    start_now(&mut ballot)
}

fn start_now(ballot: &mut Ballot) -> (Ballot, i64) {
    let now = ballot::settled_at(ballot).max(ballot.nominating_ts + NOMINATION_SECONDS);
    ballot::start(ballot, 100, VOTE, true, now).expect("they stood");
    (*ballot, now)
}

fn sealed(root: u8) -> Snapshot {
    Snapshot {
        state: snapshot_state::SEALED,
        root: [root; 32],
        ..Snapshot::zeroed()
    }
}

fn restores(ballot: &Ballot, i: u8, now: i64) -> Result<(), CoreError> {
    ballot::check_winner(ballot, &key(200 + i), &sealed(i), now)
}

/// Whoever waits until nobody can answer makes nothing win. They can still stop a result, and are answered by the next
/// round.
#[test]
fn a_late_whale_makes_nothing_win() {
    let (mut ballot, start) = voting();
    ballot::cast(&mut ballot, 0, 400, start).expect("an honest vote");
    let cool = ballot::cools_off_at(&ballot);
    assert_eq!(cool, start + VOTE - COOL);
    for now in [cool, start + VOTE - 1] {
        assert_eq!(
            ballot::cast(&mut ballot, 1, 10_000, now),
            Err(CoreError::OnlyNoneCounts)
        );
    }
    assert_eq!(ballot::winner(&ballot, start + VOTE), Ok(0));
    // A second earlier it counts; then the others have the whole cool-off, and none of them is needed for a candidate.
    ballot::cast(&mut ballot, 1, 500, cool - 1).expect("it does not cool off yet");
    let mut answered = ballot;
    ballot::withdraw(&mut answered, 0, 400, cool).expect("a vote taken back");
    ballot::cast(&mut answered, CHOICE_NONE, 200, start + VOTE - 1).expect("none always counts");
    assert_eq!(ballot::winner(&ballot, start + VOTE), Ok(1));
    assert_eq!(ballot::winner(&answered, start + VOTE), Err(CoreError::NotTheWinner));
}

/// Somebody keeps a candidate below the quorum, so that nobody answers, and completes it with votes for none at the end.
#[test]
fn a_quorum_is_not_completed_in_the_cool_off() {
    let (mut ballot, start) = voting();
    ballot::cast(&mut ballot, 1, 60, start).expect("voting");
    ballot::cast(&mut ballot, CHOICE_NONE, 50, start + VOTE - 1).expect("none always counts");
    assert_eq!(ballot::winner(&ballot, start + VOTE), Err(CoreError::QuorumNotReached));
}

#[test]
fn a_vote_changes_to_none_and_takes_its_weight_along() {
    let (mut ballot, start) = voting();
    ballot::cast(&mut ballot, 0, 400, start).expect("voting");
    assert_eq!(ballot::withdraw(&mut ballot, 0, 401, start), Err(CoreError::Overflow));
    assert_eq!(
        ballot::withdraw(&mut ballot, 9, 1, start),
        Err(CoreError::NoSuchCandidate)
    );
    ballot::withdraw(&mut ballot, 0, 400, start + VOTE - 1).expect("until the last second");
    assert_eq!((ballot.candidates[0].votes, ballot.none_votes), (0, 400));
    assert_eq!(
        ballot::withdraw(&mut ballot, 0, 0, start + VOTE),
        Err(CoreError::BallotNotVoting)
    );
}

#[test]
fn a_result_stands_only_after_its_window() {
    let (mut ballot, start) = voting();
    ballot::cast(&mut ballot, 0, 400, start).expect("voting");
    let (end, stands) = (start + VOTE, start + VOTE + DISPUTE);
    assert_eq!(restores(&ballot, 0, end - 1), Err(CoreError::BallotStillVoting));
    assert_eq!(restores(&ballot, 0, end), Err(CoreError::ResultDisputable));
    assert_eq!(restores(&ballot, 0, stands - 1), Err(CoreError::ResultDisputable));
    assert_eq!(restores(&ballot, 0, stands), Ok(()));
    // The council's time to restore it counts from there.
    assert_eq!(
        ballot::renew(&mut ballot, None, PATIENCE, stands + PATIENCE - 1),
        Err(CoreError::BallotDecided)
    );
    assert_eq!(ballot::renew(&mut ballot, None, PATIENCE, stands + PATIENCE), Ok(()));
}

/// While a later result can be disputed, the earlier winner is not restored in its place.
#[test]
fn a_disputable_result_hides_the_winner_before_it() {
    let (mut ballot, start) = voting();
    ballot::cast(&mut ballot, 0, 400, start).expect("voting");
    let again = start + VOTE + DISPUTE + PATIENCE;
    ballot::renew(&mut ballot, None, PATIENCE, again).expect("it was not restored");
    assert_eq!(restores(&ballot, 0, again), Ok(()));
    put(&mut ballot, 1, again).expect("room");
    let (mut ballot, start) = start_now(&mut ballot);
    ballot::cast(&mut ballot, 1, 400, start).expect("voting");
    assert_eq!(restores(&ballot, 0, start + VOTE - 1), Ok(()));
    assert_eq!(restores(&ballot, 0, start + VOTE), Err(CoreError::ResultDisputable));
    assert_eq!(restores(&ballot, 1, start + VOTE + DISPUTE), Ok(()));
}

/// All vetoers conspire. They send back what the holders want, once; what is chosen again stands.
#[test]
fn a_captured_council_delays_and_does_not_take_away() {
    let (mut ballot, start) = voting();
    ballot::cast(&mut ballot, 0, 400, start).expect("voting");
    assert_eq!(
        ballot::veto(&mut { ballot }, start + VOTE - 1),
        Err(CoreError::BallotStillVoting)
    );
    assert_eq!(
        ballot::veto(&mut { ballot }, start + VOTE + DISPUTE),
        Err(CoreError::VetoTooLate)
    );
    let vetoed = start + VOTE + DISPUTE - 1;
    ballot::veto(&mut ballot, vetoed).expect("it did not stand");
    assert_eq!(restores(&ballot, 0, vetoed), Err(CoreError::BallotStillVoting));
    assert_eq!((ballot.round, ballot.vetoes, ballot.candidate_count), (1, 1, 1));
    // The incident's own snapshot is still on the ballot: nobody has to nominate it again.
    let (mut ballot, start) = start_now(&mut ballot);
    assert!(start <= vetoed + WEEK);
    ballot::cast(&mut ballot, 0, 400, start).expect("voting");
    assert_eq!(ballot::veto(&mut ballot, start + VOTE), Err(CoreError::VetoesSpent));
    assert_eq!(restores(&ballot, 0, start + VOTE + DISPUTE), Ok(()));
}

/// Whatever the holders choose, round after round: the vetoes are few, and what is without a winner is not vetoed.
#[test]
fn vetoes_are_few_whatever_is_chosen() {
    let (mut ballot, mut start) = voting();
    for round in 0..MAX_BALLOT_VETOES {
        assert_eq!(
            ballot::veto(&mut { ballot }, start + VOTE),
            Err(CoreError::QuorumNotReached)
        );
        let other = ballot.candidate_count - 1;
        ballot::cast(&mut ballot, other, 400, start).expect("voting");
        ballot::veto(&mut ballot, start + VOTE).expect("another state each time");
        put(&mut ballot, 10 + round, start + VOTE).expect("a new one");
        (ballot, start) = start_now(&mut ballot);
    }
    ballot::cast(&mut ballot, 1, 400, start).expect("voting");
    assert_eq!(ballot::veto(&mut ballot, start + VOTE), Err(CoreError::VetoesSpent));
}

/// The thief's state wins. The council sends it back; if it wins again, the council proposes nothing, and after its time
/// anyone asks the holders again. Restoring it would have taken approvers in any case.
#[test]
fn a_captured_vote_is_sent_back_and_then_declined() {
    let (mut ballot, start) = voting();
    ballot::cast(&mut ballot, 1, 400, start).expect("the thief's votes");
    ballot::veto(&mut ballot, start + VOTE).expect("it did not stand");
    put(&mut ballot, 1, start + VOTE).expect("nominated again");
    let (mut ballot, start) = start_now(&mut ballot);
    ballot::cast(&mut ballot, 1, 400, start).expect("again");
    let stands = start + VOTE + DISPUTE;
    assert_eq!(
        restores(&ballot, 1, stands),
        Ok(()),
        "with a proposal, which nobody makes"
    );
    ballot::renew(&mut ballot, None, PATIENCE, stands + PATIENCE).expect("nobody restored it");
}

#[test]
fn without_rules_nothing_is_vetoed_and_every_result_stands_at_once() {
    let mut ballot = Ballot::zeroed();
    ballot::open(&mut ballot, OPENED);
    put(&mut ballot, 0, OPENED).expect("room");
    ballot::start(&mut ballot, 1, VOTE, true, OPENED + DAY).expect("a day");
    ballot::cast(&mut ballot, 0, 1, OPENED + DAY + VOTE - 1).expect("nothing cools off");
    assert_eq!(restores(&ballot, 0, OPENED + DAY + VOTE), Ok(()));
    assert_eq!(
        ballot::veto(&mut ballot, OPENED + DAY + VOTE),
        Err(CoreError::VetoTooLate)
    );
}

#[test]
fn a_candidate_of_the_last_moment_gives_everyone_the_window_again() {
    let mut ballot = opened();
    put(&mut ballot, 0, OPENED).expect("room");
    let late = OPENED + DISPUTE - 1;
    put(&mut ballot, 1, late).expect("room");
    assert_eq!(
        ballot::start(&mut ballot, 1, VOTE, true, OPENED + DISPUTE),
        Err(CoreError::CandidatesChanged)
    );
    // Other leaves are a change as well.
    ballot::nominate(&mut ballot, key(201), [77; 32], Some(key(101)), late + DAY).expect("sealed again");
    let stood = late + DAY + DISPUTE;
    assert_eq!(
        ballot::start(&mut ballot, 1, VOTE, true, stood - 1),
        Err(CoreError::CandidatesChanged)
    );
    assert_eq!(ballot::start(&mut ballot, 1, VOTE, true, stood), Ok(()));
}

#[test]
fn a_candidate_that_nobody_could_examine_is_refused_and_the_incidents_own_never() {
    let mut ballot = opened();
    put(&mut ballot, 1, OPENED).expect("room");
    let last = OPENED + WEEK - DISPUTE;
    assert_eq!(put(&mut ballot, 2, last), Ok(1));
    assert_eq!(put(&mut ballot, 3, last + 1), Err(CoreError::NominationsClosed));
    assert_eq!(put(&mut ballot, 0, OPENED + WEEK - 1), Ok(2));
    assert_eq!(ballot::start(&mut ballot, 1, VOTE, false, OPENED + WEEK), Ok(()));
}

/// The snapshot took weeks, and no member nominated anything: a late first candidate does not shut the others out.
#[test]
fn after_a_late_first_candidate_others_still_nominate() {
    let mut ballot = opened();
    let first = OPENED + 5 * WEEK;
    put(&mut ballot, 1, first).expect("the list is empty");
    assert_eq!(put(&mut ballot, 2, first + DISPUTE), Ok(1));
    assert_eq!(
        put(&mut ballot, 3, first + DISPUTE + 1),
        Err(CoreError::NominationsClosed)
    );
    assert_eq!(
        ballot::start(&mut ballot, 1, VOTE, false, first + 2 * DISPUTE - 1),
        Err(CoreError::CandidatesChanged)
    );
    assert_eq!(ballot::start(&mut ballot, 1, VOTE, false, first + 2 * DISPUTE), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whoever changes the list whenever: once there is a candidate, the vote can start at the written end, which no
    /// later change moves; and whatever a member put on it stood for the whole window.
    #[test]
    fn the_window_restarts_on_change_and_has_an_end(
        dispute in 1..=MAX_DISPUTE_SECONDS,
        changes in vec((0..8u8, 0..4u8, 0..2 * DAY), 1..40),
    ) {
        let mut ballot = Ballot { dispute_seconds: dispute, ..Ballot::zeroed() };
        ballot::open(&mut ballot, OPENED);
        let mut now = OPENED;
        let mut end = None;
        let mut newest = None;
        for (who, leaves, wait) in changes {
            now += wait;
            let by = (who > 0).then(|| key(100 + who));
            if ballot::nominate(&mut ballot, key(who), [leaves; 32], by, now).is_ok() {
                prop_assert!(end.is_none_or(|end| end == ballot::nominations_end(&ballot)), "a change moved the end");
                end = Some(ballot::nominations_end(&ballot));
                if who > 0 {
                    newest = Some(now);
                }
            }
        }
        let Some(end) = end else { return Ok(()) };
        prop_assert!(end <= (OPENED + WEEK).max(ballot.first_ts + 2 * dispute));
        let starts = |at: i64| ballot::start(&mut { ballot }, 1, VOTE, false, at).is_ok();
        prop_assert!(starts(end.max(now)));
        if let Some(newest) = newest {
            prop_assert!(!starts(newest + dispute - 1), "a member's candidate had less than the window");
        }
    }

    /// Whatever is cast: once the vote cools off no candidate gains, so a result can only be undone.
    #[test]
    fn nothing_wins_in_the_cool_off(
        early in vec((0..3u8, 1..1_000u64), 0..10), late in vec((0..3u8, any::<bool>(), 1..1_000u64), 0..10),
    ) {
        let (mut ballot, start) = voting();
        let choice = |number: u8| if number == 2 { CHOICE_NONE } else { number };
        for (number, weight) in early {
            ballot::cast(&mut ballot, choice(number), weight, start).expect("voting");
        }
        let end = start + VOTE;
        let before = ballot::winner(&ballot, end);
        for (number, is_change, weight) in late {
            let now = end - 1;
            let _ = if is_change {
                ballot::withdraw(&mut ballot, number, weight, now)
            } else {
                ballot::cast(&mut ballot, choice(number), weight, now)
            };
        }
        let after = ballot::winner(&ballot, end);
        prop_assert!(after.is_err() || after == before, "{before:?} became {after:?}");
    }
}

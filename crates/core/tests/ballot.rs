//! What a vote can and cannot do, whoever votes in which order.

use bulkhead_core::{
    CoreError,
    ballots::{ballot, escrow},
};
use bulkhead_interface::{
    Pubkey,
    constants::{CHOICE_NONE, NOMINATION_SECONDS},
    layout::{Ballot, VoterEscrow},
};
use bytemuck::Zeroable;
use proptest::{collection::vec, prelude::*};

const START: i64 = 1_000;
const SECONDS: i64 = 500;
const END: i64 = START + SECONDS;

fn voting(candidates: u8, quorum: u64) -> Ballot {
    let mut ballot = Ballot::zeroed();
    ballot::open(&mut ballot, START - NOMINATION_SECONDS);
    for i in 0..candidates {
        let nominator = (i > 0).then(|| Pubkey::new_from_array([100 + i; 32]));
        ballot::nominate(
            &mut ballot,
            Pubkey::new_from_array([i; 32]),
            [i; 32],
            nominator,
            START - NOMINATION_SECONDS,
        )
        .expect("room");
    }
    ballot::start(&mut ballot, quorum, SECONDS, true, START).expect("nominating");
    ballot
}

/// Votes by number of the candidate, the last number standing for none.
fn votes(candidates: u8) -> impl Strategy<Value = Vec<(u8, u64)>> {
    vec((0..=candidates, 1..=1_000_000_000u64), 0..40).prop_map(move |votes| {
        votes
            .into_iter()
            .map(|(c, w)| (if c == candidates { CHOICE_NONE } else { c }, w))
            .collect()
    })
}

fn cast_all(ballot: &mut Ballot, votes: &[(u8, u64)]) {
    for (choice, weight) in votes {
        ballot::cast(ballot, *choice, *weight, START).expect("voting");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn quorum_is_the_rounded_up_share(supply in any::<u64>(), bps in 0u16..=10_000) {
        let expected = (u128::from(supply) * u128::from(bps)).div_ceil(10_000) as u64;
        prop_assert_eq!(ballot::quorum_ceil(supply, bps), Some(expected));
    }

    #[test]
    fn the_winner_has_the_quorum_and_more_than_half(votes in votes(4), quorum in 0..10_000_000_000u64) {
        let mut ballot = voting(4, quorum);
        cast_all(&mut ballot, &votes);
        let cast: u64 = votes.iter().map(|(_, weight)| weight).sum();
        let of = |candidate: u8| votes.iter().filter(|(c, _)| *c == candidate).map(|(_, w)| w).sum::<u64>();
        match ballot::winner(&ballot, END) {
            Ok(number) => {
                prop_assert!(cast >= quorum && 2 * of(number) > cast);
                prop_assert!((0..4).filter(|other| *other != number).all(|other| of(other) < of(number)));
            }
            Err(CoreError::QuorumNotReached) => prop_assert!(cast < quorum),
            Err(error) => {
                prop_assert_eq!(error, CoreError::NotTheWinner);
                prop_assert!((0..4).all(|candidate| 2 * of(candidate) <= cast));
            }
        }
    }

    #[test]
    fn the_order_of_votes_does_not_matter(votes in votes(3)) {
        let (mut forth, mut back) = (voting(3, 1), voting(3, 1));
        cast_all(&mut forth, &votes);
        cast_all(&mut back, &votes.iter().rev().copied().collect::<Vec<_>>());
        prop_assert_eq!(bytemuck::bytes_of(&forth), bytemuck::bytes_of(&back));
    }

    #[test]
    fn one_more_vote_for_the_winner_never_unseats_it(votes in votes(3), more in 1..1_000u64) {
        let mut ballot = voting(3, 0);
        cast_all(&mut ballot, &votes);
        if let Ok(number) = ballot::winner(&ballot, END) {
            ballot::cast(&mut ballot, number, more, START).expect("voting");
            prop_assert_eq!(ballot::winner(&ballot, END), Ok(number));
        }
    }

    #[test]
    fn nothing_changes_outside_the_vote(choice in any::<u8>(), weight in any::<u64>(), now in any::<i64>()) {
        prop_assume!(!(START..END).contains(&now));
        let mut ballot = voting(2, 1);
        let before = ballot;
        prop_assert_eq!(ballot::cast(&mut ballot, choice, weight, now), Err(CoreError::BallotNotVoting));
        prop_assert_eq!(bytemuck::bytes_of(&ballot), bytemuck::bytes_of(&before));
    }

    #[test]
    fn tokens_that_voted_stay_until_the_ballot_ends(
        amount in 1..u64::MAX, now in START..END, tried in START..END + SECONDS, asked in 0..u64::MAX,
    ) {
        let mut holder = VoterEscrow::zeroed();
        escrow::deposit(&mut holder, amount, SECONDS, START - 1).expect("fits");
        let mut ballot = voting(1, 1);
        ballot::cast(&mut ballot, 0, holder.amount, now).expect("voting");
        escrow::lock(&mut holder, ballot.ends_ts);
        let withdrawn = escrow::withdraw(&mut holder, asked, tried);
        prop_assert_eq!(withdrawn.is_ok(), tried >= END && asked <= amount);
        // Whatever could be withdrawn can vote in this ballot no more.
        if withdrawn.is_ok() {
            prop_assert_eq!(ballot::cast(&mut ballot, 0, asked.max(1), tried), Err(CoreError::BallotNotVoting));
        }
    }

    /// Whatever is put in and taken out, in whatever order: what counts in a vote never left since before it started.
    #[test]
    fn what_counts_was_there_before_the_start_and_ever_since(
        moves in vec((0..40i64, any::<bool>(), 1..1_000u64), 0..30), voted in 0..SECONDS,
    ) {
        let mut holder = VoterEscrow::zeroed();
        // By the second, least first: what was there just before the start, and the least since.
        let (mut now, mut balance, mut least) = (START - 600, 0u64, u64::MAX);
        let at = START + voted;
        for (wait, is_deposit, amount) in moves {
            now += wait;
            if now > at {
                break;
            }
            if now >= START && least == u64::MAX {
                least = balance;
            }
            if is_deposit {
                escrow::deposit(&mut holder, amount, SECONDS, now).expect("fits");
                balance += amount;
            } else if escrow::withdraw(&mut holder, amount, now).is_ok() {
                balance -= amount;
            }
            if now >= START {
                least = least.min(balance);
            }
        }
        let held = if least == u64::MAX { balance } else { least };
        prop_assert_eq!(holder.amount, balance);
        prop_assert!(escrow::weight(&holder, START) <= held);
    }

    /// Whoever was there before the start loses nothing by what comes later, as long as few deposits came just before it.
    #[test]
    fn what_was_there_before_the_start_counts_whatever_comes_later(
        before in vec((1..600i64, 1..1_000u64), 0..4), later in vec((0..SECONDS, 1..1_000u64), 0..10),
    ) {
        let mut holder = VoterEscrow::zeroed();
        let mut early: Vec<_> = before.iter().map(|(ago, amount)| (START - ago, *amount)).collect();
        let mut late: Vec<_> = later.iter().map(|(after, amount)| (START + after, *amount)).collect();
        early.sort_unstable();
        late.sort_unstable();
        for (ts, amount) in early.iter().chain(&late) {
            escrow::deposit(&mut holder, *amount, SECONDS, *ts).expect("fits");
        }
        let expected = early.iter().map(|(_, amount)| amount).sum::<u64>();
        prop_assert_eq!(escrow::weight(&holder, START), expected);
    }
}

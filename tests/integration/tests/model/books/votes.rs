//! Governance tokens in escrow, since when, and what they have voted.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::pda;
use bulkhead_interface::{
    constants::CHOICE_NONE,
    layout::{Ballot, VoteRecord, VoterEscrow},
};
use bulkhead_testbed::{Machine, VOTE_SECONDS};

use crate::acts::Vote;

/// A round of a ballot.
#[derive(Clone, Default)]
struct Round {
    started: i64,
    votes: BTreeMap<u8, u64>,
    voted: BTreeMap<Pubkey, (u8, u64)>,
}

/// All escrows and ballots of a domain.
#[derive(Default)]
pub struct Votes {
    /// What each voter had after each change, oldest first.
    history: BTreeMap<Pubkey, Vec<(i64, u64)>>,
    /// Until when what a voter has is bound.
    bound: BTreeMap<Pubkey, i64>,
    rounds: BTreeMap<Pubkey, Round>,
}

impl Votes {
    fn balance(&self, voter: &Pubkey) -> u64 {
        let history = self.history.get(voter);
        history.and_then(|all| all.last()).map_or(0, |(_, balance)| *balance)
    }

    /// What was there before `start` and has not left since: what came last leaves first.
    fn before(&self, voter: &Pubkey, start: i64) -> u64 {
        let history = self.history.get(voter).map_or(&[][..], Vec::as_slice);
        let then = history
            .iter()
            .rev()
            .find(|(ts, _)| *ts < start)
            .map_or(0, |(_, balance)| *balance);
        let since = history
            .iter()
            .filter(|(ts, _)| *ts >= start)
            .map(|(_, balance)| *balance);
        since.fold(then, u64::min)
    }

    pub fn follow(&mut self, vote: &Vote, voter: Pubkey, domain: &Pubkey, machine: &Machine, story: &str) {
        let now = machine.clock().unix_timestamp;
        match vote {
            Vote::Deposit(amount) => self.change(voter, self.balance(&voter) + amount, now),
            Vote::Withdraw(amount) => {
                let bound = self.bound.get(&voter).is_some_and(|until| now < *until);
                assert!(!bound, "{story}: left before its vote ended");
                let left = self.balance(&voter).checked_sub(*amount);
                self.change(
                    voter,
                    left.unwrap_or_else(|| panic!("{story}: more than was in escrow")),
                    now,
                );
            }
            Vote::Start(ballot) => {
                let round = Round {
                    started: now,
                    ..Round::default()
                };
                self.rounds.insert(*ballot, round);
            }
            Vote::Renew(ballot) => {
                let round = self.rounds.remove(ballot);
                let ended = round.is_some_and(|round| now >= round.started + VOTE_SECONDS);
                assert!(ended, "{story}: run again before it ended");
            }
            Vote::Forget(ballot, _) => {
                let running = self
                    .rounds
                    .get(ballot)
                    .filter(|round| now < round.started + VOTE_SECONDS);
                let guards =
                    running.is_some_and(|round| matches!(vote, Vote::Forget(_, own) if round.voted.contains_key(own)));
                assert!(!guards, "{story}: it could vote again");
            }
            Vote::Cast(ballot, choice) => self.cast(ballot, *choice, voter, machine, story),
        }
        let held: u64 = self.history.keys().map(|voter| self.balance(voter)).sum();
        assert_eq!(machine.balance(&pda::votes(domain)), held, "{story}: the escrow");
        if let Some(escrow) = machine.try_load::<VoterEscrow>(&pda::escrow(domain, &voter)) {
            assert_eq!(escrow.amount, self.balance(&voter), "{story}: what is whose");
        }
        if let Vote::Start(ballot) | Vote::Renew(ballot) | Vote::Cast(ballot, _) = vote {
            self.agree(ballot, machine, story);
        }
    }

    fn change(&mut self, voter: Pubkey, balance: u64, now: i64) {
        self.history.entry(voter).or_default().push((now, balance));
    }

    fn cast(&mut self, ballot: &Pubkey, choice: u8, voter: Pubkey, machine: &Machine, story: &str) {
        let now = machine.clock().unix_timestamp;
        let weight = machine.load::<VoteRecord>(&pda::vote_record(ballot, &voter)).weight;
        let started = self.rounds.get(ballot).map(|round| round.started);
        let started = started.unwrap_or_else(|| panic!("{story}: no vote was started"));
        let ends = started + VOTE_SECONDS;
        assert!((started..ends).contains(&now), "{story}: out of time");
        let cool_off = machine.load::<Ballot>(ballot).cool_off_seconds;
        let is_cool = now >= ends - cool_off;
        assert!(
            !is_cool || choice == CHOICE_NONE,
            "{story}: a candidate gained while the vote cooled off"
        );
        let round = self.rounds.get_mut(ballot).expect("it is there");
        // The only change of a vote is to none, with all its weight.
        if let Some((old, counted)) = round.voted.get(&voter).copied() {
            assert!(choice == CHOICE_NONE && old != CHOICE_NONE, "{story}: voted twice");
            assert_eq!(weight, counted, "{story}: another weight");
            round.voted.insert(voter, (choice, weight));
            *round.votes.entry(old).or_default() -= weight;
            *round.votes.entry(choice).or_default() += weight;
            return;
        }
        let counts = self.before(&voter, started);
        assert!(
            weight > 0 && weight <= counts,
            "{story}: {weight} voted, {counts} count"
        );
        let round = self.rounds.get_mut(ballot).expect("it is there");
        round.voted.insert(voter, (choice, weight));
        *round.votes.entry(choice).or_default() += weight;
        let bound = self.bound.entry(voter).or_default();
        *bound = ends.max(*bound);
    }

    /// The ballot says what was voted, and nothing else.
    fn agree(&self, ballot: &Pubkey, machine: &Machine, story: &str) {
        let state: Ballot = machine.load(ballot);
        let votes = self.rounds.get(ballot).map(|round| &round.votes);
        let of = |choice: u8| votes.and_then(|votes| votes.get(&choice)).copied().unwrap_or(0);
        assert_eq!(state.none_votes, of(CHOICE_NONE), "{story}: votes for none");
        for (number, candidate) in (0..).zip(&state.candidates) {
            assert_eq!(candidate.votes, of(number), "{story}: votes for {number}");
        }
    }
}

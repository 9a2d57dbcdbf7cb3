//! The vote over the state to restart from.

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{CHOICE_NONE, phase, role},
    layout::Ballot,
};
use solana_signer::Signer;

use super::{Move, Table};
use crate::{
    acts::{Act, Vote},
    site::LEDGERS,
};

impl Table<'_> {
    pub(super) fn ballot(&mut self) -> Option<Move> {
        if !matches!(self.now.domain.state, phase::FROZEN | phase::RECOVERING) {
            return None;
        }
        let number = self.a_ledger();
        let steps = self.ballot_steps(number);
        self.workable(steps)
    }

    /// A ledger that is registered, or, now and then, any.
    pub fn a_ledger(&mut self) -> u8 {
        let registered = self.now.ledgers.len().max(1) as u64;
        if self.rng.percent(3) {
            return self.rng.byte(u64::from(LEDGERS));
        }
        self.rng.byte(registered)
    }

    fn ballot_steps(&mut self, number: u8) -> Vec<Move> {
        let (domain, incident, renter) = (self.domain(), self.now.domain.open_incident, self.renter());
        let mint = self.site.protocol.governance_mint;
        let ballot = pda::ballot(&incident, number);
        let member = self.member(role::GUARDIAN | role::APPROVER);
        let move_of = |name, signer, instruction, act| Move {
            name,
            instruction,
            signer,
            act,
        };
        let open = ix::open_ballot(domain, member, renter, incident, number);
        let start = ix::start_voting(domain, member, incident, ballot, mint);
        let mut steps = vec![
            move_of("open_ballot", member, open, Act::Other),
            move_of("start_voting", member, start, Act::Vote(Vote::Start(ballot))),
        ];
        let state = self.machine.try_load::<Ballot>(&ballot);
        let candidates = state.map_or(0, |state| state.candidate_count);
        let stale = (candidates > 0 && self.rng.percent(30)).then(|| {
            let state = state.expect("it has candidates");
            state.candidates[self.rng.index(candidates.into())].snapshot
        });
        let renew = ix::renew_ballot(domain, member, ballot, stale);
        steps.push(move_of("renew_ballot", member, renew, Act::Vote(Vote::Renew(ballot))));
        for snapshot in self.snapshots_of(incident, number) {
            let add = ix::add_candidate(domain, member, ballot, snapshot);
            steps.push(move_of("add_candidate", member, add, Act::Other));
        }
        let choice = match self.rng.below(12) {
            0 => CHOICE_NONE,
            1 => candidates,
            2 => self.rng.byte(candidates.max(1).into()),
            _ => 0,
        };
        for voter in self.site.voters.iter().map(Signer::pubkey).collect::<Vec<_>>() {
            let cast = ix::cast_vote(domain, voter, renter, ballot, choice);
            steps.push(move_of("cast_vote", voter, cast, Act::Vote(Vote::Cast(ballot, choice))));
            let close = ix::close_vote_record(ballot, voter);
            steps.push(move_of(
                "close_vote_record",
                self.payer(),
                close,
                Act::Vote(Vote::Forget(ballot, voter)),
            ));
        }
        steps
    }

    /// What can be voted on: what was read in the incident, and what was said before it.
    pub(super) fn snapshots_of(&self, incident: Pubkey, number: u8) -> Vec<Pubkey> {
        let posted = self.site.posted.iter().filter(|posted| posted.ledger == number);
        let said = posted.rev().take(4);
        let said = said.map(|posted| pda::checkpoint_snapshot(&incident, number, posted.slot));
        std::iter::once(pda::snapshot(&incident, number)).chain(said).collect()
    }

    /// Is a ballot of the open incident decided?
    pub fn is_elected(&self, number: u8) -> bool {
        let ballot = pda::ballot(&self.now.domain.open_incident, number);
        let ballot = self.machine.try_load::<Ballot>(&ballot);
        ballot.is_some_and(|ballot| bulkhead_core::ballots::ballot::winner(&ballot, self.clock()).is_ok())
    }
}

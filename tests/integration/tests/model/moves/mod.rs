//! Random instructions: often what somebody would do now, sometimes nonsense. One file a mechanism.

mod ballots;
mod breakers;
mod checkpoints;
mod council;
mod custody;
mod deposit_notes;
mod evacuation;
mod evidence;
mod fallback;
mod host;
mod messages;
mod pause;
mod proposals;
mod restoration;
mod snapshots;
mod votes;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::pda;
use bulkhead_testbed::Machine;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::{
    acts::Act,
    mood::Mood,
    rng::Rng,
    site::{Accounts, Site},
};

/// One instruction, who acts by it, and what it means.
pub struct Move {
    pub name: &'static str,
    pub instruction: Instruction,
    pub signer: Pubkey,
    pub act: Act,
}

impl Move {
    /// Every account of the instruction.
    pub fn accounts(&self) -> Vec<Pubkey> {
        self.instruction.accounts.iter().map(|meta| meta.pubkey).collect()
    }
}

/// What a move is made up from.
pub struct Table<'a> {
    pub machine: &'a Machine,
    pub site: &'a Site,
    pub now: &'a Accounts,
    pub rng: &'a mut Rng,
}

type Make = fn(&mut Table) -> Option<Move>;

/// Moves by how often they are tried.
const MOVES: &[(u64, Make)] = &[
    (2, |table| table.pause()),
    (2, |table| table.lower_limit()),
    (3, |table| table.open_incident()),
    (8, |table| table.confirm_incident()),
    (4, |table| table.close_lapsed_incident()),
    (6, |table| table.propagate_trip()),
    (5, |table| table.propagate_contagion()),
    (4, |table| table.accept_attested()),
    (1, |table| table.announce_rotation()),
    (1, |table| table.stop_rotation()),
    (12, |table| table.release()),
    (9, |table| table.settle_release()),
    (3, |table| table.cancel_release()),
    (3, |table| table.cancel_listed_release()),
    (1, |table| table.set_cancel_list()),
    (2, |table| table.cancel_release_listed_by()),
    (1, |table| table.take_back_release()),
    (3, |table| table.requeue_release()),
    (4, |table| table.redirect_release()),
    (2, |table| table.observe_evacuation_route()),
    (2, |table| table.close_release()),
    (6, |table| table.receive_deposit()),
    (6, |table| table.release_returning()),
    (2, |table| table.close_deposit_note()),
    (7, |table| table.meter_outflow()),
    (4, |table| table.record_inflow()),
    (5, |table| table.observe_reference()),
    (6, |table| table.observe_price()),
    (4, |table| table.observe_solvency()),
    (3, |table| table.observe_authority()),
    (1, |table| table.view()),
    (5, |table| table.deposit()),
    (5, |table| table.confirm_evacuation()),
    (5, |table| table.evacuate()),
    (8, |table| table.post_checkpoint()),
    (7, |table| table.attest_checkpoint()),
    (24, |table| table.speak_against()),
    (8, |table| table.propose()),
    (26, |table| table.approve()),
    (4, |table| table.withdraw_approval()),
    (2, |table| table.edit_proposal()),
    (6, |table| table.heartbeat()),
    (2, |table| table.run_emergency_action()),
    (1, |table| table.veto()),
    (3, |table| table.close_proposal()),
    (24, |table| table.execute()),
    (24, |table| table.snapshot()),
    (44, |table| table.ballot()),
    (8, |table| table.votes()),
    (32, |table| table.restore()),
    (1, |table| table.activate()),
    (1, |table| table.open_domain()),
    (12, |table| table.configure()),
];

/// Moves of a bank run.
const RUN: &[(u64, Make)] = &[
    (10, |table| table.release()),
    (5, |table| table.settle_release()),
    (10, |table| table.meter_outflow()),
    (4, |table| table.receive_deposit()),
    (6, |table| table.release_returning()),
    (2, |table| table.deposit()),
];

/// Moves while no member of the council is active.
const SILENCE: &[(u64, Make)] = &[(3, |table| table.propose_as_fallback()), (2, |table| table.execute())];

impl Table<'_> {
    /// Some move of this mood.
    pub fn make(&mut self, mood: Mood) -> Move {
        let moves = match mood {
            Mood::Usual => MOVES,
            Mood::Run => RUN,
            Mood::Silence => SILENCE,
        };
        let total = moves.iter().map(|(weight, _)| weight).sum();
        // There is not always one.
        for _ in 0..1_000 {
            let mut at = self.rng.below(total);
            for (weight, make) in moves {
                if at < *weight {
                    if let Some(made) = make(self) {
                        return made;
                    }
                    break;
                }
                at -= weight;
            }
        }
        self.view().expect("anybody may look")
    }

    /// A random one of those that would work; now and then any.
    pub fn workable(&mut self, mut steps: Vec<Move>) -> Option<Move> {
        while !steps.is_empty() {
            let made = steps.swap_remove(self.rng.index(steps.len()));
            // What the world does first is not done yet.
            if made.act.fact().is_some() || self.rng.percent(7) || self.would_work(&made) {
                return Some(made);
            }
        }
        None
    }

    pub fn would_work(&self, made: &Move) -> bool {
        let signers = self.site.signers(self.machine, &made.instruction);
        self.machine
            .would_work(std::slice::from_ref(&made.instruction), &signers)
    }

    /// One of those with `role`, or, now and then, anyone.
    pub(super) fn member(&mut self, role: u8) -> Pubkey {
        let members = self.site.model.members(role);
        self.one_of(&members)
    }

    pub(super) fn one_of(&mut self, keys: &[Pubkey]) -> Pubkey {
        if keys.is_empty() || self.rng.percent(6) {
            let index = self.rng.index(self.site.keys.len());
            return self.site.keys[index].pubkey();
        }
        self.rng.pick(keys)
    }

    pub(super) fn domain(&self) -> Pubkey {
        self.site.protocol.domain
    }

    /// Pays the fees, and cranks what anyone may.
    pub(super) fn payer(&self) -> Pubkey {
        self.machine.payer.pubkey()
    }

    /// Pays rent: the payer, or somebody else.
    pub(super) fn renter(&mut self) -> Pubkey {
        if self.rng.percent(30) {
            self.site.sponsor()
        } else {
            self.payer()
        }
    }

    pub(super) fn clock(&self) -> i64 {
        self.machine.clock().unix_timestamp
    }

    /// At the edges of `most`, or anything up to it.
    pub(super) fn up_to(&mut self, most: u64) -> u64 {
        match self.rng.below(12) {
            0 => 0,
            1 => 1,
            2 => most.saturating_add(1),
            3 => u64::MAX,
            4..8 => most,
            _ => self.rng.below(most.saturating_add(1)),
        }
    }

    /// The open incident, or the last one, or the next.
    pub(super) fn incident(&mut self) -> Pubkey {
        let domain = &self.now.domain;
        if domain.open_incident != Pubkey::default() && !self.rng.percent(5) {
            return domain.open_incident;
        }
        let back = self.rng.below(2);
        pda::incident(&self.domain(), domain.incident_count.saturating_sub(back))
    }
}

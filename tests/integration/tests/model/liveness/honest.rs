//! The honest: their one strategy, in the order of what matters most.

use std::collections::BTreeSet;

use anchor_lang::prelude::Pubkey;
use bulkhead_client::{instructions as ix, pda};
use bulkhead_core::proposals::proposal::progress;
use bulkhead_interface::{
    constants::phase,
    layout::{Ballot, Proposal, Restoration, Snapshot},
};
use bulkhead_testbed::Machine;
use solana_instruction::Instruction;
use solana_signer::Signer;

use crate::{
    books::is_paused,
    rng::Rng,
    site::{LEDGERS, Site},
};

/// What they know and remember.
pub struct Honest<'a> {
    pub site: &'a Site,
    /// Who of the council is not one of them.
    pub adversary: Pubkey,
    /// Proposals of theirs that may still be executed.
    pub proposals: Vec<Pubkey>,
    /// A vetoer stopped one of theirs.
    pub was_vetoed: bool,
    /// Ledgers that they restore before they unpause: all that were begun, and perhaps the first.
    pub ledgers: BTreeSet<u8>,
    /// Restorations that they have seen.
    pub plans: BTreeSet<(Pubkey, u8)>,
    acted: Vec<String>,
}

impl<'a> Honest<'a> {
    pub fn new(rng: &mut Rng, site: &'a Site, machine: &Machine, adversary: Pubkey) -> Self {
        let incident = site.state(machine).open_incident;
        let is_frozen = matches!(site.state(machine).state, phase::FROZEN | phase::RECOVERING);
        let domain = site.protocol.domain;
        // A ballot can be opened over a ledger that is not there: nothing waits for it.
        let is_registered = |number: &u8| machine.account(&pda::ledger(&domain, *number)).is_some();
        let is_begun = |number: &u8| {
            machine
                .try_load::<Snapshot>(&pda::snapshot(&incident, *number))
                .is_some()
                || machine.try_load::<Ballot>(&pda::ballot(&incident, *number)).is_some()
        };
        let mut ledgers: BTreeSet<_> = (0..LEDGERS)
            .filter(|number| is_frozen && is_registered(number) && is_begun(number))
            .collect();
        if is_frozen && rng.percent(50) {
            ledgers.insert(0);
        }
        Self {
            site,
            adversary,
            proposals: vec![],
            was_vetoed: false,
            ledgers,
            plans: BTreeSet::new(),
            acted: vec![],
        }
    }

    /// One act, if there is something to do now.
    pub fn step(&mut self, machine: &mut Machine) -> bool {
        self.be_heard(machine)
            || self.remove_the_vetoer(machine)
            || self.pay_claims(machine)
            || self.restore(machine)
            || self.unpause(machine)
    }

    /// Operating, nothing closed by what may last, every begun ledger restored and every pool paid out.
    pub fn is_done(&self, machine: &Machine) -> bool {
        let now = machine.clock().unix_timestamp;
        let board = self.site.protocol.board(machine);
        let is_open = self.site.state(machine).state == phase::OPERATING && board.domain_row.freeze == 0;
        if is_open {
            let stuck = self.plans.iter().find(|plan| !self.is_paid_out(machine, plan));
            assert!(stuck.is_none(), "a pool is locked: {stuck:?}\n{}", self.story(machine));
        }
        is_open && !is_paused(&board, now)
    }

    /// The payer pays and cranks.
    pub fn payer(&self, machine: &Machine) -> Pubkey {
        machine.payer.pubkey()
    }

    /// Sends it, if it works.
    pub fn send(&mut self, machine: &mut Machine, what: &str, instruction: Instruction) -> bool {
        let signers = self.site.signers(machine, &instruction);
        let is_sent = machine.would_work(std::slice::from_ref(&instruction), &signers)
            && machine.send(&[instruction], &signers).is_ok();
        if is_sent && what != "heartbeat" {
            let clock = machine.clock();
            self.acted.push(format!("{} {what}", clock.unix_timestamp));
        }
        is_sent
    }

    /// Why it takes so long.
    pub fn story(&self, machine: &Machine) -> String {
        let (domain, now) = (self.site.state(machine), machine.clock().unix_timestamp);
        let ledgers = self.ledgers.iter().map(|number| {
            let incident = &domain.open_incident;
            let snapshot = machine.try_load::<Snapshot>(&pda::snapshot(incident, *number));
            let ballot = machine.try_load::<Ballot>(&pda::ballot(incident, *number));
            let restoration = machine.try_load::<Restoration>(&pda::restoration(incident, *number));
            format!(
                "ledger {number}: snapshot {:?}, ballot {:?}, restoration {:?}",
                snapshot.map(|own| (own.state, own.seals, own.count)),
                ballot.map(|own| (
                    own.state,
                    own.round,
                    own.candidate_count,
                    bulkhead_core::ballots::ballot::winner(&own, now)
                )),
                restoration.map(|own| (own.total, own.shared, own.paid)),
            )
        });
        let council = self.site.protocol.council(machine);
        let proposals = self.proposals.iter().map(|key| {
            let own = machine.try_load::<Proposal>(key);
            format!(
                "proposal {:?}",
                own.map(|own| (own.kind, progress(&own, &council, super::moment(machine)).status))
            )
        });
        let last = self.acted.iter().rev().take(40).rev().cloned();
        let lines: Vec<_> = ledgers.chain(proposals).chain(last).collect();
        format!(
            "at {now} in phase {}, flags {}, adversary {}, vetoed {}\n{}",
            domain.state,
            domain.flags,
            self.adversary,
            self.was_vetoed,
            lines.join("\n")
        )
    }

    /// Reads, seals, votes and chooses for each ledger; tells whether it did something.
    fn restore(&mut self, machine: &mut Machine) -> bool {
        let domain = self.site.state(machine);
        if !matches!(domain.state, phase::FROZEN | phase::RECOVERING) {
            return false;
        }
        let ledgers = self.ledgers.clone();
        ledgers.into_iter().any(|number| {
            let is_restored = self.is_restored(machine, &domain.open_incident, number);
            !is_restored
                && (self.seal(machine, domain.open_incident, number)
                    || self.elect(machine, domain.open_incident, number))
        })
    }

    pub fn is_restored(&self, machine: &Machine, incident: &Pubkey, number: u8) -> bool {
        let key = pda::restoration(incident, number);
        machine.try_load::<Restoration>(&key).is_some()
    }

    /// Every restoration that there is: funded from where its tokens are, shared out and paid to the last leaf.
    fn pay_claims(&mut self, machine: &mut Machine) -> bool {
        let incident = self.site.state(machine).open_incident;
        let new = (0..LEDGERS).filter(|number| self.is_restored(machine, &incident, *number));
        let new: Vec<_> = new.map(|number| (incident, number)).collect();
        self.plans.extend(new);
        let all = self.plans.clone();
        for (incident, number) in all {
            if self.pay(machine, incident, number) {
                return true;
            }
        }
        false
    }

    pub fn restoration_keys(&self, restoration: Pubkey) -> ix::RestorationKeys {
        ix::RestorationKeys {
            restoration,
            mint: self.site.protocol.mint,
            token_program: anchor_spl::token::ID,
        }
    }
}

//! Instructions, against those that are registered and the addresses they look like.

use anchor_lang::prelude::Pubkey;
use bulkhead::{call::StoredInstruction, instructions::*};

use bulkhead_interface::{constants::NO_LEDGER, layout::HostProgram};

use super::{Changes, Direction, alike};
use crate::{
    direct_vault::Direct,
    emergency::Action,
    payload::{call, words::hex},
    pda,
};

impl Changes<'_> {
    pub(super) fn emergency_action(&mut self, args: &RegisterEmergencyActionArgs, domain: &Pubkey) {
        let RegisterEmergencyActionArgs { index, instruction } = args;
        let what = format!("emergency action {index}, which one guardian may run at once");
        let (from, stored) = self.registered(domain, *index);
        if stored.is_some_and(|stored| !stored.has_steps() && stored.steps == [instruction.clone()]) {
            return;
        }
        let to = call::describe(instruction).join("; ");
        self.push(what, from, to, Direction::Looser);
        self.accounts_alike(domain, instruction);
    }

    pub(super) fn emergency_steps(&mut self, args: &RegisterEmergencyStepsArgs, domain: &Pubkey) {
        let (from, stored) = self.registered(domain, args.index);
        let what = format!("emergency action {}, which one guardian may run at once", args.index);
        let last = usize::from(args.first).saturating_add(args.instructions.len());
        let (first, steps) = (u16::from(args.first) + 1, args.steps);
        let is_continued = stored.is_some_and(|stored| {
            stored.header.instruction_hash == args.whole_hash && stored.header.registered_steps == args.first
        });
        let from = match (args.first, is_continued) {
            (0, _) => from,
            (_, true) => format!("its first {} steps", args.first),
            (_, false) => format!("{from}; NOT the action that this continues, so this cannot be executed now"),
        };
        self.push(
            what,
            from,
            format!(
                "steps {first} to {last} of {steps}, of the action with the hash {}",
                hex(&args.whole_hash)
            ),
            Direction::Looser,
        );
        for (number, step) in (first..).zip(&args.instructions) {
            for line in call::describe(step) {
                self.push(format!("step {number}"), "the domain signs", line, Direction::Looser);
            }
            self.accounts_alike(domain, step);
        }
    }

    /// What is registered as an emergency action, in words and decoded.
    fn registered(&self, domain: &Pubkey, index: u8) -> (String, Option<Action>) {
        let key = pda::emergency_action(domain, index);
        let now = (self.read)(&key);
        let stored = now.as_ref().and_then(|(owner, data)| Action::of(key, owner, data));
        let words = match (&now, &stored) {
            (None, _) => "none".to_owned(),
            (Some(_), None) => "another instruction".to_owned(),
            (Some(_), Some(stored)) => {
                let steps = stored.steps.iter().flat_map(call::describe);
                steps.collect::<Vec<_>>().join("; ")
            }
        };
        (words, stored)
    }

    pub(super) fn call(&mut self, domain: &Pubkey, instruction: &StoredInstruction) {
        for line in call::describe(instruction) {
            self.push("the domain", "signs", line, Direction::Looser);
        }
        self.accounts_alike(domain, instruction);
    }

    pub(super) fn direct_vault(&mut self, args: &RegisterDirectVaultArgs, domain: &Pubkey) {
        let now = (self.read)(&pda::direct_vault(domain, &args.source));
        let earlier = now.and_then(|(owner, data)| Direct::of(&owner, &data));
        let what = format!("the host's tokens in {}", args.source);
        let from = earlier.as_ref().map_or_else(
            || "not evacuated".to_owned(),
            |earlier| format!("evacuated to {}", earlier.header.route),
        );
        let backs = match args.ledger {
            NO_LEDGER => "no ledger".to_owned(),
            ledger => format!("ledger {ledger}"),
        };
        let to = format!(
            "evacuated to {}, at least {} of 10000, for {backs}",
            args.route, args.least_bps
        );
        self.push(&what, from, to, Direction::Looser);
        for line in call::describe(&args.instruction) {
            self.push("to evacuate, the domain", "signs", line, Direction::Looser);
        }
        self.accounts_alike(domain, &args.instruction);
    }

    pub(super) fn upgrade(&mut self, args: &UpgradeHostArgs, domain: &Pubkey) {
        let record = self.load::<HostProgram>(&pda::host_program(domain, &args.program));
        let from = record.filter(|record| record.deployed_slot > 0).map_or_else(
            || "as it is".to_owned(),
            |record| format!("the build {}", hex(&record.deployed_hash)),
        );
        let to = format!(
            "UPGRADED to the build {}; the lamports of its buffer go to {}",
            hex(&args.buffer_hash),
            args.spill
        );
        self.push(format!("program {}", args.program), from, to, Direction::Looser);
    }

    pub(super) fn emergency_build(&mut self, args: &RegisterEmergencyBuildArgs, domain: &Pubkey) {
        let record = self.load::<HostProgram>(&pda::host_program(domain, &args.program));
        let in_words = |hash: [u8; 32]| {
            if hash == [0; 32] {
                "none".to_owned()
            } else {
                format!("the build {}", hex(&hash))
            }
        };
        let from = record.map_or_else(|| "none".to_owned(), |record| in_words(record.build_hash));
        let to = format!(
            "{}; the lamports of its buffer go to {}",
            in_words(args.build_hash),
            args.spill
        );
        let what = format!(
            "emergency build of {}, which the guardians' threshold deploys",
            args.program
        );
        self.push(what, from, to, Direction::Looser);
    }

    /// Accounts of an instruction that look like another of its accounts, or like the domain.
    fn accounts_alike(&mut self, domain: &Pubkey, instruction: &StoredInstruction) {
        let all: Vec<Pubkey> = core::iter::once(*domain)
            .chain(instruction.accounts.iter().map(|account| account.pubkey))
            .collect();
        for (place, key) in all.iter().enumerate() {
            let before = all.iter().take(place).copied();
            let warning = alike(key, before);
            if !warning.is_empty() && !all.iter().take(place).any(|other| other == key) {
                self.push(
                    format!("account {key}"),
                    "may be mistaken",
                    warning.trim_start_matches(", "),
                    Direction::Looser,
                );
            }
        }
    }
}

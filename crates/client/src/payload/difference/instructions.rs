//! Instructions, against those that are registered and the addresses they look like.

use anchor_lang::prelude::Pubkey;
use bulkhead::{call::StoredInstruction, instructions::*};

use super::{Changes, Direction, alike};
use crate::{
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

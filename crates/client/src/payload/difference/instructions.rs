//! Instructions, against those that are registered and the addresses they look like.

use anchor_lang::{AnchorDeserialize, Discriminator, prelude::Pubkey};
use bulkhead::{call::StoredInstruction, instructions::*};
use bulkhead_interface::layout::EmergencyAction;

use super::{Changes, Direction, alike};
use crate::{decode, payload::call, pda};

impl Changes<'_> {
    pub(super) fn emergency_action(&mut self, args: &RegisterEmergencyActionArgs, domain: &Pubkey) {
        let RegisterEmergencyActionArgs { index, instruction } = args;
        let what = format!("emergency action {index}, which one guardian may run at once");
        let now = (self.read)(&pda::emergency_action(domain, *index));
        let stored = now.as_ref().and_then(|(owner, data)| stored_in(owner, data));
        if stored.as_ref() == Some(instruction) {
            return;
        }
        let from = match (&now, &stored) {
            (None, _) => "none".to_owned(),
            (Some(_), None) => "another instruction".to_owned(),
            (Some(_), Some(stored)) => call::describe(stored).join("; "),
        };
        let to = call::describe(instruction).join("; ");
        self.push(what, from, to, Direction::Looser);
        self.accounts_alike(domain, instruction);
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

/// The instruction of an emergency action account.
fn stored_in(owner: &Pubkey, data: &[u8]) -> Option<StoredInstruction> {
    let emergency_action: EmergencyAction = decode::owned(owner, data)?;
    let begin = EmergencyAction::DISCRIMINATOR.len() + size_of::<EmergencyAction>();
    let bytes = data.get(begin..)?.get(..emergency_action.instruction_len.into())?;
    StoredInstruction::try_from_slice(bytes).ok()
}

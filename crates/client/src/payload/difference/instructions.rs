//! Instructions, against those that are registered and the addresses they look like.

use anchor_lang::{AnchorDeserialize, Discriminator, prelude::Pubkey};
use bulkhead::{call::StoredInstruction, instructions::*};
use bulkhead_interface::layout::EmergencyAction;

use super::{Changes, Direction, alike};
use crate::{decode, payload::call, pda};

impl Changes<'_> {
    pub(super) fn emergency_action(&mut self, args: &RegisterEmergencyActionArgs, domain: &Pubkey) {
        let RegisterEmergencyActionArgs { index, instruction } = args;
        let what = format!("what one guardian may run at once, as emergency action {index}");
        let now = (self.read)(&pda::emergency_action(domain, *index));
        let stored = now.as_ref().and_then(|(owner, data)| stored_in(owner, data));
        if stored.as_ref() == Some(instruction) {
            return;
        }
        let from = match (&now, &stored) {
            (None, _) => "none".to_owned(),
            (Some(_), None) => "another instruction".to_owned(),
            (Some(_), Some(stored)) => call::told(stored).join("; "),
        };
        let to = call::told(instruction).join("; ");
        self.push(what, from, to, Direction::Looser);
        self.accounts_alike(domain, instruction);
    }

    pub(super) fn call(&mut self, domain: &Pubkey, instruction: &StoredInstruction) {
        for line in call::told(instruction) {
            self.push("the domain", "signs", line, Direction::Looser);
        }
        self.accounts_alike(domain, instruction);
    }

    /// Accounts of an instruction that people would take for another of it, or for the domain.
    fn accounts_alike(&mut self, domain: &Pubkey, instruction: &StoredInstruction) {
        let all: Vec<Pubkey> = core::iter::once(*domain)
            .chain(instruction.accounts.iter().map(|account| account.pubkey))
            .collect();
        for (place, key) in all.iter().enumerate() {
            let before = all.iter().take(place).copied();
            let told = alike(key, before);
            if !told.is_empty() && !all.iter().take(place).any(|other| other == key) {
                self.push(
                    format!("account {key}"),
                    "is another than it seems",
                    told.trim_start_matches(", "),
                    Direction::Looser,
                );
            }
        }
    }
}

/// The instruction of an emergency action's account.
fn stored_in(owner: &Pubkey, data: &[u8]) -> Option<StoredInstruction> {
    let emergency_action: EmergencyAction = decode::owned(owner, data)?;
    let begin = EmergencyAction::DISCRIMINATOR.len() + size_of::<EmergencyAction>();
    let bytes = data.get(begin..)?.get(..emergency_action.instruction_len.into())?;
    StoredInstruction::try_from_slice(bytes).ok()
}

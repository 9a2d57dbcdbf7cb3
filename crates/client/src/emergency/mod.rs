//! Emergency actions and their runs, as accounts hold them.

use anchor_lang::{AnchorDeserialize, AnchorSerialize, prelude::Pubkey};
use bulkhead::{call::StoredInstruction, instructions::RegisterEmergencyStepsArgs};
use bulkhead_core::hash::sha256;
use bulkhead_interface::layout::{EmergencyAction, space};
use solana_account::Account;

use crate::decode;

/// A registered action.
#[derive(Clone)]
pub struct Action {
    /// Its address.
    pub key: Pubkey,
    /// Its header.
    pub header: EmergencyAction,
    /// Its steps that are registered, in order.
    pub steps: Vec<StoredInstruction>,
}

impl Action {
    /// Decodes header and steps to the last byte. What runs is what is shown: the hash of a complete action is checked.
    #[must_use]
    pub fn read(key: Pubkey, account: &Account) -> Option<Self> {
        Self::of(key, &account.owner, &account.data)
    }

    /// As [`Action::read`], from an account's owner and data.
    #[must_use]
    pub fn of(key: Pubkey, owner: &Pubkey, data: &[u8]) -> Option<Self> {
        let header: EmergencyAction = decode::owned(owner, data)?;
        let begin = space::<EmergencyAction>();
        let end = begin.checked_add(header.instruction_len.into())?;
        let bytes = data.get(begin..end)?;
        let mut rest = bytes;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            steps.push(StoredInstruction::deserialize(&mut rest).ok()?);
        }
        let action = Self { key, header, steps };
        let is_whole = usize::from(header.registered_steps.max(1)) == action.steps.len();
        let is_same = !action.is_complete() || sha256(&[bytes]) == header.instruction_hash;
        (is_whole && is_same).then_some(action)
    }

    /// Steps that it has when all of them are registered.
    #[must_use]
    pub fn count(&self) -> usize {
        usize::from(self.header.steps.max(1))
    }

    /// Whether every step is registered.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.header.steps == self.header.registered_steps
    }

    /// Whether it runs step by step. An action of one step runs in one instruction.
    #[must_use]
    pub fn has_steps(&self) -> bool {
        self.header.steps > 1
    }
}

/// The hash of an action with these steps: what its registration names.
#[must_use]
pub fn whole_hash(steps: &[StoredInstruction]) -> [u8; 32] {
    sha256(&[&encoded(steps)])
}

/// Splits an action into the decisions that register it: the largest pieces, in order, whose encoded arguments have at
/// most `room` bytes. `None` if a step alone has more, or if there are too many steps for any action.
#[must_use]
pub fn pieces(index: u8, steps: &[StoredInstruction], room: usize) -> Option<Vec<RegisterEmergencyStepsArgs>> {
    let piece = |first: usize, instructions: Vec<StoredInstruction>| {
        Some(RegisterEmergencyStepsArgs {
            index,
            steps: u8::try_from(steps.len()).ok()?,
            first: u8::try_from(first).ok()?,
            whole_hash: whole_hash(steps),
            instructions,
        })
    };
    let fits = |args: &RegisterEmergencyStepsArgs| {
        let mut bytes = Vec::new();
        args.serialize(&mut bytes).is_ok() && bytes.len() <= room
    };
    let mut all = Vec::new();
    let mut first = 0;
    while first < steps.len() {
        let longer = (first..steps.len()).map(|last| piece(first, steps.get(first..=last)?.to_vec()));
        let largest = longer.take_while(|args| args.as_ref().is_some_and(fits)).last()??;
        first += largest.instructions.len();
        all.push(largest);
    }
    Some(all)
}

fn encoded(steps: &[StoredInstruction]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for step in steps {
        // Writing into memory cannot fail.
        let _ = step.serialize(&mut bytes);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(len: usize) -> StoredInstruction {
        StoredInstruction {
            program_id: Pubkey::new_from_array([1; 32]),
            accounts: vec![],
            data: vec![7; len],
        }
    }

    #[test]
    fn an_action_is_split_into_the_largest_pieces_that_fit() {
        let steps = [step(100), step(10), step(150), step(5)];
        // 39 bytes of every piece, 40 of every step.
        let all = pieces(3, &steps, 39 + 140 + 50).expect("each step fits");
        let firsts: Vec<_> = all
            .iter()
            .map(|piece| (piece.first, piece.instructions.len()))
            .collect();
        assert_eq!(firsts, [(0, 2), (2, 1), (3, 1)]);
        assert!(
            all.iter()
                .all(|piece| piece.steps == 4 && piece.whole_hash == whole_hash(&steps))
        );
        let together: Vec<_> = all.into_iter().flat_map(|piece| piece.instructions).collect();
        assert_eq!(together, steps);
        assert!(pieces(3, &steps, 200).is_none(), "one step alone is larger");
    }
}

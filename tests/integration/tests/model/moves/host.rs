//! What a guardian has the host do.

use anchor_lang::AnchorDeserialize;
use bulkhead::call::StoredInstruction;
use bulkhead_client::instructions as ix;
use bulkhead_interface::{
    constants::role,
    layout::{EmergencyAction, space},
};

use super::{Move, Table};
use crate::acts::Act;

impl Table<'_> {
    pub(super) fn run_emergency_action(&mut self) -> Option<Move> {
        let index = self.rng.index(self.now.emergency_actions.len());
        let (key, emergency_action) = self.now.emergency_actions.get(index)?;
        let data = self.machine.account(key)?.data;
        let stored = StoredInstruction::try_from_slice(&data[space::<EmergencyAction>()..]).ok()?;
        let number = emergency_action.index;
        let signer = self.member(role::GUARDIAN);
        Some(Move {
            name: "run_emergency_action",
            instruction: ix::run_emergency_action(self.domain(), signer, number, &stored),
            signer,
            act: Act::Other,
        })
    }
}

//! What a guardian has the host do.

use anchor_lang::AnchorDeserialize;
use bulkhead::call::StoredInstruction;
use bulkhead_client::instructions as ix;
use bulkhead_interface::{
    constants::role,
    layout::{Playbook, space},
};

use super::{Move, Table};
use crate::acts::Act;

impl Table<'_> {
    pub(super) fn run_playbook(&mut self) -> Option<Move> {
        let index = self.chance.index(self.now.playbooks.len());
        let (key, playbook) = self.now.playbooks.get(index)?;
        let data = self.machine.account(key)?.data;
        let stored = StoredInstruction::try_from_slice(&data[space::<Playbook>()..]).ok()?;
        let number = playbook.index;
        let signer = self.member(role::GUARDIAN);
        Some(Move {
            name: "run_playbook",
            instruction: ix::run_playbook(self.domain(), signer, number, &stored),
            signer,
            act: Act::Other,
        })
    }
}

//! Out of the vaults, to their routes.

use bulkhead_client::instructions as ix;
use bulkhead_interface::constants::role;

use super::{Move, Table};
use crate::acts::Act;

impl Table<'_> {
    pub(super) fn confirm_evacuation(&mut self) -> Option<Move> {
        let (signer, incident, renter) = (self.member(role::GUARDIAN), self.incident(), self.renter());
        Some(Move {
            name: "confirm_evacuation",
            instruction: ix::confirm_evacuation(self.domain(), signer, renter, incident),
            signer,
            act: Act::Other,
        })
    }

    pub(super) fn evacuate(&mut self) -> Option<Move> {
        let (vault, incident) = (self.vault(), self.incident());
        let route = self.now.vaults.iter().find(|(key, _)| *key == vault.vault)?.1.route;
        let destination = if self.rng.percent(10) { self.user() } else { route };
        Some(Move {
            name: "evacuate",
            instruction: ix::evacuate(vault, incident, destination),
            signer: self.payer(),
            act: Act::Evacuate(vault.vault),
        })
    }
}

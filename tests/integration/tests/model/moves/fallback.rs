//! The fallback, when no member of the council has been active for long enough.

use bulkhead_client::{instructions as ix, pda};
use bulkhead_testbed::fallback;
use solana_signer::Signer;

use super::{Move, Table};
use crate::acts::Act;

impl Table<'_> {
    /// Proposes a council, and approves what it has proposed.
    pub(super) fn propose_as_fallback(&mut self) -> Option<Move> {
        let (domain, signer, now) = (self.domain(), fallback().pubkey(), self.clock());
        let model = &self.site.model;
        let own = model
            .proposals
            .iter()
            .find(|(_, own)| own.proposer == signer && own.reached.is_none() && model.is_live(own, now));
        if let Some((key, own)) = own.filter(|_| !self.rng.percent(10)) {
            let hash = own.args.encoded().hash();
            return Some(Move {
                name: "approve",
                instruction: ix::approve(domain, signer, *key, hash, own.slot),
                signer,
                act: Act::Approve(*key),
            });
        }
        let args = if self.rng.percent(10) {
            self.args()?
        } else {
            self.council()?
        };
        let index = self.machine.free_proposal(&domain, &signer);
        let instruction = ix::propose(domain, signer, self.renter(), index, args.encoded());
        Some(Move {
            name: "propose_fallback",
            instruction,
            signer,
            act: Act::Propose(pda::proposal(&domain, &signer, index), args),
        })
    }
}

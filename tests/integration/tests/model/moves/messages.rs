//! Messages of the peer, and its attesters.

use bulkhead_client::instructions as ix;
use bulkhead_interface::{constants::role, layout::Peer};
use bulkhead_tests::peers::peer_of;

use super::{Move, Table};
use crate::{acts::Act, said};

impl Table<'_> {
    fn peer(&self) -> Option<Peer> {
        self.machine.try_load(&peer_of(&self.site.protocol).peer)
    }

    pub(super) fn accept_attested(&mut self) -> Option<Move> {
        let (peer, now) = (self.peer()?, self.clock());
        let (message, signatures) = said::attested(&peer, now, self.rng);
        Some(Move {
            name: "accept_attested",
            instruction: ix::accept_attested(peer_of(&self.site.protocol), message, signatures),
            signer: self.payer(),
            act: Act::Hear,
        })
    }

    pub(super) fn announce_rotation(&mut self) -> Option<Move> {
        let (peer, now) = (self.peer()?, self.clock());
        let (threshold, next, signatures) = said::rotation(&peer, now, self.rng);
        let key = peer_of(&self.site.protocol).peer;
        Some(Move {
            name: "announce_rotation",
            instruction: ix::announce_rotation(key, threshold, next, signatures),
            signer: self.payer(),
            act: Act::Other,
        })
    }

    pub(super) fn stop_rotation(&mut self) -> Option<Move> {
        let signer = self.member(role::GUARDIAN);
        Some(Move {
            name: "stop_rotation",
            instruction: ix::stop_rotation(peer_of(&self.site.protocol), signer),
            signer,
            act: Act::Other,
        })
    }
}

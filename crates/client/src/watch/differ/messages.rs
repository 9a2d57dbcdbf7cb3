//! Peers: their terms, and what was heard of them.

use bulkhead_interface::{constants::peer_flag, layout::Peer};

use super::{Report, detail, differing, shown};
use crate::watch::{Detail, Event};

impl Report {
    pub(super) fn peer(&mut self, is_new: bool, old: &Peer, new: &Peer) {
        let terms = |peer: &Peer| {
            let heard = (
                peer.sender,
                peer.transports,
                peer.bridge,
                peer.finality,
                peer.pause_finality,
            );
            let closed = (peer.remote_scope, peer.remote_mask, peer.compartments, peer.mask);
            let times = (peer.max_age_seconds, peer.rotation_seconds, peer.decided_slot);
            (heard, closed, times)
        };
        // Only new terms give rights back.
        let is_registered = is_new || terms(old) != terms(new) || new.rights.pause_rights > old.rights.pause_rights;
        if is_registered {
            self.record(
                Event::PeerRegistered,
                differing!(is_new, old, new; transports, bridge, compartments, remote_mask, mask, decided_slot),
            );
        } else if (old.sequence, old.window) != (new.sequence, new.window) {
            self.record(
                Event::MessageAccepted,
                differing!(false, old, new; sequence, epoch, pause_epoch, request_epoch, council_epoch),
            );
        }
        if old.rights.pause_rights > new.rights.pause_rights {
            let rights = |peer: &Peer| Some(shown(&peer.rights.pause_rights));
            let details = vec![detail("pause_rights", rights(old), rights(new))];
            self.record(Event::PauseRightBurnt, details);
        }
        let (was, is) = (&old.next_attesters, &new.next_attesters);
        if is.count != 0 && (was.count, was.epoch) != (is.count, is.epoch) {
            self.record(Event::RotationAnnounced, differing!(false, old, new; next_from_ts));
        }
        if new.flags & !old.flags & peer_flag::ROTATION_STOPPED != 0 {
            self.record(Event::RotationStopped, vec![]);
        }
    }
}

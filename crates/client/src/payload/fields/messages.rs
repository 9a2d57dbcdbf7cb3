//! The fields of a peer.

use bulkhead::instructions::RegisterPeerArgs;
use bulkhead_core::acts::KEEP_RECEIVED;

use super::Fields;
use crate::payload::words::{hex, mask, numbers, scope, transports};

impl Fields {
    pub(super) fn peer(&mut self, args: RegisterPeerArgs) {
        let RegisterPeerArgs {
            chain,
            emitter,
            sender,
            transports: arrive,
            bridge,
            finality,
            pause_finality,
            remote_scope,
            remote_mask,
            compartments,
            mask: closed,
            pause_rights,
            max_age_seconds,
            rotation_seconds,
            after_sequence,
            threshold,
            attesters,
        } = args;
        self.number("chain", chain);
        self.text("emitter", hex(&emitter));
        self.text("sender", hex(&sender));
        self.text("transports", transports(arrive));
        self.key("bridge", bridge);
        self.number("finality", finality);
        self.number("pause_finality", pause_finality);
        self.text("remote_scope", scope(remote_scope));
        self.text("remote_mask", mask(remote_mask));
        self.text("compartments", numbers(compartments));
        self.text("mask", mask(closed));
        self.number("pause_rights", pause_rights);
        self.seconds("max_age_seconds", max_age_seconds);
        self.seconds("rotation_seconds", rotation_seconds);
        let after = match after_sequence {
            KEEP_RECEIVED => "what was received is kept".to_owned(),
            number => format!("{number}, what was received is forgotten"),
        };
        self.text("after_sequence", after);
        self.number("threshold", threshold);
        for (index, key) in attesters.into_iter().enumerate() {
            self.text(format!("attester_{index}"), hex(&key));
        }
    }
}

//! Domains on other chains that are heard: what their pauses close, and what they said last.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::{acts::attesters_at, pause::board::has_bit};
use bulkhead_interface::layout::Peer;
use serde::Serialize;

use super::{json, seen::Seen};
use crate::payload::transports;

/// A domain on another chain, by its emitter there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PeerStatus {
    /// The peer.
    #[serde(serialize_with = "json::key")]
    pub key: Pubkey,
    /// Its chain, in Wormhole's numbers.
    pub chain: u16,
    /// How its messages arrive.
    pub transports: String,
    /// Compartments that its pauses close.
    pub compartments: Vec<u8>,
    /// Pauses that it may still cause.
    pub pauses_left: u8,
    /// Highest message number accepted.
    #[serde(serialize_with = "json::amount")]
    pub sequence: u64,
    /// Newest epoch that a message of it named, or 0 if it has said nothing.
    #[serde(serialize_with = "json::amount")]
    pub epoch: u64,
    /// Epoch of its newest pause, or 0.
    #[serde(serialize_with = "json::amount")]
    pub pause_epoch: u64,
    /// Its request to resume, which decides nothing here.
    pub request: Option<RequestStatus>,
    /// Epoch of the attesters in force, which their signatures name.
    #[serde(serialize_with = "json::amount")]
    pub attesters_epoch: u64,
    /// Signatures that a message needs, and the number of attesters.
    pub attesters: (u8, u8),
    /// When the next attesters take over, if a rotation waits. One guardian stops it.
    pub rotates_ts: Option<i64>,
}

/// What a peer asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RequestStatus {
    /// Epoch of the request: above those of all pauses that arrived.
    #[serde(serialize_with = "json::amount")]
    pub epoch: u64,
    /// When it was sent, by the sender's clock.
    pub sent_ts: i64,
}

/// By chain.
pub(super) fn peers(seen: &Seen) -> Vec<PeerStatus> {
    let now = seen.at.now;
    let mut all = seen.accounts.all::<Peer>();
    all.sort_by_key(|(_, peer)| peer.chain);
    let of = |(key, peer): (Pubkey, Peer)| {
        let set = attesters_at(&peer, now);
        let is_pending = peer.next_attesters.count != 0 && now < peer.next_from_ts;
        PeerStatus {
            key,
            chain: peer.chain,
            transports: transports(peer.transports),
            compartments: (0..64)
                .filter(|number| has_bit(peer.compartments, (*number).into()))
                .collect(),
            pauses_left: peer.rights.pause_rights,
            sequence: peer.sequence,
            epoch: peer.epoch,
            pause_epoch: peer.pause_epoch,
            request: (peer.request_epoch != 0).then_some(RequestStatus {
                epoch: peer.request_epoch,
                sent_ts: peer.request_ts,
            }),
            attesters_epoch: set.epoch,
            attesters: (set.threshold, set.count),
            rotates_ts: is_pending.then_some(peer.next_from_ts),
        }
    };
    all.into_iter().map(of).collect()
}

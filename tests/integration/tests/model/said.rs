//! What a peer says and how its attesters follow each other, at random: by the model and by the lockstep.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::RegisterPeerArgs;
use bulkhead_core::{
    acts::{attesters_at, rotation_digest},
    messages::{
        attesters::{attestation_digest, keys, set_of},
        message::{Body, CheckpointRoot},
    },
};
use bulkhead_guard::{
    action::{TRADE, WITHDRAW},
    board::SCOPE_DOMAIN,
};
use bulkhead_interface::{constants::transport, layout::Peer};
use bulkhead_tests::peers::{
    Attester, CHAIN, EMITTER, HEARD, MAX_AGE, addresses, attesters, bridge, bytes_of, message, peer_args, sign,
};

use crate::rng::Rng;

/// Everyone who is ever an attester, by the number of the key.
const EVERYONE: [u8; 6] = [1, 2, 3, 4, 5, 6];
const HOUR: i64 = 3_600;

/// A message: mostly something new, often something late, now and then nothing that is a message.
pub fn said(peer: &Peer, now: i64, rng: &mut Rng) -> Vec<u8> {
    let near = |number: u64, rng: &mut Rng| match rng.below(10) {
        0..4 => number.saturating_sub(rng.below(5)).max(1),
        4..9 => number.saturating_add(1 + rng.below(2)),
        _ => number.saturating_add(rng.below(80)).max(1),
    };
    let epoch = near(peer.epoch, rng);
    let sequence = near(peer.sequence, rng);
    let body = match rng.below(10) {
        0..5 => Body::Pause {
            scope: rng.pick(&[SCOPE_DOMAIN, SCOPE_DOMAIN, 3, 4]),
            mask: rng.pick(&[u32::MAX, WITHDRAW, TRADE]),
            until: rng.pick(&[0, now - 1, now + HOUR, now + 100 * HOUR]),
        },
        5..8 => Body::ResumeRequest {
            council_epoch: near(peer.council_epoch, rng),
        },
        8 => Body::CouncilEpoch {
            council_epoch: near(peer.council_epoch, rng),
            council_hash: [7; 32],
        },
        _ => Body::Checkpoint(CheckpointRoot {
            ledger: rng.byte(3),
            slot: 1 + rng.below(20),
            slot_hash: [3; 32],
            root: [4; 32],
            total: 12,
            count: 2,
        }),
    };
    let sent_ts = now - rng.pick(&[0, 0, 0, 60, -60, MAX_AGE, MAX_AGE + 1]);
    let mut bytes = bytes_of(&message(sent_ts, epoch, sequence, body));
    if rng.percent(4) {
        let place = rng.index(bytes.len());
        bytes[place] ^= 1;
    }
    bytes
}

/// A message with the signatures of attesters, now and then of too few.
pub fn attested(peer: &Peer, now: i64, rng: &mut Rng) -> (Vec<u8>, Vec<u8>) {
    let bytes = said(peer, now, rng);
    let digest = attestation_digest(attesters_at(peer, now).epoch, CHAIN, &EMITTER, &bytes);
    let signatures = signed(peer, now, &digest, rng);
    (bytes, signatures)
}

/// Attesters that follow, with signatures: a key joins, leaves or is exchanged; now and then two.
pub fn rotation(peer: &Peer, now: i64, rng: &mut Rng) -> (u8, Vec<[u8; 20]>, Vec<u8>) {
    let set = attesters_at(peer, now);
    let mut flips = vec![rng.index(EVERYONE.len())];
    if rng.percent(30) {
        flips.push(rng.index(EVERYONE.len()));
    }
    let all = attesters(&EVERYONE).into_iter().enumerate();
    let next: Vec<_> = all
        .filter(|(place, (_, address))| keys(set).contains(address) != flips.contains(place))
        .map(|(_, attester)| attester)
        .collect();
    let half = u8::try_from(next.len() / 2).unwrap_or(u8::MAX);
    let threshold = rng.pick(&[set.threshold, set.threshold + 1, half + 1]);
    let next = addresses(&next);
    let digest = set_of(threshold, &next).map_or([0; 32], |next| rotation_digest(peer, &next, now));
    let signatures = signed(peer, now, &digest, rng);
    (threshold, next, signatures)
}

/// Signatures of the attesters in force.
fn signed(peer: &Peer, now: i64, digest: &[u8; 32], rng: &mut Rng) -> Vec<u8> {
    let set = attesters_at(peer, now);
    let all = attesters(&EVERYONE).into_iter();
    let signing: Vec<Attester> = all.filter(|(_, address)| keys(set).contains(address)).collect();
    let enough = set.threshold.saturating_sub(u8::from(rng.percent(5)));
    sign(&signing, &(0..enough).collect::<Vec<_>>(), digest)
}

/// Terms that a proposal sets: mostly those of before, or what closes less or arrives otherwise.
pub fn terms(rng: &mut Rng) -> RegisterPeerArgs {
    let transports = rng.pick(&[transport::ALL, transport::ALL, transport::ATTESTERS]);
    let has_bridge = transports & transport::WORMHOLE != 0;
    RegisterPeerArgs {
        transports,
        bridge: if has_bridge { bridge() } else { Pubkey::default() },
        remote_scope: rng.pick(&[SCOPE_DOMAIN, 3, 64]),
        remote_mask: rng.pick(&[u32::MAX, WITHDRAW]),
        compartments: rng.pick(&[HEARD, HEARD, 1, 0]),
        mask: rng.pick(&[0, WITHDRAW]),
        pause_rights: rng.pick(&[3, 40, 200]),
        after_sequence: rng.pick(&[u64::MAX, u64::MAX, 0, 5]),
        threshold: rng.pick(&[2, 2, 2, 1]),
        ..peer_args()
    }
}

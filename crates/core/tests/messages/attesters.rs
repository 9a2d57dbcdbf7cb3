//! Signatures of attesters, and how their set changes.

use bulkhead_core::{
    messages::attesters::{ROTATION_TAG, Receiver, SIGNATURE, rotation_digest, verify},
    secp256k1::HALF_ORDER,
};
use bulkhead_interface::constants::SOLANA_CHAIN;

use super::*;

/// The order of the curve.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc,
    0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41,
];

/// `ORDER - s`.
fn negated(s: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    let mut borrow = 0;
    for place in (0..32).rev() {
        let value = i32::from(ORDER[place]) - i32::from(s[place]) - borrow;
        borrow = i32::from(value < 0);
        out[place] = u8::try_from(value.rem_euclid(256)).expect("a byte");
    }
    out
}

fn set(signers: &[(SigningKey, [u8; 20])], threshold: u8) -> AttesterSet {
    let set = set_of(threshold, &addresses(signers)).expect("a set");
    AttesterSet { epoch: 1, ..set }
}

impl Side {
    fn hear_attested(&mut self, payload: &[u8], signatures: &[u8], now: i64) -> Result<Accepted, CoreError> {
        let mut next = self.clone();
        let (peer, board) = (&mut next.peer, &mut next.board);
        let (_, accepted) = acts::accept_attested(peer, &next.council, board, payload, signatures, at(now))?;
        *self = next;
        Ok(accepted)
    }

    fn announce(&mut self, set: &AttesterSet, signatures: &[u8], now: i64) -> Result<i64, CoreError> {
        let mut next = self.clone();
        let keys = &set.keys[..usize::from(set.count)];
        let from = acts::announce_rotation(&mut next.peer, set.threshold, keys, signatures, now)?;
        *self = next;
        Ok(from)
    }
}

fn digest(epoch: u64, payload: &[u8]) -> [u8; 32] {
    attestation_digest(epoch, CHAIN, &EMITTER, payload)
}

#[test]
fn enough_of_the_set_in_the_order_of_the_keys_and_nobody_else() {
    let signers = signers(5);
    let set = set(&signers, 3);
    let digest = [7; 32];
    let by = |indices: &[u8]| verify(&set, &digest, &sign(&signers, indices, &digest));
    for good in [&[0, 1, 2][..], &[0, 2, 4], &[2, 3, 4], &[0, 1, 2, 3, 4]] {
        assert_eq!(by(good), Ok(()));
    }
    for few in [&[][..], &[0], &[3, 4]] {
        assert_eq!(by(few), Err(CoreError::AttestationsTooFew));
    }
    for unordered in [&[1, 0, 2][..], &[0, 0, 1], &[2, 2, 2], &[4, 3, 2]] {
        assert_eq!(by(unordered), Err(CoreError::InvalidAttestation));
    }
    // Under another key's index, of another digest, with a byte too many or too few.
    let good = sign(&signers, &[0, 1, 2], &digest);
    for place in [0, 1, 33, 65, SIGNATURE, 2 * SIGNATURE + 40] {
        let mut wrong = good.clone();
        wrong[place] ^= 1;
        assert_eq!(
            verify(&set, &digest, &wrong),
            Err(CoreError::InvalidAttestation),
            "byte {place}"
        );
    }
    let mut beyond = good.clone();
    beyond[2 * SIGNATURE] = 5;
    assert_eq!(verify(&set, &digest, &beyond), Err(CoreError::InvalidAttestation));
    assert_eq!(verify(&set, &[8; 32], &good), Err(CoreError::InvalidAttestation));
    for len in [good.len() - 1, good.len() - SIGNATURE + 1] {
        assert_eq!(verify(&set, &digest, &good[..len]), Err(CoreError::InvalidAttestation));
    }
    let none = AttesterSet::zeroed();
    assert_eq!(
        verify(&none, &digest, &[]),
        Err(CoreError::AttestationsTooFew),
        "no set, no message"
    );
}

#[test]
fn a_signature_has_one_form() {
    let signers = signers(1);
    let set = set(&signers, 1);
    let digest = [9; 32];
    let good = sign(&signers, &[0], &digest);
    assert_eq!(verify(&set, &digest, &good), Ok(()));
    assert!(good[33..65] <= HALF_ORDER[..]);
    // The same signature with the other s and the other parity: good for whoever forgets to look.
    let mut high = good.clone();
    high[33..65].copy_from_slice(&negated(&good[33..65]));
    high[65] ^= 1;
    assert_eq!(verify(&set, &digest, &high), Err(CoreError::InvalidAttestation));
    for parity in [good[65] + 2, 27, 28, 255] {
        let mut other = good.clone();
        other[65] = parity;
        assert_eq!(verify(&set, &digest, &other), Err(CoreError::InvalidAttestation));
    }
    for (from, to, fill) in [(1, 33, 0), (33, 65, 0), (1, 33, 0xff), (33, 65, 0xff)] {
        let mut none = good.clone();
        none[from..to].fill(fill);
        assert_eq!(verify(&set, &digest, &none), Err(CoreError::InvalidAttestation));
    }
}

#[test]
fn what_is_signed_names_chain_emitter_set_and_bytes() {
    let sound = digest(1, b"payload");
    let others = [
        digest(2, b"payload"),
        digest(1, b"payloae"),
        attestation_digest(1, CHAIN + 1, &EMITTER, b"payload"),
        attestation_digest(1, CHAIN, &SENDER, b"payload"),
    ];
    assert!(others.iter().all(|other| *other != sound));
}

#[test]
fn a_message_comes_by_either_transport_but_once() {
    let signers = signers(3);
    let encoded = pause(1, 1).encode().expect("a message");
    let payload = encoded.as_bytes();
    let signed = sign(&signers, &[0, 2], &digest(1, payload));
    let mut side = Side::new();
    side.hear_attested(payload, &signed, NOW).expect("heard");
    assert_eq!(side.hear(&pause(1, 1), NOW + 1), Err(CoreError::MessageSeen));
    let mut side = Side::new();
    side.hear(&pause(1, 1), NOW).expect("heard");
    assert_eq!(
        side.hear_attested(payload, &signed, NOW + 1),
        Err(CoreError::MessageSeen)
    );
    side.peer.transports = transport::WORMHOLE;
    assert_eq!(
        side.hear_attested(payload, &signed, NOW),
        Err(CoreError::TransportNotRegistered)
    );
}

/// Three keys, of which the last is exchanged.
fn exchange() -> (Vec<(SigningKey, [u8; 20])>, Vec<(SigningKey, [u8; 20])>) {
    let (old, new) = (signers(3), signer(9));
    let mut next: Vec<_> = old.iter().take(2).cloned().chain([new]).collect();
    next.sort_by_key(|(_, address)| *address);
    (old, next)
}

#[test]
fn attesters_follow_each_other_after_the_wait_and_the_old_ones_stay_until_then() {
    let (old, new) = exchange();
    let next = set(&new, 2);
    let mut side = Side::new();
    let rotation = acts::rotation_digest(&side.peer, &next, NOW);
    assert_eq!(
        side.announce(&next, &sign(&old, &[0, 1], &rotation), NOW),
        Ok(NOW + DAY)
    );
    let heard = |side: &Side, signers: &[(SigningKey, [u8; 20])], epoch: u64, now: i64| {
        let sent = Message {
            sent_ts: now,
            ..pause(1, 1)
        }
        .encode()
        .expect("a message");
        let signed = sign(signers, &[0, 2], &digest(epoch, sent.as_bytes()));
        side.clone().hear_attested(sent.as_bytes(), &signed, now).map(|_| ())
    };
    let refused = Err(CoreError::InvalidAttestation);
    assert_eq!(heard(&side, &old, 1, NOW + DAY - 1), Ok(()));
    assert_eq!(heard(&side, &new, 2, NOW + DAY - 1), refused);
    assert_eq!(
        heard(&side, &old, 1, NOW + DAY),
        refused,
        "what the old set signed ends with it"
    );
    assert_eq!(heard(&side, &new, 2, NOW + DAY), Ok(()));
    assert_eq!(heard(&side, &new, 1, NOW + DAY), refused);
    // The signatures of the rotation are good for no other, nor a second time.
    let now = NOW + DAY;
    assert_eq!(
        side.announce(&next, &sign(&old, &[0, 1], &rotation), now),
        Err(CoreError::InvalidAttestation)
    );
}

#[test]
fn attesters_rotate_slowly_and_narrowly() {
    let old = signers(3);
    let mut side = Side::new();
    let mut refused = |signers: &[(SigningKey, [u8; 20])], threshold: u8| {
        let next = set(signers, threshold);
        let rotation = acts::rotation_digest(&side.peer, &next, NOW);
        let signed = sign(&old, &[0, 1], &rotation);
        side.announce(&next, &signed, NOW).err()
    };
    // Two keys at once, and a lower threshold.
    let mut two: Vec<_> = vec![old[0].clone(), signer(8), signer(9)];
    two.sort_by_key(|(_, address)| *address);
    assert_eq!(refused(&two, 2), Some(CoreError::RotationTooWide));
    assert_eq!(refused(&old[..1], 1), Some(CoreError::RotationTooWide));
    let mut more: Vec<_> = old.iter().cloned().chain([signer(8), signer(9)]).collect();
    more.sort_by_key(|(_, address)| *address);
    assert_eq!(refused(&more, 3), Some(CoreError::RotationTooWide));
    // Signed by too few of them, or for another receiver.
    let (_, new) = exchange();
    let next = set(&new, 2);
    let mut side = Side::new();
    let rotation = acts::rotation_digest(&side.peer, &next, NOW);
    let few = sign(&old, &[0], &rotation);
    assert_eq!(side.announce(&next, &few, NOW), Err(CoreError::AttestationsTooFew));
    let elsewhere = Receiver {
        chain: CHAIN,
        domain: [1; 32],
        peer_chain: CHAIN,
        emitter: EMITTER,
    };
    let elsewhere = sign(&old, &[0, 1], &rotation_digest(1, &elsewhere, &next));
    assert_eq!(
        side.announce(&next, &elsewhere, NOW),
        Err(CoreError::InvalidAttestation)
    );
    // One that waits is not pushed away by the next.
    let signed = sign(&old, &[0, 1], &rotation);
    side.announce(&next, &signed, NOW).expect("announced");
    assert_eq!(
        side.announce(&next, &signed, NOW + DAY - 1),
        Err(CoreError::RotationPending)
    );
    side.peer.transports = transport::WORMHOLE;
    assert_eq!(
        side.announce(&next, &signed, NOW),
        Err(CoreError::TransportNotRegistered)
    );
}

#[test]
fn one_guardian_stops_a_rotation_for_good_and_a_proposal_allows_them_again() {
    let (old, new) = exchange();
    let next = set(&new, 2);
    let mut side = Side::new();
    let stop = |side: &mut Side, who: u8, now: i64| acts::stop_rotation(&mut side.peer, &side.council, &key(who), now);
    assert_eq!(stop(&mut side, 40, NOW), Err(CoreError::NoRotationPending));
    let signed = sign(&old, &[0, 1], &acts::rotation_digest(&side.peer, &next, NOW));
    side.announce(&next, &signed, NOW).expect("announced");
    assert_eq!(stop(&mut side, 41, NOW), Err(CoreError::NotAMember));
    let mut late = side.clone();
    assert_eq!(
        stop(&mut late, 40, NOW + DAY),
        Err(CoreError::NoRotationPending),
        "it has taken place"
    );
    stop(&mut side, 40, NOW + DAY - 1).expect("stopped");
    assert_eq!(
        side.announce(&next, &signed, NOW + DAY),
        Err(CoreError::RotationStopped)
    );
    // The same keys again, by proposal: the signatures that were stopped do not count a second time.
    let mut same = side.clone();
    let same_keys = addresses(&old);
    let unchanged = PeerTerms {
        after_sequence: KEEP_RECEIVED,
        ..terms(&same_keys)
    };
    acts::register_peer(&mut same.peer, &ends(), &unchanged, Some(6)).expect("set");
    assert_eq!(same.peer.attesters.epoch, 2);
    assert_eq!(
        same.announce(&next, &signed, NOW + DAY),
        Err(CoreError::InvalidAttestation)
    );
    // The set that was stolen goes on to tighten, within its rights, until a proposal sets other keys.
    let keys = addresses(&new);
    let terms = PeerTerms {
        after_sequence: KEEP_RECEIVED,
        ..terms(&keys)
    };
    acts::register_peer(&mut side.peer, &ends(), &terms, Some(6)).expect("set");
    assert_eq!(side.peer.attesters.epoch, 2);
    let mut back = old.clone();
    back.sort_by_key(|(_, address)| *address);
    let back = set(&back, 2);
    let signed = sign(&new, &[0, 1], &acts::rotation_digest(&side.peer, &back, NOW));
    side.announce(&back, &signed, NOW).expect("allowed again");
}

#[test]
fn a_proposal_overrides_a_rotation_that_waits() {
    let (old, new) = exchange();
    let next = set(&new, 2);
    let mut side = Side::new();
    let signed = sign(&old, &[0, 1], &acts::rotation_digest(&side.peer, &next, NOW));
    side.announce(&next, &signed, NOW).expect("announced");
    let keys = addresses(&old);
    acts::register_peer(&mut side.peer, &ends(), &terms(&keys), Some(6)).expect("set");
    assert_eq!((side.peer.next_attesters.count, side.peer.next_from_ts), (0, 0));
    // The old keys again, under an epoch that no other set had: nothing of the rotation's set is good under it.
    assert_eq!(side.peer.attesters.epoch, 3);
    assert_eq!(acts::attesters_at(&side.peer, NOW + 10 * DAY).epoch, 3);
}

#[test]
fn a_rotation_names_its_receiver() {
    let side = Side::new();
    let next = set(&exchange().1, 2);
    let receiver = Receiver {
        chain: SOLANA_CHAIN,
        domain: side.peer.domain.to_bytes(),
        peer_chain: CHAIN,
        emitter: EMITTER,
    };
    assert_eq!(
        acts::rotation_digest(&side.peer, &next, NOW),
        rotation_digest(1, &receiver, &next)
    );
    assert!(ROTATION_TAG.ends_with(b"1\n"));
}

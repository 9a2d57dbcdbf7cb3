//! Keys, proofs and states in their one encoding, and the key that counts.

use bulkhead_core::{
    CoreError,
    acts::{KeyDecision, NewProofKey, register_verifying_key, require_proofs},
    machine::proofs::{Ideal, key_points},
    proofs::{
        Curve,
        points::{KeyPoints, MODULUS, PROOF_KEY_LEN, PROOF_LEN, PageProof, SET_UP_INSECURE},
        state::{PROOF_STATE_LEN, State},
        word::{ORDER, Word},
    },
};
use bulkhead_interface::{
    Pubkey,
    constants::{phase, proof_flag},
    layout::{Domain, ProofKey, ProofRules},
};
use bytemuck::Zeroable;

use super::world::*;

#[test]
fn every_coordinate_of_a_key_and_of_a_proof_has_one_encoding() {
    let key = key_points(1);
    let proof = [0; PROOF_LEN];
    assert!(KeyPoints::read(&key).is_ok() && PageProof::read(&proof).is_ok());
    let mut largest = MODULUS;
    largest[31] -= 1;
    for at in 0..PROOF_KEY_LEN / 32 {
        let with = |coordinate: [u8; 32]| {
            let mut key = key;
            key[at * 32..(at + 1) * 32].copy_from_slice(&coordinate);
            KeyPoints::read(&key).map(|_| ())
        };
        assert_eq!(with(largest), Ok(()));
        assert_eq!(with(MODULUS), Err(CoreError::ProofNotCanonical), "coordinate {at}");
        assert_eq!(with([0xff; 32]), Err(CoreError::ProofNotCanonical));
    }
    for at in 0..PROOF_LEN / 32 {
        let mut proof = proof;
        proof[at * 32..(at + 1) * 32].copy_from_slice(&MODULUS);
        assert_eq!(PageProof::read(&proof).map(|_| ()), Err(CoreError::ProofNotCanonical));
    }
}

#[test]
fn a_key_that_proves_anything_is_refused() {
    let key = key_points(1);
    let gamma: [u8; 128] = key[192..320].try_into().expect("gamma");
    let with = |at: usize, bytes: &[u8]| {
        let mut key = key;
        key[at..at + bytes.len()].copy_from_slice(bytes);
        KeyPoints::read(&key).map(|_| ())
    };
    assert_eq!(with(320, &gamma), Err(CoreError::ProofKeyInvalid), "delta is gamma");
    // The negative has another second coordinate.
    assert_eq!(
        with(320, &gamma[..64]),
        Err(CoreError::ProofKeyInvalid),
        "delta is minus gamma"
    );
    for (at, len) in [(0, 64), (64, 128), (192, 128), (320, 128), (448, 64), (512, 64)] {
        assert_eq!(
            with(at, &[0; 128][..len]),
            Err(CoreError::ProofKeyInvalid),
            "no point at {at}"
        );
    }
}

/// A state that one word makes unreadable; and the largest numbers of the widths that a verifier has.
#[test]
fn a_state_has_one_encoding() {
    let state = State::first(&[3; 32], 3, &Ideal(None)).expect("a hash");
    assert_eq!(State::read(&state.to_bytes()), Ok(state));
    for at in [0, 32, 100] {
        let mut bytes = state.to_bytes();
        bytes[at..at + 32].copy_from_slice(&ORDER);
        assert_eq!(State::read(&bytes), Err(CoreError::ProofNotCanonical), "word at {at}");
    }
    let mut bytes = [0xff; PROOF_STATE_LEN];
    for at in [0, 32, 100] {
        bytes[at] = 0;
    }
    let largest = State::read(&bytes).expect("canonical");
    assert_eq!((largest.low, largest.count), (u128::MAX, u32::MAX));
    assert_eq!((largest.sum, largest.paid), (u64::MAX, u64::MAX));
    assert_eq!(largest.to_bytes(), bytes);
    // Every byte is in the digest.
    let digest = state.digest(&Ideal(None)).expect("a hash");
    for at in 0..PROOF_STATE_LEN {
        let mut bytes = state.to_bytes();
        bytes[at] ^= 1;
        let other = State::read(&bytes).expect("canonical");
        assert_ne!(other.digest(&Ideal(None)), Ok(digest), "byte {at}");
    }
}

/// Knows no point and hashes nothing.
pub struct NoPoints;

impl Curve for NoPoints {
    fn poseidon(&self, _: &[Word]) -> Option<Word> {
        None
    }

    fn are_points(&self, _: &KeyPoints) -> bool {
        false
    }

    fn accepts(&self, _: &KeyPoints, _: &Word, _: &PageProof) -> bool {
        false
    }
}

fn peace() -> Domain {
    Domain {
        state: phase::OPERATING,
        ..Domain::zeroed()
    }
}

#[test]
fn a_key_is_the_one_that_was_decided() {
    let points = key_points(1);
    let new = NewProofKey {
        domain: DOMAIN,
        bumps: [254, 255],
        page_size: 256,
        set_up: SET_UP_INSECURE,
        points: &points,
    };
    let decision = KeyDecision {
        id: KeyPoints::read(&points).expect("a key").id(256, SET_UP_INSECURE),
        accepts_insecure: true,
    };
    let register = |domain: &Domain, new: &NewProofKey, decision: &KeyDecision, slot| {
        let (mut rules, mut key) = (ProofRules::zeroed(), ProofKey::zeroed());
        rules.key_slot = 10;
        register_verifying_key(domain, &mut rules, &mut key, (new, decision), &Ideal(None), slot).map(|()| (rules, key))
    };
    let (rules, key) = register(&peace(), &new, &decision, Some(11)).expect("registered");
    assert_eq!((key.id, rules.key, key.points), (decision.id, decision.id, points));
    assert_eq!((key.bump, rules.bump, key.page_size), (254, 255, 256));
    assert_eq!(rules.flags, proof_flag::INSECURE, "one party made it");
    let refused = |new: &NewProofKey, decision: &KeyDecision| register(&peace(), new, decision, Some(11)).err();
    // Another page size, another mark or another point is another key.
    let mut other = points;
    other[40] ^= 1;
    for other in [
        NewProofKey { page_size: 255, ..new },
        NewProofKey { set_up: 0, ..new },
        NewProofKey { points: &other, ..new },
    ] {
        assert_eq!(refused(&other, &decision), Some(CoreError::ProofKeyMismatch));
    }
    let unsaid = KeyDecision {
        accepts_insecure: false,
        ..decision
    };
    assert_eq!(refused(&new, &unsaid), Some(CoreError::ProofKeyInsecure));
    for (set_up, page_size) in [(0, 256), (2, 256), (1, 0)] {
        let id = KeyPoints::read(&points).expect("a key").id(page_size, set_up);
        let new = NewProofKey {
            set_up,
            page_size,
            ..new
        };
        let decision = KeyDecision { id, ..decision };
        assert_eq!(refused(&new, &decision), Some(CoreError::ProofKeyInvalid));
    }
    for state in [phase::ALERT, phase::FROZEN, phase::RECOVERING] {
        let domain = Domain { state, ..peace() };
        assert_eq!(
            register(&domain, &new, &decision, Some(11)).err(),
            Some(CoreError::WrongPhase)
        );
    }
    assert_eq!(
        register(&peace(), &new, &decision, Some(10)).err(),
        Some(CoreError::DecidedSince)
    );
    let (mut rules, mut key) = (ProofRules::zeroed(), ProofKey::zeroed());
    let off_curve = register_verifying_key(&peace(), &mut rules, &mut key, (&new, &decision), &NoPoints, None);
    assert_eq!(off_curve, Err(CoreError::ProofKeyInvalid));
    // Proofs are required under a key only, and in peace.
    assert_eq!(
        require_proofs(&peace(), &mut rules, (&Pubkey::default(), 255), &[1; 32], None),
        Err(CoreError::ProofKeyMismatch)
    );
    let alert = Domain {
        state: phase::ALERT,
        ..peace()
    };
    assert_eq!(
        require_proofs(&alert, &mut rules, (&Pubkey::default(), 255), &[0; 32], None),
        Err(CoreError::WrongPhase)
    );
}

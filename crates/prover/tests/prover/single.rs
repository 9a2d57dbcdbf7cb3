//! One page in the bytes that Solana's syscalls take.

use ark_bn254::Fq;
use ark_ff::{BigInteger, PrimeField};
use bulkhead_prover::{
    Challenge, Error, Leaf, PageProof, Run, State, VerifyingKey, Word, field::to_bytes, prove, verify, verify_input,
};
use groth16_solana::groth16::{Groth16Verifier, Groth16Verifyingkey};

use super::*;

struct Proven {
    run: Run,
    before: State,
    after: State,
    proof: PageProof,
}

fn proven() -> &'static Proven {
    static PROVEN: OnceLock<Proven> = OnceLock::new();
    PROVEN.get_or_init(|| {
        let run = Run {
            context: Word::from(77_u64),
            pool: 600,
            total: 1_003,
            challenge: Challenge {
                gamma: Word::from(123_456_789_u64),
                beta: Word::from(987_654_321_u64),
            },
        };
        let before = State::first(&[3; 32], 0).unwrap();
        let leaves: Vec<_> = positions()[..2].iter().map(Leaf::from).collect();
        let (after, proof) = prove(&kit().key, &kit().shape, &run, &before, &leaves).unwrap();
        Proven {
            run,
            before,
            after,
            proof,
        }
    })
}

impl Proven {
    fn input(&self) -> [u8; 32] {
        to_bytes(&self.run.public_input(&self.before, &self.after).unwrap())
    }
}

fn take<const LEN: usize>(bytes: &mut &[u8]) -> [u8; LEN] {
    let (first, rest) = bytes.split_first_chunk().unwrap();
    *bytes = rest;
    *first
}

/// What a program would do: nothing but the bytes of key, input and proof.
fn on_chain(input: &[u8; 32], proof: &PageProof) -> bool {
    let points = kit().key.verifying.points();
    let mut rest = &points[..];
    let (alpha, beta, gamma, delta) = (take(&mut rest), take(&mut rest), take(&mut rest), take(&mut rest));
    let ic = [take(&mut rest), take(&mut rest)];
    assert!(rest.is_empty());
    let key = Groth16Verifyingkey {
        nr_pubinputs: 1,
        vk_alpha_g1: alpha,
        vk_beta_g2: beta,
        vk_gamma_g2: gamma,
        vk_delta_g2: delta,
        vk_ic: &ic,
        vk_commitment: None,
    };
    let (a, b, c) = proof.parts();
    let inputs = [*input];
    Groth16Verifier::new(&a, &b, &c, &inputs, &key)
        .unwrap()
        .verify()
        .is_ok()
}

#[test]
fn groth16_solana_accepts_our_proof_and_no_other_statement() {
    let proven = proven();
    assert!(on_chain(&proven.input(), &proven.proof));
    for (before, after) in [
        (
            proven.before,
            State {
                sum: proven.after.sum + 1,
                ..proven.after
            },
        ),
        (
            proven.before,
            State {
                paid: proven.after.paid + 1,
                ..proven.after
            },
        ),
        (
            proven.before,
            State {
                count: 1,
                ..proven.after
            },
        ),
        (
            State {
                paid: 1,
                ..proven.before
            },
            proven.after,
        ),
    ] {
        let input = to_bytes(&proven.run.public_input(&before, &after).unwrap());
        assert!(!on_chain(&input, &proven.proof));
        assert!(matches!(
            verify(&kit().key.verifying, &proven.run, &before, &after, &proven.proof),
            Err(Error::ProofRefused(_))
        ));
    }
}

/// The same number modulo p in other bytes.
#[test]
fn a_public_input_has_one_form() {
    let proven = proven();
    let input = proven.input();
    verify_input(&kit().key.verifying, &input, &proven.proof).unwrap();
    let p = to_bytes(&-Word::from(1_u64));
    let mut carry = 1_u16;
    let mut other = [0; 32];
    for at in (0..32).rev() {
        let sum = u16::from(input[at]) + u16::from(p[at]) + carry;
        (other[at], carry) = (sum.to_le_bytes()[0], sum >> 8);
    }
    assert_eq!(carry, 0);
    assert!(matches!(
        verify_input(&kit().key.verifying, &other, &proven.proof),
        Err(Error::NotCanonical(_))
    ));
    assert!(!on_chain(&other, &proven.proof));
}

/// q, the modulus of coordinates.
const Q: [u8; 32] = [
    0x30, 0x64, 0x4e, 0x72, 0xe1, 0x31, 0xa0, 0x29, 0xb8, 0x50, 0x45, 0xb6, 0x81, 0x81, 0x58, 0x5d, 0x97, 0x81, 0x6a,
    0x91, 0x68, 0x71, 0xca, 0x8d, 0x3c, 0x20, 0x8c, 0x16, 0xd8, 0x7c, 0xfd, 0x47,
];

#[test]
fn a_proof_has_one_form() {
    let proven = proven();
    let refused = |bytes: [u8; 256], name: &str| {
        let proof = PageProof(bytes);
        assert!(
            verify_input(&kit().key.verifying, &proven.input(), &proof).is_err(),
            "{name}"
        );
        assert!(!on_chain(&proven.input(), &proof), "{name}");
    };
    for coordinate in 0..8 {
        let mut bytes = proven.proof.0;
        let part = &mut bytes[coordinate * 32..][..32];
        let mut carry = 0_u16;
        for at in (0..32).rev() {
            let sum = u16::from(part[at]) + u16::from(Q[at]) + carry;
            (part[at], carry) = (sum.to_le_bytes()[0], sum >> 8);
        }
        assert_eq!(carry, 0);
        refused(bytes, "a coordinate plus q");
        let mut bytes = proven.proof.0;
        bytes[coordinate * 32 + 31] ^= 1;
        refused(bytes, "a coordinate of no point");
    }
    // A without its sign, A and C exchanged, points at infinity.
    let mut bytes = proven.proof.0;
    negate(&mut bytes[32..64]);
    refused(bytes, "A as it is");
    let mut bytes = proven.proof.0;
    negate(&mut bytes[224..]);
    refused(bytes, "C negated");
    let mut bytes = proven.proof.0;
    bytes.copy_within(192..256, 0);
    bytes[192..].copy_from_slice(&proven.proof.0[..64]);
    refused(bytes, "A and C exchanged");
    for part in [0..64, 64..192, 192..256] {
        let mut bytes = proven.proof.0;
        bytes[part].fill(0);
        refused(bytes, "a point at infinity");
    }
    refused([0; 256], "nothing");
}

/// q minus a coordinate.
fn negate(coordinate: &mut [u8]) {
    let mut borrow = 0_i16;
    for at in (0..32).rev() {
        let difference = i16::from(Q[at]) - i16::from(coordinate[at]) - borrow;
        borrow = i16::from(difference < 0);
        coordinate[at] = u8::try_from(difference.rem_euclid(256)).unwrap();
    }
}

/// e(A, B) = e(-A, -B): Groth16 lets anyone do this, and it says nothing new.
#[test]
fn a_proof_can_be_made_anew_for_its_own_statement_only() {
    let proven = proven();
    let mut bytes = proven.proof.0;
    for at in [32, 128, 160] {
        negate(&mut bytes[at..at + 32]);
    }
    let other = PageProof(bytes);
    assert_ne!(other, proven.proof);
    assert!(on_chain(&proven.input(), &other));
    let verifying = &kit().key.verifying;
    verify(verifying, &proven.run, &proven.before, &proven.after, &other).unwrap();
    let more = State {
        paid: proven.after.paid + 1,
        ..proven.after
    };
    assert!(verify(verifying, &proven.run, &proven.before, &more, &other).is_err());
}

#[test]
fn a_page_has_leaves_and_no_more_than_its_circuit() {
    let proven = proven();
    let leaves: Vec<_> = positions()[..3].iter().map(Leaf::from).collect();
    let tried = |leaves: &[Leaf]| prove(&kit().key, &kit().shape, &proven.run, &proven.before, leaves).map(drop);
    assert!(matches!(tried(&[]), Err(Error::PageSize { size: 2, leaves: 0 })));
    let run = Run {
        total: 10_000,
        ..proven.run
    };
    let many = prove(&kit().key, &kit().shape, &run, &proven.before, &leaves);
    assert!(matches!(many, Err(Error::PageSize { size: 2, leaves: 3 })));
    assert!(matches!(Shape::of(0), Err(Error::PageSize { .. })));
    tried(&leaves[..1]).unwrap();
}

/// A key without one of its points, or whose delta is gamma or its negative, proves anything.
#[test]
fn keys_that_prove_anything_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key.json");
    kit().key.verifying.write(&file).unwrap();
    let honest: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let read_with = |name: &str, value: serde_json::Value| {
        let mut changed = honest.clone();
        assert!(changed.get(name).is_some(), "{name}");
        changed[name] = value;
        std::fs::write(&file, changed.to_string()).unwrap();
        VerifyingKey::read(&file).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(read_with("alpha_g1", honest["alpha_g1"].clone()), Ok(()), "unchanged");
    let gamma = honest["gamma_g2"].as_str().unwrap();
    // Of x and y, two words each, the negative has the other y.
    let negative: String = (0..4)
        .map(|word| {
            let digits = &gamma[word * 64..(word + 1) * 64];
            let y = Fq::from_be_bytes_mod_order(&unhex(digits));
            if word < 2 {
                digits.to_owned()
            } else {
                hex(&(-y).into_bigint().to_bytes_be())
            }
        })
        .collect();
    for delta in [gamma.to_owned(), negative] {
        let refused = read_with("delta_g2", delta.into()).unwrap_err();
        assert!(refused.contains("delta is gamma or its negative"), "{refused}");
    }
    let none = |value: &serde_json::Value| "0".repeat(value.as_str().unwrap().len());
    for name in ["alpha_g1", "beta_g2", "gamma_g2", "delta_g2"] {
        let refused = read_with(name, none(&honest[name]).into()).unwrap_err();
        assert!(refused.contains("infinity"), "{name}: {refused}");
    }
    for place in 0..2 {
        let mut points = honest["ic_g1"].clone();
        points[place] = none(&points[place]).into();
        let refused = read_with("ic_g1", points).unwrap_err();
        assert!(refused.contains("infinity"), "{place}: {refused}");
    }
}

fn unhex(digits: &str) -> Vec<u8> {
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

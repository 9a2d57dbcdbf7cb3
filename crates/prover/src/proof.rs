//! Proofs of pages: made, encoded, checked.

use ark_bn254::Bn254;
use ark_ff::PrimeField;
use ark_groth16::{Groth16, Proof};

use crate::{
    Error, Leaf, ProvingKey, Run, Shape, State, VerifyingKey, Word,
    circuit::builder::INSTANCE,
    field::{from_bytes, to_bytes},
    points::{G1, G2, g1, g1_bytes, g2, g2_bytes},
};

/// Bytes of a proof.
pub const PROOF_LEN: usize = 2 * G1 + G2;

/// A proof as Solana's syscalls take it: -A, B and C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageProof(pub [u8; PROOF_LEN]);

impl PageProof {
    pub(crate) fn new(proof: &Proof<Bn254>) -> Self {
        let mut bytes = [0; PROOF_LEN];
        bytes[..G1].copy_from_slice(&g1_bytes(&-proof.a));
        bytes[G1..G1 + G2].copy_from_slice(&g2_bytes(&proof.b));
        bytes[G1 + G2..].copy_from_slice(&g1_bytes(&proof.c));
        Self(bytes)
    }

    /// -A, B and C.
    #[must_use]
    pub fn parts(&self) -> ([u8; G1], [u8; G2], [u8; G1]) {
        let (mut a, mut b, mut c) = ([0; G1], [0; G2], [0; G1]);
        a.copy_from_slice(&self.0[..G1]);
        b.copy_from_slice(&self.0[G1..G1 + G2]);
        c.copy_from_slice(&self.0[G1 + G2..]);
        (a, b, c)
    }

    pub(crate) fn points(&self) -> Result<Proof<Bn254>, Error> {
        let (a, b, c) = self.parts();
        Ok(Proof {
            a: -g1(&a)?,
            b: g2(&b)?,
            c: g1(&c)?,
        })
    }
}

/// Proves a page: these leaves lead from that state to the one that is returned. The proof is checked before it is
/// returned.
///
/// # Errors
/// A named [`Error`]; there is no proof of anything that does not hold.
pub fn prove(
    key: &ProvingKey,
    shape: &Shape,
    run: &Run,
    before: &State,
    leaves: &[Leaf],
) -> Result<(State, PageProof), Error> {
    let after = run.advance_all(before, leaves)?;
    let filled = shape.fill(run, before, leaves)?;
    if filled.public() != run.public_input(before, &after)? {
        return Err(Error::Unsatisfied("the digest of another state".into()));
    }
    let proof = Groth16::<Bn254>::create_proof_with_reduction_and_matrices(
        &key.key,
        random_word()?,
        random_word()?,
        shape.matrices(),
        INSTANCE,
        shape.matrices().first().map(Vec::len).unwrap_or_default(),
        &filled.values,
    )
    .map_err(|error| Error::Synthesis(error.to_string()))?;
    let proof = PageProof::new(&proof);
    verify(&key.verifying, run, before, &after, &proof)?;
    Ok((after, proof))
}

/// Checks a page: some leaves lead from one state to the other.
///
/// # Errors
/// [`Error::ProofRefused`], [`Error::NotCanonical`].
pub fn verify(key: &VerifyingKey, run: &Run, before: &State, after: &State, proof: &PageProof) -> Result<(), Error> {
    verify_input(key, &to_bytes(&run.public_input(before, after)?), proof)
}

/// Checks a proof against a public input of 32 bytes, big endian.
///
/// # Errors
/// [`Error::ProofRefused`], [`Error::NotCanonical`].
pub fn verify_input(key: &VerifyingKey, input: &[u8; 32], proof: &PageProof) -> Result<(), Error> {
    let input = from_bytes(input).ok_or(Error::NotCanonical("the public input is not below the field's modulus"))?;
    let verified = Groth16::<Bn254>::verify_proof(&key.prepared, &proof.points()?, &[input])
        .map_err(|error| Error::Synthesis(error.to_string()))?;
    if verified {
        Ok(())
    } else {
        Err(Error::ProofRefused("it proves no such page".into()))
    }
}

fn random_word() -> Result<Word, Error> {
    let mut bytes = [0; 64];
    getrandom::fill(&mut bytes).map_err(|error| Error::Synthesis(error.to_string()))?;
    Ok(Word::from_le_bytes_mod_order(&bytes))
}

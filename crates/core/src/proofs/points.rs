//! Keys and proofs in the bytes of `sol_alt_bn128_group_op`: coordinates big endian and below the field's modulus.

pub use bulkhead_interface::constants::{PROOF_KEY_LEN, PROOF_LEN, SET_UP_INSECURE};

use crate::{CoreError, hash::sha256};

const _: () = assert!(PROOF_KEY_LEN == 3 * G1 + 3 * G2 && PROOF_LEN == 2 * G1 + G2);

/// `q`, the modulus of the field that coordinates are of, big endian.
pub const MODULUS: [u8; 32] = [
    0x30, 0x64, 0x4e, 0x72, 0xe1, 0x31, 0xa0, 0x29, 0xb8, 0x50, 0x45, 0xb6, 0x81, 0x81, 0x58, 0x5d, 0x97, 0x81, 0x6a,
    0x91, 0x68, 0x71, 0xca, 0x8d, 0x3c, 0x20, 0x8c, 0x16, 0xd8, 0x7c, 0xfd, 0x47,
];

/// Bytes of a point of G1.
pub const G1: usize = 64;
/// Bytes of a point of G2.
pub const G2: usize = 128;
/// The points of a verifying key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPoints<'a> {
    bytes: &'a [u8; PROOF_KEY_LEN],
}

/// A proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageProof<'a> {
    bytes: &'a [u8; PROOF_LEN],
}

impl<'a> KeyPoints<'a> {
    /// The points of a key, as far as bytes show that they are ones: whether they are on their curves and in their
    /// groups is for [`Curve::are_points`](super::Curve::are_points) to say.
    ///
    /// # Errors
    /// [`CoreError::ProofNotCanonical`]; [`CoreError::ProofKeyInvalid`] for a key that anybody could prove anything with:
    /// one with a point at infinity, or whose delta is its gamma or the negative of it.
    pub fn read(bytes: &'a [u8; PROOF_KEY_LEN]) -> Result<Self, CoreError> {
        require_canonical(bytes)?;
        let points = Self { bytes };
        let [of_one, of_two] = points.groups()?;
        let mut all = of_one.iter().chain(&of_two);
        if all.any(|point| point.iter().all(|byte| *byte == 0)) {
            return Err(CoreError::ProofKeyInvalid);
        }
        // A point and its negative have the same first coordinate.
        let [_, gamma, delta] = of_two;
        if gamma.first_chunk::<G1>() == delta.first_chunk::<G1>() {
            return Err(CoreError::ProofKeyInvalid);
        }
        Ok(points)
    }

    /// Points of G1, which are alpha and the two of the public input, and of G2, which are beta, gamma and delta.
    ///
    /// # Errors
    /// [`CoreError::ProofKeyInvalid`], which 576 bytes never are.
    pub fn groups(&self) -> Result<[[&'a [u8]; 3]; 2], CoreError> {
        let cut = || {
            let (alpha, rest) = self.bytes.split_at_checked(G1)?;
            let (beta, rest) = rest.split_at_checked(G2)?;
            let (gamma, rest) = rest.split_at_checked(G2)?;
            let (delta, rest) = rest.split_at_checked(G2)?;
            let (constant, of_input) = rest.split_at_checked(G1)?;
            Some([[alpha, constant, of_input], [beta, gamma, delta]])
        };
        cut().ok_or(CoreError::ProofKeyInvalid)
    }

    /// The bytes.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8; PROOF_KEY_LEN] {
        self.bytes
    }

    /// The name of a key with these points.
    #[must_use]
    pub fn id(&self, page_size: u64, set_up: u8) -> [u8; 32] {
        let (size, set_up) = (page_size.to_le_bytes(), [set_up]);
        sha256(&[b"bulkhead-proof-key-v1", &size, &set_up, self.bytes])
    }
}

impl<'a> PageProof<'a> {
    /// A proof, as far as bytes show that it is one.
    ///
    /// # Errors
    /// [`CoreError::ProofNotCanonical`].
    pub fn read(bytes: &'a [u8; PROOF_LEN]) -> Result<Self, CoreError> {
        require_canonical(bytes)?;
        Ok(Self { bytes })
    }

    /// The bytes.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8; PROOF_LEN] {
        self.bytes
    }
}

fn require_canonical(points: &[u8]) -> Result<(), CoreError> {
    let (coordinates, rest) = points.as_chunks::<32>();
    if rest.is_empty() && coordinates.iter().all(|coordinate| *coordinate < MODULUS) {
        Ok(())
    } else {
        Err(CoreError::ProofNotCanonical)
    }
}

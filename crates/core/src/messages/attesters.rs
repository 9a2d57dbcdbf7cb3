//! Attesters of messages: m of n keys of secp256k1 that sign Keccak digests, so that a contract checks the same bytes.
//!
//! A signature says a fact: this emitter of this chain sent these bytes. So it is good for every receiver that has the
//! same set in the same epoch. A rotation is a command, and names its receiver.

use bulkhead_interface::{constants::MAX_MESSAGE_ATTESTERS, layout::AttesterSet};

use crate::{
    CoreError,
    hash::keccak256,
    secp256k1::{Signature, recover},
};

/// In front of what attesters sign of a message.
pub const ATTESTATION_TAG: &[u8] = b"bulkhead attestation 1\n";
/// In front of what attesters sign of a rotation.
pub const ROTATION_TAG: &[u8] = b"bulkhead rotation 1\n";
/// Bytes of one signature: the key's index, `r`, `s`, parity.
pub const SIGNATURE: usize = 1 + 64 + 1;

/// The keys in use.
#[must_use]
pub fn keys(set: &AttesterSet) -> &[[u8; 20]] {
    let count = usize::from(set.count).min(MAX_MESSAGE_ATTESTERS);
    set.keys.get(..count).unwrap_or_default()
}

/// A set of `keys`, of which `threshold` have to sign.
///
/// # Errors
/// [`CoreError::InvalidAttesterSet`] unless the keys are 1 to 12, ascending and none of them zero, and the threshold is
/// more than half of them: two messages that contradict each other then have a signer in common.
pub fn set_of(threshold: u8, keys: &[[u8; 20]]) -> Result<AttesterSet, CoreError> {
    let mut set = AttesterSet {
        threshold,
        ..bytemuck::Zeroable::zeroed()
    };
    set.count = u8::try_from(keys.len()).map_err(|_| CoreError::InvalidAttesterSet)?;
    let place = set.keys.get_mut(..keys.len()).ok_or(CoreError::InvalidAttesterSet)?;
    place.copy_from_slice(keys);
    let is_ascending = keys.iter().zip(keys.iter().skip(1)).all(|(one, next)| one < next);
    let is_majority = threshold <= set.count && threshold.saturating_mul(2) > set.count;
    if is_ascending && is_majority && keys.first().is_some_and(|first| *first != [0; 20]) {
        Ok(set)
    } else {
        Err(CoreError::InvalidAttesterSet)
    }
}

/// What the attesters of `set_epoch` sign: this emitter of this chain sent `payload`.
#[must_use]
pub fn attestation_digest(set_epoch: u64, chain: u16, emitter: &[u8; 32], payload: &[u8]) -> [u8; 32] {
    keccak256(&[
        ATTESTATION_TAG,
        &set_epoch.to_be_bytes(),
        &chain.to_be_bytes(),
        emitter,
        &keccak256(&[payload]),
    ])
}

/// Who rotates attesters, and for whose messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// The receiver's chain.
    pub chain: u16,
    /// The receiver's domain.
    pub domain: [u8; 32],
    /// The peer's chain.
    pub peer_chain: u16,
    /// The peer's emitter.
    pub emitter: [u8; 32],
}

/// What the attesters of `set_epoch` sign to be followed by `next` at a receiver.
#[must_use]
pub fn rotation_digest(set_epoch: u64, receiver: &Receiver, next: &AttesterSet) -> [u8; 32] {
    keccak256(&[
        ROTATION_TAG,
        &receiver.chain.to_be_bytes(),
        &receiver.domain,
        &receiver.peer_chain.to_be_bytes(),
        &receiver.emitter,
        &set_epoch.to_be_bytes(),
        &[next.threshold, next.count],
        keys(next).as_flattened(),
    ])
}

/// Did enough of the set sign `digest`? Signatures come in ascending order of their keys' indices, each key once, and
/// all of them must be good: bytes that nobody checks are bytes that anybody changes.
///
/// # Errors
/// [`CoreError::InvalidAttestation`], [`CoreError::AttestationsTooFew`].
pub fn verify(set: &AttesterSet, digest: &[u8; 32], signatures: &[u8]) -> Result<(), CoreError> {
    let (signatures, rest) = signatures.as_chunks::<SIGNATURE>();
    if !rest.is_empty() {
        return Err(CoreError::InvalidAttestation);
    }
    if set.count == 0 || signatures.len() < usize::from(set.threshold) {
        return Err(CoreError::AttestationsTooFew);
    }
    let mut least = 0;
    for [index, signature @ .., parity] in signatures {
        let rs = signature.first_chunk::<64>().ok_or(CoreError::InvalidAttestation)?;
        let signature = Signature {
            rs: *rs,
            parity: *parity,
        };
        let key = keys(set).get(usize::from(*index)).filter(|_| *index >= least);
        if key.is_none() || recover(digest, &signature).as_ref() != key {
            return Err(CoreError::InvalidAttestation);
        }
        least = index.saturating_add(1);
    }
    Ok(())
}

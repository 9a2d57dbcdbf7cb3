//! A list of queued releases as one hash, so that a proposal names any number of them.
//!
//! A binary tree of SHA-256: a leaf is the hash of `0`, the record's address and the slot it was asked for in (little
//! endian), for the address alone could be another release's one day; a node is the hash of `1` and its two children, the
//! smaller first, so that a proof is the siblings from below and nothing else.

use bulkhead_interface::Pubkey;

use crate::hash::sha256;

/// A queued release in a list.
#[must_use]
pub fn leaf(release: &Pubkey, requested_slot: u64) -> [u8; 32] {
    sha256(&[&[0], release.as_ref(), &requested_slot.to_le_bytes()])
}

/// What `leaf` and the siblings above it lead to.
#[must_use]
pub fn root_of(leaf: [u8; 32], siblings: &[[u8; 32]]) -> [u8; 32] {
    siblings.iter().fold(leaf, |below, sibling| node(&below, sibling))
}

/// Two children, the smaller first.
#[must_use]
pub fn node(one: &[u8; 32], other: &[u8; 32]) -> [u8; 32] {
    let (first, second) = if one <= other { (one, other) } else { (other, one) };
    sha256(&[&[1], first, second])
}

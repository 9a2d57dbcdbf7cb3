//! Messages as Wormhole's core bridge keeps them on this chain, after the guardians' signatures were verified: an account
//! of the bridge at an address that the message's own hash determines.
//!
//! | offset | bytes | |
//! |---:|---:|---|
//! | 0 | 3 | `vaa`; a message on its way out begins with `msg` or `msu`, and nobody has verified it |
//! | 3 | 1 | version |
//! | 4 | 1 | consistency level |
//! | 5 | 4 | time of the message, unix seconds |
//! | 9 | 32 | account of the signatures |
//! | 41 | 4 | time it was posted |
//! | 45 | 4 | nonce |
//! | 49 | 8 | sequence |
//! | 57 | 2 | chain of the emitter |
//! | 59 | 32 | emitter |
//! | 91 | 4 | length of the payload |
//! | 95 | | payload |
//!
//! Numbers are little endian here, and big endian in the body that is hashed.

use crate::{CoreError, hash::keccak256};

/// Seed in front of the body's hash in the address of a posted message.
pub const SEED_POSTED: &[u8] = b"PostedVAA";
/// First bytes of a posted message.
pub const MAGIC: [u8; 3] = *b"vaa";
/// Bytes before the payload.
pub const PAYLOAD_OFFSET: usize = 95;
/// The version whose layout this is.
pub const VERSION: u8 = 1;

/// A posted message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posted<'a> {
    /// Wormhole's consistency level.
    pub finality: u8,
    /// Chain of the emitter.
    pub chain: u16,
    /// The emitter.
    pub emitter: [u8; 32],
    /// The bridge's number of the message, of this emitter.
    pub sequence: u64,
    /// Keccak-256 of the body, the seed of the account's address.
    pub body_hash: [u8; 32],
    /// What was sent.
    pub payload: &'a [u8],
}

/// Reads an account's data. Its owner and its address say whether the bridge wrote it: the caller compares them.
///
/// # Errors
/// [`CoreError::NotPostedByBridge`] of anything but one posted message, to the last byte.
pub fn read(data: &[u8]) -> Result<Posted<'_>, CoreError> {
    let refused = CoreError::NotPostedByBridge;
    let (header, payload) = data.split_first_chunk::<PAYLOAD_OFFSET>().ok_or(refused)?;
    let [magic @ .., version, finality] = field::<5>(header, 0)?;
    let time = u32::from_le_bytes(field(header, 5)?);
    let nonce = u32::from_le_bytes(field(header, 45)?);
    let sequence = u64::from_le_bytes(field(header, 49)?);
    let chain = u16::from_le_bytes(field(header, 57)?);
    let emitter = field::<32>(header, 59)?;
    let len = u32::from_le_bytes(field(header, 91)?);
    if magic != MAGIC || version != VERSION || usize::try_from(len) != Ok(payload.len()) {
        return Err(refused);
    }
    let body_hash = keccak256(&[
        &time.to_be_bytes(),
        &nonce.to_be_bytes(),
        &chain.to_be_bytes(),
        &emitter,
        &sequence.to_be_bytes(),
        &[finality],
        payload,
    ]);
    Ok(Posted {
        finality,
        chain,
        emitter,
        sequence,
        body_hash,
        payload,
    })
}

fn field<const N: usize>(header: &[u8; PAYLOAD_OFFSET], offset: usize) -> Result<[u8; N], CoreError> {
    let rest = header.get(offset..).and_then(|rest| rest.first_chunk::<N>());
    rest.copied().ok_or(CoreError::NotPostedByBridge)
}

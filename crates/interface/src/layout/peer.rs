//! Peers: domains on other chains, whose messages this domain accepts.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use super::Member;
use crate::constants::{MAX_MESSAGE_ATTESTERS, PEER_CHECKPOINTS};

/// Keys that attest messages, and how many of them a message needs. They are Ethereum addresses, so that a contract
/// checks the same signatures.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct AttesterSet {
    /// Grows by one with every set. Signatures name it.
    pub epoch: u64,
    /// Signatures needed. More than half of the keys.
    pub threshold: u8,
    /// Keys in use, or 0 for no set.
    pub count: u8,
    /// Zero.
    pub padding: [u8; 6],
    /// The keys, ascending: the last 20 bytes of the Keccak-256 hash of a secp256k1 public key.
    pub keys: [[u8; 20]; MAX_MESSAGE_ATTESTERS],
}

const _: () = assert!(core::mem::size_of::<AttesterSet>() == 256 && core::mem::align_of::<AttesterSet>() == 8);

/// The newest checkpoint that a peer reported of one of its ledgers. It is recorded and decides nothing.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct PeerCheckpoint {
    /// Slot or block of the sender's chain. 0 for an unused entry.
    pub slot: u64,
    /// When the message was sent. Unix seconds.
    pub sent_ts: i64,
    /// Number of leaves.
    pub count: u64,
    /// Sum of all leaves, big endian.
    pub total: [u8; 16],
    /// Hash of the slot or block.
    pub slot_hash: [u8; 32],
    /// Root hash.
    pub root: [u8; 32],
    /// Number of the ledger.
    pub ledger: u8,
    /// Zero.
    pub padding: [u8; 7],
}

const _: () = assert!(core::mem::size_of::<PeerCheckpoint>() == 112 && core::mem::align_of::<PeerCheckpoint>() == 8);

/// A domain on another chain, by its emitter: what its messages close here, and what it said last.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::PEER))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Peer {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Bits of `constants::peer_flag`.
    pub flags: u8,
    /// The peer's chain, in Wormhole's numbers.
    pub chain: u16,
    /// Wormhole's consistency level that every message may have.
    pub finality: u8,
    /// Another level that a pause may have. A pause from a block that is not final yet costs a right and lapses.
    pub pause_finality: u8,
    /// What of the sender counts besides its whole domain: one of its compartments, or 255 for nothing else.
    pub remote_scope: u8,
    /// Bits of `constants::transport`: how its messages may arrive. 0 refuses them all.
    pub transports: u8,
    /// Zero.
    pub padding: [u8; 6],
    /// Domain that accepts the messages.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
    /// Who emits the messages on the peer's chain: a contract's address, zeros in front.
    pub emitter: [u8; 32],
    /// The domain that the messages are about, as they name it.
    pub sender: [u8; 32],
    /// Wormhole's core bridge on this chain, or zero.
    pub bridge: Pubkey,
    /// Compartments that a pause of the peer closes, one bit per number. 0 for none.
    pub compartments: u64,
    /// Actions whose closing by the sender counts.
    pub remote_mask: u32,
    /// Actions that it closes here, or 0 for the council's default.
    pub mask: u32,
    /// How long after it was sent a message is accepted.
    pub max_age_seconds: i64,
    /// How long a rotation of the attesters by themselves waits.
    pub rotation_seconds: i64,
    /// Highest message number accepted.
    pub sequence: u64,
    /// Bit i: the number `sequence - i` was accepted.
    pub window: u64,
    /// Highest epoch that a message named.
    pub epoch: u64,
    /// Highest epoch of an accepted pause.
    pub pause_epoch: u64,
    /// Epoch of the request to resume, or 0. It decides nothing: approvers may propose what it asks for.
    pub request_epoch: u64,
    /// Council epoch that the request was made in.
    pub request_council_epoch: u64,
    /// When the request was sent. Unix seconds.
    pub request_ts: i64,
    /// Slot in which the request arrived.
    pub request_slot: u64,
    /// The sender's council epoch.
    pub council_epoch: u64,
    /// The sender's commitment to its council.
    pub council_hash: [u8; 32],
    /// Pause rights of the peer, counted like a guardian's. Its key is the emitter.
    pub rights: Member,
    /// Creation slot of the proposal that set these terms, or 0. An older proposal does not replace them.
    pub decided_slot: u64,
    /// Who attests messages.
    pub attesters: AttesterSet,
    /// Who attests them from `next_from_ts` on, if that set has keys.
    pub next_attesters: AttesterSet,
    /// When `next_attesters` take over. Unix seconds.
    pub next_from_ts: i64,
    /// The newest checkpoint of each of its ledgers.
    pub checkpoints: [PeerCheckpoint; PEER_CHECKPOINTS],
    /// Zero; room for later versions.
    pub reserved: [u8; 48],
}

const _: () = assert!(core::mem::size_of::<Peer>() == 1400 && core::mem::align_of::<Peer>() == 8);

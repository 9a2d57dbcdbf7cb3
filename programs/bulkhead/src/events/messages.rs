//! Events of messages between chains.

use anchor_lang::prelude::*;

#[event]
pub struct PeerRegistered {
    pub domain: Pubkey,
    pub peer: Pubkey,
    pub chain: u16,
    pub emitter: [u8; 32],
    pub sender: [u8; 32],
    pub transports: u8,
    pub bridge: Pubkey,
    pub compartments: u64,
    pub remote_mask: u32,
    pub mask: u32,
    pub pause_rights: u8,
    pub set_epoch: u64,
    pub threshold: u8,
    pub attesters: Vec<[u8; 20]>,
}

/// `mask` and `until` say what a pause closed, and are zero for a message that is only recorded.
#[event]
pub struct MessageAccepted {
    pub domain: Pubkey,
    pub peer: Pubkey,
    pub transport: u8,
    pub kind: u8,
    pub epoch: u64,
    pub sequence: u64,
    pub sent_ts: i64,
    pub mask: u32,
    pub until: i64,
    pub rights_left: u8,
}

#[event]
pub struct RotationAnnounced {
    pub domain: Pubkey,
    pub peer: Pubkey,
    pub epoch: u64,
    pub threshold: u8,
    pub attesters: Vec<[u8; 20]>,
    pub from_ts: i64,
}

#[event]
pub struct RotationStopped {
    pub domain: Pubkey,
    pub peer: Pubkey,
    pub guardian: Pubkey,
}

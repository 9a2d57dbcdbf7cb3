//! Events of proofs of state.

use anchor_lang::prelude::*;

#[event]
pub struct VerifyingKeyRegistered {
    pub domain: Pubkey,
    pub key: Pubkey,
    pub id: [u8; 32],
    pub page_size: u64,
    pub set_up: u8,
}

#[event]
pub struct ProofsRequired {
    pub domain: Pubkey,
    pub ledgers: [u8; 32],
}

#[event]
pub struct LedgerFixed {
    pub domain: Pubkey,
    pub incident: Pubkey,
    pub ledger_index: u8,
    pub snapshot: Pubkey,
    pub role: u8,
    pub total: u64,
}

#[event]
pub struct ProofOpened {
    pub domain: Pubkey,
    pub incident: Pubkey,
    pub ledger_index: u8,
    pub proof: Pubkey,
    pub restoration: Pubkey,
    pub successor: Pubkey,
    pub pool: u64,
}

#[event]
pub struct RunOpened {
    pub proof: Pubkey,
    pub run: Pubkey,
    pub prover: Pubkey,
    pub role: u8,
    pub shard: u8,
}

/// A shard was proved to its end.
#[event]
pub struct ShardProved {
    pub proof: Pubkey,
    pub role: u8,
    pub shard: u8,
}

#[event]
pub struct LedgerProved {
    pub domain: Pubkey,
    pub incident: Pubkey,
    pub ledger_index: u8,
    pub successor: Pubkey,
    pub pool: u64,
    pub is_insecure: bool,
}

#[event]
pub struct ProofOverridden {
    pub domain: Pubkey,
    pub incident: Pubkey,
    pub ledger_index: u8,
    pub restoration: Pubkey,
}

#[event]
pub struct ProofAccountClosed {
    pub account: Pubkey,
}

//! Events of the escape and of the restart gate.

use anchor_lang::prelude::*;

#[event]
pub struct RecoveryRulesSet {
    pub domain: Pubkey,
    pub escape_seconds: i64,
    pub restart_check_seconds: i64,
}

#[event]
pub struct EscapeOpened {
    pub domain: Pubkey,
    pub incident: Pubkey,
    pub restoration: Pubkey,
    pub snapshot: Pubkey,
    pub pool: Pubkey,
    pub total: u64,
    pub count: u64,
    pub previous_phase: u8,
    pub phase: u8,
}

#[event]
pub struct RestartChecked {
    pub domain: Pubkey,
    pub incident: Pubkey,
    pub ledger_index: u8,
    /// The host's own total. Native units; `u64::MAX` when a proposal accepted a total that cannot be read.
    pub owed: u64,
    /// What the vaults that back the ledger hold.
    pub held: u64,
    /// Whether a proposal accepted a difference.
    pub is_overridden: bool,
}

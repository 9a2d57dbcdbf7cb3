//! Events of what the domain does to its host.

use anchor_lang::prelude::*;

#[event]
pub struct InstructionRun {
    pub domain: Pubkey,
    pub proposal: Pubkey,
    /// The program that was called.
    pub callee: Pubkey,
}

#[event]
pub struct EmergencyActionRegistered {
    pub domain: Pubkey,
    pub emergency_action: Pubkey,
    pub index: u8,
    /// The program that it calls.
    pub callee: Pubkey,
    pub instruction_hash: [u8; 32],
}

#[event]
pub struct EmergencyActionRun {
    pub domain: Pubkey,
    pub emergency_action: Pubkey,
    pub guardian: Pubkey,
    pub rights_left: u8,
}

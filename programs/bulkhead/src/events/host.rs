//! Events of calls that the domain makes to its host.

use anchor_lang::prelude::*;

#[event]
pub struct InstructionRun {
    pub domain: Pubkey,
    pub proposal: Pubkey,
    /// The called program.
    pub callee: Pubkey,
}

#[event]
pub struct EmergencyActionRegistered {
    pub domain: Pubkey,
    pub emergency_action: Pubkey,
    pub index: u8,
    /// The program that the emergency action calls.
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

#[event]
pub struct EmergencyRunStarted {
    pub domain: Pubkey,
    pub emergency_action: Pubkey,
    pub run: Pubkey,
    pub guardian: Pubkey,
    pub rights_left: u8,
}

#[event]
pub struct EmergencyStepRun {
    pub emergency_action: Pubkey,
    pub run: Pubkey,
    pub guardian: Pubkey,
    /// Number of the step, from 0.
    pub step: u8,
    pub is_last: bool,
}

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

#[event]
pub struct DirectVaultRegistered {
    pub domain: Pubkey,
    pub direct_vault: Pubkey,
    pub source: Pubkey,
    pub route: Pubkey,
    /// The program that evacuates it.
    pub callee: Pubkey,
    pub instruction_hash: [u8; 32],
}

#[event]
pub struct DirectVaultEvacuated {
    pub incident: Pubkey,
    pub direct_vault: Pubkey,
    pub destination: Pubkey,
    pub before: u64,
    pub moved: u64,
    pub fee: u64,
    pub after: u64,
}

#[event]
pub struct HostUpgraded {
    pub domain: Pubkey,
    pub program: Pubkey,
    /// SHA-256 of the build's code.
    pub hash: [u8; 32],
    pub is_emergency_build: bool,
}

#[event]
pub struct EmergencyBuildRegistered {
    pub domain: Pubkey,
    pub program: Pubkey,
    pub build_hash: [u8; 32],
}

#[event]
pub struct EmergencyBuildConfirmed {
    pub program: Pubkey,
    pub incident: Pubkey,
    pub guardian: Pubkey,
    pub confirmations: u16,
    pub is_reached: bool,
}

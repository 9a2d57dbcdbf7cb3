//! Emergency actions: what a guardian may make the host do at once.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

/// Header of an emergency action. `instruction_len` bytes follow it: the Borsh encodings of its steps' instructions, in
/// order. Governance is responsible for registering only instructions that tighten.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::EMERGENCY_ACTION))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct EmergencyAction {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Number within the domain.
    pub index: u8,
    /// Steps it has. 0 for one that was registered before actions had steps: one step.
    pub steps: u8,
    /// Bytes of the instructions after the header.
    pub instruction_len: u16,
    /// Its domain.
    pub domain: Pubkey,
    /// SHA-256 of the bytes of all its steps, including those that are not registered yet.
    pub instruction_hash: [u8; 32],
    /// When it was last registered. Unix seconds.
    pub registered_ts: i64,
    /// Creation slot of the proposal that last registered it, or 0. An older proposal does not replace it.
    pub decided_slot: u64,
    /// Steps that are registered. It can run when all of them are.
    pub registered_steps: u8,
    /// Zero; room for later versions.
    pub reserved: [u8; 23],
}

const _: () = assert!(core::mem::size_of::<EmergencyAction>() == 112 && core::mem::align_of::<EmergencyAction>() == 8);

/// One run of an emergency action of several steps. Each guardian who starts one has their own, so that nobody can set
/// back another's. Any guardian may continue it.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::EMERGENCY_RUN))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct EmergencyRun {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// One of `constants::emergency_run_state`.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Number of the step that runs next, from 0. Also the number of steps that have run.
    pub next_step: u8,
    /// Zero.
    pub padding: u8,
    /// Where the next step begins in the action's bytes.
    pub next_offset: u16,
    /// Its domain.
    pub domain: Pubkey,
    /// The action that runs.
    pub emergency_action: Pubkey,
    /// The guardian who started it, whose pause right it took.
    pub guardian: Pubkey,
    /// The incident that was open when it was started, or zero.
    pub incident: Pubkey,
    /// `EmergencyAction::instruction_hash` when it was started. An action that was registered again needs another run.
    pub instruction_hash: [u8; 32],
    /// When it was started. Unix seconds.
    pub started_ts: i64,
    /// Slot it was started in.
    pub started_slot: u64,
    /// Slot of its last step, or 0.
    pub last_slot: u64,
    /// Runs of the action that this guardian has started.
    pub number: u32,
    /// Zero.
    pub padding2: u32,
    /// Zero; room for later versions.
    pub reserved: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<EmergencyRun>() == 232 && core::mem::align_of::<EmergencyRun>() == 8);

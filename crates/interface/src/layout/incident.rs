//! Incidents: the record of one emergency.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use crate::constants::step;

/// When one step of an incident happened.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Step {
    /// Slot, or 0 if it has not happened.
    pub slot: u64,
    /// Unix seconds.
    pub ts: i64,
}

const _: () = assert!(core::mem::size_of::<Step>() == 16 && core::mem::align_of::<Step>() == 8);

/// The timeline from the breach to the reopening, with slot and time of every step.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::INCIDENT))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct Incident {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// One of `constants::incident_state`.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// One of `constants::cause`.
    pub cause: u8,
    /// Zero.
    pub padding0: u8,
    /// Bit i: member i confirms.
    pub confirmations: u16,
    /// Number within the domain.
    pub index: u64,
    /// Council epoch the confirmations belong to.
    pub config_epoch: u64,
    /// Its domain.
    pub domain: Pubkey,
    /// The detector that latched, or the guardian.
    pub source: Pubkey,
    /// The amount that was attempted. Native units of the breaker's mint.
    pub breach_amount: u64,
    /// The amount the breaker allows per window.
    pub limit: u64,
    /// Total moved by evacuations, all vaults. Native units.
    pub evacuated: u64,
    /// The timeline, indexed by `constants::step`.
    pub steps: [Step; step::COUNT],
    /// Slot of the cause: of the latch, no matter who propagated it or when, or of the guardian's alarm. Any unpause
    /// proposed later knew of the incident.
    pub alarm_slot: u64,
    /// Slot in which an interim share-out was last opened, or 0. An unpause proposed before did not know that claims
    /// were paid.
    pub interim_slot: u64,
    /// Bit i of the 256: ledger i was restored in this incident.
    pub restored: [u8; 32],
    /// Zero; room for later versions.
    pub reserved: [u8; 16],
}

const _: () = assert!(core::mem::size_of::<Incident>() == 336 && core::mem::align_of::<Incident>() == 8);

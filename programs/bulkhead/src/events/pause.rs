//! Pause and incident events.

use anchor_lang::prelude::*;

#[event]
pub struct Paused {
    pub board: Pubkey,
    pub guardian: Pubkey,
    pub scope: u8,
    pub mask: u32,
    pub until: i64,
    pub rights_left: u8,
}

#[event]
pub struct IncidentOpened {
    pub domain: Pubkey,
    pub incident: Pubkey,
    pub cause: u8,
    pub source: Pubkey,
}

#[event]
pub struct IncidentConfirmed {
    pub incident: Pubkey,
    pub guardian: Pubkey,
    pub confirmations: u16,
}

#[event]
pub struct DomainFrozen {
    pub domain: Pubkey,
    pub incident: Pubkey,
}

#[event]
pub struct IncidentLapsed {
    pub domain: Pubkey,
    pub incident: Pubkey,
}

#[event]
pub struct DomainResumed {
    pub domain: Pubkey,
    pub incident: Pubkey,
    /// `Alert` if something newer than the proposal is still in force.
    pub phase: u8,
}

#[event]
pub struct DomainReopened {
    pub domain: Pubkey,
    pub incident: Pubkey,
    pub ramp_bps: u16,
    pub grace_until: i64,
    /// `Alert` if something newer than the proposal is still in force.
    pub phase: u8,
}

//! Link events.

use anchor_lang::prelude::*;

#[event]
pub struct LinkSet {
    pub domain: Pubkey,
    pub upstream: Pubkey,
    pub link: Pubkey,
    pub previous_compartments: u64,
    pub compartments: u64,
    pub upstream_scope: u8,
    pub upstream_mask: u32,
    pub mask: u32,
}

#[event]
pub struct ContagionPropagated {
    pub domain: Pubkey,
    pub upstream: Pubkey,
    pub link: Pubkey,
    pub compartments: u64,
    pub mask: u32,
    pub until: i64,
}

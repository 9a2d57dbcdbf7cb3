//! Bulkhead: disaster recovery that a protocol plugs in.
//!
//! Tightening is instant for anyone trusted with it; loosening is never instant for anyone.
#![deny(
    clippy::arithmetic_side_effects,
    clippy::integer_division,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use anchor_lang::prelude::*;

pub mod authority;
pub mod error;
pub mod events;
pub mod incident;
pub mod instructions;
pub mod token;

pub use bulkhead_interface as interface;
use instructions::*;

declare_id!("4bxSc1tT6ZULobp3Ldu7B786s9u8rdxdEYjwiNmkRQTH");

// The guard knows the id as bytes, Anchor as text: they must be the same program.
const _: () = {
    let (text, bytes) = (ID.to_bytes(), bulkhead_guard::BULKHEAD_ID);
    let mut i = 0;
    while i < 32 {
        #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)]
        // SECURITY: runs in the compiler, never on chain.
        {
            assert!(text[i] == bytes[i]);
            i += 1;
        }
    }
};

#[program]
pub mod bulkhead {
    use super::*;

    // Domain.

    pub fn open_domain(ctx: Context<OpenDomain>, args: OpenDomainArgs) -> Result<()> {
        handle_open_domain(ctx, args)
    }

    pub fn activate_domain(ctx: Context<ActivateDomain>) -> Result<()> {
        handle_activate_domain(ctx)
    }

    pub fn change_council(ctx: Context<ChangeCouncil>, args: CouncilConfig) -> Result<()> {
        handle_change_council(ctx, args)
    }

    // Pause.

    pub fn pause(ctx: Context<Pause>, scope: u8, mask: u32) -> Result<()> {
        handle_pause(ctx, scope, mask)
    }

    pub fn open_incident(ctx: Context<OpenIncident>) -> Result<()> {
        handle_open_incident(ctx)
    }

    pub fn confirm_incident(ctx: Context<ConfirmIncident>) -> Result<()> {
        handle_confirm_incident(ctx)
    }

    pub fn close_lapsed_incident(ctx: Context<CloseLapsedIncident>) -> Result<()> {
        handle_close_lapsed_incident(ctx)
    }

    pub fn resume(ctx: Context<Resume>, args: ResumeArgs) -> Result<()> {
        handle_resume(ctx, args)
    }

    pub fn reopen(ctx: Context<Reopen>, args: ReopenArgs) -> Result<()> {
        handle_reopen(ctx, args)
    }

    // Proposals.

    pub fn propose(ctx: Context<Propose>, kind: u8, payload: Vec<u8>) -> Result<()> {
        handle_propose(ctx, kind, payload)
    }

    pub fn approve(
        ctx: Context<Approve>,
        payload_hash: [u8; 32],
        created_slot: u64,
    ) -> Result<()> {
        handle_approve(ctx, payload_hash, created_slot)
    }

    pub fn withdraw_approval(ctx: Context<WithdrawApproval>) -> Result<()> {
        handle_withdraw_approval(ctx)
    }

    pub fn veto(ctx: Context<Veto>) -> Result<()> {
        handle_veto(ctx)
    }

    pub fn close_proposal(ctx: Context<CloseProposal>) -> Result<()> {
        handle_close_proposal(ctx)
    }
}

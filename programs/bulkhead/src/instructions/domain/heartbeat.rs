//! A member says that it is still there.
//!
//! Any member may, at any time. One that had been silent counts again a day later, so that nobody
//! approves at once with a key that lay forgotten. Not under a durable nonce, and only by naming the
//! last sign of life: one that was signed long ago, in whatever form it was kept, is none. Heartbeats and
//! approvals alone are signs of life; pauses, vetoes and proposals are not.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::Council;

use crate::{
    authority::{INSTRUCTIONS_SYSVAR, core_error, refuse_durable_nonce},
    current::Current,
    events::MemberActive,
};

#[derive(Accounts)]
pub struct Heartbeat<'info> {
    pub member: Signer<'info>,
    #[account(mut)]
    pub council: AccountLoader<'info, Council>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

pub fn handle_heartbeat(ctx: Context<Heartbeat>, last_active_ts: i64) -> Result<()> {
    refuse_durable_nonce(&ctx.accounts.instructions)?;
    let now = Clock::get()?.unix_timestamp;
    let member = ctx.accounts.member.key();
    let mut council = ctx.accounts.council.current_mut()?;
    let counts_from_ts = acts::heartbeat(&mut council, &member, last_active_ts, now).map_err(core_error)?;
    emit!(MemberActive {
        domain: council.domain,
        member,
        counts_from_ts,
    });
    Ok(())
}

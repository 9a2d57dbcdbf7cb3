//! A member proves that they are still active.
//!
//! Any member may send one at any time. A member who was silent becomes eligible again one day later, so that nobody
//! can approve immediately with a forgotten key. The instruction is refused under a durable nonce and must name the
//! member's last activity: a heartbeat that was signed long ago, in whatever form it was kept, proves nothing. Only
//! heartbeats and approvals record activity; pauses, vetoes and proposals do not.

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

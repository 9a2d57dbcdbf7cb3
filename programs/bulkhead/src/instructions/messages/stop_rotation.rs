//! One guardian stops a rotation of a peer's attesters that waits.
//!
//! It costs no right, because it happens once: after it only a proposal that sets the peer's terms lets the attesters
//! rotate by themselves again. The attesters in force stay in force.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Council, Peer};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::RotationStopped,
};

#[event_cpi]
#[derive(Accounts)]
pub struct StopRotation<'info> {
    pub guardian: Signer<'info>,
    #[account(constraint = council.current()?.domain == peer.current()?.domain @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(mut)]
    pub peer: AccountLoader<'info, Peer>,
}

pub fn handle_stop_rotation(ctx: Context<StopRotation>) -> Result<()> {
    let accounts = &ctx.accounts;
    let guardian = accounts.guardian.key();
    let domain = {
        let mut peer = accounts.peer.current_mut()?;
        acts::stop_rotation(&mut peer, &*accounts.council.current()?, &guardian, clock()?.now).map_err(core_error)?;
        peer.domain
    };
    emit_cpi!(RotationStopped {
        domain,
        peer: accounts.peer.key(),
        guardian,
    });
    Ok(())
}

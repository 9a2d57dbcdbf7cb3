//! Anyone announces the attesters that follow a peer's present ones, signed by enough of those.
//!
//! One key is exchanged, added or removed at a time, and the threshold never falls. The new set takes over after the time
//! in the peer's terms; until then the old one stays in force, and one guardian stops the rotation. It opens nothing:
//! attesters can only tighten.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::Peer;

use crate::{
    authority::{clock, core_error},
    current::Current,
    events::RotationAnnounced,
};

#[event_cpi]
#[derive(Accounts)]
pub struct AnnounceRotation<'info> {
    #[account(mut)]
    pub peer: AccountLoader<'info, Peer>,
}

/// `attesters`: the keys of the new set, ascending. `signatures`: 66 bytes each, of the set in force.
pub fn handle_announce_rotation(
    ctx: Context<AnnounceRotation>,
    threshold: u8,
    attesters: Vec<[u8; 20]>,
    signatures: Vec<u8>,
) -> Result<()> {
    let event = {
        let mut peer = ctx.accounts.peer.current_mut()?;
        let from_ts =
            acts::announce_rotation(&mut peer, threshold, &attesters, &signatures, clock()?.now).map_err(core_error)?;
        RotationAnnounced {
            domain: peer.domain,
            peer: ctx.accounts.peer.key(),
            epoch: peer.next_attesters.epoch,
            threshold,
            attesters,
            from_ts,
        }
    };
    emit_cpi!(event);
    Ok(())
}

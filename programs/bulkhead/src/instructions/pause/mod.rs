//! The emergency pause: one guardian contains, the threshold holds, a proposal lifts.

mod close_lapsed_incident;
mod confirm_incident;
mod open_incident;
// The instruction is named like its mechanism.
#[allow(clippy::module_inception)]
mod pause;
mod reopen;
mod resume;
mod view_mask;

pub use {
    close_lapsed_incident::*, confirm_incident::*, open_incident::*, pause::*, reopen::*, resume::*, view_mask::*,
};

use anchor_lang::prelude::*;
use bulkhead_core::council::members;
use bulkhead_interface::layout::{Council, Member};

use crate::error::BulkheadError;

/// Burns one of a guardian's pause rights, so that a stolen key cannot pause for ever.
pub(crate) fn burn_pause_right(council: &mut Council, index: usize, now: i64) -> Result<u8> {
    require!(index < members(council).len(), BulkheadError::NotAMember);
    let member: &mut Member = council.members.get_mut(index).ok_or(BulkheadError::NotAMember)?;
    member.pause_rights = member.pause_rights.checked_sub(1).ok_or(BulkheadError::NoPauseRights)?;
    member.last_active_ts = now;
    Ok(member.pause_rights)
}

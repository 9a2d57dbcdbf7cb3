//! Executes a proposal that gives a guardian pause rights back.
//!
//! Anyone may crank it once it has matured. No more than the council grants, and no open proposal is
//! voided: replacing the whole council for that would void them all.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::constants::kind;

use crate::{authority::*, current::Current, events::PauseRightsGranted};

/// Payload of a `GRANT_PAUSE_RIGHTS` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct GrantPauseRightsArgs {
    /// The guardian.
    pub member: Pubkey,
    /// Rights added to those it still has.
    pub rights: u8,
}

#[event_cpi]
#[derive(Accounts)]
pub struct GrantPauseRights<'info> {
    pub config: ConfigAuthority<'info>,
}

pub fn handle_grant_pause_rights(ctx: Context<GrantPauseRights>, args: GrantPauseRightsArgs) -> Result<()> {
    let config = &ctx.accounts.config;
    config.authorize(kind::GRANT_PAUSE_RIGHTS, &args)?;
    let rights_left = {
        let mut council = config.council.current_mut()?;
        acts::grant_pause_rights(&mut council, &args.member, args.rights).map_err(act_error)?
    };
    emit_cpi!(PauseRightsGranted {
        domain: config.domain.key(),
        member: args.member,
        rights_left,
    });
    Ok(())
}

//! Executes a proposal that restores a guardian's pause rights. Veto rights return automatically.
//!
//! Anyone may crank it once the proposal has matured. It grants no more than the council's configuration allows and
//! voids no open proposal. Replacing the whole council for this would void them all.

use anchor_lang::prelude::*;
use bulkhead_core::acts;

use crate::{authority::*, current::Current, events::RightsGranted};

/// Payload of a `GrantRights` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct GrantRightsArgs {
    /// The guardian.
    pub member: Pubkey,
    /// Pause rights added to the guardian's remaining ones.
    pub pause_rights: u8,
}

#[event_cpi]
#[derive(Accounts)]
pub struct GrantRights<'info> {
    pub config: ConfigAuthority<'info>,
}

pub fn handle_grant_rights(ctx: Context<GrantRights>, args: GrantRightsArgs) -> Result<()> {
    let config = &ctx.accounts.config;
    config.authorize(&args)?;
    let left = {
        let mut council = config.council.current_mut()?;
        acts::grant_rights(&mut council, &args.member, args.pause_rights).map_err(core_error)?
    };
    emit_cpi!(RightsGranted {
        domain: config.domain.key(),
        member: args.member,
        pauses_left: left,
    });
    Ok(())
}

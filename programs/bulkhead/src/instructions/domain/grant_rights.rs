//! Executes a proposal that gives a guardian pause rights back. Vetoes come back by themselves.
//!
//! Anyone may crank it once it has matured. No more than the council grants, and no open proposal is
//! voided: replacing the whole council for that would void them all.

use anchor_lang::prelude::*;
use bulkhead_core::acts;

use crate::{authority::*, current::Current, events::RightsGranted};

/// Payload of a `GrantRights` proposal.
#[derive(AnchorSerialize, AnchorDeserialize, Clone)]
pub struct GrantRightsArgs {
    /// The guardian.
    pub member: Pubkey,
    /// Pauses added to those it still has.
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

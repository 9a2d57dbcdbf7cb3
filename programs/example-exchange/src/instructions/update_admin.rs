//! The admin names its successor, effective immediately. The successor gains no power over what Bulkhead holds.

use anchor_lang::prelude::*;

use super::Administer;
use crate::events::AdminUpdated;

pub fn handle_update_admin(ctx: Context<Administer>, new_admin: Pubkey) -> Result<()> {
    ctx.accounts.require_open()?;
    let mut exchange = ctx.accounts.exchange.load_mut()?;
    emit!(AdminUpdated {
        exchange: ctx.accounts.exchange.key(),
        previous: exchange.admin,
        admin: new_admin,
    });
    exchange.admin = new_admin;
    Ok(())
}

//! Executes a proposal that replaces the council, its thresholds and its delays.
//!
//! Anyone may crank it once the proposal has matured. It voids every open proposal, because all of them were created
//! under the old council. Every member of the new council is eligible immediately: whoever approved it has vouched for
//! them.

use anchor_lang::prelude::*;

use super::open_domain::{CouncilConfig, write_council};
use crate::{authority::*, current::Current, events::CouncilChanged};

#[event_cpi]
#[derive(Accounts)]
pub struct ChangeCouncil<'info> {
    pub config: ConfigAuthority<'info>,
}

pub fn handle_change_council(ctx: Context<ChangeCouncil>, args: CouncilConfig) -> Result<()> {
    let config = &ctx.accounts.config;
    config.authorize(&args)?;
    let config_epoch = {
        let mut council = config.council.current_mut()?;
        write_council(&mut council, &args, Clock::get()?.unix_timestamp)?;
        council.config_epoch
    };
    emit_cpi!(CouncilChanged {
        domain: config.domain.key(),
        config_epoch,
    });
    Ok(())
}

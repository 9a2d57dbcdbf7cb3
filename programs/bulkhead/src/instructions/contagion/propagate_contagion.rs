//! Anyone propagates an upstream's pause to the compartments that are linked to it.
//!
//! It covers what the upstream's own council and detectors closed, and lasts as long as the pause does there. It can
//! only close, closes only what the link names, and opens no incident: the emergency is the upstream's. A call that
//! would change nothing is refused. The board's epoch does not change, so no crank voids a proposal to resume.

use anchor_lang::prelude::*;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Council, Link, PauseBoard};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::ContagionPropagated,
};

#[event_cpi]
#[derive(Accounts)]
pub struct PropagateContagion<'info> {
    pub link: AccountLoader<'info, Link>,
    #[account(constraint = council.current()?.domain == link.current()?.domain @ BulkheadError::ForeignAccount)]
    pub council: AccountLoader<'info, Council>,
    #[account(mut, address = link.current()?.board @ BulkheadError::WrongBoard)]
    pub board: AccountLoader<'info, PauseBoard>,
    #[account(address = link.current()?.upstream_board @ BulkheadError::WrongBoard)]
    pub upstream_board: AccountLoader<'info, PauseBoard>,
}

pub fn handle_propagate_contagion(ctx: Context<PropagateContagion>) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = {
        let link = accounts.link.current()?;
        let carried = acts::carry_link(
            &link,
            &*accounts.upstream_board.current()?,
            &*accounts.council.current()?,
            &mut *accounts.board.current_mut()?,
            clock()?,
        )
        .map_err(core_error)?;
        ContagionPropagated {
            domain: link.domain,
            upstream: link.upstream,
            link: accounts.link.key(),
            compartments: link.compartments,
            mask: carried.mask,
            until: carried.until,
        }
    };
    emit_cpi!(event);
    Ok(())
}

//! Anyone compares an account's authorities with the registered ones. Any difference latches immediately.
//!
//! An account that is gone, or that belongs to another program, counts as a difference. The instruction must be
//! standalone in its transaction, so that an authority lent and given back within one is not taken for a theft. A
//! difference is not an error. The same difference does not renew its latch, and a difference that an unpause has
//! accepted does not latch again. A new difference latches whether or not a latch is in force. The instruction can
//! never open an action.

use anchor_lang::prelude::*;
use bulkhead_core::{acts, detectors::watch::Observation};
use bulkhead_interface::layout::{AuthorityWatch, PauseBoard};

use super::report;
use crate::{authority::*, current::Current, error::BulkheadError, events::AuthorityChangeObserved};

#[derive(Accounts)]
pub struct ObserveAuthority<'info> {
    #[account(mut)]
    pub watch: AccountLoader<'info, AuthorityWatch>,
    #[account(address = watch.current()?.board @ BulkheadError::WrongBoard)]
    pub board: AccountLoader<'info, PauseBoard>,
    /// CHECK: read only; its owner and contents are compared.
    #[account(address = watch.current()?.account @ BulkheadError::ForeignAccount)]
    pub account: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

pub fn handle_observe_authority(ctx: Context<ObserveAuthority>) -> Result<()> {
    let accounts = &ctx.accounts;
    require_standalone(&accounts.instructions)?;
    let at = clock()?;
    let unpaused_slot = accounts.board.current()?.unpaused_slot;
    let mut watch = accounts.watch.current_mut()?;
    let (found, observation) = {
        let data = accounts.account.try_borrow_data()?;
        acts::observe_authority(&mut watch, shown(&accounts.account, &data), unpaused_slot, at)
    };
    if observation == Observation::Latched {
        emit!(AuthorityChangeObserved {
            watch: accounts.watch.key(),
            program: found.program,
            keys: found.keys,
            slot: found.slot,
        });
        report(accounts.watch.key(), &watch.latch);
    }
    Ok(())
}

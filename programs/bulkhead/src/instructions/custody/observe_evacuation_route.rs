//! Anyone looks at a vault's route: could it take an evacuation, and is it still whose it was?
//!
//! What is wrong with it is kept in the vault, and latches as a changed authority does: anyone carries that to the board.
//! Alone in its transaction, so that what is lent and given back within one is not taken for a theft. It can never open an
//! action, and a proposal that registers another route, or unpauses the pause, ends it.

use anchor_lang::prelude::*;
use bulkhead_core::{acts, custody::route_fault, detectors::watch::Observation};
use bulkhead_interface::layout::{PauseBoard, Vault};

use crate::{
    authority::*,
    current::Current,
    error::BulkheadError,
    events::{DetectorLatched, EvacuationRouteFaultObserved},
};

#[derive(Accounts)]
pub struct ObserveEvacuationRoute<'info> {
    #[account(mut)]
    pub vault: AccountLoader<'info, Vault>,
    #[account(address = vault.current()?.board @ BulkheadError::WrongBoard)]
    pub board: AccountLoader<'info, PauseBoard>,
    /// CHECK: only read; owner and contents are what is looked at.
    #[account(address = vault.current()?.route @ BulkheadError::WrongEvacuationRoute)]
    pub route: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

pub fn handle_observe_evacuation_route(ctx: Context<ObserveEvacuationRoute>) -> Result<()> {
    let accounts = &ctx.accounts;
    require_standalone(&accounts.instructions)?;
    let unpaused_slot = accounts.board.current()?.unpaused_slot;
    let mut vault = accounts.vault.current_mut()?;
    let fault = route_fault(&vault, accounts.route.owner, &accounts.route.try_borrow_data()?);
    let observation = acts::observe_evacuation_route(&mut vault, fault, unpaused_slot, clock()?).map_err(core_error)?;
    if observation == Observation::Latched {
        emit!(EvacuationRouteFaultObserved {
            vault: accounts.vault.key(),
            route: vault.route,
            fault,
        });
        emit!(DetectorLatched {
            detector: accounts.vault.key(),
            seen: vault.latch.seen,
            allowed: vault.latch.allowed,
            slot: vault.latch.slot,
            until: vault.latch.until,
        });
    }
    Ok(())
}

//! Anyone observes a vault's evacuation route: could it receive an evacuation, and does it still have its registered
//! holder?
//!
//! A fault is stored in the vault and latches like a changed authority; anyone propagates the latch to the board. The
//! instruction must be standalone in its transaction, so that an account lent and given back within one is not taken
//! for a theft. It can never open an action. A proposal that registers another route, or that unpauses the pause, ends
//! the latch.

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
    /// CHECK: read only; its owner and contents are what is observed.
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

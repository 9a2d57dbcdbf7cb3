//! Anyone compares the reserves with the liabilities. A shortfall that has lasted latches.
//!
//! The reserves are the accounts behind the declared ones: all that were registered, in that order. One that was closed
//! holds nothing; liabilities that cannot be read any more are a shortfall of everything. Alone in its transaction: no flash deposit hides a hole, and no host that is halfway through its own
//! instruction looks like one. A shortfall is no error; it is noted, and latches at a later observation. The same hole does
//! not renew its latch; one that has grown does. It can never open an action.

use anchor_lang::prelude::*;
use bulkhead_core::{
    acts::{self, Compared},
    detectors::solvency::{self, Observation},
};
use bulkhead_interface::layout::{PauseBoard, SolvencyBreaker};

use super::report;
use crate::{authority::*, current::Current, error::BulkheadError, events::ShortfallObserved};

#[derive(Accounts)]
pub struct ObserveSolvency<'info> {
    #[account(mut)]
    pub breaker: AccountLoader<'info, SolvencyBreaker>,
    #[account(address = breaker.current()?.board @ BulkheadError::WrongBoard)]
    pub board: AccountLoader<'info, PauseBoard>,
    /// CHECK: only read, through the layout; its owner is checked there.
    #[account(address = breaker.current()?.liabilities @ BulkheadError::LiabilitiesUnreadable)]
    pub liabilities: UncheckedAccount<'info>,
    /// CHECK: the instructions sysvar, by address.
    #[account(address = INSTRUCTIONS_SYSVAR)]
    pub instructions: UncheckedAccount<'info>,
}

pub fn handle_observe_solvency<'info>(ctx: Context<'info, ObserveSolvency<'info>>) -> Result<()> {
    let accounts = &ctx.accounts;
    require_standalone(&accounts.instructions)?;
    let at = clock()?;
    let unpaused_slot = accounts.board.current()?.unpaused_slot;
    let mut breaker = accounts.breaker.current_mut()?;
    let reserves = sum(&breaker, ctx.remaining_accounts)?;
    let Compared {
        liabilities,
        observation,
    } = {
        let data = accounts.liabilities.try_borrow_data()?;
        acts::observe_solvency(
            &mut breaker,
            shown(&accounts.liabilities, &data),
            reserves,
            unpaused_slot,
            at,
        )
    };
    if observation != Observation::Solvent {
        emit!(ShortfallObserved {
            breaker: accounts.breaker.key(),
            liabilities,
            reserves,
            suspect_ts: breaker.suspect_ts,
        });
    }
    if observation == Observation::Latched {
        report(accounts.breaker.key(), &breaker.latch);
    }
    Ok(())
}

/// What all registered reserves hold.
fn sum(breaker: &SolvencyBreaker, accounts: &[AccountInfo]) -> Result<u128> {
    let reserves = solvency::reserves(breaker);
    let are_registered = accounts
        .iter()
        .map(|account| account.key)
        .eq(reserves.iter().map(|own| &own.account));
    require!(are_registered, BulkheadError::WrongReserves);
    let mut sum = 0_u128;
    for (reserve, account) in reserves.iter().zip(accounts) {
        let held = solvency::held(reserve, account.owner, &account.try_borrow_data()?);
        sum = sum.saturating_add(held.into());
    }
    Ok(sum)
}

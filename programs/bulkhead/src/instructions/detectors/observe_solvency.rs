//! Anyone compares the reserves with the liabilities. A shortfall that has lasted long enough latches.
//!
//! Pass the reserves as remaining accounts: all registered ones, in the registered order. A closed reserve counts as
//! zero. Liabilities that can no longer be read count as a shortfall of the whole amount. The instruction must be
//! standalone in its transaction, so that no flash deposit hides a shortfall and no host halfway through its own
//! instruction looks insolvent. A shortfall is not an error; it is recorded, and latches at a later observation. The
//! same shortfall does not renew its latch; a larger one does. The instruction can never open an action.

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
    /// CHECK: read only, through the layout, which checks its owner.
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

/// Total balance of all registered reserves.
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

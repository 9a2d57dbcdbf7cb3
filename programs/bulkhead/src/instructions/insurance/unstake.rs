//! Unstakes cooled shares for what they are worth without the shortfalls that are stated.
//!
//! Closed from the first latch until the shortfall is stated, and never longer than the pool's terms say. After the
//! accounts named here come the pool's detectors, in its order. A stake without shares is closed, and its owner gets the
//! rent.

use anchor_lang::{AccountsClose, prelude::*};
use anchor_spl::token_interface::TokenAccount;
use bulkhead_core::acts;
use bulkhead_interface::layout::{Domain, InsuranceStake, PauseBoard};

use crate::{authority::*, current::Current, error::BulkheadError, events::Unstaked, instructions::*};

#[event_cpi]
#[derive(Accounts)]
pub struct Unstake<'info> {
    #[account(mut)]
    pub owner: Signer<'info>,
    #[account(address = bank.pool.current()?.domain @ BulkheadError::ForeignAccount)]
    pub domain: AccountLoader<'info, Domain>,
    #[account(address = domain.current()?.board @ BulkheadError::ForeignBoard)]
    pub board: AccountLoader<'info, PauseBoard>,
    pub bank: InsuranceTokens<'info>,
    #[account(
        mut,
        constraint = stake.current()?.pool == bank.pool.key() @ BulkheadError::ForeignAccount,
        constraint = stake.current()?.owner == owner.key() @ BulkheadError::ForeignAccount
    )]
    pub stake: AccountLoader<'info, InsuranceStake>,
    #[account(mut)]
    pub destination: Box<InterfaceAccount<'info, TokenAccount>>,
}

pub fn handle_unstake<'info>(ctx: Context<'info, Unstake<'info>>, shares: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let (amount, is_empty) = accounts.book(shares, ctx.remaining_accounts)?;
    accounts.bank.pay((*accounts.destination).as_ref(), amount)?;
    emit_cpi!(Unstaked {
        pool: accounts.bank.pool.key(),
        owner: accounts.owner.key(),
        destination: accounts.destination.key(),
        shares,
        amount,
    });
    if is_empty {
        accounts.stake.close(accounts.owner.to_account_info())?;
    }
    Ok(())
}

impl Unstake<'_> {
    /// The amount to pay, and whether the stake is empty now.
    #[inline(never)]
    fn book(&self, shares: u64, detectors: &[AccountInfo]) -> Result<(u64, bool)> {
        let now = clock()?.now;
        let mut stake = self.stake.current_mut()?;
        let mut pool = self.bank.pool.current_mut()?;
        let domain = self.domain.current()?;
        let is_latched = is_latched(&pool, &domain, &*self.board.current()?, detectors, now)?;
        let amount = acts::unstake(&mut pool, &mut stake, &domain, is_latched, shares, now).map_err(core_error)?;
        Ok((amount, stake.shares == 0))
    }
}

//! Anyone slashes an insurance pool for what a restoration's claims lack now, up to what the pool holds back for it. The
//! tokens go to the account that claims are paid from.
//!
//! From the end of the time for other funds, for a week, in the pools' order of loss. No pause and no phase stops it.
//! Afterwards, or when nothing is lacking, it releases what is still held back instead. The accounts after those named
//! here are those of `state_shortfall`.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenAccount;
use bulkhead_core::acts::{self, Shortfall};
use bulkhead_interface::layout::{InsuranceCover, Restoration};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::InsuranceSlashed,
    instructions::*,
};

#[event_cpi]
#[derive(Accounts)]
pub struct Slash<'info> {
    pub bank: InsuranceTokens<'info>,
    #[account(address = cover.current()?.restoration @ BulkheadError::ForeignAccount)]
    pub restoration: AccountLoader<'info, Restoration>,
    /// The token account that claims are paid from.
    #[account(mut, address = restoration.current()?.pool @ BulkheadError::ForeignAccount)]
    pub claims: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(mut, constraint = cover.current()?.pool == bank.pool.key() @ BulkheadError::ForeignAccount)]
    pub cover: AccountLoader<'info, InsuranceCover>,
    /// The cover of the pool of the order before; none for order 0.
    pub previous: Option<AccountLoader<'info, InsuranceCover>>,
}

pub fn handle_slash<'info>(ctx: Context<'info, Slash<'info>>) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = accounts.book(ctx.remaining_accounts)?;
    if event.amount > 0 {
        accounts.bank.pay((*accounts.claims).as_ref(), event.amount)?;
    }
    emit_cpi!(event);
    Ok(())
}

impl Slash<'_> {
    #[inline(never)]
    fn book(&self, vaults: &[AccountInfo]) -> Result<InsuranceSlashed> {
        let now = clock()?.now;
        let mut pool = self.bank.pool.current_mut()?;
        let mut cover = self.cover.current_mut()?;
        let found = find_vaults(&pool, vaults)?;
        let previous = self.previous.as_ref().map(Current::current).transpose()?;
        let stated = Shortfall {
            restoration: &*self.restoration.current()?,
            balance: self.claims.amount,
            backings: &backings(&found),
            previous: previous.as_deref(),
        };
        let amount = acts::to_slash(&pool, &cover, &stated, now).map_err(core_error)?;
        acts::slash(&mut pool, &mut cover, amount, now).map_err(core_error)?;
        Ok(InsuranceSlashed {
            pool: cover.pool,
            restoration: cover.restoration,
            amount,
            slashed: cover.slashed,
            reserve: cover.reserve,
            assets: pool.assets,
        })
    }
}

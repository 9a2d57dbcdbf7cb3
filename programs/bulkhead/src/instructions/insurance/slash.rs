//! Anyone slashes an insurance pool for what a restoration's claims lack now, up to what the pool holds back for it. The
//! tokens go to the account that claims are paid from.
//!
//! From the end of the time for other funds, for a week, in the pools' order of loss. No pause and no phase stops it.
//! Afterwards, or when nothing is lacking, it releases what is still held back instead. The accounts after those named
//! here are those of `state_shortfall`.

use anchor_lang::prelude::*;
use bulkhead_core::acts::{self, Shortfall};
use bulkhead_interface::{
    layout::{InsuranceCover, Restoration},
    seeds::SEED_POOL,
};

use crate::{
    authority::{clock, core_error},
    current::{Current, if_there},
    error::BulkheadError,
    events::InsuranceSlashed,
    instructions::*,
    token,
};

#[event_cpi]
#[derive(Accounts)]
pub struct Slash<'info> {
    pub bank: InsuranceTokens<'info>,
    /// CHECK: the restoration, by address. It may be closed by now: then its claims have ended.
    #[account(address = cover.current()?.restoration @ BulkheadError::ForeignAccount)]
    pub restoration: UncheckedAccount<'info>,
    /// CHECK: the token account that claims are paid from, by address.
    #[account(mut, seeds = [SEED_POOL, restoration.key().as_ref()], bump)]
    pub claims: UncheckedAccount<'info>,
    #[account(mut, constraint = cover.current()?.pool == bank.pool.key() @ BulkheadError::ForeignAccount)]
    pub cover: AccountLoader<'info, InsuranceCover>,
    /// The cover of the pool of the order before; none for order 0.
    pub previous: Option<AccountLoader<'info, InsuranceCover>>,
}

pub fn handle_slash<'info>(ctx: Context<'info, Slash<'info>>) -> Result<()> {
    let accounts = &ctx.accounts;
    let event = accounts.book(ctx.remaining_accounts)?;
    if event.amount > 0 {
        accounts.bank.pay(accounts.claims.as_ref(), event.amount)?;
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
        let previous = self.previous.as_ref().map(Current::current).transpose()?;
        let amount = match if_there::<Restoration>(&self.restoration)? {
            Some(restoration) => {
                let found = find_vaults(&pool, &restoration.incident, vaults)?;
                let shortfall = Shortfall {
                    restoration: &restoration,
                    balance: token::balance(&self.claims)?,
                    backings: &backings(&found),
                    previous: previous.as_deref(),
                };
                acts::to_slash(&pool, &cover, &shortfall, now).map_err(core_error)?
            }
            None if cover.reserve == 0 => return err!(BulkheadError::NothingToMove),
            None => 0,
        };
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

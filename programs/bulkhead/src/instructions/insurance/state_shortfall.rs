//! Anyone states the shortfall of a restoration: the pool's part of it, up to its cap, is held back, and exits are open
//! again without that part.
//!
//! Once per pool and restoration, in the pools' order of loss. Called again, it lowers what custody is known to have
//! held. After the accounts named here come three for each of the pool's vaults, in its order: the vault, its custody and
//! the account that its last evacuation went to; then the ledger of its queue, where it has one. What is kept for the
//! queue pays no other claims.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenAccount;
use bulkhead_core::acts::{self, NewCover, Shortfall};
use bulkhead_interface::{
    layout::{InsuranceCover, InsurancePool, Restoration, space},
    seeds::SEED_COVER,
};

use crate::{
    authority::{clock, core_error},
    current::Current,
    error::BulkheadError,
    events::ShortfallStated,
    instructions::*,
    pda,
};

#[event_cpi]
#[derive(Accounts)]
pub struct StateShortfall<'info> {
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(mut)]
    pub pool: AccountLoader<'info, InsurancePool>,
    pub restoration: AccountLoader<'info, Restoration>,
    /// The token account that claims are paid from.
    #[account(address = restoration.current()?.pool @ BulkheadError::ForeignAccount)]
    pub claims: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(
        init_if_needed, payer = payer, space = space::<InsuranceCover>(),
        seeds = [SEED_COVER, pool.key().as_ref(), restoration.key().as_ref()], bump
    )]
    pub cover: AccountLoader<'info, InsuranceCover>,
    /// The cover of the pool of the order before; none for order 0.
    pub previous: Option<AccountLoader<'info, InsuranceCover>>,
    pub system_program: Program<'info, System>,
}

pub fn handle_state_shortfall<'info>(ctx: Context<'info, StateShortfall<'info>>) -> Result<()> {
    let event = ctx.accounts.state(ctx.bumps.cover, ctx.remaining_accounts)?;
    emit_cpi!(event);
    Ok(())
}

impl StateShortfall<'_> {
    #[inline(never)]
    fn state(&self, bump: u8, vaults: &[AccountInfo]) -> Result<ShortfallStated> {
        let new = NewCover {
            bump,
            pool: self.pool.key(),
            restoration: self.restoration.key(),
        };
        let is_new = pda::is_new(self.cover.as_ref())?;
        let mut cover = if is_new {
            self.cover.load_init()?
        } else {
            self.cover.current_mut()?
        };
        let mut pool = self.pool.current_mut()?;
        let restoration = self.restoration.current()?;
        let found = find_vaults(&pool, &restoration.incident, vaults)?;
        let previous = self.previous.as_ref().map(Current::current).transpose()?;
        let stated = Shortfall {
            restoration: &restoration,
            balance: self.claims.amount,
            backings: &backings(&found),
            previous: previous.as_deref(),
        };
        acts::state_shortfall(&mut pool, &mut cover, &stated, is_new.then_some(&new), clock()?.now)
            .map_err(core_error)?;
        Ok(ShortfallStated {
            pool: new.pool,
            restoration: new.restoration,
            shortfall: cover.shortfall,
            limit: cover.limit,
            reserve: cover.reserve,
            custody: cover.custody,
            due_ts: cover.due_ts,
            end_ts: cover.end_ts,
        })
    }
}

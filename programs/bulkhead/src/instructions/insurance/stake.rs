//! Stakes tokens in an insurance pool, for shares of it.
//!
//! Only in peace: while an incident is open, a detector has latched or a shortfall is stated, nobody comes in. After the
//! accounts named here come the pool's detectors, in its order.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenAccount;
use bulkhead_core::acts;
use bulkhead_interface::{
    constants::VERSION,
    layout::{Domain, InsuranceStake, PauseBoard, space},
    seeds::SEED_STAKE,
};

use crate::{authority::*, current::Current, error::BulkheadError, events::Staked, instructions::*, pda};

#[event_cpi]
#[derive(Accounts)]
pub struct Stake<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(address = bank.pool.current()?.domain @ BulkheadError::ForeignAccount)]
    pub domain: AccountLoader<'info, Domain>,
    #[account(address = domain.current()?.board @ BulkheadError::ForeignBoard)]
    pub board: AccountLoader<'info, PauseBoard>,
    pub bank: InsuranceTokens<'info>,
    #[account(
        init_if_needed, payer = payer, space = space::<InsuranceStake>(),
        seeds = [SEED_STAKE, bank.pool.key().as_ref(), owner.key().as_ref()], bump
    )]
    pub stake: AccountLoader<'info, InsuranceStake>,
    #[account(mut)]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
    pub system_program: Program<'info, System>,
}

pub fn handle_stake<'info>(ctx: Context<'info, Stake<'info>>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let source: &AccountInfo = (*accounts.source).as_ref();
    let moved = accounts.bank.take(source, accounts.owner.as_ref(), amount, &[])?;
    let event = accounts.book(moved.received, ctx.bumps.stake, ctx.remaining_accounts)?;
    emit_cpi!(event);
    Ok(())
}

impl Stake<'_> {
    #[inline(never)]
    fn book(&self, arrived: u64, bump: u8, detectors: &[AccountInfo]) -> Result<Staked> {
        let now = clock()?.now;
        let mut stake = if pda::is_new(self.stake.as_ref())? {
            let mut stake = self.stake.load_init()?;
            stake.version = VERSION;
            stake.bump = bump;
            stake.pool = self.bank.pool.key();
            stake.owner = self.owner.key();
            stake
        } else {
            self.stake.current_mut()?
        };
        let mut pool = self.bank.pool.current_mut()?;
        let domain = self.domain.current()?;
        let is_latched = is_latched(&pool, &domain, &*self.board.current()?, detectors, now)?;
        let shares = acts::stake(&mut pool, &mut stake, &domain, is_latched, arrived, now).map_err(core_error)?;
        Ok(Staked {
            pool: self.bank.pool.key(),
            owner: stake.owner,
            amount: arrived,
            shares,
            assets: pool.assets,
            all_shares: pool.shares,
        })
    }
}

//! Anyone pays a premium into an insurance pool, for instance the host by CPI. It works in every phase.
//!
//! The premium is earned over a week by whoever is staked then, so nobody gains by staking just before it.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenAccount;
use bulkhead_core::acts;

use crate::{
    authority::{clock, core_error},
    current::Current,
    events::PremiumPaid,
    instructions::*,
};

#[event_cpi]
#[derive(Accounts)]
pub struct PayPremium<'info> {
    pub funder: Signer<'info>,
    pub bank: InsuranceTokens<'info>,
    #[account(mut)]
    pub source: Box<InterfaceAccount<'info, TokenAccount>>,
}

pub fn handle_pay_premium(ctx: Context<PayPremium>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let source: &AccountInfo = (*accounts.source).as_ref();
    let moved = accounts.bank.take(source, accounts.funder.as_ref(), amount, &[])?;
    let event = {
        let mut pool = accounts.bank.pool.current_mut()?;
        acts::pay_premium(&mut pool, moved.received, clock()?.now).map_err(core_error)?;
        PremiumPaid {
            pool: accounts.bank.pool.key(),
            source: accounts.source.key(),
            amount: moved.received,
            premium: pool.premium,
            premium_end_ts: pool.premium_end_ts,
        }
    };
    emit_cpi!(event);
    Ok(())
}

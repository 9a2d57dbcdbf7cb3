//! An owner says how much anyone may have the exchange pay it, to a token account of the owner's.
//!
//! For owners that cannot be there when tokens leave. The domain is one: it signs through Bulkhead, and a program that is
//! running is not called back, so nothing that pays through Bulkhead can be called in its name. Split in two, the first
//! half needs the signature and no Bulkhead, the second Bulkhead and no signature.

use anchor_lang::prelude::*;

use crate::{error::ExchangeError, state::MarginAccount};

#[derive(Accounts)]
pub struct AllowWithdrawal<'info> {
    pub owner: Signer<'info>,
    #[account(mut, has_one = owner @ ExchangeError::NotTheOwner)]
    pub margin: AccountLoader<'info, MarginAccount>,
}

pub fn handle_allow_withdrawal(ctx: Context<AllowWithdrawal>, amount: u64) -> Result<()> {
    ctx.accounts.margin.load_mut()?.allowed = amount;
    Ok(())
}

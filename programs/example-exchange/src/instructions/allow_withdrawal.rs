//! An owner sets how much anyone may have the exchange pay to the owner's token account.
//!
//! For owners who cannot sign when the tokens leave. The domain is one: it signs through Bulkhead, and a running
//! program cannot be called back, so an instruction that pays through Bulkhead cannot be called with the domain's
//! signature. Split in two, the first half needs the signature but not Bulkhead, the second needs Bulkhead but no
//! signature.

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

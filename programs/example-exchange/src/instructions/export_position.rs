//! Returns the owner of a share account and the account's value in the quote token, for Bulkhead's snapshots: shares
//! are tokens, and the token account does not contain their price.
//!
//! Anyone may call it; it writes nothing and needs no signature. The return data is the owner's 32 bytes, then the
//! amount as u64, little endian. The amount is rounded down as in `remove_liquidity`.

use anchor_lang::{prelude::*, solana_program::program::set_return_data};
use anchor_spl::token_interface::{Mint, TokenAccount};

use crate::{error::ExchangeError, shares::assets_floor, state::Exchange};

/// Length of the return data.
const ANSWER: usize = 40;

#[derive(Accounts)]
pub struct ExportPosition<'info> {
    /// The position: a token account of shares.
    #[account(constraint = shares.mint == lp_mint.key() @ ExchangeError::ForeignAccount)]
    pub shares: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(has_one = lp_mint @ ExchangeError::ForeignAccount)]
    pub exchange: AccountLoader<'info, Exchange>,
    pub lp_mint: Box<InterfaceAccount<'info, Mint>>,
}

pub fn handle_export_position(ctx: Context<ExportPosition>) -> Result<()> {
    let accounts = &ctx.accounts;
    let exchange = accounts.exchange.load()?;
    exchange.require_known()?;
    let worth = assets_floor(accounts.shares.amount, exchange.pool_assets, accounts.lp_mint.supply);
    let worth = worth.ok_or(ExchangeError::Overflow)?;
    let mut answer = Vec::with_capacity(ANSWER);
    answer.extend_from_slice(accounts.shares.owner.as_ref());
    answer.extend_from_slice(&worth.to_le_bytes());
    set_return_data(&answer);
    Ok(())
}

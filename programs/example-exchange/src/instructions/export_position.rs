//! Says whose an account of shares is and what it is worth in the quote token, for Bulkhead's snapshots:
//! shares are tokens, and their price is not in the token account.
//!
//! Anyone may call it; it writes nothing and needs no signature. The answer is the return data: 32 bytes
//! of the owner, then the amount as u64, little endian. It rounds down as `remove_liquidity` does.

use anchor_lang::{prelude::*, solana_program::program::set_return_data};
use anchor_spl::token_interface::{Mint, TokenAccount};

use crate::{error::ExchangeError, shares::assets_floor, state::Exchange};

/// Bytes of the answer.
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

//! The admin names a publisher whose price values a listed collateral from now on, instead of the admin's own price.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use crate::{
    constants::VERSION,
    error::ExchangeError,
    events::OracleOpened,
    gate::require_open,
    seeds::SEED_ORACLE,
    state::{Collateral, Exchange, Oracle, space},
};

#[derive(Accounts)]
pub struct OpenOracle<'info> {
    pub admin: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(has_one = admin @ ExchangeError::NotTheAdmin)]
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(mut, has_one = exchange @ ExchangeError::ForeignAccount)]
    pub collateral: Account<'info, Collateral>,
    #[account(
        init,
        payer = payer,
        space = space::<Oracle>(),
        seeds = [SEED_ORACLE, exchange.key().as_ref(), collateral.mint.as_ref()],
        bump,
    )]
    pub oracle: AccountLoader<'info, Oracle>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_oracle(ctx: Context<OpenOracle>, publisher: Pubkey, price: u64) -> Result<()> {
    {
        let exchange = ctx.accounts.exchange.load()?;
        require_open(&exchange, &exchange.margin_pool, &ctx.accounts.board, action::ADMIN)?;
    }
    require!(price > 0, ExchangeError::PriceNotUsable);
    let (exchange, mint) = (ctx.accounts.exchange.key(), ctx.accounts.collateral.mint);
    {
        let mut oracle = ctx.accounts.oracle.load_init()?;
        oracle.version = VERSION;
        oracle.bump = ctx.bumps.oracle;
        oracle.price = price;
        oracle.published_ts = Clock::get()?.unix_timestamp;
        oracle.exchange = exchange;
        oracle.mint = mint;
        oracle.publisher = publisher;
    }
    ctx.accounts.collateral.oracle = ctx.accounts.oracle.key();
    emit!(OracleOpened {
        exchange,
        mint,
        oracle: ctx.accounts.oracle.key(),
        publisher,
        price,
    });
    Ok(())
}

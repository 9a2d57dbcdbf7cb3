//! Takes over a claim of an open-orders account: the owner's account in a market here has it, free for new orders. It is
//! opened if the owner has none. The old orders do not rest again: their prices are from before the breach.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use crate::{
    constants::VERSION,
    error::ExchangeError,
    gate::require_market_open,
    seeds::SEED_OPEN_ORDERS,
    state::{Exchange, Market, OpenOrders, space},
    takeover::*,
};

#[derive(Accounts)]
pub struct MigrateOrders<'info> {
    /// Anyone; pays the rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// CHECK: owner of the leaf; may sign. Bulkhead binds it by the proof.
    pub owner: UncheckedAccount<'info>,
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(mut, has_one = exchange @ ExchangeError::ForeignAccount)]
    pub market: AccountLoader<'info, Market>,
    #[account(
        init_if_needed, payer = payer, space = space::<OpenOrders>(),
        seeds = [SEED_OPEN_ORDERS, market.key().as_ref(), owner.key().as_ref()], bump
    )]
    pub orders: AccountLoader<'info, OpenOrders>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
    pub takeover: Takeover<'info>,
    /// CHECK: compared with the one the market stores.
    pub token_program: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_migrate_orders(ctx: Context<MigrateOrders>, side: u8, leaf: LeafArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let (asset, pool) = {
        let (exchange, market) = (accounts.exchange.load()?, accounts.market.load()?);
        require_market_open(&exchange, &market, &accounts.board, action::DEPOSIT)?;
        market.asset(&exchange, side)?
    };
    let arrived = accounts.takeover.take(
        &accounts.exchange,
        (&asset, &pool),
        &accounts.owner,
        &accounts.token_program,
        &leaf,
    )?;
    let mut orders = if is_new(accounts.orders.as_ref())? {
        let mut orders = accounts.orders.load_init()?;
        orders.version = VERSION;
        orders.bump = ctx.bumps.orders;
        orders.market = accounts.market.key();
        orders.owner = accounts.owner.key();
        orders
    } else {
        accounts.orders.load_mut()?
    };
    orders.purse_mut(side)?.put(arrived)?;
    let mut market = accounts.market.load_mut()?;
    let held = market.held_mut(side)?;
    *held = held.checked_add(arrived).ok_or(ExchangeError::Overflow)?;
    Ok(())
}

//! Creates the open-orders account of the signing owner in one market. One per owner, so that the account identifies
//! two orders of the same owner.

use anchor_lang::prelude::*;

use crate::{
    constants::VERSION,
    seeds::SEED_OPEN_ORDERS,
    state::{Market, OpenOrders, space},
};

#[derive(Accounts)]
pub struct OpenOrdersAccount<'info> {
    pub owner: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    pub market: AccountLoader<'info, Market>,
    #[account(
        init,
        payer = payer,
        space = space::<OpenOrders>(),
        seeds = [SEED_OPEN_ORDERS, market.key().as_ref(), owner.key().as_ref()],
        bump,
    )]
    pub orders: AccountLoader<'info, OpenOrders>,
    pub system_program: Program<'info, System>,
}

pub fn handle_open_orders_account(ctx: Context<OpenOrdersAccount>) -> Result<()> {
    ctx.accounts.market.load()?.require_known()?;
    let mut orders = ctx.accounts.orders.load_init()?;
    orders.version = VERSION;
    orders.bump = ctx.bumps.orders;
    orders.market = ctx.accounts.market.key();
    orders.owner = ctx.accounts.owner.key();
    Ok(())
}

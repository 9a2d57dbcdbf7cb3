//! Takes over a claim of a margin account: the owner's margin account here has it as a deposit. It is opened if the owner
//! has none. Debts and collateral stay behind, because the ledger has none.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use crate::{
    constants::VERSION,
    error::ExchangeError,
    gate::require_open,
    seeds::SEED_MARGIN,
    state::{Exchange, MarginAccount, space},
    takeover::*,
};

#[derive(Accounts)]
pub struct MigrateMarginAccount<'info> {
    /// Anyone; pays the rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// CHECK: owner of the leaf; may sign. Bulkhead binds it by the proof.
    pub owner: UncheckedAccount<'info>,
    #[account(mut)]
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(
        init_if_needed, payer = payer, space = space::<MarginAccount>(),
        seeds = [SEED_MARGIN, exchange.key().as_ref(), owner.key().as_ref()], bump
    )]
    pub margin: AccountLoader<'info, MarginAccount>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
    pub takeover: Takeover<'info>,
    /// CHECK: compared with the one the exchange stores.
    pub token_program: UncheckedAccount<'info>,
    pub system_program: Program<'info, System>,
}

pub fn handle_migrate_margin_account(ctx: Context<MigrateMarginAccount>, leaf: LeafArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let (asset, pool) = {
        let exchange = accounts.exchange.load()?;
        require_open(&exchange, &exchange.margin_pool, &accounts.board, action::DEPOSIT)?;
        (exchange.quote(), exchange.margin_pool)
    };
    let arrived = accounts.takeover.take(
        &accounts.exchange,
        (&asset, &pool),
        &accounts.owner,
        &accounts.token_program,
        &leaf,
    )?;
    if is_new(accounts.margin.as_ref())? {
        *accounts.margin.load_init()? = MarginAccount {
            version: VERSION,
            bump: ctx.bumps.margin,
            exchange: accounts.exchange.key(),
            owner: accounts.owner.key(),
            deposit: arrived,
            ..bytemuck::Zeroable::zeroed()
        };
    } else {
        let mut margin = accounts.margin.load_mut()?;
        margin.deposit = margin.deposit.checked_add(arrived).ok_or(ExchangeError::Overflow)?;
    }
    let mut exchange = accounts.exchange.load_mut()?;
    exchange.total_deposits = exchange
        .total_deposits
        .checked_add(arrived)
        .ok_or(ExchangeError::Overflow)?;
    Ok(())
}

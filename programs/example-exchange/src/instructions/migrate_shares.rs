//! Takes over a claim of liquidity shares: the owner gets shares of the pool here, at its price, for what arrived.

use anchor_lang::prelude::*;
use anchor_spl::{
    associated_token::AssociatedToken,
    token_interface::{self, Mint, MintTo, TokenAccount, TokenInterface},
};
use bulkhead_guard::action;

use crate::{error::ExchangeError, gate::require_open, shares::shares_floor, state::Exchange, takeover::*};

#[derive(Accounts)]
pub struct MigrateShares<'info> {
    /// Anyone; pays the rent.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// CHECK: owner of the leaf; may sign. Bulkhead binds it by the proof.
    pub owner: UncheckedAccount<'info>,
    #[account(mut, has_one = lp_mint @ ExchangeError::ForeignAccount)]
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(mut)]
    pub lp_mint: Box<InterfaceAccount<'info, Mint>>,
    /// The owner's associated token account of shares.
    #[account(
        init_if_needed, payer = payer,
        associated_token::mint = lp_mint,
        associated_token::authority = owner,
        associated_token::token_program = token_program,
    )]
    pub shares: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
    pub takeover: Takeover<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub associated_token_program: Program<'info, AssociatedToken>,
    pub system_program: Program<'info, System>,
}

pub fn handle_migrate_shares(ctx: Context<MigrateShares>, leaf: LeafArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let (asset, pool, signature) = {
        let exchange = accounts.exchange.load()?;
        require_open(&exchange, &exchange.lp_pool, &accounts.board, action::DEPOSIT)?;
        (exchange.quote(), exchange.lp_pool, exchange.signature())
    };
    let arrived = accounts.takeover.take(
        &accounts.exchange,
        (&asset, &pool),
        &accounts.owner,
        &accounts.token_program,
        &leaf,
    )?;
    let shares = {
        let mut exchange = accounts.exchange.load_mut()?;
        let shares = shares_floor(arrived, exchange.pool_assets, accounts.lp_mint.supply);
        exchange.pool_assets = exchange
            .pool_assets
            .checked_add(arrived)
            .ok_or(ExchangeError::Overflow)?;
        shares.ok_or(ExchangeError::Overflow)?
    };
    require!(shares > 0, ExchangeError::NoSharesForAmount);
    let mint = MintTo {
        mint: accounts.lp_mint.to_account_info(),
        to: accounts.shares.to_account_info(),
        authority: accounts.exchange.to_account_info(),
    };
    let seeds: &[&[u8]] = &signature.seeds();
    let program = accounts.token_program.key();
    token_interface::mint_to(CpiContext::new_with_signer(program, mint, &[seeds]), shares)
}

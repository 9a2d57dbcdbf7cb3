//! The admin opens a market of a base token against the quote token, with terms that never change.
//!
//! With Bulkhead, the vault or breaker of the base tokens is opened first, in a compartment of its own: that compartment
//! is the market's, so that a market can be paused alone. The book is made by the client, as large as it must be and all
//! zero.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead::interface::layout::{OutflowBreaker, Vault};
use bulkhead_guard::action;

use crate::{
    constants::{VERSION, custody_mode},
    error::ExchangeError,
    events::MarketCreated,
    gate::require_open,
    pools::{Claimed, Shelter},
    seeds::{SEED_FEES, SEED_MARKET},
    state::{Book, Exchange, Market, OpenOrders, Pool, Terms, space},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct CreateMarketArgs {
    /// Native units of base in a lot.
    pub base_lot: u64,
    /// Native units of quote for a lot, for each unit of price.
    pub tick: u64,
    /// Smallest order. Lots. Dust is what fills a book; this is its price.
    pub min_lots: u64,
    /// Share of what a taker receives that goes to the fees.
    pub taker_fee_bps: u16,
}

#[derive(Accounts)]
pub struct CreateMarket<'info> {
    /// Owns the market's fees from now on, also when it is no longer the admin.
    pub admin: Signer<'info>,
    #[account(mut)]
    pub payer: Signer<'info>,
    #[account(has_one = admin @ ExchangeError::NotTheAdmin)]
    pub exchange: AccountLoader<'info, Exchange>,
    pub base_mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(
        init,
        payer = payer,
        space = space::<Market>(),
        seeds = [SEED_MARKET, exchange.key().as_ref(), base_mint.key().as_ref()],
        bump,
    )]
    pub market: AccountLoader<'info, Market>,
    #[account(zero)]
    pub book: AccountLoader<'info, Book>,
    #[account(init, payer = payer, space = space::<OpenOrders>(), seeds = [SEED_FEES, market.key().as_ref()], bump)]
    pub fees: AccountLoader<'info, OpenOrders>,
    /// Holds the base tokens: Bulkhead's custody account, or one of the exchange's own.
    #[account(token::mint = base_mint, token::token_program = token_program)]
    pub base_tokens: Box<InterfaceAccount<'info, TokenAccount>>,
    /// With custody.
    pub base_vault: Option<AccountLoader<'info, Vault>>,
    /// When metered.
    pub base_breaker: Option<AccountLoader<'info, OutflowBreaker>>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

pub fn handle_create_market(ctx: Context<CreateMarket>, args: CreateMarketArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let terms = Terms {
        base_lot: args.base_lot,
        tick: args.tick,
        min_lots: args.min_lots,
        taker_fee_bps: args.taker_fee_bps,
        padding: [0; 6],
    };
    terms.check()?;
    let base_pool = accounts.base_pool()?;
    let market_key = accounts.market.key();
    accounts.write_market(&terms, base_pool, ctx.bumps.market)?;
    accounts.book.load_init()?.initialize(market_key);
    let mut fees = accounts.fees.load_init()?;
    fees.version = VERSION;
    fees.bump = ctx.bumps.fees;
    fees.market = market_key;
    fees.owner = accounts.admin.key();
    emit!(MarketCreated {
        exchange: accounts.exchange.key(),
        market: market_key,
        base_mint: accounts.base_mint.key(),
        book: accounts.book.key(),
    });
    Ok(())
}

impl CreateMarket<'_> {
    /// Where the base tokens lie: under the exchange's own domain, in a compartment that no other pool has.
    #[inline(never)]
    fn base_pool(&self) -> Result<Pool> {
        let exchange = self.exchange.load()?;
        require_open(&exchange, &exchange.margin_pool, &self.board, action::ADMIN)?;
        let (operator, base) = (self.exchange.key(), self.base_mint.key());
        require_keys_neq!(base, exchange.quote_mint, ExchangeError::InvalidMarket);
        let claimed = Claimed {
            tokens: &self.base_tokens,
            vault: self.base_vault.as_ref(),
            breaker: self.base_breaker.as_ref(),
        };
        let (pool, shelter) = claimed.pool(exchange.custody_mode, &operator, &base)?;
        let ours = Shelter {
            domain: exchange.domain,
            board: exchange.board,
        };
        require!(shelter == ours, ExchangeError::NotOurCustody);
        let others = [exchange.margin_pool.compartment, exchange.lp_pool.compartment];
        let is_own = exchange.custody_mode == custody_mode::UNPROTECTED || !others.contains(&pool.compartment);
        require!(is_own, ExchangeError::CompartmentShared);
        Ok(pool)
    }

    #[inline(never)]
    fn write_market(&self, terms: &Terms, base_pool: Pool, bump: u8) -> Result<()> {
        let mut market = self.market.load_init()?;
        market.version = VERSION;
        market.bump = bump;
        market.base_decimals = self.base_mint.decimals;
        market.terms = *terms;
        market.exchange = self.exchange.key();
        market.base_mint = self.base_mint.key();
        market.base_token_program = self.token_program.key();
        market.book = self.book.key();
        market.fees = self.fees.key();
        market.base_pool = base_pool;
        Ok(())
    }
}

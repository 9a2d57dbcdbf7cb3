//! The admin opens a market of a base token against the quote token, with terms that never change.
//!
//! The market has its own base and quote tokens: no other ledger is paid out of them. With Bulkhead, open their vaults
//! or breakers first, in a compartment of their own. That compartment is the market's, so the market can be paused
//! alone. The client creates the book account, with the required size and zeroed.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_interface::layout::{OutflowBreaker, Vault};
use bulkhead_guard::action;

use crate::{
    constants::{VERSION, custody_mode},
    error::ExchangeError,
    events::MarketCreated,
    gate::require_open,
    pools::{Claimed, Protect},
    seeds::{SEED_FEES, SEED_MARKET},
    state::{Book, Exchange, Market, OpenOrders, Pool, Terms, space},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct CreateMarketArgs {
    /// Native units of base in a lot.
    pub base_lot: u64,
    /// Native units of quote for a lot, for each unit of price.
    pub tick: u64,
    /// Minimum order. Lots. It sets the price of filling a book with dust.
    pub min_lots: u64,
    /// Share of what a taker receives that goes to the fees.
    pub taker_fee_bps: u16,
}

#[derive(Accounts)]
pub struct CreateMarket<'info> {
    /// Owns the market's fees from now on, even after another key becomes admin.
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
    /// Holds the base tokens: Bulkhead's custody account, or the exchange's own account.
    #[account(token::mint = base_mint, token::token_program = token_program)]
    pub base_tokens: Box<InterfaceAccount<'info, TokenAccount>>,
    /// Holds the quote tokens, likewise.
    pub quote_tokens: Box<InterfaceAccount<'info, TokenAccount>>,
    /// Only with custody.
    pub base_vault: Option<AccountLoader<'info, Vault>>,
    /// Only with custody.
    pub quote_vault: Option<AccountLoader<'info, Vault>>,
    /// Only when metered.
    pub base_breaker: Option<AccountLoader<'info, OutflowBreaker>>,
    /// Only when metered.
    pub quote_breaker: Option<AccountLoader<'info, OutflowBreaker>>,
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
    let [base_pool, quote_pool] = accounts.pools()?;
    let market_key = accounts.market.key();
    accounts.write_market(&terms, [base_pool, quote_pool], ctx.bumps.market)?;
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
    /// Checks where the tokens are held: under the exchange's own domain, in a compartment and in token accounts that
    /// no other pool has. A vault has one token account, and a market has one breaker per token.
    #[inline(never)]
    fn pools(&self) -> Result<[Pool; 2]> {
        let exchange = self.exchange.load()?;
        require_open(&exchange, &exchange.margin_pool, &self.board, action::ADMIN)?;
        require_keys_neq!(self.base_mint.key(), exchange.quote_mint, ExchangeError::InvalidMarket);
        let base = Claimed {
            tokens: &self.base_tokens,
            vault: self.base_vault.as_ref(),
            breaker: self.base_breaker.as_ref(),
        };
        let quote = Claimed {
            tokens: &self.quote_tokens,
            vault: self.quote_vault.as_ref(),
            breaker: self.quote_breaker.as_ref(),
        };
        let base = self.pool(&exchange, &base, &self.base_mint.key())?;
        let quote = self.pool(&exchange, &quote, &exchange.quote_mint)?;
        require!(base.compartment == quote.compartment, ExchangeError::CompartmentShared);
        Ok([base, quote])
    }

    fn pool(&self, exchange: &Exchange, claimed: &Claimed, mint: &Pubkey) -> Result<Pool> {
        let (pool, protect) = claimed.pool(exchange.custody_mode, &self.exchange.key(), mint)?;
        let ours = Protect {
            domain: exchange.domain,
            board: exchange.board,
        };
        require!(protect == ours, ExchangeError::NotOurCustody);
        for other in [&exchange.margin_pool, &exchange.lp_pool] {
            require_keys_neq!(pool.tokens, other.tokens, ExchangeError::DuplicateAccount);
            let is_own = exchange.custody_mode == custody_mode::UNPROTECTED || pool.compartment != other.compartment;
            require!(is_own, ExchangeError::CompartmentShared);
        }
        Ok(pool)
    }

    #[inline(never)]
    fn write_market(&self, terms: &Terms, [base_pool, quote_pool]: [Pool; 2], bump: u8) -> Result<()> {
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
        market.quote_pool = quote_pool;
        Ok(())
    }
}

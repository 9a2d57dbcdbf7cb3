//! Creates the exchange of the signing key. It permanently fixes who holds the tokens and which board the exchange
//! checks: an admin who could change either could disable the protection.
//!
//! With Bulkhead, open its vaults or breakers first, for the exchange's address. This instruction takes the board and
//! compartments from them, so that they cannot disagree.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{Mint, TokenAccount, TokenInterface};
use bulkhead_interface::layout::{OutflowBreaker, Vault};

use crate::{
    constants::{VERSION, flag},
    error::ExchangeError,
    pools::Claimed,
    seeds::{SEED_EXCHANGE, SEED_LP_MINT},
    state::{Exchange, space},
};

#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct InitializeArgs {
    /// One of `constants::custody_mode`.
    pub custody_mode: u8,
    /// The most that may leave in one outflow by the exchange's own rule. Native units.
    pub withdraw_limit: u64,
    /// Enables the bug of the drills. Never set it for anything else.
    pub vulnerable_redemption: bool,
}

#[derive(Accounts)]
pub struct Initialize<'info> {
    #[account(mut)]
    pub creator: Signer<'info>,
    #[account(init, payer = creator, space = space::<Exchange>(), seeds = [SEED_EXCHANGE, creator.key().as_ref()], bump)]
    pub exchange: AccountLoader<'info, Exchange>,
    pub quote_mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(
        init,
        payer = creator,
        seeds = [SEED_LP_MINT, exchange.key().as_ref()],
        bump,
        mint::decimals = quote_mint.decimals,
        mint::authority = exchange,
        mint::token_program = token_program,
    )]
    pub lp_mint: Box<InterfaceAccount<'info, Mint>>,
    /// Holds the deposits: Bulkhead's custody account, or the exchange's own account.
    #[account(token::mint = quote_mint, token::token_program = token_program)]
    pub margin_tokens: Box<InterfaceAccount<'info, TokenAccount>>,
    /// Holds the liquidity, likewise.
    #[account(token::mint = quote_mint, token::token_program = token_program)]
    pub lp_tokens: Box<InterfaceAccount<'info, TokenAccount>>,
    /// Only with custody.
    pub margin_vault: Option<AccountLoader<'info, Vault>>,
    /// Only with custody.
    pub lp_vault: Option<AccountLoader<'info, Vault>>,
    /// Only when metered.
    pub margin_breaker: Option<AccountLoader<'info, OutflowBreaker>>,
    /// Only when metered.
    pub lp_breaker: Option<AccountLoader<'info, OutflowBreaker>>,
    pub token_program: Interface<'info, TokenInterface>,
    pub system_program: Program<'info, System>,
}

pub fn handle_initialize(ctx: Context<Initialize>, args: InitializeArgs) -> Result<()> {
    let accounts = &ctx.accounts;
    let (margin, lp) = (&accounts.margin_tokens, &accounts.lp_tokens);
    require_keys_neq!(margin.key(), lp.key(), ExchangeError::DuplicateAccount);
    let operator = accounts.exchange.key();
    let quote = accounts.quote_mint.key();
    let (margin_pool, protect) = Claimed {
        tokens: margin,
        vault: accounts.margin_vault.as_ref(),
        breaker: accounts.margin_breaker.as_ref(),
    }
    .pool(args.custody_mode, &operator, &quote)?;
    let (lp_pool, lp_protection) = Claimed {
        tokens: lp,
        vault: accounts.lp_vault.as_ref(),
        breaker: accounts.lp_breaker.as_ref(),
    }
    .pool(args.custody_mode, &operator, &quote)?;
    require!(protect == lp_protection, ExchangeError::NotOurCustody);
    *accounts.exchange.load_init()? = Exchange {
        version: VERSION,
        bump: ctx.bumps.exchange,
        custody_mode: args.custody_mode,
        flags: if args.vulnerable_redemption {
            flag::VULNERABLE_REDEMPTION
        } else {
            0
        },
        decimals: accounts.quote_mint.decimals,
        withdraw_limit: args.withdraw_limit,
        creator: accounts.creator.key(),
        admin: accounts.creator.key(),
        quote_mint: quote,
        token_program: accounts.token_program.key(),
        lp_mint: accounts.lp_mint.key(),
        domain: protect.domain,
        board: protect.board,
        margin_pool,
        lp_pool,
        ..bytemuck::Zeroable::zeroed()
    };
    Ok(())
}

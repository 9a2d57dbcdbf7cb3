//! An owner withdraws collateral, as far as the rest covers the debt. Refused in the slot in which the position
//! requested a loan, whether the loan was paid, queued, refused or repaid. Otherwise loans against collateral that is
//! itself borrowed for one transaction could fill everyone's window for the price of fees.
//!
//! The exchange itself holds the collateral. Whoever breaks the exchange can take it, unlike the tokens that Bulkhead
//! holds. One vault per kind of collateral would bound that too.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{self, Mint, TokenAccount, TokenInterface, TransferChecked};
use bulkhead_guard::action;

use crate::{
    credit::max_debt_floor,
    error::ExchangeError,
    gate::require_open,
    seeds::SEED_COLLATERAL_TOKENS,
    state::{Collateral, Exchange, MarginAccount, Oracle},
};

#[derive(Accounts)]
pub struct WithdrawCollateral<'info> {
    pub owner: Signer<'info>,
    pub exchange: AccountLoader<'info, Exchange>,
    #[account(
        mut,
        has_one = owner @ ExchangeError::NotTheOwner,
        has_one = exchange @ ExchangeError::ForeignAccount,
    )]
    pub margin: AccountLoader<'info, MarginAccount>,
    #[account(has_one = exchange @ ExchangeError::ForeignAccount, has_one = mint @ ExchangeError::ForeignAccount)]
    pub collateral: Account<'info, Collateral>,
    /// The collateral's oracle, if it has one.
    pub oracle: Option<AccountLoader<'info, Oracle>>,
    pub mint: Box<InterfaceAccount<'info, Mint>>,
    #[account(
        mut,
        seeds = [SEED_COLLATERAL_TOKENS, exchange.key().as_ref(), mint.key().as_ref()],
        bump,
    )]
    pub collateral_tokens: Box<InterfaceAccount<'info, TokenAccount>>,
    #[account(mut)]
    pub destination: Box<InterfaceAccount<'info, TokenAccount>>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
    pub token_program: Interface<'info, TokenInterface>,
}

pub fn handle_withdraw_collateral(ctx: Context<WithdrawCollateral>, amount: u64) -> Result<()> {
    let accounts = &ctx.accounts;
    let signature = {
        let exchange = accounts.exchange.load()?;
        require_open(&exchange, &exchange.margin_pool, &accounts.board, action::WITHDRAW)?;
        exchange.signature()
    };
    require!(amount > 0, ExchangeError::ZeroAmount);
    let clock = Clock::get()?;
    {
        let mut margin = accounts.margin.load_mut()?;
        require_keys_eq!(
            margin.collateral_mint,
            accounts.mint.key(),
            ExchangeError::WrongCollateral
        );
        require!(margin.loan_slot != clock.slot, ExchangeError::LoanInThisSlot);
        let rest = margin
            .collateral
            .checked_sub(amount)
            .ok_or(ExchangeError::CollateralTooSmall)?;
        // Without debt no price is needed: an oracle that has stopped does not lock anyone's collateral.
        if margin.debt > 0 {
            let price = accounts
                .collateral
                .price_now(accounts.oracle.as_ref(), clock.unix_timestamp)?;
            let most = max_debt_floor(rest, price).ok_or(ExchangeError::Overflow)?;
            require!(margin.debt <= most, ExchangeError::CollateralTooSmall);
        }
        margin.collateral = rest;
    }
    let transfer = TransferChecked {
        from: accounts.collateral_tokens.to_account_info(),
        mint: accounts.mint.to_account_info(),
        to: accounts.destination.to_account_info(),
        authority: accounts.exchange.to_account_info(),
    };
    let program = accounts.token_program.key();
    let seeds: &[&[u8]] = &signature.seeds();
    token_interface::transfer_checked(
        CpiContext::new_with_signer(program, transfer, &[seeds]),
        amount,
        accounts.mint.decimals,
    )
}

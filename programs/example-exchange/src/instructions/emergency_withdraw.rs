//! Bulkhead's domain empties a pool that the exchange holds itself: the instruction that a direct vault registers.
//!
//! Only the domain's PDA may call it, and it signs for nobody but a matured proposal or a confirmed evacuation, whose
//! destination was fixed in peace. No guard stops it: it runs while everything is closed. The ledger stays as it is, for
//! claims are paid by it.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::{self, TransferChecked};

use crate::{error::ExchangeError, state::Exchange, tokens::balance};

#[derive(Accounts)]
pub struct EmergencyWithdraw<'info> {
    /// Signs by CPI only. An exchange without Bulkhead stores no domain, so nobody can sign for it.
    pub domain: Signer<'info>,
    #[account(has_one = domain @ ExchangeError::NotTheDomain)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// CHECK: one of the exchange's token accounts; compared by the handler.
    #[account(mut)]
    pub tokens: UncheckedAccount<'info>,
    /// CHECK: Bulkhead fixes and checks it.
    #[account(mut)]
    pub destination: UncheckedAccount<'info>,
    /// CHECK: compared with the one the exchange stores.
    pub mint: UncheckedAccount<'info>,
    /// CHECK: compared with the one the exchange stores.
    pub token_program: UncheckedAccount<'info>,
}

pub fn handle_emergency_withdraw(ctx: Context<EmergencyWithdraw>) -> Result<()> {
    let accounts = &ctx.accounts;
    let (quote, signature) = {
        let exchange = accounts.exchange.load()?;
        exchange.require_known()?;
        // Tokens in Bulkhead's custody are Bulkhead's to evacuate.
        let pools = [exchange.margin_pool, exchange.lp_pool];
        let own = |key: Pubkey| {
            pools
                .iter()
                .any(|pool| pool.tokens == key && pool.vault == Pubkey::default())
        };
        require!(own(accounts.tokens.key()), ExchangeError::TokensNotOurs);
        (exchange.quote(), exchange.signature())
    };
    require_keys_eq!(accounts.mint.key(), quote.mint, ExchangeError::ForeignAccount);
    require_keys_eq!(
        accounts.token_program.key(),
        quote.token_program,
        ExchangeError::ForeignAccount
    );
    let amount = balance(&accounts.tokens)?;
    require!(amount > 0, ExchangeError::ZeroAmount);
    let transfer = TransferChecked {
        from: accounts.tokens.to_account_info(),
        mint: accounts.mint.to_account_info(),
        to: accounts.destination.to_account_info(),
        authority: accounts.exchange.to_account_info(),
    };
    let seeds: &[&[u8]] = &signature.seeds();
    let program = quote.token_program;
    token_interface::transfer_checked(
        CpiContext::new_with_signer(program, transfer, &[seeds]),
        amount,
        quote.decimals,
    )
}

//! Where a pool's tokens are held and what protects them, according to its vault or breaker.

use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenAccount;
use bulkhead_interface::layout::{OutflowBreaker, Vault};

use crate::{constants::custody_mode, error::ExchangeError, state::Pool};

/// Source of a pool's protection.
#[derive(Default, PartialEq, Eq)]
pub struct Protect {
    /// Bulkhead's domain.
    pub domain: Pubkey,
    /// Its board.
    pub board: Pubkey,
}

/// The accounts that the caller passes for a pool.
pub struct Claimed<'a, 'info> {
    /// Holds the tokens.
    pub tokens: &'a InterfaceAccount<'info, TokenAccount>,
    /// Only with custody.
    pub vault: Option<&'a AccountLoader<'info, Vault>>,
    /// Only when metered.
    pub breaker: Option<&'a AccountLoader<'info, OutflowBreaker>>,
}

impl Claimed<'_, '_> {
    /// The pool that these accounts form, for `operator` alone and tokens of `mint`.
    pub fn pool(&self, mode: u8, operator: &Pubkey, mint: &Pubkey) -> Result<(Pool, Protect)> {
        require_keys_eq!(self.tokens.mint, *mint, ExchangeError::TokensNotOurs);
        match mode {
            custody_mode::UNPROTECTED => own_pool(self.tokens, operator),
            custody_mode::METERED => metered_pool(self.tokens, self.breaker, operator, mint),
            custody_mode::BULKHEAD => custody_pool(self.tokens, self.vault, operator, mint),
            _ => err!(ExchangeError::UnknownCustodyMode),
        }
    }
}

/// Tokens that the exchange holds itself, without protection.
fn own_pool(tokens: &InterfaceAccount<TokenAccount>, operator: &Pubkey) -> Result<(Pool, Protect)> {
    let is_ours = tokens.owner == *operator && tokens.delegate.is_none() && tokens.close_authority.is_none();
    require!(is_ours, ExchangeError::TokensNotOurs);
    let pool = Pool {
        tokens: tokens.key(),
        ..bytemuck::Zeroable::zeroed()
    };
    Ok((pool, Protect::default()))
}

/// Tokens that the exchange holds itself, metered by a breaker whose authority is the exchange.
fn metered_pool(
    tokens: &InterfaceAccount<TokenAccount>,
    breaker: Option<&AccountLoader<OutflowBreaker>>,
    operator: &Pubkey,
    mint: &Pubkey,
) -> Result<(Pool, Protect)> {
    let loader = breaker.ok_or(ExchangeError::CustodyAccountMissing)?;
    let breaker = loader.load()?;
    let is_ours = breaker.authority == *operator && breaker.mint == *mint;
    require!(is_ours, ExchangeError::NotOurCustody);
    let (own, _) = own_pool(tokens, operator)?;
    let pool = Pool {
        breaker: loader.key(),
        compartment: breaker.compartment,
        ..own
    };
    let protect = Protect {
        domain: breaker.domain,
        board: breaker.board,
    };
    Ok((pool, protect))
}

/// Tokens in Bulkhead's custody, in a vault that only the exchange can release from.
fn custody_pool(
    tokens: &InterfaceAccount<TokenAccount>,
    vault: Option<&AccountLoader<Vault>>,
    operator: &Pubkey,
    mint: &Pubkey,
) -> Result<(Pool, Protect)> {
    let loader = vault.ok_or(ExchangeError::CustodyAccountMissing)?;
    let vault = loader.load()?;
    let is_ours = vault.operator == *operator && vault.mint == *mint && vault.custody == tokens.key();
    require!(is_ours, ExchangeError::NotOurCustody);
    let pool = Pool {
        tokens: vault.custody,
        vault: loader.key(),
        breaker: vault.breaker,
        compartment: vault.compartment,
        padding: [0; 7],
    };
    let protect = Protect {
        domain: vault.domain,
        board: vault.board,
    };
    Ok((pool, protect))
}

//! One exchange.

use anchor_lang::prelude::*;

use crate::{constants::VERSION, custody::Asset, error::ExchangeError, seeds::SEED_EXCHANGE};

/// The tokens of one kind of user, and their protection.
#[zero_copy]
#[derive(Debug, PartialEq, Eq)]
pub struct Pool {
    /// Token account that holds them.
    pub tokens: Pubkey,
    /// Bulkhead's vault over that token account, or zero.
    pub vault: Pubkey,
    /// Bulkhead's breaker that meters what leaves, or zero.
    pub breaker: Pubkey,
    /// Compartment of the board.
    pub compartment: u8,
    /// Zero.
    pub padding: [u8; 7],
}

const _: () = assert!(core::mem::size_of::<Pool>() == 104 && core::mem::align_of::<Pool>() == 1);

/// First eight bytes of an exchange.
pub const EXCHANGE_DISCRIMINATOR: [u8; 8] = *b"exExchng";

/// The exchange. Every deposit and withdrawal writes to it, for `total_deposits`: Bulkhead checks a snapshot against
/// that total. An exchange that needs more parallel writes shards its total, or registers one ledger per market.
#[account(zero_copy, discriminator = &EXCHANGE_DISCRIMINATOR)]
#[derive(Debug)]
pub struct Exchange {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// One of `constants::custody_mode`.
    pub custody_mode: u8,
    /// Bits of `constants::flag`.
    pub flags: u8,
    /// Decimals of the quote token.
    pub decimals: u8,
    /// Zero.
    pub padding: [u8; 3],
    /// Sum of all deposits of margin accounts. Native units.
    pub total_deposits: u64,
    /// Sum of all debts of margin accounts. Native units.
    pub total_debt: u64,
    /// Total value of the pool's shares. Native units.
    pub pool_assets: u64,
    /// The most that may leave in one outflow by the exchange's own rule, which the admin can change.
    pub withdraw_limit: u64,
    /// Key that created the exchange; its address is derived from it.
    pub creator: Pubkey,
    /// Key that lists collateral, sets the limit and names its successor.
    pub admin: Pubkey,
    /// Token that is deposited, lent and pooled.
    pub quote_mint: Pubkey,
    /// SPL Token or Token-2022.
    pub token_program: Pubkey,
    /// Share mint of the pool.
    pub lp_mint: Pubkey,
    /// Bulkhead's domain, or zero.
    pub domain: Pubkey,
    /// Bulkhead's pause board, or zero.
    pub board: Pubkey,
    /// Deposits of margin accounts.
    pub margin_pool: Pool,
    /// Liquidity.
    pub lp_pool: Pool,
    /// Zero; room for later versions.
    pub reserved: [u8; 64],
}

const _: () = assert!(core::mem::size_of::<Exchange>() == 536 && core::mem::align_of::<Exchange>() == 8);

/// Offset of `total_deposits: u64` in the account.
pub const TOTAL_DEPOSITS_OFFSET: usize = 16;

/// Offset of `pool_assets: u64` in the account: the total value of all shares.
pub const POOL_ASSETS_OFFSET: usize = 32;

const _: () = assert!(core::mem::offset_of!(Exchange, pool_assets) == POOL_ASSETS_OFFSET - 8);
const _: () = assert!(core::mem::offset_of!(Exchange, total_deposits) == TOTAL_DEPOSITS_OFFSET - 8);

impl Exchange {
    /// Refuses an account whose layout this program does not support.
    pub fn require_known(&self) -> Result<()> {
        require!(self.version == VERSION, ExchangeError::UnknownVersion);
        Ok(())
    }

    /// The quote token, as an outgoing token.
    pub fn quote(&self) -> Asset {
        Asset {
            mint: self.quote_mint,
            token_program: self.token_program,
            decimals: self.decimals,
        }
    }

    /// The PDA's signer seeds, copied out because nothing may stay borrowed over a CPI.
    pub fn signature(&self) -> Signature {
        Signature {
            creator: self.creator,
            bump: [self.bump],
        }
    }
}

/// The seeds of an exchange.
pub struct Signature {
    creator: Pubkey,
    bump: [u8; 1],
}

impl Signature {
    /// In the form that `invoke_signed` takes.
    pub fn seeds(&self) -> [&[u8]; 3] {
        [SEED_EXCHANGE, self.creator.as_ref(), &self.bump]
    }
}

//! Addresses of the exchange's accounts, for clients. Programs store bumps instead of searching for them.

use anchor_lang::prelude::Pubkey;

use crate::{
    ID,
    seeds::{
        SEED_COLLATERAL, SEED_COLLATERAL_TOKENS, SEED_EXCHANGE, SEED_FEES, SEED_LP_MINT, SEED_MARGIN, SEED_MARKET,
        SEED_OPEN_ORDERS, SEED_ORACLE,
    },
};

/// The exchange of a creator. It is also the operator of its vaults and the authority of its
/// breakers.
pub fn exchange(creator: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[SEED_EXCHANGE, creator.as_ref()], &ID).0
}

/// The share mint of an exchange's pool.
pub fn lp_mint(exchange: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[SEED_LP_MINT, exchange.as_ref()], &ID).0
}

/// An owner's margin account.
pub fn margin(exchange: &Pubkey, owner: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[SEED_MARGIN, exchange.as_ref(), owner.as_ref()], &ID).0
}

/// The listing of a collateral.
pub fn collateral(exchange: &Pubkey, mint: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[SEED_COLLATERAL, exchange.as_ref(), mint.as_ref()], &ID).0
}

/// The oracle of a collateral that has one.
pub fn oracle(exchange: &Pubkey, mint: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[SEED_ORACLE, exchange.as_ref(), mint.as_ref()], &ID).0
}

/// The token account that holds a collateral.
pub fn collateral_tokens(exchange: &Pubkey, mint: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[SEED_COLLATERAL_TOKENS, exchange.as_ref(), mint.as_ref()], &ID).0
}

/// The market of a base token against the quote token.
pub fn market(exchange: &Pubkey, base_mint: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[SEED_MARKET, exchange.as_ref(), base_mint.as_ref()], &ID).0
}

/// An owner's open-orders account in a market.
pub fn open_orders(market: &Pubkey, owner: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[SEED_OPEN_ORDERS, market.as_ref(), owner.as_ref()], &ID).0
}

/// The account of a market's fees.
pub fn fees(market: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[SEED_FEES, market.as_ref()], &ID).0
}

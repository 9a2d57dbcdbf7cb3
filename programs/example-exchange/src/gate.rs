//! The guard: is this action open?

use anchor_lang::prelude::*;
use bulkhead_guard::check_account;

use crate::{
    constants::custody_mode,
    error::ExchangeError,
    state::{Exchange, Market, Pool},
};

/// Stops a paused action. Every handler calls it before it changes anything.
///
/// The board is read, never written, so the guard costs the exchange no parallelism. Its key is the one stored at
/// initialization, so no transaction can substitute another board.
pub fn require_open(exchange: &Exchange, pool: &Pool, board: &AccountInfo, action: u32) -> Result<()> {
    exchange.require_known()?;
    if exchange.custody_mode == custody_mode::UNPROTECTED {
        return Ok(());
    }
    let now = Clock::get()?.unix_timestamp;
    let (key, owner, data) = (board.key, board.owner, board.try_borrow_data());
    check_account(&exchange.board, key, owner, data, pool.compartment, action, now)
        .map_err(|error| ExchangeError::from(error).into())
}

/// The same in the compartment of a market.
pub fn require_market_open(exchange: &Exchange, market: &Market, board: &AccountInfo, action: u32) -> Result<()> {
    market.require_known()?;
    require_open(exchange, &market.base_pool, board, action)
}

//! The accounts of the admin's instructions.

use anchor_lang::prelude::*;
use bulkhead_guard::action;

use crate::{error::ExchangeError, gate::require_open, state::Exchange};

#[derive(Accounts)]
pub struct Administer<'info> {
    pub admin: Signer<'info>,
    #[account(mut, has_one = admin @ ExchangeError::NotTheAdmin)]
    pub exchange: AccountLoader<'info, Exchange>,
    /// CHECK: Bulkhead's board; the guard checks it. Any account when unprotected.
    pub board: UncheckedAccount<'info>,
}

impl Administer<'_> {
    /// Stops the admin too while ADMIN is paused.
    pub fn require_open(&self) -> Result<()> {
        let exchange = self.exchange.load()?;
        require_open(&exchange, &exchange.margin_pool, &self.board, action::ADMIN)
    }
}

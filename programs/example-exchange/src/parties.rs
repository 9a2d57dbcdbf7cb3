//! The open-orders accounts of a transaction, found by key.
//!
//! Accounts come from a handler's own accounts and from its remaining accounts, in any order and possibly twice. Each
//! is borrowed for a single change, so no copy can overwrite another. An account is the right one if an order of this
//! book names it; its market is checked as well.

use anchor_lang::prelude::*;

use crate::{
    engine::{Fill, Parties},
    error::ExchangeError,
    events::{OrderCancelled, OrderFilled},
    state::{OpenOrders, Order},
};

/// The available accounts of one market.
pub struct Present<'a, 'info> {
    /// The market.
    pub market: Pubkey,
    /// The handler's own accounts.
    pub named: &'a [&'a AccountLoader<'info, OpenOrders>],
    /// The remaining accounts.
    pub others: &'info [AccountInfo<'info>],
}

impl<'info> Present<'_, 'info> {
    fn other(&self, account: &Pubkey) -> Option<&'info AccountInfo<'info>> {
        self.others.iter().find(|other| other.key == account)
    }

    fn change(
        &self,
        loader: &AccountLoader<'info, OpenOrders>,
        change: &mut dyn FnMut(&mut OpenOrders) -> Result<()>,
    ) -> Result<()> {
        let mut account = loader.load_mut()?;
        require_keys_eq!(account.market, self.market, ExchangeError::ForeignAccount);
        change(&mut account)
    }
}

impl Parties for Present<'_, '_> {
    fn has(&self, account: &Pubkey) -> bool {
        self.named.iter().any(|named| named.key() == *account) || self.other(account).is_some()
    }

    fn with(&mut self, account: &Pubkey, change: &mut dyn FnMut(&mut OpenOrders) -> Result<()>) -> Result<()> {
        if let Some(named) = self.named.iter().find(|named| named.key() == *account) {
            return self.change(named, change);
        }
        let other = self.other(account).ok_or(ExchangeError::ForeignAccount)?;
        self.change(&AccountLoader::try_from(other)?, change)
    }

    fn filled(&mut self, fill: &Fill) {
        emit!(OrderFilled {
            market: self.market,
            buyer: fill.buyer,
            seller: fill.seller,
            taker_side: fill.taker,
            price: fill.price,
            lots: fill.lots,
        });
    }

    fn cancelled(&mut self, side: u8, order: &Order) {
        emit!(OrderCancelled {
            market: self.market,
            orders: order.account,
            client_id: order.client_id,
            side,
            lots: order.lots,
        });
    }
}

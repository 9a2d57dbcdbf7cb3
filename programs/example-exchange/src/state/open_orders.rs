//! One owner's balances in one market.

use anchor_lang::prelude::*;

use crate::{constants::side, error::ExchangeError};

/// First eight bytes of an open-orders account: the first filter of its ledgers.
pub const OPEN_ORDERS_DISCRIMINATOR: [u8; 8] = *b"exOrders";

/// Balance of one token in a market. The part that is not locked is free.
///
/// A ledger reads `held`. Locking, unlocking and cancelling do not change it, so an owner's balance does not depend on
/// how much of it is locked by orders.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Purse {
    /// The owner's whole balance here. Native units.
    pub held: u64,
    /// The part of it that resting orders may spend.
    pub locked: u64,
}

impl Purse {
    /// The part that no order may spend.
    pub fn free(&self) -> u64 {
        self.held.saturating_sub(self.locked)
    }

    /// Adds a deposit.
    pub fn put(&mut self, amount: u64) -> Result<()> {
        self.held = self.held.checked_add(amount).ok_or(ExchangeError::Overflow)?;
        Ok(())
    }

    /// Subtracts a withdrawal from the free balance.
    pub fn take(&mut self, amount: u64) -> Result<()> {
        require!(amount <= self.free(), ExchangeError::NotEnoughFree);
        self.held = self.held.checked_sub(amount).ok_or(ExchangeError::Overflow)?;
        Ok(())
    }

    /// Locks a part of the free balance for an order.
    pub fn lock(&mut self, amount: u64) -> Result<()> {
        require!(amount <= self.free(), ExchangeError::NotEnoughFree);
        self.locked = self.locked.checked_add(amount).ok_or(ExchangeError::Overflow)?;
        Ok(())
    }

    /// Unlocks an amount.
    pub fn unlock(&mut self, amount: u64) -> Result<()> {
        self.locked = self.locked.checked_sub(amount).ok_or(ExchangeError::Overflow)?;
        Ok(())
    }
}

/// An owner's account in a market. It is never closed, so no position can disappear between two cranks of a snapshot.
#[account(zero_copy, discriminator = &OPEN_ORDERS_DISCRIMINATOR)]
#[derive(Debug)]
pub struct OpenOrders {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Zero.
    pub padding: [u8; 2],
    /// Number of resting orders.
    pub resting: u32,
    /// The highest client id used so far.
    pub last_client_id: u64,
    /// Its market.
    pub market: Pubkey,
    /// Who may use it.
    pub owner: Pubkey,
    /// Locked by bids.
    pub quote: Purse,
    /// Locked by asks.
    pub base: Purse,
    /// Zero; room for later versions.
    pub reserved: [u8; 32],
}

const _: () = assert!(core::mem::size_of::<OpenOrders>() == 144 && core::mem::align_of::<OpenOrders>() == 8);

/// Offset of `market` in the account: the second filter of its ledgers.
pub const OPEN_ORDERS_MARKET_OFFSET: usize = 24;
/// Offset of `owner` in the account.
pub const OPEN_ORDERS_OWNER_OFFSET: usize = 56;
/// Offset of `quote.held: u64` in the account, followed by `quote.locked: u64`.
pub const OPEN_ORDERS_QUOTE_OFFSET: usize = 88;
/// Offset of `base.held: u64` in the account, followed by `base.locked: u64`.
pub const OPEN_ORDERS_BASE_OFFSET: usize = 104;

const _: () = {
    use core::mem::offset_of;
    assert!(offset_of!(OpenOrders, market) == OPEN_ORDERS_MARKET_OFFSET - 8);
    assert!(offset_of!(OpenOrders, owner) == OPEN_ORDERS_OWNER_OFFSET - 8);
    assert!(offset_of!(OpenOrders, quote) == OPEN_ORDERS_QUOTE_OFFSET - 8);
    assert!(offset_of!(OpenOrders, base) == OPEN_ORDERS_BASE_OFFSET - 8);
    assert!(offset_of!(Purse, held) == 0 && offset_of!(Purse, locked) == 8);
};

impl OpenOrders {
    /// The tokens that orders of a side spend: bids quote, asks base.
    pub fn purse(&self, number: u8) -> Result<&Purse> {
        match number {
            side::BID => Ok(&self.quote),
            side::ASK => Ok(&self.base),
            _ => err!(ExchangeError::UnknownSide),
        }
    }

    /// The tokens that orders of a side spend: bids quote, asks base.
    pub fn purse_mut(&mut self, number: u8) -> Result<&mut Purse> {
        match number {
            side::BID => Ok(&mut self.quote),
            side::ASK => Ok(&mut self.base),
            _ => err!(ExchangeError::UnknownSide),
        }
    }

    /// Records that an order of this account started to rest.
    pub fn rests(&mut self) -> Result<()> {
        self.resting = self.resting.checked_add(1).ok_or(ExchangeError::Overflow)?;
        Ok(())
    }

    /// Records that an order of this account left the book.
    pub fn left(&mut self) -> Result<()> {
        self.resting = self.resting.checked_sub(1).ok_or(ExchangeError::Overflow)?;
        Ok(())
    }
}

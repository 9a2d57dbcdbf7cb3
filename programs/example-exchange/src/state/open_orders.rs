//! What one owner has with one market.

use anchor_lang::prelude::*;

use crate::{constants::side, error::ExchangeError};

/// First eight bytes of an open-orders account: the first filter of its ledgers.
pub const OPEN_ORDERS_DISCRIMINATOR: [u8; 8] = *b"exOrders";

/// Tokens of one kind with a market. What is not locked is free.
///
/// `held` is what a ledger reads: locking, unlocking and cancelling leave it alone, so that what is the owner's does not
/// depend on how much of it rests in orders.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Purse {
    /// All that is the owner's here, native units.
    pub held: u64,
    /// Of that, what resting orders may spend.
    pub locked: u64,
}

impl Purse {
    /// What no order may spend.
    pub fn free(&self) -> u64 {
        self.held.saturating_sub(self.locked)
    }

    /// Comes in.
    pub fn put(&mut self, amount: u64) -> Result<()> {
        self.held = self.held.checked_add(amount).ok_or(ExchangeError::Overflow)?;
        Ok(())
    }

    /// Leaves, out of what is free.
    pub fn take(&mut self, amount: u64) -> Result<()> {
        require!(amount <= self.free(), ExchangeError::NotEnoughFree);
        self.held = self.held.checked_sub(amount).ok_or(ExchangeError::Overflow)?;
        Ok(())
    }

    /// Is promised to an order, out of what is free.
    pub fn lock(&mut self, amount: u64) -> Result<()> {
        require!(amount <= self.free(), ExchangeError::NotEnoughFree);
        self.locked = self.locked.checked_add(amount).ok_or(ExchangeError::Overflow)?;
        Ok(())
    }

    /// Is free again.
    pub fn unlock(&mut self, amount: u64) -> Result<()> {
        self.locked = self.locked.checked_sub(amount).ok_or(ExchangeError::Overflow)?;
        Ok(())
    }
}

/// What an owner has with a market. It is never closed, so no position can vanish between two cranks of a snapshot.
#[account(zero_copy, discriminator = &OPEN_ORDERS_DISCRIMINATOR)]
#[derive(Debug)]
pub struct OpenOrders {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Zero.
    pub padding: [u8; 2],
    /// Orders that rest.
    pub resting: u32,
    /// The highest client id so far.
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

/// Where `market` lies in the account: the second filter of its ledgers.
pub const OPEN_ORDERS_MARKET_OFFSET: usize = 24;
/// Where `owner` lies in the account.
pub const OPEN_ORDERS_OWNER_OFFSET: usize = 56;
/// Where `quote.held: u64` lies in the account, and `quote.locked: u64` behind it.
pub const OPEN_ORDERS_QUOTE_OFFSET: usize = 88;
/// Where `base.held: u64` lies in the account, and `base.locked: u64` behind it.
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

    /// An order of this account has begun to rest.
    pub fn rests(&mut self) -> Result<()> {
        self.resting = self.resting.checked_add(1).ok_or(ExchangeError::Overflow)?;
        Ok(())
    }

    /// An order of this account has left the book.
    pub fn left(&mut self) -> Result<()> {
        self.resting = self.resting.checked_sub(1).ok_or(ExchangeError::Overflow)?;
        Ok(())
    }
}

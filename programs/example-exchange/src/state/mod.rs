//! Accounts. Positions and their total are at fixed offsets, which a Bulkhead ledger names.

mod book;
mod collateral;
mod exchange;
mod margin_account;
mod market;
mod open_orders;
mod oracle;

pub use {
    book::{BOOK_DISCRIMINATOR, Book, BookSide, Order},
    collateral::Collateral,
    exchange::{EXCHANGE_DISCRIMINATOR, Exchange, POOL_ASSETS_OFFSET, Pool, TOTAL_DEPOSITS_OFFSET},
    margin_account::{
        MARGIN_DEPOSIT_OFFSET, MARGIN_DISCRIMINATOR, MARGIN_EXCHANGE_OFFSET, MARGIN_OWNER_OFFSET, MarginAccount,
    },
    market::{BASE_HELD_OFFSET, MARKET_DISCRIMINATOR, Market, QUOTE_HELD_OFFSET, Terms},
    open_orders::{
        OPEN_ORDERS_BASE_OFFSET, OPEN_ORDERS_DISCRIMINATOR, OPEN_ORDERS_MARKET_OFFSET, OPEN_ORDERS_OWNER_OFFSET,
        OPEN_ORDERS_QUOTE_OFFSET, OpenOrders, Purse,
    },
    oracle::{ORACLE_DISCRIMINATOR, ORACLE_PRICE_OFFSET, ORACLE_TIME_OFFSET, Oracle},
};

/// Size of an account of layout `T` in bytes, including the discriminator.
pub const fn space<T>() -> usize {
    8_usize.saturating_add(core::mem::size_of::<T>())
}

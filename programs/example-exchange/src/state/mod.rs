//! Accounts. Positions and their total lie at fixed offsets: a Bulkhead ledger names those.

mod collateral;
mod exchange;
mod margin_account;
mod oracle;

pub use {
    collateral::Collateral,
    exchange::{EXCHANGE_DISCRIMINATOR, Exchange, POOL_ASSETS_OFFSET, Pool, TOTAL_DEPOSITS_OFFSET},
    margin_account::{
        MARGIN_DEPOSIT_OFFSET, MARGIN_DISCRIMINATOR, MARGIN_EXCHANGE_OFFSET, MARGIN_OWNER_OFFSET, MarginAccount,
    },
    oracle::{ORACLE_DISCRIMINATOR, ORACLE_PRICE_OFFSET, ORACLE_TIME_OFFSET, Oracle},
};

/// Bytes of an account of layout `T`, discriminator included.
pub const fn space<T>() -> usize {
    8_usize.saturating_add(core::mem::size_of::<T>())
}

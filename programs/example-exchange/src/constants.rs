//! Closed sets of numbers and fixed terms.

/// Layout version written into every account.
pub const VERSION: u8 = 1;

/// `Exchange::custody_mode`: who holds the tokens, fixed at initialization.
pub mod custody_mode {
    /// The exchange itself, without Bulkhead: no guard and no meter. What the drills compare with.
    pub const UNPROTECTED: u8 = 0;
    /// The exchange itself. The guard is asked, and Bulkhead meters every outflow.
    pub const METERED: u8 = 1;
    /// Bulkhead. The guard is asked, and every outflow is a release.
    pub const BULKHEAD: u8 = 2;
}

/// Bits of `Exchange::flags`.
pub mod flag {
    /// `redeem_at_stale_price` is there to be exploited.
    pub const VULNERABLE_REDEMPTION: u8 = 1;
}

/// A price is in native units of the quote token for this many native units of collateral.
pub const PRICE_SCALE: u64 = 1_000_000;
/// An oracle's price that is older than this carries no loan.
pub const MAX_PRICE_AGE_SECONDS: i64 = 60;
/// Share of the collateral's value that can be borrowed, in bps.
pub const LOAN_TO_VALUE_BPS: u16 = 8_000;
/// What `redeem_at_stale_price` pays for one unit.
pub const STALE_PRICE: u64 = 10;

/// Sides of a book.
pub mod side {
    /// Pays quote for base.
    pub const BID: u8 = 0;
    /// Gives base for quote.
    pub const ASK: u8 = 1;
}

/// What becomes of an order.
pub mod order_kind {
    /// Takes what it can, and the rest of it rests.
    pub const LIMIT: u8 = 0;
    /// Rests, or is refused.
    pub const POST_ONLY: u8 = 1;
    /// Takes what it can, and the rest of it is gone.
    pub const IOC: u8 = 2;
}

/// Orders that may rest on one side of a book.
pub const MAX_RESTING: usize = 256;
/// Orders of one account that may rest in a book.
pub const MAX_RESTING_EACH: u32 = 32;
/// Most that a taker can be charged.
pub const MAX_TAKER_FEE_BPS: u16 = 100;

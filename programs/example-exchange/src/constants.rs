//! Closed sets of numbers and fixed parameters.

/// Layout version written into every account.
pub const VERSION: u8 = 1;

/// `Exchange::custody_mode`: who holds the tokens, fixed at initialization.
pub mod custody_mode {
    /// The exchange itself, without Bulkhead: no guard and no meter. The baseline of the drills.
    pub const UNPROTECTED: u8 = 0;
    /// The exchange itself. It checks the guard, and Bulkhead meters every outflow.
    pub const METERED: u8 = 1;
    /// Bulkhead. The exchange checks the guard, and every outflow is a release.
    pub const BULKHEAD: u8 = 2;
}

/// Bits of `Exchange::flags`.
pub mod flag {
    /// `redeem_at_stale_price` is enabled, to be exploited.
    pub const VULNERABLE_REDEMPTION: u8 = 1;
}

/// Prices are in native units of the quote token per this many native units of collateral.
pub const PRICE_SCALE: u64 = 1_000_000;
/// An oracle price older than this cannot be borrowed against.
pub const MAX_PRICE_AGE_SECONDS: i64 = 60;
/// Share of the collateral's value that can be borrowed, in bps.
pub const LOAN_TO_VALUE_BPS: u16 = 8_000;
/// What `redeem_at_stale_price` pays for one unit.
pub const STALE_PRICE: u64 = 10;

/// Sides of a book.
pub mod side {
    /// Pays quote for base.
    pub const BID: u8 = 0;
    /// Pays base for quote.
    pub const ASK: u8 = 1;
}

/// Order kinds.
pub mod order_kind {
    /// Matches what it can; the rest stays in the book.
    pub const LIMIT: u8 = 0;
    /// Post-only: rests in the book or is refused.
    pub const POST_ONLY: u8 = 1;
    /// Matches what it can; the rest is cancelled.
    pub const IOC: u8 = 2;
}

/// Maximum number of resting orders on one side of a book.
pub const MAX_RESTING: usize = 256;
/// Maximum number of resting orders of one account in a book.
pub const MAX_RESTING_EACH: u32 = 32;
/// Maximum taker fee.
pub const MAX_TAKER_FEE_BPS: u16 = 100;

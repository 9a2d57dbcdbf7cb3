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

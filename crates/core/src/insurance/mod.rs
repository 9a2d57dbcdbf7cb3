//! Insurance: capital that covers what a ledger's restorations lack, for a premium.
//!
//! A pool counts its assets itself and never reads its balance: tokens that nobody staked or paid belong to nobody.
//! Shares are worth `(assets - reserve + 1) / (shares + VIRTUAL_SHARES)` each, rounded down.

pub(crate) mod acts;
pub mod cover;
pub mod exits;
pub mod premium;
pub mod shares;

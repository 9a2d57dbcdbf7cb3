//! User actions, one bit each. Bits 16 to 31 are for the host to define.

/// Deposit funds.
pub const DEPOSIT: u32 = 1 << 0;
/// Withdraw funds.
pub const WITHDRAW: u32 = 1 << 1;
/// Borrow.
pub const BORROW: u32 = 1 << 2;
/// Repay debt.
pub const REPAY: u32 = 1 << 3;
/// Place an order or swap.
pub const TRADE: u32 = 1 << 4;
/// Cancel an order.
pub const CANCEL: u32 = 1 << 5;
/// Liquidate someone else's position.
pub const LIQUIDATE: u32 = 1 << 6;
/// Settle profit and loss.
pub const SETTLE: u32 = 1 << 7;
/// Claim what a restoration owes.
pub const CLAIM: u32 = 1 << 8;
/// Change the host's configuration.
pub const ADMIN: u32 = 1 << 9;

/// All actions.
pub const ALL: u32 = u32::MAX;
/// What an emergency closes unless the council sets another mask. Exits stay open: repaying, cancelling, topping up
/// margin and claiming can only make users safer. Liquidation is closed, because nobody should lose a position they are
/// not allowed to save.
pub const DEFAULT_EMERGENCY: u32 = ALL & !(REPAY | CANCEL | DEPOSIT | CLAIM);
/// What a freeze closes: everything except claims. A deposit or a repayment made while the ledger is being read would
/// keep the snapshot from adding up. One made afterwards would be missing from the snapshot.
pub const FROZEN: u32 = ALL & !CLAIM;

//! What users do, one bit each. Bits 16 to 31 are the host's to define.

/// Put funds in.
pub const DEPOSIT: u32 = 1 << 0;
/// Take funds out.
pub const WITHDRAW: u32 = 1 << 1;
/// Take on debt.
pub const BORROW: u32 = 1 << 2;
/// Pay debt back.
pub const REPAY: u32 = 1 << 3;
/// Place an order, swap.
pub const TRADE: u32 = 1 << 4;
/// Take back an order.
pub const CANCEL: u32 = 1 << 5;
/// Liquidate somebody else's position.
pub const LIQUIDATE: u32 = 1 << 6;
/// Settle profit and loss.
pub const SETTLE: u32 = 1 << 7;
/// Claim what a restoration owes.
pub const CLAIM: u32 = 1 << 8;
/// Change the host's configuration.
pub const ADMIN: u32 = 1 << 9;

/// Everything.
pub const ALL: u32 = u32::MAX;
/// What an emergency closes unless the council says otherwise. Exits stay open: repaying,
/// cancelling, topping up margin and claiming can only make users safer. Liquidation is closed,
/// for nobody should lose a position they are not allowed to save.
pub const DEFAULT_EMERGENCY: u32 = ALL & !(REPAY | CANCEL | DEPOSIT | CLAIM);
/// What a freeze closes: everything but claims. A deposit or a repayment while the ledger is read
/// would keep the snapshot from adding up, and after it would be in no snapshot at all.
pub const FROZEN: u32 = ALL & !CLAIM;

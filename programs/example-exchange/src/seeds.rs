//! PDA seeds. The comment behind each lists the seeds that follow the prefix.

/// `creator`
pub const SEED_EXCHANGE: &[u8] = b"exchange";
/// `exchange`
pub const SEED_LP_MINT: &[u8] = b"lp_mint";
/// `exchange, owner`
pub const SEED_MARGIN: &[u8] = b"margin";
/// `exchange, mint`
pub const SEED_COLLATERAL: &[u8] = b"collateral";
/// `exchange, mint`: the price of a collateral
pub const SEED_ORACLE: &[u8] = b"oracle";
/// `exchange, mint`: the token account that holds a collateral
pub const SEED_COLLATERAL_TOKENS: &[u8] = b"collateral_tokens";
/// `exchange, base mint`
pub const SEED_MARKET: &[u8] = b"market";
/// `market, owner`
pub const SEED_OPEN_ORDERS: &[u8] = b"open_orders";
/// `market`: the open-orders account that takers' fees go to
pub const SEED_FEES: &[u8] = b"fees";

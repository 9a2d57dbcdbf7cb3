//! One file an instruction.

mod add_liquidity;
mod administer;
mod borrow;
mod deposit;
mod deposit_collateral;
mod export_position;
mod initialize;
mod list_collateral;
mod open_margin_account;
mod open_oracle;
mod publish_price;
mod redeem_at_stale_price;
mod remove_liquidity;
mod repay;
mod set_withdraw_limit;
mod update_admin;
mod withdraw;
mod withdraw_collateral;

pub use {
    add_liquidity::*, administer::*, borrow::*, deposit::*, deposit_collateral::*, export_position::*, initialize::*,
    list_collateral::*, open_margin_account::*, open_oracle::*, publish_price::*, redeem_at_stale_price::*,
    remove_liquidity::*, repay::*, set_withdraw_limit::*, update_admin::*, withdraw::*, withdraw_collateral::*,
};

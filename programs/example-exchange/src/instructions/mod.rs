//! One file per instruction.

mod add_liquidity;
mod administer;
mod allow_withdrawal;
mod borrow;
mod cancel_order;
mod create_market;
mod deposit;
mod deposit_collateral;
mod emergency_withdraw;
mod export_position;
mod fund_orders;
mod initialize;
mod list_collateral;
mod match_orders;
mod migrate_margin_account;
mod migrate_orders;
mod migrate_shares;
mod open_margin_account;
mod open_oracle;
mod open_orders_account;
mod place_order;
mod publish_price;
mod redeem_at_stale_price;
mod remove_liquidity;
mod repay;
mod restore_withdrawal;
mod set_withdraw_limit;
mod settle;
mod update_admin;
mod withdraw;
mod withdraw_allowed;
mod withdraw_collateral;

pub use {
    add_liquidity::*, administer::*, allow_withdrawal::*, borrow::*, cancel_order::*, create_market::*, deposit::*,
    deposit_collateral::*, emergency_withdraw::*, export_position::*, fund_orders::*, initialize::*,
    list_collateral::*, match_orders::*, migrate_margin_account::*, migrate_orders::*, migrate_shares::*,
    open_margin_account::*, open_oracle::*, open_orders_account::*, place_order::*, publish_price::*,
    redeem_at_stale_price::*, remove_liquidity::*, repay::*, restore_withdrawal::*, set_withdraw_limit::*, settle::*,
    update_admin::*, withdraw::*, withdraw_allowed::*, withdraw_collateral::*,
};

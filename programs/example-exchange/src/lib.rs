//! An exchange that Bulkhead protects: margin accounts with deposits, collateral and loans, a liquidity pool whose
//! shares are tokens, and markets with an order book.
//!
//! The parts of an integration: [`gate`] checks the board before each action, [`custody`] lets nothing leave without a
//! verdict, and [`state`] keeps positions and their total at fixed offsets, so that Bulkhead can read them without the
//! exchange after a disaster.
#![deny(unused_must_use)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::integer_division,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

use anchor_lang::prelude::*;

pub mod bulkhead;
pub mod constants;
pub mod credit;
pub mod custody;
pub mod engine;
pub mod error;
pub mod events;
pub mod gate;
pub mod instructions;
pub mod parties;
pub mod pda;
pub mod pools;
pub mod seeds;
pub mod shares;
pub mod state;
pub mod takeover;
pub mod tokens;

use instructions::*;
use takeover::LeafArgs;

// The SHA-256 of `example-exchange`, so nobody holds its key.
declare_id!("BqgsAH1J972bN6hHKvGogPJSrZhVdh1U9F8WjVLpAydr");

#[program]
pub mod example_exchange {
    use super::*;

    pub fn initialize(ctx: Context<Initialize>, args: InitializeArgs) -> Result<()> {
        handle_initialize(ctx, args)
    }

    // Margin accounts.

    pub fn open_margin_account(ctx: Context<OpenMarginAccount>) -> Result<()> {
        handle_open_margin_account(ctx)
    }

    pub fn deposit(ctx: Context<Deposit>, amount: u64) -> Result<()> {
        handle_deposit(ctx, amount)
    }

    pub fn withdraw(ctx: Context<Withdraw>, amount: u64, release_index: u64) -> Result<()> {
        handle_withdraw(ctx, amount, release_index)
    }

    pub fn allow_withdrawal(ctx: Context<AllowWithdrawal>, amount: u64) -> Result<()> {
        handle_allow_withdrawal(ctx, amount)
    }

    pub fn withdraw_allowed(ctx: Context<WithdrawAllowed>, release_index: u64) -> Result<()> {
        handle_withdraw_allowed(ctx, release_index)
    }

    pub fn restore_withdrawal(ctx: Context<RestoreWithdrawal>) -> Result<()> {
        handle_restore_withdrawal(ctx)
    }

    pub fn deposit_collateral(ctx: Context<DepositCollateral>, amount: u64) -> Result<()> {
        handle_deposit_collateral(ctx, amount)
    }

    pub fn withdraw_collateral(ctx: Context<WithdrawCollateral>, amount: u64) -> Result<()> {
        handle_withdraw_collateral(ctx, amount)
    }

    pub fn borrow(ctx: Context<Borrow>, amount: u64, release_index: u64) -> Result<()> {
        handle_borrow(ctx, amount, release_index)
    }

    pub fn repay(ctx: Context<Deposit>, amount: u64) -> Result<()> {
        handle_repay(ctx, amount)
    }

    // Liquidity pool.

    pub fn add_liquidity(ctx: Context<AddLiquidity>, amount: u64) -> Result<()> {
        handle_add_liquidity(ctx, amount)
    }

    pub fn remove_liquidity(ctx: Context<RemoveLiquidity>, shares: u64, release_index: u64) -> Result<()> {
        handle_remove_liquidity(ctx, shares, release_index)
    }

    // Markets.

    pub fn create_market(ctx: Context<CreateMarket>, args: CreateMarketArgs) -> Result<()> {
        handle_create_market(ctx, args)
    }

    pub fn open_orders_account(ctx: Context<OpenOrdersAccount>) -> Result<()> {
        handle_open_orders_account(ctx)
    }

    pub fn fund_orders(ctx: Context<FundOrders>, side: u8, amount: u64) -> Result<()> {
        handle_fund_orders(ctx, side, amount)
    }

    pub fn settle(ctx: Context<Settle>, side: u8, amount: u64, release_index: u64) -> Result<()> {
        handle_settle(ctx, side, amount, release_index)
    }

    pub fn place_order<'info>(ctx: Context<'info, PlaceOrder<'info>>, args: PlaceOrderArgs) -> Result<()> {
        handle_place_order(ctx, args)
    }

    pub fn cancel_order(ctx: Context<CancelOrder>, client_id: u64) -> Result<()> {
        handle_cancel_order(ctx, client_id)
    }

    pub fn match_orders<'info>(ctx: Context<'info, MatchOrders<'info>>, most: u8) -> Result<()> {
        handle_match_orders(ctx, most)
    }

    /// Owner and value of a share account, as return data, for Bulkhead's snapshots.
    pub fn export_position(ctx: Context<ExportPosition>) -> Result<()> {
        handle_export_position(ctx)
    }

    // Admin.

    pub fn list_collateral(ctx: Context<ListCollateral>, price: u64) -> Result<()> {
        handle_list_collateral(ctx, price)
    }

    pub fn open_oracle(ctx: Context<OpenOracle>, publisher: Pubkey, price: u64) -> Result<()> {
        handle_open_oracle(ctx, publisher, price)
    }

    pub fn publish_price(ctx: Context<PublishPrice>, price: u64) -> Result<()> {
        handle_publish_price(ctx, price)
    }

    pub fn set_withdraw_limit(ctx: Context<Administer>, limit: u64) -> Result<()> {
        handle_set_withdraw_limit(ctx, limit)
    }

    pub fn update_admin(ctx: Context<Administer>, new_admin: Pubkey) -> Result<()> {
        handle_update_admin(ctx, new_admin)
    }

    // The emergency.

    /// Called by Bulkhead's domain when the guardians have confirmed an evacuation.
    pub fn emergency_withdraw(ctx: Context<EmergencyWithdraw>) -> Result<()> {
        handle_emergency_withdraw(ctx)
    }

    // As the successor of another exchange.

    pub fn migrate_margin_account(ctx: Context<MigrateMarginAccount>, leaf: LeafArgs) -> Result<()> {
        handle_migrate_margin_account(ctx, leaf)
    }

    pub fn migrate_shares(ctx: Context<MigrateShares>, leaf: LeafArgs) -> Result<()> {
        handle_migrate_shares(ctx, leaf)
    }

    pub fn migrate_orders(ctx: Context<MigrateOrders>, side: u8, leaf: LeafArgs) -> Result<()> {
        handle_migrate_orders(ctx, side, leaf)
    }

    // The bug of the drills.

    pub fn redeem_at_stale_price(ctx: Context<Withdraw>, amount: u64, release_index: u64) -> Result<()> {
        handle_redeem_at_stale_price(ctx, amount, release_index)
    }
}

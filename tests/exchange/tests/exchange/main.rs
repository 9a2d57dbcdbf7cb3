//! The exchange in the VM, in every custody mode.

mod admin;
mod bounds;
mod guard;
mod lending;
mod outflow;
mod pool;

use core::mem::offset_of;

use anchor_lang::{
    error::ErrorCode,
    prelude::{AccountMeta, Pubkey},
    solana_program::system_program,
};
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{
    decision::EncodedDecision,
    instructions::RegisterEmergencyActionArgs,
    interface::{
        constants::release_state,
        layout::{OutflowBreaker, Proposal, Release},
    },
};
use bulkhead_client::{instructions as ix, pda as bulkhead_pda};
use bulkhead_guard::action::{self, DEFAULT_EMERGENCY};
use bulkhead_testbed::{DELAY_SECONDS, deploy_dir, keypair};
use example_exchange::{
    accounts,
    constants::{MAX_PRICE_AGE_SECONDS, PRICE_SCALE, STALE_PRICE, custody_mode},
    error::ExchangeError,
    instruction,
    instructions::InitializeArgs,
    pda,
    state::{
        EXCHANGE_DISCRIMINATOR, Exchange, MARGIN_DEPOSIT_OFFSET, MARGIN_DISCRIMINATOR, MARGIN_EXCHANGE_OFFSET,
        MARGIN_OWNER_OFFSET, ORACLE_DISCRIMINATOR, ORACLE_PRICE_OFFSET, ORACLE_TIME_OFFSET, TOTAL_DEPOSITS_OFFSET,
    },
};
use example_exchange_tests::world::{LIMIT, SLOT_LIMIT, User, WALLET, World, build};
use solana_signer::Signer;

const MODES: [u8; 3] = [custody_mode::UNPROTECTED, custody_mode::METERED, custody_mode::BULKHEAD];
const PROTECTED: [u8; 2] = [custody_mode::METERED, custody_mode::BULKHEAD];

/// A user with a deposit that is older than the window: none of it returns without filling it.
fn depositor(world: &mut World, name: &str, amount: u64) -> User {
    let user = world.user(name);
    let deposit = world.deposit(&user, amount);
    world.must(&[deposit], &[&user.key]);
    world.machine.warp_seconds(2 * 3_600);
    user
}

/// A user with a million units of a collateral at par.
fn with_collateral(world: &mut World, user: &User) -> (Pubkey, Pubkey) {
    let mint = keypair("collateral mint").pubkey();
    world.machine.create_mint(&mint, &keypair("issuer").pubkey(), 9);
    let source = world.machine.create_associated(&mint, &user.key.pubkey(), 1_000_000);
    let list = world.list_collateral(&world.admin.pubkey(), &mint, PRICE_SCALE);
    world.must(&[list], &[]);
    let deposit = world.deposit_collateral(user, &mint, &source, 1_000_000);
    world.must(&[deposit], &[&user.key]);
    (mint, source)
}

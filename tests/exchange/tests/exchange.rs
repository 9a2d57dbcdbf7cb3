//! The exchange in the VM, in every custody mode.

use core::mem::offset_of;

use anchor_lang::{
    error::ErrorCode,
    prelude::{AccountMeta, Pubkey},
    solana_program::system_program,
};
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{
    decision::EncodedDecision,
    instructions::RegisterPlaybookArgs,
    interface::{
        constants::release_state,
        layout::{OutflowBreaker, Proposal, Release},
    },
};
use bulkhead_client::{instructions as ix, pda as bulkhead_pda};
use bulkhead_guard::action::{self, DEFAULT_EMERGENCY};
use bulkhead_sim::{DELAY_SECONDS, deploy_dir, keypair};
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

#[test]
fn what_goes_in_comes_out_in_every_mode() {
    for mode in MODES {
        let mut world = World::new(mode);
        let (alice, bob) = (
            depositor(&mut world, "alice", 50_000),
            depositor(&mut world, "bob", 70_000),
        );
        assert_eq!(world.state().total_deposits, 120_000);
        assert_eq!(world.machine.balance(&world.tokens[0]), 120_000);
        let withdraw = world.withdraw(&alice, 20_000, 1);
        world.must(&[withdraw], &[&alice.key]);
        assert_eq!(world.machine.balance(&alice.wallet), WALLET - 30_000);
        assert_eq!(
            (world.margin(&alice).deposit, world.margin(&bob).deposit),
            (30_000, 70_000)
        );
        assert_eq!(world.state().total_deposits, 100_000);
    }
}

#[test]
fn positions_and_total_lie_where_a_ledger_reads_them() {
    let mut world = World::new(custody_mode::BULKHEAD);
    let alice = depositor(&mut world, "alice", 12_345);
    let position = world.machine.account(&alice.margin).expect("margin account");
    let total = world.machine.account(&world.exchange).expect("exchange");
    assert_eq!(
        (position.owner, total.owner),
        (example_exchange::ID, example_exchange::ID)
    );
    assert_eq!(position.data[..8], MARGIN_DISCRIMINATOR);
    assert_eq!(position.data[MARGIN_EXCHANGE_OFFSET..][..32], *world.exchange.as_ref());
    assert_eq!(position.data[MARGIN_OWNER_OFFSET..][..32], *alice.key.pubkey().as_ref());
    assert_eq!(position.data[MARGIN_DEPOSIT_OFFSET..][..8], 12_345_u64.to_le_bytes());
    assert_eq!(total.data[..8], EXCHANGE_DISCRIMINATOR);
    assert_eq!(total.data[TOTAL_DEPOSITS_OFFSET..][..8], 12_345_u64.to_le_bytes());
}

#[test]
fn over_the_limit_custody_owes_and_the_ledger_is_debited() {
    let mut world = World::new(custody_mode::BULKHEAD);
    let alice = depositor(&mut world, "alice", 500_000);
    let amount = LIMIT + 1;
    let withdraw = world.withdraw(&alice, amount, 77);
    world.must(&[withdraw], &[&alice.key]);
    assert!(world.is_latched(0));
    assert_eq!(world.machine.balance(&alice.wallet), WALLET - 500_000);
    assert_eq!(world.machine.balance(&world.tokens[0]), 500_000);
    assert_eq!(world.margin(&alice).deposit, 500_000 - amount);
    assert_eq!(world.state().total_deposits, 500_000 - amount);
    let record: Release = world
        .machine
        .load(&bulkhead_pda::release_of(&world.vault(0), &alice.key.pubkey(), 77));
    assert_eq!((record.amount, record.state), (amount, release_state::QUEUED));
    assert_eq!((record.destination, record.payer), (alice.wallet, alice.key.pubkey()));
}

/// The attack: breach under a number that is taken, so that the instruction fails and takes the latch
/// with it, and try the limits in secret as often as one likes. It ends `Ok`, debits nothing, latches.
#[test]
fn over_the_limit_under_a_number_that_is_taken_nothing_is_debited_and_the_latch_stays() {
    let mut world = World::new(custody_mode::BULKHEAD);
    let alice = depositor(&mut world, "alice", 500_000);
    let first = world.withdraw(&alice, LIMIT + 1, 77);
    world.must(&[first], &[&alice.key]);
    let owed = 500_000 - LIMIT - 1;
    assert_eq!(world.margin(&alice).deposit, owed);
    world.machine.warp_seconds(73 * 3_600);
    let latch = |world: &World| world.machine.load::<OutflowBreaker>(&world.breaker(0)).latch.until;
    let ended = latch(&world);
    assert!(ended < world.machine.clock().unix_timestamp);
    let again = world.withdraw(&alice, LIMIT + 2, 77);
    world.must(&[again], &[&alice.key]);
    assert!(latch(&world) > ended, "latched anew");
    assert_eq!(world.margin(&alice).deposit, owed);
    assert_eq!(world.state().total_deposits, owed);
    let record: Release = world
        .machine
        .load(&bulkhead_pda::release_of(&world.vault(0), &alice.key.pubkey(), 77));
    assert_eq!(record.amount, LIMIT + 1);
}

#[test]
fn over_the_limit_the_meter_refuses_and_nothing_changes_but_the_latch() {
    let mut world = World::new(custody_mode::METERED);
    let alice = depositor(&mut world, "alice", 500_000);
    let withdraw = world.withdraw(&alice, LIMIT + 1, 0);
    world.must(&[withdraw], &[&alice.key]);
    assert!(world.is_latched(0));
    assert_eq!(world.machine.balance(&alice.wallet), WALLET - 500_000);
    assert_eq!(world.margin(&alice).deposit, 500_000);
    assert_eq!(world.state().total_deposits, 500_000);
    // The latch holds for the smallest amount.
    let withdraw = world.withdraw(&alice, 1, 0);
    world.must(&[withdraw], &[&alice.key]);
    assert_eq!(world.margin(&alice).deposit, 500_000);
}

#[test]
fn the_bug_drains_an_unprotected_exchange_in_one_transaction() {
    let mut world = World::with(custody_mode::UNPROTECTED, true, u64::MAX);
    depositor(&mut world, "alice", 900_000);
    let thief = world.user("thief");
    let (put, redeem) = (world.deposit(&thief, 100_000), world.redeem(&thief, 100_000, 0));
    world.must(&[put, redeem], &[&thief.key]);
    assert_eq!(world.machine.balance(&world.tokens[0]), 0);
    assert_eq!(world.machine.balance(&thief.wallet), WALLET + 900_000);
    assert_eq!(world.state().total_deposits, 900_000, "the ledger does not notice");
}

#[test]
fn the_bug_takes_no_more_than_a_slots_limit_from_a_protected_one() {
    for mode in PROTECTED {
        let mut world = World::with(mode, true, u64::MAX);
        depositor(&mut world, "alice", 900_000);
        let thief = world.user("thief");
        let share = SLOT_LIMIT / STALE_PRICE;
        let mut attack = vec![world.deposit(&thief, 100_000), world.redeem(&thief, share, 1)];
        attack.extend((2..5).map(|index| world.redeem(&thief, 20_000, index)));
        world.must(&attack, &[&thief.key]);
        assert!(world.is_latched(0));
        assert_eq!(world.machine.balance(&world.tokens[0]), 1_000_000 - SLOT_LIMIT);
        assert_eq!(world.machine.balance(&thief.wallet), WALLET - 100_000 + SLOT_LIMIT);
    }
}

#[test]
fn a_stolen_admin_key_takes_no_more_than_the_limit() {
    for mode in PROTECTED {
        let mut world = World::with(mode, false, 10_000);
        depositor(&mut world, "alice", 900_000);
        let thief = world.user("thief");
        // The thief names itself admin, lifts the exchange's own limit, lists a token of its own
        // making at any price and borrows against it, slot by slot.
        let admin = thief.key.pubkey();
        let update = world.administer(&world.admin.pubkey(), &instruction::UpdateAdmin { new_admin: admin });
        let lift = world.administer(&admin, &instruction::SetWithdrawLimit { limit: u64::MAX });
        let worthless = keypair("worthless").pubkey();
        world.machine.create_mint(&worthless, &admin, 0);
        let source = world.machine.create_associated(&worthless, &admin, 1_000_000);
        let list = world.list_collateral(&admin, &worthless, 1_000_000 * PRICE_SCALE);
        let put = world.deposit_collateral(&thief, &worthless, &source, 1_000_000);
        world.must(&[update, lift, list, put], &[&thief.key]);
        for index in 0..8 {
            let borrow = world.borrow(&thief, &worthless, LIMIT / 2, index);
            world.must(&[borrow], &[&thief.key]);
            world.machine.next_slot();
        }
        assert!(world.is_latched(0));
        assert_eq!(world.machine.balance(&world.tokens[0]), 900_000 - LIMIT);
        assert_eq!(world.machine.balance(&thief.wallet), WALLET + LIMIT);
    }
}

#[test]
fn loans_are_covered_and_paid_back() {
    for mode in MODES {
        let mut world = World::new(mode);
        depositor(&mut world, "alice", 900_000);
        let bob = world.user("bob");
        let (mint, source) = with_collateral(&mut world, &bob);
        let borrow = world.borrow(&bob, &mint, 50_000, 1);
        world.must(&[borrow], &[&bob.key]);
        assert_eq!(world.machine.balance(&bob.wallet), WALLET + 50_000);
        assert_eq!((world.margin(&bob).debt, world.state().total_debt), (50_000, 50_000));
        // 62,500 units of collateral carry the debt.
        let too_much = world.withdraw_collateral(&bob, &mint, &source, 937_501);
        world.refused(too_much, &[&bob.key], ExchangeError::CollateralTooSmall);
        let some = world.withdraw_collateral(&bob, &mint, &source, 937_500);
        world.must(&[some], &[&bob.key]);
        let more = world.borrow(&bob, &mint, 1, 2);
        world.refused(more, &[&bob.key], ExchangeError::CollateralTooSmall);
        let over = world.repay(&bob, 50_001);
        world.refused(over, &[&bob.key], ExchangeError::DebtTooSmall);
        let repay = world.repay(&bob, 50_000);
        world.must(&[repay], &[&bob.key]);
        assert_eq!((world.margin(&bob).debt, world.state().total_debt), (0, 0));
        let rest = world.withdraw_collateral(&bob, &mint, &source, 62_500);
        world.must(&[rest], &[&bob.key]);
        assert_eq!(world.machine.balance(&source), 1_000_000);
        assert_eq!(world.machine.balance(&world.tokens[0]), 900_000);
    }
}

/// [`with_collateral`], valued by an oracle at par.
fn with_oracle(world: &mut World, user: &User) -> (Pubkey, Pubkey) {
    let (mint, source) = with_collateral(world, user);
    let (admin, publisher) = (world.admin.pubkey(), keypair("publisher").pubkey());
    let open = world.open_oracle(&admin, &mint, &publisher, PRICE_SCALE);
    world.must(&[open], &[]);
    (mint, source)
}

/// An oracle that follows a thin market is what an attacker moves instead of the collateral's worth.
#[test]
fn an_oracles_price_is_what_collateral_carries() {
    for mode in MODES {
        let mut world = World::new(mode);
        depositor(&mut world, "alice", 900_000);
        let bob = world.user("bob");
        let (mint, source) = with_oracle(&mut world, &bob);
        let publisher = keypair("publisher");
        let publish = |world: &World, price| world.publish_price(&mint, &publisher.pubkey(), price);
        let halve = publish(&world, PRICE_SCALE / 2);
        world.must(&[halve], &[&publisher]);
        let too_much = world.borrow(&bob, &mint, 400_001, 1);
        world.refused(too_much, &[&bob.key], ExchangeError::CollateralTooSmall);
        let some = world.borrow(&bob, &mint, 50_000, 1);
        world.must(&[some], &[&bob.key]);
        // At half the price 125,000 units of collateral carry the debt, at ten times the price 6,250.
        let most = world.withdraw_collateral(&bob, &mint, &source, 875_001);
        world.refused(most, &[&bob.key], ExchangeError::CollateralTooSmall);
        let push = publish(&world, 10 * PRICE_SCALE);
        let take = world.withdraw_collateral(&bob, &mint, &source, 993_750);
        world.must(&[push, take], &[&publisher, &bob.key]);
    }
}

#[test]
fn an_oracle_lies_where_a_breaker_reads_it() {
    let mut world = World::new(custody_mode::UNPROTECTED);
    let bob = world.user("bob");
    let (mint, _) = with_oracle(&mut world, &bob);
    let publisher = keypair("publisher");
    let publish = world.publish_price(&mint, &publisher.pubkey(), 123_456_789);
    world.machine.warp_seconds(5);
    world.must(&[publish], &[&publisher]);
    let account = world
        .machine
        .account(&pda::oracle(&world.exchange, &mint))
        .expect("it exists");
    let number = |at: usize| u64::from_le_bytes(account.data[at..at + 8].try_into().expect("eight bytes"));
    assert!(account.owner == example_exchange::ID && account.data.starts_with(&ORACLE_DISCRIMINATOR));
    assert_eq!(number(ORACLE_PRICE_OFFSET), 123_456_789);
    assert_eq!(
        number(ORACLE_TIME_OFFSET),
        world.machine.clock().unix_timestamp.cast_unsigned()
    );
}

#[test]
fn only_its_publisher_prices_and_only_a_fresh_price_of_its_own_lends() {
    let mut world = World::new(custody_mode::UNPROTECTED);
    depositor(&mut world, "alice", 900_000);
    let bob = world.user("bob");
    let (mint, source) = with_oracle(&mut world, &bob);
    let (admin, publisher) = (world.admin.pubkey(), keypair("publisher"));

    let other = keypair("other collateral").pubkey();
    world.machine.create_mint(&other, &keypair("issuer").pubkey(), 6);
    let list = world.list_collateral(&admin, &other, PRICE_SCALE);
    world.must(&[list], &[]);
    for (admin, price, error) in [
        (bob.key.pubkey(), 1, ExchangeError::NotTheAdmin),
        (admin, 0, ExchangeError::PriceNotUsable),
    ] {
        let open = world.open_oracle(&admin, &other, &publisher.pubkey(), price);
        world.refused(open, &[&bob.key], error);
    }
    let others = world.open_oracle(&admin, &other, &publisher.pubkey(), 1_000 * PRICE_SCALE);
    world.must(&[others], &[]);

    let stranger = world.publish_price(&mint, &bob.key.pubkey(), 9);
    world.refused(stranger, &[&bob.key], ExchangeError::NotThePublisher);
    let nothing = world.publish_price(&mint, &publisher.pubkey(), 0);
    world.refused(nothing, &[&publisher], ExchangeError::PriceNotUsable);

    // Without its oracle, or with the one of a dearer collateral.
    let borrow = world.borrow(&bob, &mint, 800_000, 1);
    for oracle in [example_exchange::ID, pda::oracle(&world.exchange, &other)] {
        let mut spoilt = borrow.clone();
        spoilt.accounts[4].pubkey = oracle;
        world.refused(spoilt, &[&bob.key], ExchangeError::WrongOracle);
    }
    let small = world.borrow(&bob, &mint, 10, 2);
    world.must(&[small], &[&bob.key]);
    world.machine.warp_seconds(MAX_PRICE_AGE_SECONDS + 1);
    for instruction in [borrow, world.withdraw_collateral(&bob, &mint, &source, 1)] {
        world.refused(instruction, &[&bob.key], ExchangeError::PriceNotUsable);
    }
    // Nobody's collateral is held back by an oracle that has stopped.
    let repay = world.repay(&bob, 10);
    let take = world.withdraw_collateral(&bob, &mint, &source, 1_000_000);
    world.must(&[repay, take], &[&bob.key]);
    assert_eq!(world.machine.balance(&source), 1_000_000);
}

#[test]
fn one_collateral_at_a_time() {
    let mut world = World::new(custody_mode::UNPROTECTED);
    let bob = world.user("bob");
    with_collateral(&mut world, &bob);
    let other = keypair("other collateral").pubkey();
    world.machine.create_mint(&other, &keypair("issuer").pubkey(), 6);
    let source = world.machine.create_associated(&other, &bob.key.pubkey(), 10);
    let list = world.list_collateral(&world.admin.pubkey(), &other, u64::MAX);
    world.must(&[list], &[]);
    let put = world.deposit_collateral(&bob, &other, &source, 10);
    world.refused(put, &[&bob.key], ExchangeError::WrongCollateral);
    // Its price does not count for what is there.
    let borrow = world.borrow(&bob, &other, 1, 0);
    world.refused(borrow, &[&bob.key], ExchangeError::WrongCollateral);
    let take = world.withdraw_collateral(&bob, &other, &source, 1);
    world.refused(take, &[&bob.key], ExchangeError::WrongCollateral);
}

#[test]
fn shares_of_the_pool_are_tokens_with_a_supply() {
    for mode in MODES {
        let mut world = World::new(mode);
        let (alice, bob) = (world.user("alice"), world.user("bob"));
        let lp_mint = pda::lp_mint(&world.exchange);
        let shares = [&alice, &bob].map(|user| world.machine.create_associated(&lp_mint, &user.key.pubkey(), 0));
        let add = world.add_liquidity(&alice, &shares[0], 30_000);
        world.must(&[add], &[&alice.key]);
        // Tokens sent to the pool move no price.
        world.machine.mint_to(&world.mint, &world.tokens[1], 1_000_000);
        let add = world.add_liquidity(&bob, &shares[1], 10_000);
        world.must(&[add], &[&bob.key]);
        assert_eq!(world.machine.mint(&lp_mint).supply, 40_000);
        assert_eq!(world.state().pool_assets, 40_000);
        let remove = world.remove_liquidity(&alice, &shares[0], 30_000, 1);
        world.must(&[remove], &[&alice.key]);
        assert_eq!(world.machine.balance(&alice.wallet), WALLET);
        assert_eq!(
            (world.machine.mint(&lp_mint).supply, world.state().pool_assets),
            (10_000, 10_000)
        );
        let nothing = world.add_liquidity(&bob, &shares[1], 0);
        world.refused(nothing, &[&bob.key], ExchangeError::ZeroAmount);
        let none = world.remove_liquidity(&bob, &shares[1], 0, 2);
        world.refused(none, &[&bob.key], ExchangeError::NoAmountForShares);
    }
}

#[test]
fn shares_are_burned_only_when_somebody_owes_for_them() {
    for mode in PROTECTED {
        let mut world = World::new(mode);
        let alice = world.user("alice");
        let lp_mint = pda::lp_mint(&world.exchange);
        let shares = world.machine.create_associated(&lp_mint, &alice.key.pubkey(), 0);
        let add = world.add_liquidity(&alice, &shares, 500_000);
        world.must(&[add], &[&alice.key]);
        world.machine.warp_seconds(2 * 3_600);
        let remove = world.remove_liquidity(&alice, &shares, LIMIT + 1, 9);
        world.must(&[remove], &[&alice.key]);
        assert!(world.is_latched(1) && !world.is_latched(0));
        let left = if mode == custody_mode::BULKHEAD {
            500_000 - LIMIT - 1
        } else {
            500_000
        };
        assert_eq!(world.machine.balance(&shares), left);
        assert_eq!(
            (world.machine.mint(&lp_mint).supply, world.state().pool_assets),
            (left, left)
        );
    }
}

#[test]
fn an_emergency_closes_what_it_should_and_leaves_exits_open() {
    for mode in PROTECTED {
        let mut world = World::new(mode);
        let alice = depositor(&mut world, "alice", 500_000);
        let (mint, source) = with_collateral(&mut world, &alice);
        let borrow = world.borrow(&alice, &mint, 1_000, 1);
        world.must(&[borrow], &[&alice.key]);
        let lp_mint = pda::lp_mint(&world.exchange);
        let shares = world.machine.create_associated(&lp_mint, &alice.key.pubkey(), 0);
        let add = world.add_liquidity(&alice, &shares, 1_000);
        world.must(&[add], &[&alice.key]);
        world.pause(DEFAULT_EMERGENCY);
        let admin = world.admin.pubkey();
        let closed = [
            world.withdraw(&alice, 1, 2),
            world.redeem(&alice, 1, 3),
            world.borrow(&alice, &mint, 1, 4),
            world.withdraw_collateral(&alice, &mint, &source, 1),
            world.remove_liquidity(&alice, &shares, 1, 5),
            world.list_collateral(&admin, &world.mint, 1),
            world.open_oracle(&admin, &mint, &admin, 1),
            world.administer(&admin, &instruction::UpdateAdmin { new_admin: admin }),
            world.administer(&admin, &instruction::SetWithdrawLimit { limit: 1 }),
        ];
        for instruction in closed {
            world.refused(instruction, &[&alice.key], ExchangeError::ActionPaused);
        }
        for open in [
            world.repay(&alice, 1_000),
            world.deposit(&alice, 1),
            world.add_liquidity(&alice, &shares, 1),
        ] {
            world.must(&[open], &[&alice.key]);
        }
        world.pause(action::ALL);
        for closed in [
            world.repay(&alice, 1),
            world.deposit(&alice, 1),
            world.add_liquidity(&alice, &shares, 1),
        ] {
            world.refused(closed, &[&alice.key], ExchangeError::ActionPaused);
        }
    }
}

#[test]
fn a_board_other_than_the_stored_one_is_refused() {
    for mode in PROTECTED {
        let mut world = World::new(mode);
        let alice = depositor(&mut world, "alice", 500_000);
        let mut wrong = world.withdraw_accounts(&alice, 1);
        wrong.payout.board = keypair("another board").pubkey();
        let data = instruction::Withdraw {
            amount: 1,
            release_index: 1,
        };
        world.refused(build(&wrong, &data), &[&alice.key], ExchangeError::WrongBoard);
        // The stored board, but broken: whoever could do that to it.
        let board = world.board();
        let whole = world.machine.account(&board).expect("board");
        for (offset, byte, error) in [
            (0, whole.data[0] ^ 1, ExchangeError::ForeignBoard),
            (8, 9, ExchangeError::UnknownBoardVersion),
        ] {
            let mut broken = whole.clone();
            broken.data[offset] = byte;
            world.machine.write_account(&board, broken);
            let withdraw = world.withdraw(&alice, 1, 1);
            world.refused(withdraw, &[&alice.key], error);
        }
    }
}

#[test]
fn a_compartment_that_does_not_exist_is_refused() {
    let mut world = World::new(custody_mode::METERED);
    let alice = depositor(&mut world, "alice", 1_000);
    let mut exchange = world.machine.account(&world.exchange).expect("exchange");
    let compartment = offset_of!(Exchange, margin_pool.compartment);
    exchange.data[8 + compartment] = 64;
    let key = world.exchange;
    world.machine.write_account(&key, exchange);
    let withdraw = world.withdraw(&alice, 1, 1);
    world.refused(withdraw, &[&alice.key], ExchangeError::CompartmentOutOfRange);
}

#[test]
fn a_layout_of_another_version_is_refused() {
    let mut world = World::new(custody_mode::UNPROTECTED);
    let alice = depositor(&mut world, "alice", 1_000);
    let mut exchange = world.machine.account(&world.exchange).expect("exchange");
    exchange.data[8] = 2;
    let key = world.exchange;
    world.machine.write_account(&key, exchange);
    let withdraw = world.withdraw(&alice, 1, 1);
    world.refused(withdraw, &[&alice.key], ExchangeError::UnknownVersion);
}

#[test]
fn only_the_owner_and_only_what_is_there() {
    for mode in MODES {
        let mut world = World::with(mode, false, 5_000);
        let (alice, mallory) = (
            depositor(&mut world, "alice", 10_000),
            depositor(&mut world, "mallory", 1_000),
        );
        let data = instruction::Withdraw {
            amount: 500,
            release_index: 1,
        };
        let mut stolen = world.withdraw_accounts(&mallory, 1);
        stolen.margin = alice.margin;
        world.refused(build(&stolen, &data), &[&mallory.key], ExchangeError::NotTheOwner);
        let mut unsigned = build(&world.withdraw_accounts(&alice, 1), &data);
        unsigned.accounts[0].is_signer = false;
        world.refused_code(unsigned, &[], ErrorCode::AccountNotSigner.into());
        let too_much = world.withdraw(&mallory, 1_001, 1);
        world.refused(too_much, &[&mallory.key], ExchangeError::DepositTooSmall);
        let over = world.withdraw(&alice, 5_001, 1);
        world.refused(over, &[&alice.key], ExchangeError::OverWithdrawLimit);
        let nothing = world.withdraw(&alice, 0, 1);
        world.refused(nothing, &[&alice.key], ExchangeError::ZeroAmount);
        let redeem = world.redeem(&alice, 1, 1);
        world.refused(redeem, &[&alice.key], ExchangeError::RedemptionDisabled);
        let admin = mallory.key.pubkey();
        let update = world.administer(&admin, &instruction::UpdateAdmin { new_admin: admin });
        world.refused(update, &[&mallory.key], ExchangeError::NotTheAdmin);
        let limit = world.administer(&admin, &instruction::SetWithdrawLimit { limit: 1 });
        world.refused(limit, &[&mallory.key], ExchangeError::NotTheAdmin);
        let list = world.list_collateral(&admin, &world.mint, 1);
        world.refused(list, &[&mallory.key], ExchangeError::NotTheAdmin);
    }
}

#[test]
fn substituted_accounts_are_refused_by_name() {
    let mut world = World::new(custody_mode::BULKHEAD);
    let alice = depositor(&mut world, "alice", 10_000);
    let data = instruction::Withdraw {
        amount: 500,
        release_index: 1,
    };
    let other = world
        .machine
        .create_associated(&world.mint, &keypair("other").pubkey(), 0);
    let foreign: [fn(&mut accounts::Withdraw, Pubkey); 6] = [
        |accounts, other| accounts.payout.tokens = other,
        |accounts, other| accounts.payout.mint = other,
        |accounts, other| accounts.payout.token_program = other,
        |accounts, other| accounts.payout.breaker = Some(other),
        |accounts, other| accounts.payout.vault = Some(other),
        |accounts, other| accounts.margin = other,
    ];
    for (place, substitute) in foreign.into_iter().enumerate() {
        let mut accounts = world.withdraw_accounts(&alice, 1);
        substitute(&mut accounts, other);
        let withdraw = build(&accounts, &data);
        if place == 5 {
            world.refused_code(withdraw, &[&alice.key], ErrorCode::AccountOwnedByWrongProgram.into());
        } else {
            world.refused(withdraw, &[&alice.key], ExchangeError::ForeignAccount);
        }
    }
    let missing: [fn(&mut accounts::Withdraw); 3] = [
        |accounts| accounts.payout.breaker = None,
        |accounts| accounts.payout.vault = None,
        |accounts| accounts.payout.release = None,
    ];
    for remove in missing {
        let mut accounts = world.withdraw_accounts(&alice, 1);
        remove(&mut accounts);
        world.refused(
            build(&accounts, &data),
            &[&alice.key],
            ExchangeError::CustodyAccountMissing,
        );
    }
    let mut accounts = world.deposit_accounts(&alice);
    accounts.payin.tokens = other;
    let deposit = build(&accounts, &instruction::Deposit { amount: 1 });
    world.refused(deposit, &[&alice.key], ExchangeError::ForeignAccount);
}

#[test]
fn a_margin_account_of_another_exchange_is_refused() {
    let mut world = World::new(custody_mode::UNPROTECTED);
    let alice = depositor(&mut world, "alice", 10_000);
    let mut forged = world.machine.account(&alice.margin).expect("margin account");
    forged.data[MARGIN_EXCHANGE_OFFSET] ^= 1;
    world.machine.write_account(&alice.margin, forged);
    let withdraw = world.withdraw(&alice, 1, 1);
    world.refused(withdraw, &[&alice.key], ExchangeError::ForeignAccount);
}

#[test]
fn an_exchange_starts_only_on_custody_that_answers_to_it() {
    let args = |custody_mode| InitializeArgs {
        custody_mode,
        withdraw_limit: u64::MAX,
        vulnerable_redemption: false,
    };
    for mode in MODES {
        let mut world = World::bare(mode);
        let data = instruction::Initialize { args: args(mode) };
        let mut twice = world.initialize_accounts();
        twice.lp_tokens = twice.margin_tokens;
        world.refused(build(&twice, &data), &[], ExchangeError::DuplicateAccount);
        let unknown = world.initialize(args(3));
        world.refused(unknown, &[], ExchangeError::UnknownCustodyMode);
        if mode != custody_mode::BULKHEAD {
            let (mint, stranger) = (world.mint, keypair("stranger").pubkey());
            let mut foreign = world.initialize_accounts();
            foreign.margin_tokens = world.machine.create_associated(&mint, &stranger, 0);
            world.refused(build(&foreign, &data), &[], ExchangeError::TokensNotOurs);
        }
        if mode != custody_mode::UNPROTECTED {
            let mut missing = world.initialize_accounts();
            (missing.margin_vault, missing.margin_breaker) = (None, None);
            world.refused(build(&missing, &data), &[], ExchangeError::CustodyAccountMissing);
        }
        if mode == custody_mode::BULKHEAD {
            let mut crossed = world.initialize_accounts();
            (crossed.margin_vault, crossed.lp_vault) = (crossed.lp_vault, crossed.margin_vault);
            world.refused(build(&crossed, &data), &[], ExchangeError::NotOurCustody);
        }
    }
}

#[test]
fn a_program_other_than_bulkhead_is_refused() {
    let mut world = World::new(custody_mode::METERED);
    let alice = depositor(&mut world, "alice", 10_000);
    let mut accounts = world.withdraw_accounts(&alice, 1);
    accounts.payout.bulkhead = Some(TOKEN_PROGRAM);
    let withdraw = build(
        &accounts,
        &instruction::Withdraw {
            amount: 1,
            release_index: 1,
        },
    );
    world.refused_code(withdraw, &[&alice.key], ErrorCode::InvalidProgramId.into());
}

/// A program at Bulkhead's address that says what is no verdict: nothing is paid and nothing debited.
#[test]
fn an_answer_that_is_no_verdict_moves_nothing() {
    for mode in PROTECTED {
        let mut world = World::new(mode);
        let alice = depositor(&mut world, "alice", 500_000);
        let impostor = deploy_dir().join("bulkhead_impostor.so");
        let loaded = world.machine.svm.add_program_from_file(bulkhead::ID, impostor);
        loaded.expect("the impostor loads");
        for answer in [&[3][..], &[255], &[0, 0], &[0, 0, 0]] {
            let amount = bulkhead_impostor::amount(answer, false);
            let withdraw = world.withdraw(&alice, amount, 1);
            if mode == custody_mode::BULKHEAD {
                world.refused(withdraw, &[&alice.key], ExchangeError::NoVerdict);
            } else {
                world.must(&[withdraw], &[&alice.key]);
            }
            assert_eq!(world.margin(&alice).deposit, 500_000, "{mode} {answer:?}");
            assert_eq!(world.machine.balance(&alice.wallet), WALLET - 500_000);
        }
        // It is the answer that was missing, and nothing else.
        let allowed = world.withdraw(&alice, bulkhead_impostor::amount(&[0], false), 1);
        world.must(&[allowed], &[&alice.key]);
        assert!(world.margin(&alice).deposit < 500_000);
    }
}

#[test]
fn a_squatted_margin_account_address_still_opens() {
    let mut world = World::new(custody_mode::UNPROTECTED);
    let address = pda::margin(&world.exchange, &keypair("alice").pubkey());
    world.machine.fund(&address, 1);
    let alice = depositor(&mut world, "alice", 10);
    assert_eq!(world.margin(&alice).deposit, 10);
    // And it opens once.
    let again = build(
        &accounts::OpenMarginAccount {
            owner: alice.key.pubkey(),
            payer: world.machine.payer.pubkey(),
            exchange: world.exchange,
            margin: alice.margin,
            system_program: system_program::ID,
        },
        &instruction::OpenMarginAccount {},
    );
    assert!(world.send(&[again], &[&alice.key]).is_err());
}

#[test]
fn the_board_is_never_written() {
    let mut world = World::new(custody_mode::BULKHEAD);
    let alice = depositor(&mut world, "alice", 10_000);
    let board = world.board();
    for instruction in [world.deposit(&alice, 1), world.withdraw(&alice, 1, 1)] {
        let metas: Vec<&AccountMeta> = instruction
            .accounts
            .iter()
            .filter(|meta| meta.pubkey == board)
            .collect();
        assert!(
            metas.iter().all(|meta| !meta.is_writable),
            "read-only: no write lock is shared"
        );
    }
}

#[test]
fn sums_that_do_not_fit_and_shares_that_are_nothing_are_refused() {
    let mut world = World::new(custody_mode::UNPROTECTED);
    let alice = depositor(&mut world, "alice", 10);
    let shares = world
        .machine
        .create_associated(&pda::lp_mint(&world.exchange), &alice.key.pubkey(), 0);
    let key = world.exchange;
    let write = |world: &mut World, offset: usize| {
        let mut exchange = world.machine.account(&key).expect("exchange");
        exchange.data[8 + offset..][..8].copy_from_slice(&u64::MAX.to_le_bytes());
        world.machine.write_account(&key, exchange);
    };
    write(&mut world, offset_of!(Exchange, total_deposits));
    let deposit = world.deposit(&alice, 1);
    world.refused(deposit, &[&alice.key], ExchangeError::Overflow);
    write(&mut world, offset_of!(Exchange, pool_assets));
    let add = world.add_liquidity(&alice, &shares, 1);
    world.refused(add, &[&alice.key], ExchangeError::Overflow);
    let mut exchange = world.machine.account(&key).expect("exchange");
    exchange.data[8 + offset_of!(Exchange, pool_assets)..][..8].copy_from_slice(&1_000_u64.to_le_bytes());
    world.machine.write_account(&key, exchange);
    let add = world.add_liquidity(&alice, &shares, 1_000);
    world.refused(add, &[&alice.key], ExchangeError::NoSharesForAmount);
}

/// Proposes, approves with two members and waits: what the domain's council decides.
fn decide(world: &mut World, decision: impl Into<EncodedDecision>) -> ix::Authority {
    let (domain, payer) = (world.domain, world.machine.payer.pubkey());
    let first = keypair("member 0");
    let index = world.machine.free_proposal(&domain, &first.pubkey());
    let propose = ix::propose(domain, first.pubkey(), payer, index, decision);
    world.must(&[propose], &[&first]);
    let proposal = bulkhead_pda::proposal(&domain, &first.pubkey(), index);
    let state: Proposal = world.machine.load(&proposal);
    for member in [first, keypair("member 1")] {
        let approve = ix::approve(
            domain,
            member.pubkey(),
            proposal,
            state.payload_hash,
            state.created_slot,
        );
        world.must(&[approve], &[&member]);
    }
    world.machine.warp_seconds(DELAY_SECONDS);
    ix::Authority {
        signer: payer,
        domain,
        proposal: Some(proposal),
    }
}

#[test]
fn the_admin_lives_in_the_domain() {
    let mut world = World::new(custody_mode::BULKHEAD);
    let administer = |world: &World, admin: Pubkey| accounts::Administer {
        admin,
        exchange: world.exchange,
        board: world.board(),
    };
    let (admin, domain) = (world.admin.insecure_clone(), world.domain);
    let hand_over = build(
        &administer(&world, admin.pubkey()),
        &instruction::UpdateAdmin { new_admin: domain },
    );
    world.must(&[hand_over], &[&admin]);
    let set_limit = |world: &World, admin: Pubkey, limit: u64| {
        build(&administer(world, admin), &instruction::SetWithdrawLimit { limit })
    };
    // The old key is worth nothing any more.
    let stale = set_limit(&world, admin.pubkey(), 1);
    assert!(world.machine.send(&[stale], &[&admin]).is_err());

    let raise = ix::stored(&set_limit(&world, domain, 77_000));
    let authority = decide(&mut world, &raise);
    let run = ix::run_instruction(authority, &raise);
    world.must(&[run], &[]);
    assert_eq!(world.state().withdraw_limit, 77_000);

    // A limit of nothing is a playbook: one guardian closes withdrawals by the host's own rule, at once.
    let close = ix::stored(&set_limit(&world, domain, 0));
    let args = RegisterPlaybookArgs {
        index: 0,
        instruction: close.clone(),
    };
    let authority = decide(&mut world, &args);
    let register = ix::register_playbook(authority, world.machine.payer.pubkey(), args);
    world.must(&[register], &[]);
    let guardian = world.guardian.insecure_clone();
    let play = ix::run_playbook(domain, guardian.pubkey(), 0, &close);
    world.must(&[play], &[&guardian]);
    assert_eq!(world.state().withdraw_limit, 0);

    // While the admin's actions are paused, the domain's are as well.
    let pause = ix::pause(domain, guardian.pubkey(), 255, action::ADMIN);
    let authority = decide(&mut world, &raise);
    world.must(&[pause], &[&guardian]);
    let run = ix::run_instruction(authority, &raise);
    assert!(world.machine.send(&[run], &[]).is_err());
    assert_eq!(world.state().withdraw_limit, 0);
}

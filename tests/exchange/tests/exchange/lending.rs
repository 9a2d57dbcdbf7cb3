//! Loans, the collateral they stand on, and the oracle that values it.

use super::*;

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
        // In the slot of the loan no collateral leaves; then 62,500 units carry the debt.
        let early = world.withdraw_collateral(&bob, &mint, &source, 1);
        world.refused(early, &[&bob.key], ExchangeError::LoanInThisSlot);
        world.machine.next_slot();
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
        world.machine.next_slot();
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

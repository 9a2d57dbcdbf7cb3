//! What leaves: limits, breaches, the bug and a stolen admin.

use super::*;

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

/// It ends `Ok`, debits nothing and latches nothing: nobody closes the exchange with what costs nothing.
#[test]
fn over_the_limit_under_a_number_that_is_taken_nothing_is_debited_and_nothing_latches() {
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
    assert_eq!(latch(&world), ended, "not latched anew");
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
        // The thief names itself admin, unpauses the exchange's own limit, lists a token of its own
        // making at any price and borrows against it, slot by slot.
        let admin = thief.key.pubkey();
        let update = world.administer(&world.admin.pubkey(), &instruction::UpdateAdmin { new_admin: admin });
        let unpause = world.administer(&admin, &instruction::SetWithdrawLimit { limit: u64::MAX });
        let worthless = keypair("worthless").pubkey();
        world.machine.create_mint(&worthless, &admin, 0);
        let source = world.machine.create_associated(&worthless, &admin, 1_000_000);
        let list = world.list_collateral(&admin, &worthless, 1_000_000 * PRICE_SCALE);
        let put = world.deposit_collateral(&thief, &worthless, &source, 1_000_000);
        world.must(&[update, unpause, list, put], &[&thief.key]);
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

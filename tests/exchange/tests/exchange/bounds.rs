//! Sums and owners: what is there, whose it is, and what no number may become.

use super::*;

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

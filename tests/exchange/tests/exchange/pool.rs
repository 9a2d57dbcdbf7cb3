//! The liquidity pool and its shares.

use super::*;

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

//! How somebody would steal through a pool, and that it does not work.

use super::*;
use InsuranceMove as M;

/// Cools and unstakes all of an owner's shares; the gain or loss against before staking.
fn leave(state: &Insurance, owner: usize) -> Insurance {
    let all = shares(state, owner);
    run(
        state,
        &[M::Cooldown(0, owner, all), M::Wait(COOLDOWN), M::Unstake(0, owner, all)],
    )
}

#[test]
fn the_first_stake_is_not_inflated_by_a_donation() {
    let state = run(
        &insurance(&[5_000]),
        &[M::Stake(0, 0, 1), M::Donate(0, 900_000), M::Stake(0, 1, 10_000)],
    );
    let left = leave(&leave(&state, 1), 0);
    assert_eq!((left.purses[1], left.purses[0]), (1_000_000, 1_000_000));
    assert_eq!(left.pools[0].balance, 900_000, "nobody can take what was sent");
}

#[test]
fn the_first_stake_is_not_inflated_by_a_premium() {
    // A premium is the only thing that raises the price. The attacker is the only staker while it is earned.
    let state = run(
        &insurance(&[5_000]),
        &[M::Stake(0, 0, 1), M::Premium(0, 200_000), M::Wait(7 * DAY)],
    );
    let state = run(&state, &[M::Stake(0, 1, 150_000)]);
    let attacker_spent = 200_001;
    let left = leave(&leave(&state, 1), 0);
    let victim_lost = 1_000_000 - left.purses[1];
    let attacker_got = left.purses[0] - (1_000_000 - 1);
    assert!(victim_lost <= 200, "{victim_lost}: at most the rounding of one share");
    assert!(attacker_got < attacker_spent / 2 + victim_lost + 1, "{attacker_got}");
}

#[test]
fn who_would_get_no_shares_is_refused() {
    let state = run(
        &insurance(&[5_000]),
        &[M::Stake(0, 0, 1), M::Premium(0, 900_000), M::Wait(7 * DAY)],
    );
    assert_eq!(refusal(&state, M::Stake(0, 1, 100)), CoreError::TooFewShares);
}

#[test]
fn a_premium_is_not_sandwiched() {
    let before = run(&insurance(&[5_000]), &[M::Stake(0, 0, 500_000)]);
    let state = run(&before, &[M::Stake(0, 1, 500_000), M::Premium(0, 70_000)]);
    // Not in the same second, and a cooldown later only for the time in which the tokens were at risk.
    assert_eq!(
        refusal(&state, M::Unstake(0, 1, shares(&state, 1))),
        CoreError::NotCooled
    );
    let all = shares(&state, 1);
    assert_eq!(
        bulkhead_core::insurance::shares::worth(&state.pools[0].pool, all),
        Some(500_000)
    );
    let left = leave(&state, 1);
    let gain = left.purses[1] - 1_000_000;
    assert!(
        (34_990..=35_000).contains(&gain),
        "its half of a week's premium: {gain}"
    );
}

#[test]
fn small_premiums_do_not_defer_a_large_one() {
    let mut state = run(&insurance(&[5_000]), &[M::Stake(0, 0, 1_000), M::Premium(0, 1_000_000)]);
    for _ in 0..7 * 24 {
        state = run(&state, &[M::Premium(0, 1), M::Wait(3_600)]);
    }
    let left = state.pools[0].pool.premium;
    assert!(left < 1_000_000 / 20, "{left}");
}

#[test]
fn a_cooldown_is_not_used_twice() {
    let state = run(
        &insurance(&[5_000]),
        &[M::Stake(0, 0, 1_000), M::Cooldown(0, 0, 400_000), M::Wait(COOLDOWN)],
    );
    let state = run(&state, &[M::Unstake(0, 0, 400_000)]);
    assert_eq!(refusal(&state, M::Unstake(0, 0, 1_000)), CoreError::TooFewShares);
    // Shares that are staked later were not cooling.
    let state = run(&state, &[M::Stake(0, 0, 1_000)]);
    assert_eq!(refusal(&state, M::Unstake(0, 0, 1_000)), CoreError::TooFewShares);
    assert_eq!(
        refusal(&state, M::Cooldown(0, 0, shares(&state, 0) + 1)),
        CoreError::TooFewShares
    );
    // Cooling again begins again.
    let state = run(&state, &[M::Cooldown(0, 0, 600_000)]);
    assert_eq!(refusal(&state, M::Unstake(0, 0, 1_000)), CoreError::NotCooled);
}

#[test]
fn dust_is_neither_made_nor_left() {
    let state = run(
        &insurance(&[5_000]),
        &[M::Stake(0, 0, 1_000), M::Cooldown(0, 0, 1_000_000), M::Wait(COOLDOWN)],
    );
    assert_eq!(refusal(&state, M::Unstake(0, 0, 999_001)), CoreError::TooFewShares);
    assert_eq!(refusal(&state, M::Unstake(0, 0, 0)), CoreError::TooFewShares);
    assert_eq!(refusal(&state, M::Unstake(0, 0, 999)), CoreError::WorthNothing);
    let state = run(&state, &[M::Unstake(0, 0, 1_000_000)]);
    assert_eq!((state.pools[0].pool.shares, state.pools[0].pool.assets), (0, 0));
    assert!(state.pools[0].stakes[0].is_none());
    // An empty pool starts again.
    let state = run(&state, &[M::Stake(0, 1, 1_000)]);
    assert_eq!(shares(&state, 1), 1_000_000);
}

/// The ledger is restored with `total` claims, in an incident that the pools know of.
fn restored(state: &Insurance, total: u64) -> Insurance {
    let number = state.incidents.len();
    let mut state = run(state, &[M::Open, M::Restore(total)]);
    for pool in 0..state.pools.len() {
        state = run(&state, &[M::Note(pool, number), M::State(pool, number)]);
    }
    state
}

#[test]
fn one_shortfall_is_slashed_once() {
    let state = restored(&run(&insurance(&[5_000]), &[M::Stake(0, 0, 10_000)]), 3_000);
    assert_eq!(refusal(&state, M::Slash(0, 0)), CoreError::FundingNotOver);
    let state = run(&state, &[M::Wait(MIN_FUNDING_SECONDS), M::Slash(0, 0)]);
    assert_eq!(state.pools[0].pool.assets, 7_000);
    assert_eq!(refusal(&state, M::Slash(0, 0)), CoreError::NothingToMove);
    // Nor after its claims were paid, nor in a later incident.
    let state = run(
        &state,
        &[M::Pay(3_000), M::Close, M::Note(0, 0), M::Open, M::Note(0, 1)],
    );
    assert_eq!(refusal(&state, M::Slash(0, 0)), CoreError::NothingToMove);
    assert_eq!(refusal(&state, M::State(0, 0)), CoreError::ShortfallStated);
    assert_eq!(refusal(&state, M::State(0, 1)), CoreError::ArgumentOutOfRange);
}

#[test]
fn no_more_is_slashed_than_is_lacking_at_that_moment() {
    let state = run(&insurance(&[5_000]), &[M::Stake(0, 0, 10_000)]);
    let state = Insurance {
        custody: 2_500,
        ..state
    };
    let state = restored(&state, 4_000);
    let state = run(
        &state,
        &[M::Evacuate(2_000), M::Fund(700), M::Wait(MIN_FUNDING_SECONDS)],
    );
    // 4,000 less 700 paid in, 2,000 in the recovery account and 500 in custody.
    let state = run(&state, &[M::Slash(0, 0)]);
    assert_eq!(state.pools[0].pool.slashed, 800);
    assert_eq!(refusal(&state, M::Slash(0, 0)), CoreError::NothingToMove);
    // Moving what was counted changes nothing.
    let state = run(&state, &[M::Draw]);
    assert_eq!(refusal(&state, M::Slash(0, 0)), CoreError::NothingToMove);
    // What is lacking after all is slashed by the next call, up to the cap.
    let state = Insurance {
        custody: 0,
        treasury: state.treasury + 500,
        ..state
    };
    let state = run(&state, &[M::Slash(0, 0)]);
    assert_eq!(
        (state.pools[0].pool.slashed, state.pools[0].pool.reserve),
        (1_300, 2_700)
    );
    // Nothing can be lacking any more: the rest is free.
    let state = run(&state, &[M::Slash(0, 0)]);
    assert_eq!((state.pools[0].pool.slashed, state.pools[0].pool.reserve), (1_300, 0));
    assert_eq!(refusal(&state, M::Slash(0, 0)), CoreError::NothingToMove);
}

#[test]
fn deposits_after_the_shortfall_was_stated_do_not_hide_it() {
    let state = run(&insurance(&[5_000]), &[M::Stake(0, 0, 10_000)]);
    let state = Insurance { custody: 300, ..state };
    let state = restored(&state, 4_000);
    // The host reopened, and new deposits lie in custody.
    let state = Insurance {
        custody: 50_000,
        ..run(&state, &[M::Close, M::Wait(MIN_FUNDING_SECONDS)])
    };
    let state = run(&state, &[M::Slash(0, 0)]);
    assert_eq!(state.pools[0].pool.slashed, 3_700);
}

#[test]
fn a_custody_that_was_too_full_when_it_was_stated_is_corrected_by_anyone() {
    let state = run(
        &insurance(&[5_000]),
        &[M::Stake(0, 0, 10_000), M::Open, M::Restore(4_000), M::Note(0, 0)],
    );
    let flash = Insurance {
        custody: 100_000,
        ..state
    };
    let state = Insurance {
        custody: 300,
        ..run(&flash, &[M::State(0, 0)])
    };
    let state = run(&state, &[M::State(0, 0)]);
    assert_eq!(refusal(&state, M::State(0, 0)), CoreError::ShortfallStated);
    let flash = Insurance {
        custody: 100_000,
        ..run(&state, &[M::Wait(MIN_FUNDING_SECONDS)])
    };
    assert_eq!(run(&flash, &[M::Slash(0, 0)]).pools[0].pool.slashed, 3_700);
}

#[test]
fn neither_the_cap_nor_the_minimum_is_passed() {
    for (cap, slashed) in [(3_000, 3_000), (10_000, 9_900)] {
        let state = restored(&run(&insurance(&[cap]), &[M::Stake(0, 0, 10_000)]), 1_000_000);
        let state = run(&state, &[M::Wait(MIN_FUNDING_SECONDS), M::Slash(0, 0)]);
        assert_eq!(state.pools[0].pool.slashed, slashed);
        assert_eq!(state.pools[0].pool.assets, 10_000 - slashed);
    }
    // A pool that is below its minimum pays nothing, and keeps nobody in.
    let state = restored(&run(&insurance(&[10_000]), &[M::Stake(0, 0, 99)]), 1_000_000);
    assert_eq!(state.pools[0].pool.reserve, 0);
    assert_eq!(leave(&state, 0).purses[0], 1_000_000);
}

#[test]
fn who_leaves_before_the_slash_pays_as_much_as_who_stays() {
    let state = run(
        &insurance(&[5_000]),
        &[
            M::Stake(0, 0, 6_000),
            M::Stake(0, 1, 6_000),
            M::Cooldown(0, 0, 6_000_000),
            M::Wait(COOLDOWN),
        ],
    );
    let state = restored(&state, 4_000);
    let state = run(&state, &[M::Unstake(0, 0, 6_000_000)]);
    assert_eq!(state.purses[0], 1_000_000 - 2_000);
    let state = run(&state, &[M::Wait(MIN_FUNDING_SECONDS), M::Slash(0, 0)]);
    let left = leave(&state, 1);
    assert_eq!(left.purses[1], 1_000_000 - 2_000);
}

#[test]
fn what_is_not_slashed_after_all_belongs_to_who_stayed() {
    let state = run(
        &insurance(&[5_000]),
        &[
            M::Stake(0, 0, 6_000),
            M::Stake(0, 1, 6_000),
            M::Cooldown(0, 0, 6_000_000),
            M::Wait(COOLDOWN),
        ],
    );
    let state = run(&restored(&state, 4_000), &[M::Unstake(0, 0, 6_000_000), M::Fund(4_000)]);
    assert_eq!(refusal(&state, M::Stake(0, 2, 1_000)), CoreError::ExitsClosed);
    let state = run(&state, &[M::Close, M::Note(0, 0)]);
    assert_eq!(
        refusal(&state, M::Stake(0, 2, 1_000)),
        CoreError::ShortfallPending,
        "no cheap shares"
    );
    let state = run(&state, &[M::Wait(MIN_FUNDING_SECONDS), M::Slash(0, 0)]);
    assert_eq!((state.pools[0].pool.slashed, state.pools[0].pool.reserve), (0, 0));
    // Less what the virtual shares round away.
    assert_eq!(leave(&state, 1).purses[1], 1_000_000 + 1_999);
}

#[test]
fn a_reserve_has_an_end() {
    let state = restored(&run(&insurance(&[5_000]), &[M::Stake(0, 0, 10_000)]), 4_000);
    let state = run(&state, &[M::Wait(MIN_FUNDING_SECONDS + 7 * DAY)]);
    let state = run(&state, &[M::Slash(0, 0)]);
    assert_eq!((state.pools[0].pool.slashed, state.pools[0].pool.reserve), (0, 0));
    assert_eq!(refusal(&state, M::Slash(0, 0)), CoreError::NothingToMove);
}

#[test]
fn pools_pay_in_their_order_and_are_paid_back_in_reverse() {
    let state = run(
        &insurance(&[5_000, 5_000]),
        &[M::Stake(0, 0, 1_000), M::Stake(1, 1, 1_000)],
    );
    let state = Insurance { custody: 800, ..state };
    let state = run(
        &state,
        &[
            M::Open,
            M::Evacuate(300),
            M::Restore(1_000),
            M::Note(0, 0),
            M::Note(1, 0),
        ],
    );
    let state = Insurance { custody: 0, ..state };
    assert_eq!(refusal(&state, M::State(1, 0)), CoreError::EarlierPoolFirst);
    let state = run(&state, &[M::State(0, 0), M::State(1, 0), M::Wait(MIN_FUNDING_SECONDS)]);
    assert_eq!((state.pools[0].pool.reserve, state.pools[1].pool.reserve), (500, 500));
    assert_eq!(refusal(&state, M::Slash(1, 0)), CoreError::EarlierPoolFirst);
    let state = run(&state, &[M::Slash(0, 0), M::Slash(1, 0)]);
    assert_eq!((state.pools[0].pool.slashed, state.pools[1].pool.slashed), (500, 200));
    // Later the evacuation finds the rest: claims first, then the pool of the last loss.
    assert_eq!(refusal(&state, M::Return(1, 0)), CoreError::ClaimsLackFunds);
    let state = run(&Insurance { custody: 500, ..state }, &[M::Draw, M::Evacuate(400)]);
    assert_eq!(refusal(&state, M::Return(0, 0)), CoreError::EarlierPoolFirst);
    let state = run(&state, &[M::Return(1, 0), M::Return(0, 0)]);
    let covers = |state: &Insurance| [0, 1].map(|pool: usize| state.pools[pool].covers[0].expect("stated").returned);
    assert_eq!(covers(&state), [200, 200]);
    assert_eq!(refusal(&state, M::Return(1, 0)), CoreError::NothingToMove);
    assert_eq!(state.pools[1].pool.premium, 200, "earned over time");
}

#[test]
fn a_foreign_restoration_takes_nothing() {
    use bulkhead_core::acts::{NewCover, Shortfall, state_shortfall};
    use bulkhead_interface::layout::InsuranceCover;
    let state = run(
        &insurance(&[5_000]),
        &[M::Stake(0, 0, 10_000), M::Open, M::Restore(4_000), M::Note(0, 0)],
    );
    let (own, _) = state.restorations[0].expect("restored");
    let new = NewCover {
        bump: 1,
        pool: key(5, 0),
        restoration: key(4, 0),
    };
    let state_it = |restoration| {
        let shortfall = Shortfall {
            restoration: &restoration,
            balance: 0,
            backings: &[],
            previous: None,
        };
        let (mut pool, mut cover) = (state.pools[0].pool, InsuranceCover::zeroed());
        state_shortfall(&mut pool, &mut cover, &shortfall, Some(&new), NOW)
    };
    assert_eq!(state_it(own), Ok(()));
    let foreign = Err(CoreError::ForeignAccount);
    assert_eq!(
        state_it(bulkhead_interface::layout::Restoration {
            domain: key(9, 0),
            ..own
        }),
        foreign
    );
    assert_eq!(
        state_it(bulkhead_interface::layout::Restoration { ledger_index: 9, ..own }),
        foreign
    );
    assert_eq!(
        state_it(bulkhead_interface::layout::Restoration { mint: key(9, 0), ..own }),
        foreign
    );
    let other = bulkhead_interface::layout::Restoration {
        incident: key(9, 0),
        ..own
    };
    assert_eq!(state_it(other), Err(CoreError::IncidentNotNoted));
}

#[test]
fn a_council_does_not_raise_the_cap_for_who_cannot_leave_first() {
    let state = run(&insurance(&[1_000]), &[M::Stake(0, 0, 10_000), M::Announce(0, 10_000)]);
    // Everyone has the time of a cooldown and a window.
    let state = run(&state, &[M::Cooldown(0, 0, 10_000_000), M::Wait(COOLDOWN + WINDOW - 1)]);
    let soon = run(&state, &[M::Open, M::Note(0, 0), M::Restore(10_000), M::State(0, 0)]);
    assert_eq!(soon.pools[0].pool.reserve, 1_000, "the terms when the incident began");
    assert_eq!(run(&state, &[M::Unstake(0, 0, 10_000_000)]).purses[0], 1_000_000);
    // A closure in that time does not use it up.
    let state = run(
        &insurance(&[1_000]),
        &[M::Stake(0, 0, 10_000), M::Announce(0, 10_000), M::Open, M::Note(0, 0)],
    );
    let state = run(
        &state,
        &[
            M::Wait(COOLDOWN + WINDOW),
            M::Close,
            M::Note(0, 0),
            M::Wait(COOLDOWN + WINDOW - 1),
        ],
    );
    let soon = run(&state, &[M::Open, M::Note(0, 1), M::Restore(10_000), M::State(0, 1)]);
    assert_eq!(soon.pools[0].pool.reserve, 1_000);
    let later = run(
        &state,
        &[M::Wait(1), M::Open, M::Note(0, 1), M::Restore(10_000), M::State(0, 1)],
    );
    assert_eq!(later.pools[0].pool.reserve, 9_900);
    // Not while anything is open.
    let state = run(&insurance(&[1_000]), &[M::Open]);
    assert_eq!(refusal(&state, M::Announce(0, 10_000)), CoreError::WrongPhase);
}

#[test]
fn terms_out_of_range_are_refused() {
    use bulkhead_core::acts::check_insurance_terms;
    let sound = terms(5_000);
    assert_eq!(check_insurance_terms(7, &sound), Ok(()));
    let invalid = Err(CoreError::InsuranceTermsInvalid);
    assert_eq!(check_insurance_terms(8, &sound), invalid);
    let mut twice = sound;
    twice.vaults[..2].fill(key(8, 1));
    let mut gap = sound;
    gap.detectors[1] = key(8, 1);
    for spoilt in [
        InsuranceTerms { cap_bps: 0, ..sound },
        InsuranceTerms {
            cap_bps: 10_001,
            ..sound
        },
        InsuranceTerms {
            minimum_assets: 0,
            ..sound
        },
        InsuranceTerms {
            cooldown_seconds: DAY - 1,
            ..sound
        },
        InsuranceTerms {
            window_seconds: DAY - 1,
            ..sound
        },
        InsuranceTerms {
            freeze_seconds: 7 * DAY - 1,
            ..sound
        },
        InsuranceTerms {
            freeze_seconds: 181 * DAY,
            ..sound
        },
        InsuranceTerms {
            funding_seconds: 3_599,
            ..sound
        },
        twice,
        gap,
    ] {
        assert_eq!(check_insurance_terms(0, &spoilt), invalid);
    }
}

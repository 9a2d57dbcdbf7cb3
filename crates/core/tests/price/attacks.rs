//! Whoever wants to move a price without tripping it, or to trip it without a reason.

use bulkhead_core::CoreError;
use bulkhead_interface::constants::price_rule;

use super::*;

/// Attack: swing the price below the bound for a day, so that the variance grows and a hit passes as usual.
#[test]
fn dragging_the_variance_up_gets_no_further_than_the_cap() {
    let config = Config {
        deviation_bps: 0,
        cusum_h_milli: 0,
        ..config()
    };
    let rules = rules(&config);
    let (mut state, mut ts) = quiet(&rules, 500);
    let (mut log, mut sign) = (100_f64.ln(), 1.0);
    for _ in 0..8_640 {
        ts += 10;
        // As far as goes unnoticed.
        let most = 7.9 * (state.variance as f64 / Q32 / Q32 * 10.0).sqrt();
        (log, sign) = (log + sign * most, -sign);
        assert_eq!(take(&rules, &mut state, log.exp(), ts).alarm, None);
    }
    assert_eq!(state.variance, rules.variance_cap, "it can be dragged up that far");
    // Five per cent an hour is 0.26 % in ten seconds; eight times that is the most that ever passes.
    let most = 8.0 * 0.05 * (10.0_f64 / 3_600.0).sqrt();
    let mut passed = state;
    assert_eq!(
        take(&rules, &mut passed, (log + 0.95 * most).exp(), ts + 10).alarm,
        None
    );
    let alarm = take(&rules, &mut state, (log + 1.05 * most).exp(), ts + 10)
        .alarm
        .expect("over the cap's bound");
    assert_eq!(alarm.rule, price_rule::RETURN);
}

/// Attack: wait for a dead market, in which any move is unheard of, to trip it at will.
#[test]
fn a_dead_market_keeps_the_floor() {
    let rules = rules(&Config {
        cusum_h_milli: 0,
        ..config()
    });
    let (mut state, mut ts) = (State::zeroed(), START);
    for _ in 0..1_000 {
        ts += 10;
        take(&rules, &mut state, 1.0, ts);
    }
    assert_eq!(state.variance, rules.variance_floor);
    // A thousandth an hour is 0.0053 % in ten seconds; seven times that is allowed, nine times is not.
    let one = 0.001 * (10.0_f64 / 3_600.0).sqrt();
    let mut other = state;
    assert_eq!(take(&rules, &mut state, (7.0 * one).exp(), ts + 10).alarm, None);
    assert!(take(&rules, &mut other, (9.0 * one).exp(), ts + 10).alarm.is_some());
}

/// Attack: of all true prices, post only those that add up. There is one a second; whoever posts alone waits until the
/// oldest that is not refused yet is `max_age` old, and posts whichever of them, in their order, drive the sum highest.
/// Alarms of an honest keeper and of that attacker, over the same walk.
fn cherry_pick(max_age: usize) -> (u32, u32) {
    const SECONDS: usize = 40_000;
    let config = Config {
        deviation_bps: 0,
        z_milli: 0,
        tau_seconds: 86_400,
        floor_ppm: 3_000,
        cap_ppm: 12_000,
        cusum_h_milli: 5_000,
        min_interval_seconds: 10,
        ..config()
    };
    let (rules, mut normal) = (rules(&config), Normal(5));
    let mut logs = vec![100_f64.ln()];
    for second in 0..SECONDS {
        // 0.6 % an hour.
        logs.push(logs[second] + 0.0001 * normal.next());
    }
    let post = |state: &State, second: usize| {
        let mut state = *state;
        let reading = reading(logs[second].exp(), START + second as i64);
        let got = step(&rules, &mut state, &reading, reading.ts).expect("a true price");
        (state, got.alarm.is_some())
    };
    let (mut honest, mut honestly) = (State::zeroed(), 0);
    for second in (10..SECONDS).step_by(10) {
        let (next, is_alarm) = post(&honest, second);
        (honest, honestly) = (next, honestly + u32::from(is_alarm));
    }
    let (mut last, mut greedily) = ((0, post(&State::zeroed(), 0).0), 0);
    while last.0 + 10 + max_age < SECONDS {
        // The best state that ends with each second, over every way to get there.
        let mut ways = vec![last];
        let mut tripped = None;
        for second in last.0 + 10..=last.0 + 10 + max_age {
            let earlier = ways.iter().filter(|(before, _)| before + 10 <= second);
            let tried: Vec<_> = earlier.map(|(_, state)| post(state, second)).collect();
            tripped = tried
                .iter()
                .find(|(_, is_alarm)| *is_alarm)
                .map(|(state, _)| (second, *state));
            if tripped.is_some() {
                break;
            }
            let best = tried
                .into_iter()
                .max_by_key(|(state, _)| state.rise)
                .expect("there is a way");
            ways.push((second, best.0));
        }
        greedily += u32::from(tripped.is_some());
        let best = ways[1..].iter().max_by_key(|(_, state)| state.rise).copied();
        last = tripped.or(best).expect("there is a choice");
    }
    (honestly, greedily)
}

/// With updates at most a minute old, an attacker who is the only one to post trips less than twice as often as chance.
#[test]
fn cherry_picking_among_true_prices_gains_less_than_twice_the_chance() {
    let (honestly, greedily) = cherry_pick(0);
    assert_eq!(honestly, greedily, "no choice, nothing gained");
    for max_age in [20, 60] {
        let (honestly, greedily) = cherry_pick(max_age);
        assert!(
            honestly > 5 && greedily < 2 * honestly,
            "{greedily} for {honestly} at {max_age}"
        );
    }
}

/// Whoever keeps posting takes the choice away: anything sooner, and anything older, is refused.
#[test]
fn a_keeper_leaves_nothing_to_choose() {
    let rules = rules(&config());
    let (mut state, ts) = quiet(&rules, 100);
    let before = state;
    for (offset, error) in [
        (-10, CoreError::PriceNotNewer),
        (-1, CoreError::PriceNotNewer),
        (0, CoreError::PriceNotNewer),
        (1, CoreError::PriceTooSoon),
        (4, CoreError::PriceTooSoon),
    ] {
        let got = step(&rules, &mut state, &reading(500.0, ts + offset), ts + 10);
        assert_eq!(got, Err(error), "{offset}");
    }
    assert_eq!(before, state);
}

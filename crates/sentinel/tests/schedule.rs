//! Looks are spread so that no sub-window goes unseen, without a look too many.

use anchor_lang::prelude::Pubkey;
use bulkhead_sentinel::duties::schedule::Period;
use proptest::prelude::*;

proptest! {
    /// However long a period is, whenever the daemon starts, and however unevenly it steps: as long as a step and the
    /// transaction after it take less than what is left behind the place of the look, every whole period has exactly one
    /// look, and it lands in its own period.
    #[test]
    fn every_sub_window_is_seen_once(
        key in any::<[u8; 32]>(),
        seconds in 8_i64..10_000,
        start in 0_i64..4_000_000_000,
        steps in prop::collection::vec((1_u32..100, 0_u32..100), 50..400),
    ) {
        let period = Period::of(&Pubkey::new_from_array(key), seconds);
        prop_assert!(period.spare() * 8 >= seconds * 3, "three eighths are left");
        // A step and a transaction together take less than what is spare.
        let most = (period.spare() - 1).max(2);
        let (mut now, mut done) = (start, None);
        let mut landed = Vec::new();
        for (step, latency) in steps {
            let step = 1 + i64::from(step) * (most / 2 - 1).max(0) / 100;
            let latency = i64::from(latency) * (most / 2) / 100;
            now += step;
            if let Some(number) = period.due(now).filter(|number| done != Some(*number)) {
                done = Some(number);
                landed.push((number, (now + latency).div_euclid(seconds)));
            }
        }
        // The first may be late: the daemon started in the middle of its period.
        for (number, window) in landed.iter().skip(1) {
            prop_assert_eq!(number, window, "a look lands in the period that it is for");
        }
        let numbers: Vec<i64> = landed.iter().map(|(number, _)| *number).collect();
        prop_assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "each period once, and none left out");
    }

    /// Many detectors of one period are not looked at in the same second.
    #[test]
    fn looks_are_spread(seed in any::<u8>(), seconds in 600_i64..100_000) {
        let keys = (0..64_u8).map(|number| {
            let mut key = [seed; 32];
            key[0] = number;
            Pubkey::new_from_array(key)
        });
        let mut places: Vec<i64> = keys.map(|key| seconds - Period::of(&key, seconds).spare()).collect();
        places.sort_unstable();
        let (first, last) = (places[0], places[63]);
        prop_assert!(last - first > seconds / 4, "over half of the period: {} to {} of {}", first, last, seconds);
        places.dedup();
        prop_assert!(places.len() > 40);
    }

    /// The same account has the same place, always: a restart changes no schedule.
    #[test]
    fn nothing_is_random(key in any::<[u8; 32]>(), seconds in 1_i64..1_000_000) {
        let key = Pubkey::new_from_array(key);
        prop_assert_eq!(Period::of(&key, seconds), Period::of(&key, seconds));
    }
}

#[test]
fn a_period_of_a_second_is_always_due() {
    let period = Period::of(&Pubkey::default(), 1);
    assert!((0..10).all(|now| period.due(now) == Some(now)));
    assert_eq!(Period::of(&Pubkey::default(), 0).seconds(), 1);
}

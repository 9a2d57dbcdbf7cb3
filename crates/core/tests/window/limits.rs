//! Limits that can be set, and who lowers them by how much.

use super::*;

#[test]
fn what_cannot_be_kept_is_not_configured() {
    let sound = breaker(12, 3_600, 10, 10, 60);
    assert_eq!(window::check_config(&sound), Ok(()));
    let out_of_range = [
        OutflowBreaker {
            sub_windows: 3,
            ..sound
        },
        OutflowBreaker {
            sub_windows: 25,
            ..sound
        },
        OutflowBreaker {
            window_seconds: 11,
            ..sound
        },
        OutflowBreaker {
            window_seconds: i64::MAX,
            ..sound
        },
        OutflowBreaker {
            window_seconds: -1,
            ..sound
        },
        OutflowBreaker {
            latch: latch_of(SCOPE_DOMAIN, 0),
            ..sound
        },
        OutflowBreaker {
            latch: latch_of(SCOPE_DOMAIN, MAX_TRIP_SECONDS + 1),
            ..sound
        },
        OutflowBreaker { slot_limit: 0, ..sound },
        OutflowBreaker {
            slot_limit: 11,
            ..sound
        },
    ];
    assert!(
        out_of_range
            .iter()
            .all(|b| window::check_config(b) == Err(CoreError::ArgumentOutOfRange))
    );
    let nowhere = [
        OutflowBreaker {
            compartment: 64,
            ..sound
        },
        OutflowBreaker {
            compartment: SCOPE_DOMAIN,
            ..sound
        },
        OutflowBreaker {
            latch: latch_of(64, 60),
            ..sound
        },
    ];
    assert!(
        nowhere
            .iter()
            .all(|b| window::check_config(b) == Err(CoreError::CompartmentOutOfRange))
    );
}

fn limits(limit: u64, slot_limit: u64) -> Limits {
    Limits {
        limit,
        slot_limit,
        limit_bps: 0,
        slot_bps: 0,
        inflow_credit: 0,
    }
}

#[test]
fn a_guardian_lowers_by_half_at_most_and_never_raises() {
    let sound = breaker(12, 3_600, 101, 10, 60);
    for (limit, slot_limit) in [(101, 10), (51, 10), (101, 5), (51, 5)] {
        assert_eq!(window::check_lowered(&sound, &limits(limit, slot_limit)), Ok(()));
    }
    for (limit, slot_limit) in [(102, 10), (101, 11), (50, 10), (101, 4), (0, 0)] {
        assert_eq!(
            window::check_lowered(&sound, &limits(limit, slot_limit)),
            Err(CoreError::ArgumentOutOfRange)
        );
    }
    let referred = OutflowBreaker {
        reference: Pubkey::new_from_array([1; 32]),
        limit_bps: 101,
        slot_bps: 51,
        inflow_credit: 8,
        ..sound
    };
    let with = |limit_bps, slot_bps, inflow_credit| {
        let new = Limits {
            limit_bps,
            slot_bps,
            inflow_credit,
            ..limits(101, 10)
        };
        window::check_lowered(&referred, &new)
    };
    for (limit_bps, slot_bps, credit) in [(101, 51, 8), (51, 51, 8), (101, 26, 0), (51, 26, 3)] {
        assert_eq!(with(limit_bps, slot_bps, credit), Ok(()));
    }
    // Up, by more than half, out of use, more for a slot than for a window, more credit.
    for (limit_bps, slot_bps, credit) in [
        (102, 51, 8),
        (101, 52, 8),
        (50, 26, 8),
        (101, 25, 8),
        (0, 51, 8),
        (101, 0, 8),
        (51, 52, 8),
        (101, 51, 9),
    ] {
        assert_eq!(with(limit_bps, slot_bps, credit), Err(CoreError::ArgumentOutOfRange));
    }
    // A guardian does not start what a proposal did not.
    let unused = OutflowBreaker {
        limit_bps: 0,
        slot_bps: 0,
        ..referred
    };
    for (limit_bps, slot_bps) in [(5_000, 0), (0, 5_000)] {
        let new = Limits {
            limit_bps,
            slot_bps,
            ..limits(101, 10)
        };
        assert_eq!(window::check_lowered(&unused, &new), Err(CoreError::ArgumentOutOfRange));
    }
}

#[test]
fn limits_that_promise_what_cannot_be_kept_are_refused() {
    let sound = OutflowBreaker {
        shards: 4,
        shard: 3,
        reference: Pubkey::new_from_array([1; 32]),
        limit_bps: 500,
        slot_bps: 500,
        trip_bps: 500,
        inflow_credit: 10,
        ..breaker(12, 3_600, 120, 40, 60)
    };
    assert_eq!(window::check_config(&sound), Ok(()));
    for broken in [
        OutflowBreaker {
            shards: 0,
            shard: 0,
            ..sound
        },
        OutflowBreaker { shards: 3, ..sound },
        // Nothing could leave through a shard.
        OutflowBreaker { slot_limit: 3, ..sound },
        OutflowBreaker {
            limit_bps: BPS + 1,
            ..sound
        },
        OutflowBreaker { slot_bps: 501, ..sound },
        OutflowBreaker {
            limit_bps: 0,
            slot_bps: BPS + 1,
            ..sound
        },
        OutflowBreaker {
            inflow_credit: 11,
            ..sound
        },
        OutflowBreaker {
            reference: Pubkey::default(),
            ..sound
        },
    ] {
        assert_eq!(window::check_config(&broken), Err(CoreError::ArgumentOutOfRange));
    }
}

//! Latches and trips: how long they last, and what ends them.

use super::*;

#[test]
fn a_latch_is_not_renewed_and_the_limit_holds_after_it() {
    let mut breaker = breaker(12, 86_400, 1_000, 1_000, 600);
    assert_eq!(window::meter(&mut breaker, 900, &at(1, START)), Verdict::Allowed);
    assert_eq!(window::meter(&mut breaker, 101, &at(2, START)), Verdict::Queued);
    // Even what would be within the limit waits, and nobody keeps the latch up by trying.
    for second in 1..600 {
        assert_eq!(window::meter(&mut breaker, 1, &at(3, START + second)), Verdict::Queued);
    }
    assert_eq!(breaker.latch.until, START + 600);
    assert_eq!(window::meter(&mut breaker, 101, &at(4, START + 600)), Verdict::Queued);
    assert_eq!(breaker.latch.until, START + 1_200);
    assert_eq!(
        window::meter(&mut breaker, 100, &at(5, START + 1_200)),
        Verdict::Allowed
    );
    assert_eq!(window::remaining(&breaker, &at(6, START + 1_200)), 0);
}

#[test]
fn an_unpause_voids_older_latches_and_frees_nothing_else() {
    let mut breaker = breaker(12, 86_400, 1_000, 1_000, 600);
    assert_eq!(window::meter(&mut breaker, 900, &at(1, START)), Verdict::Allowed);
    assert_eq!(window::meter(&mut breaker, 200, &at(2, START)), Verdict::Queued);
    let unpaused = |unpaused_slot| Moment {
        unpaused_slot,
        ..at(3, START + 10)
    };
    assert_eq!(window::remaining(&breaker, &unpaused(2)), 0);
    assert_eq!(window::remaining(&breaker, &unpaused(3)), 100);
}

#[test]
fn turning_the_clock_back_frees_nothing() {
    let mut breaker = breaker(4, 400, 100, 100, 1);
    assert_eq!(window::meter(&mut breaker, 100, &at(1, START)), Verdict::Allowed);
    for back in [1, 100, 1_000, 2 * START] {
        assert_eq!(window::remaining(&breaker, &at(2, START - back)), 0);
    }
}

#[test]
fn a_trip_lasts_from_the_latch_and_is_propagated_once() {
    let mut breaker = breaker(12, 3_600, 10, 10, 7_200);
    let council = Council {
        trip_seconds: 3_600,
        ..Council::zeroed()
    };
    assert!(!latch::is_news(&breaker.latch, 0, START, true));
    assert_eq!(window::meter(&mut breaker, 11, &at(5, START)), Verdict::Queued);
    assert_eq!(latch::trip_until(&breaker.latch, &council), START + 3_600);
    assert!(latch::is_news(&breaker.latch, 0, START + 7_199, false));
    assert!(!latch::is_news(&breaker.latch, 0, START + 7_200, false));
    assert!(latch::is_news(&breaker.latch, 5, START, false));
    assert!(!latch::is_news(&breaker.latch, 6, START, false), "known to the unpause");
    breaker.latch.state = latch_state::PROPAGATED;
    assert!(!latch::is_news(&breaker.latch, 0, START, false));
    assert!(
        latch::is_news(&breaker.latch, 0, START, true),
        "for an incident of its own"
    );
}

#[test]
fn a_detector_is_closed_once_its_latch_is_carried_or_known_and_stale() {
    let council = Council {
        trip_seconds: 3_600,
        ..Council::zeroed()
    };
    let mut breaker = breaker(12, 3_600, 10, 10, 7_200);
    let closable =
        |breaker: &OutflowBreaker, proposed, now| latch::is_closable(&breaker.latch, &council, 0, proposed, now);
    assert!(closable(&breaker, 1, START));
    assert_eq!(window::meter(&mut breaker, 11, &at(5, START)), Verdict::Queued);
    for proposed in [4, 5, 6] {
        assert!(!closable(&breaker, proposed, START + 3_599), "it can be carried");
    }
    assert!(!closable(&breaker, 5, START + 3_600), "news to the proposal");
    assert!(closable(&breaker, 6, START + 3_600));
    assert!(closable(&breaker, 5, START + 7_200));
    breaker.latch.state = latch_state::PROPAGATED;
    assert!(closable(&breaker, 0, START));
}

//! A guardian lowers a limit; only a later proposal raises it.

use super::*;

/// Native limits, and nothing else in use.
fn lowered(limit: u64, slot_limit: u64) -> LowerLimitArgs {
    LowerLimitArgs {
        limit,
        slot_limit,
        ..LowerLimitArgs::default()
    }
}

#[test]
fn a_guardian_lowers_and_only_a_later_proposal_raises() {
    let (mut machine, protocol) = world();
    let (guardian, breaker) = (&protocol.members[0], protocol.vault.breaker);
    let lower =
        |limit, slot_limit| ix::lower_limit(protocol.domain, guardian.pubkey(), breaker, lowered(limit, slot_limit));
    let raise = SetLimitArgs {
        breaker,
        limit: 200_000,
        slot_limit: 200_000,
        ..SetLimitArgs::default()
    };
    let early = protocol.mature(&mut machine, &raise);

    for (limit, slot_limit) in [(100_001, 60_000), (100_000, 60_001), (49_999, 30_000), (50_000, 29_999)] {
        let lower = lower(limit, slot_limit);
        refused(machine.send(&[lower], &[guardian]), BulkheadError::ArgumentOutOfRange);
    }
    protocol.must(&mut machine, &[lower(50_000, 30_000)], &[guardian]);
    assert_eq!(protocol.council(&machine).members[0].pause_rights, 2);
    refused(
        machine.send(&[ix::set_limit(early, raise.clone())], &[]),
        BulkheadError::TightenedSince,
    );

    machine.next_slot();
    let late = protocol.mature(&mut machine, &raise);
    protocol.must(&mut machine, &[ix::set_limit(late, raise)], &[]);
    let state: OutflowBreaker = machine.load(&breaker);
    assert_eq!((state.limit, state.slot_limit), (200_000, 200_000));
}

#[test]
fn only_guardians_lower_and_rights_run_out() {
    let (mut machine, protocol) = world();
    let breaker = protocol.vault.breaker;
    let stranger = keypair("stranger");
    for (signer, error) in [
        (&stranger, BulkheadError::NotAMember),
        (&protocol.members[3], BulkheadError::RoleMissing),
    ] {
        let lower = ix::lower_limit(protocol.domain, signer.pubkey(), breaker, lowered(90_000, 50_000));
        refused(machine.send(&[lower], &[signer]), error);
    }
    let guardian = &protocol.members[0];
    for limit in [90_000, 80_000, 70_000] {
        let lower = ix::lower_limit(protocol.domain, guardian.pubkey(), breaker, lowered(limit, 50_000));
        protocol.must(&mut machine, &[lower], &[guardian]);
    }
    let lower = ix::lower_limit(protocol.domain, guardian.pubkey(), breaker, lowered(60_000, 50_000));
    refused(machine.send(&[lower], &[guardian]), BulkheadError::NoPauseRights);
    // What one guardian has lowered ends by itself, when its pause would.
    let user = receiver(&mut machine, &protocol, "user");
    machine.warp_seconds(6 * 3_600);
    protocol.release(&mut machine, user, 60_000, 1).expect("within limits");
    assert_eq!(machine.balance(&user), 60_000);
    assert_eq!(machine.load::<OutflowBreaker>(&breaker).limit, 100_000);
}

#[test]
fn what_left_under_the_old_limit_does_not_latch_under_a_lowered_one() {
    let (mut machine, protocol) = world_with(&Setup {
        trip_limit: 200_000,
        ..Setup::default()
    });
    let user = receiver(&mut machine, &protocol, "user");
    protocol.release(&mut machine, user, 55_000, 1).expect("within limits");
    machine.next_slot();
    let (guardian, breaker) = (&protocol.members[0], protocol.vault.breaker);
    for (limit, slot_limit) in [(50_000, 30_000), (25_000, 15_000), (12_500, 7_500)] {
        let lower = ix::lower_limit(protocol.domain, guardian.pubkey(), breaker, lowered(limit, slot_limit));
        protocol.must(&mut machine, &[lower], &[guardian]);
    }
    // The next unit waits. Nothing latches, so nobody carries anything to the board.
    let outcome = protocol.release(&mut machine, user, 1, 2).expect("it waits");
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
    let crank = trip(&machine, &protocol, 0);
    refused(machine.send(&[crank], &[]), BulkheadError::NotLatched);
}

#[test]
fn a_raised_limit_comes_without_a_fresh_burst() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    for index in 0..2 {
        let outcome = protocol
            .release(&mut machine, user, 50_000, index)
            .expect("within limits");
        assert_eq!(outcome.return_data, [verdict::ALLOWED]);
        machine.next_slot();
    }
    // The window is used up. A matured proposal doubles it while the outflow still counts.
    let args = SetLimitArgs {
        breaker: protocol.vault.breaker,
        limit: 110_000,
        slot_limit: 60_000,
        ..SetLimitArgs::default()
    };
    let before: OutflowBreaker = machine.load(&args.breaker);
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::set_limit(authority, args.clone())], &[]);
    let after: OutflowBreaker = machine.load(&args.breaker);
    assert_eq!((after.buckets, after.bucket), (before.buckets, before.bucket));
}

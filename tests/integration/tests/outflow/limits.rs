//! Limits that are lowered, raised, or could not be kept.

use super::*;

#[test]
fn what_a_guardian_lowers_only_a_later_proposal_raises() {
    let mut table = Table::with(|args| args.inflow_credit = 200_000);
    let guardian = table.protocol.members[0].insecure_clone();
    let whole = LowerLimitArgs {
        limit: 800_000,
        slot_limit: 800_000,
        limit_bps: 1_000,
        slot_bps: 500,
        inflow_credit: 200_000,
    };
    let (domain, breaker) = (table.protocol.domain, table.breaker);
    let lower = |args| ix::lower_limit(domain, guardian.pubkey(), breaker, args);
    for refusal in [
        LowerLimitArgs {
            limit_bps: 1_001,
            ..whole
        },
        LowerLimitArgs { slot_bps: 249, ..whole },
        LowerLimitArgs { limit_bps: 0, ..whole },
        LowerLimitArgs { slot_bps: 0, ..whole },
        LowerLimitArgs {
            inflow_credit: 200_001,
            ..whole
        },
        // More than a sub-window's share of the lower limit.
        LowerLimitArgs {
            limit: 500_000,
            slot_limit: 500_000,
            ..whole
        },
    ] {
        let lower = lower(refusal);
        refused(
            table.machine.send(&[lower], &[&guardian]),
            BulkheadError::ArgumentOutOfRange,
        );
    }
    let raise = SetLimitArgs {
        breaker,
        limit: 900_000,
        slot_limit: 900_000,
        limit_bps: 0,
        slot_bps: 0,
        inflow_credit: 225_000,
        trip_limit: 0,
        trip_bps: 0,
    };
    let early = table.protocol.mature(&mut table.machine, &raise);
    let halved = LowerLimitArgs {
        limit: 400_000,
        slot_limit: 400_000,
        limit_bps: 500,
        slot_bps: 250,
        inflow_credit: 0,
    };
    table.protocol.must(&mut table.machine, &[lower(halved)], &[&guardian]);
    refused(
        table.machine.send(&[ix::set_limit(early, raise.clone())], &[]),
        BulkheadError::TightenedSince,
    );
    table.look();
    assert_eq!(table.view().limit, 50_000);

    table.machine.next_slot();
    let unkept = SetLimitArgs {
        inflow_credit: 225_001,
        ..raise.clone()
    };
    // More than the share of the fewest sub-windows a breaker can have: nobody is asked to approve it.
    let proposed = table.protocol.try_mature(&mut table.machine, &unkept);
    let Err(refusal) = proposed else {
        panic!("no breaker could keep it")
    };
    refused(Err(refusal), BulkheadError::ArgumentOutOfRange);
    let late = table.protocol.mature(&mut table.machine, &raise);
    table
        .protocol
        .must(&mut table.machine, &[ix::set_limit(late, raise)], &[]);
    assert_eq!(table.view().limit, 900_000);
}

#[test]
fn limits_that_could_not_be_kept_are_not_opened() {
    let mut table = Table::new();
    let sound = OpenBreakerArgs {
        compartment: 4,
        trip_scope: 4,
        ..table.args.clone()
    };
    // After set-up this takes a proposal; the limits are looked at before anyone approves it.
    for broken in [
        OpenBreakerArgs {
            limit_bps: 10_001,
            ..sound.clone()
        },
        OpenBreakerArgs {
            slot_bps: 1_001,
            ..sound.clone()
        },
        OpenBreakerArgs {
            reference: Pubkey::default(),
            ..sound.clone()
        },
        OpenBreakerArgs {
            inflow_credit: 200_001,
            ..sound.clone()
        },
        OpenBreakerArgs {
            shards: 200,
            slot_limit: 199,
            ..sound
        },
    ] {
        let proposed = table.protocol.try_mature(&mut table.machine, &broken);
        let Err(refusal) = proposed else {
            panic!("it could not be kept")
        };
        refused(Err(refusal), BulkheadError::ArgumentOutOfRange);
    }
}

//! Shards of one breaker.

use super::*;

#[test]
fn shards_together_let_through_no_more_than_one() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let host = keypair("metering host");
    let authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let payer = machine.payer.pubkey();
    let args = |shard, shards| OpenBreakerArgs {
        compartment: 3,
        shard,
        shards,
        mint: protocol.mint,
        authority: host.pubkey(),
        sub_windows: 4,
        trip_scope: 3,
        window_seconds: 400,
        limit: 1_000,
        slot_limit: 1_000,
        latch_seconds: 60,
        trip_limit: 1_000,
        ..OpenBreakerArgs::default()
    };
    // There is no shard beyond the number of them, and none without a share.
    for broken in [args(3, 3), args(0, 0)] {
        let open = ix::open_breaker(authority, payer, broken);
        refused(
            machine.send(&[open], &[&protocol.setup_authority]),
            BulkheadError::ArgumentOutOfRange,
        );
    }
    let mut taken = 0;
    for shard in 0..3 {
        let open = ix::open_breaker(authority, payer, args(shard, 3));
        protocol.must(&mut machine, &[open], &[&protocol.setup_authority]);
        let breaker = pda::outflow_breaker(&protocol.domain, 3, &protocol.mint, shard);
        for (amount, expected) in [(333, verdict::ALLOWED), (1, verdict::QUEUED)] {
            let meter = ix::meter_outflow(protocol.domain, breaker, host.pubkey(), amount);
            let outcome = protocol.must(&mut machine, &[meter], &[&host]);
            assert_eq!(outcome.return_data, [expected]);
        }
        taken += 333;
    }
    assert!(taken <= 1_000);
}

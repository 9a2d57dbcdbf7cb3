//! Whoever holds one small host's metering key stops the checkpoints of every ledger of the domain, for fees.

use bulkhead::{error::BulkheadError, instructions::OpenBreakerArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_guard::effective_mask;
use bulkhead_interface::constants::{kind, phase};
use bulkhead_sim::{Setup, keypair};
use bulkhead_tests::{
    checkpoints::{Watched, rules, statement},
    detectors::{configure, in_set_up},
    recovery::{LEDGER, positions},
    refused, world_with,
};
use solana_signer::Signer;

const METERED: u8 = 3;

/// The breaker guards and trips compartment 3 alone; the ledger's compartment 0 is open all the time. Each time the alarm
/// has lapsed the host breaches again in the same slot, and nothing is posted: three weeks here.
#[test]
fn a_breaker_of_one_compartment_stops_every_ledgers_checkpoints() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let host = keypair("small host");
    let payer = machine.payer.pubkey();
    let args = OpenBreakerArgs {
        compartment: METERED,
        mint: protocol.mint,
        authority: host.pubkey(),
        sub_windows: 6,
        trip_scope: METERED,
        window_seconds: 600,
        limit: 100,
        slot_limit: 60,
        latch_seconds: 900,
        shards: 1,
        ..OpenBreakerArgs::default()
    };
    let breaker = pda::outflow_breaker(&protocol.domain, METERED, &protocol.mint, 0);
    for open in [
        ix::open_breaker(in_set_up(&protocol), payer, args),
        ix::activate_domain(protocol.namespace.pubkey()),
    ] {
        configure(&mut machine, &protocol, open).expect("it was set up");
    }
    let authority = protocol.mature(&mut machine, kind::OPEN_CHECKPOINT_LOG, &rules());
    let open = ix::open_checkpoint_log(authority, payer, rules());
    protocol.must(&mut machine, &[open], &[]);
    let log = pda::checkpoint_log(&protocol.domain, LEDGER);
    let domain = protocol.domain;
    let mut watched = Watched { machine, protocol, log };
    for number in 0..7 {
        let meter = ix::meter_outflow(domain, breaker, host.pubkey(), u64::MAX);
        let _ = watched.machine.send(&[meter], &[&host]);
        let carry = ix::propagate_trip(domain, payer, breaker, number);
        watched.protocol.must(&mut watched.machine, &[carry], &[]);
        assert_eq!(watched.protocol.state(&watched.machine).state, phase::ALERT);
        let board = watched.machine.account(&pda::board(&domain)).expect("a board");
        let now = watched.machine.clock().unix_timestamp;
        assert_eq!(effective_mask(&board.data, 0, now), Ok(0), "compartment 0 is open");
        watched.machine.warp_seconds(71 * 3_600);
        let slot = watched.slot();
        let tree = watched.tree(slot, positions(4));
        let post = watched.post(0, statement(slot, tree.root(), tree.roots()));
        refused(post, BulkheadError::WrongPhase);
        watched.machine.warp_seconds(3_600 + 1);
        let lapse = ix::close_lapsed_incident(domain, pda::incident(&domain, number));
        watched.protocol.must(&mut watched.machine, &[lapse], &[]);
    }
    assert_eq!(watched.log().posted, 0);
}

//! A breach reaches the board by anyone's crank, once.

use super::*;

#[test]
fn a_trip_pauses_in_the_slot_of_the_breach_and_only_once() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    let crank = trip(&machine, &protocol, 0);
    refused(
        machine.send(std::slice::from_ref(&crank), &[]),
        BulkheadError::NotLatched,
    );

    let outcome = protocol
        .release(&mut machine, user, 100_001, 1)
        .expect("a breach does not fail");
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
    protocol.must(&mut machine, std::slice::from_ref(&crank), &[]);

    let clock = machine.clock();
    let incident = protocol.incident(&machine);
    assert_eq!(protocol.state(&machine).state, phase::ALERT);
    assert_eq!(
        (incident.cause, incident.source),
        (cause::OUTFLOW, protocol.vault.breaker)
    );
    assert_eq!((incident.breach_amount, incident.limit), (100_001, 100_000));
    assert_eq!(incident.steps[step::BREACH].slot, clock.slot);
    assert_eq!(incident.steps[step::PAUSE].slot, clock.slot);
    let board = protocol.board(&machine);
    assert_eq!(board.domain_row.trip_until, clock.unix_timestamp + 72 * 3_600);
    refused(protocol.release(&mut machine, user, 1, 2), BulkheadError::ActionPaused);

    // Cranking again neither extends the pause nor touches the board, which would void proposals.
    machine.warp_seconds(60);
    refused(machine.send(&[crank], &[]), BulkheadError::NotLatched);
    assert_eq!(protocol.board(&machine).epoch, board.epoch);
}

#[test]
fn a_late_crank_pauses_no_longer_than_an_early_one() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    protocol
        .release(&mut machine, user, 100_001, 1)
        .expect("a breach does not fail");
    let latched_ts = machine.clock().unix_timestamp;
    machine.warp_seconds(600);
    let crank = trip(&machine, &protocol, 0);
    protocol.must(&mut machine, &[crank], &[]);
    assert_eq!(protocol.board(&machine).domain_row.trip_until, latched_ts + 72 * 3_600);
    let incident: Incident = machine.load(&pda::incident(&protocol.domain, 0));
    assert_eq!(incident.steps[step::BREACH].ts, latched_ts);
    assert_eq!(incident.steps[step::PAUSE].ts, latched_ts + 600);
}

#[test]
fn a_second_breaker_adds_to_the_board_and_opens_no_second_incident() {
    let (mut machine, protocol, _, host) = metered();
    let user = receiver(&mut machine, &protocol, "user");
    let breaker = key(&protocol);
    let meter = ix::meter_outflow(protocol.domain, breaker, host.pubkey(), 101);
    protocol.must(&mut machine, &[meter], &[&host]);
    protocol
        .release(&mut machine, user, 100_001, 1)
        .expect("a breach does not fail");
    let crank = trip(&machine, &protocol, 0);
    protocol.must(&mut machine, &[crank], &[]);
    let second = ix::propagate_trip(protocol.domain, machine.payer.pubkey(), breaker, 0);
    protocol.must(&mut machine, &[second], &[]);

    let state = protocol.state(&machine);
    assert_eq!(
        (state.incident_count, state.open_incident),
        (1, pda::incident(&protocol.domain, 0))
    );
    assert_eq!(protocol.incident(&machine).source, protocol.vault.breaker);
    let board = protocol.board(&machine);
    assert!(board.domain_row.trip != 0 && board.rows[3].trip == board.domain_row.trip);
}

#[test]
fn a_latch_from_before_an_unpause_is_void() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    protocol
        .release(&mut machine, user, 100_001, 1)
        .expect("a breach does not fail");
    let crank = trip(&machine, &protocol, 0);
    protocol.must(&mut machine, &[crank], &[]);
    let args = ResumeArgs {
        incident: protocol.state(&machine).open_incident,
    };
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::resume(authority, args)], &[]);
    let outcome = protocol
        .release(&mut machine, user, 1, 2)
        .expect("the protocol operates");
    assert_eq!(outcome.return_data, [verdict::ALLOWED]);
    let crank = trip(&machine, &protocol, 1);
    refused(machine.send(&[crank], &[]), BulkheadError::NotLatched);
}

#[test]
fn a_breaker_of_another_domain_trips_nothing_here() {
    let (mut machine, protocol) = world();
    let other = Protocol::set_up(
        &mut machine,
        &Setup {
            name: "other",
            ..Setup::default()
        },
    );
    let user = receiver(&mut machine, &other, "user");
    other
        .release(&mut machine, user, 100_001, 1)
        .expect("a breach does not fail");
    let crank = ix::propagate_trip(protocol.domain, machine.payer.pubkey(), other.vault.breaker, 0);
    refused(machine.send(&[crank], &[]), BulkheadError::ForeignAccount);
    let mut crank = ix::propagate_trip(other.domain, machine.payer.pubkey(), other.vault.breaker, 0);
    crank.accounts[3].pubkey = pda::board(&protocol.domain);
    refused(machine.send(&[crank], &[]), BulkheadError::ForeignAccount);
}

#[test]
fn nothing_trips_during_set_up() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let user = receiver(&mut machine, &protocol, "user");
    protocol
        .release(&mut machine, user, 100_001, 1)
        .expect("a breach does not fail");
    let crank = trip(&machine, &protocol, 0);
    refused(machine.send(&[crank], &[]), BulkheadError::WrongPhase);
}

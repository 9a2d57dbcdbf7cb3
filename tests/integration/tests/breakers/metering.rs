//! What a host receives when it meters, and who may meter.

use super::*;

#[test]
fn a_host_is_told_and_nothing_reverts() {
    let (mut machine, protocol, _, host) = metered();
    let breaker = key(&protocol);
    let ask = |machine: &mut Machine, amount| {
        let meter = ix::meter_outflow(protocol.domain, breaker, host.pubkey(), amount);
        protocol.must(machine, &[meter], &[&host]).return_data
    };
    assert_eq!(ask(&mut machine, 60), [verdict::ALLOWED]);
    machine.next_slot();
    assert_eq!(ask(&mut machine, 40), [verdict::ALLOWED]);
    machine.next_slot();
    assert_eq!(ask(&mut machine, 1), [verdict::QUEUED]);
    let state: OutflowBreaker = machine.load(&breaker);
    assert_eq!((state.latch.state, state.latch.seen), (latch_state::LATCHED, 101));
    assert_eq!(state.latch.slot, machine.clock().slot);
    machine.warp_seconds(899);
    assert_eq!(
        ask(&mut machine, 1),
        [verdict::QUEUED],
        "latched, though the window is free again"
    );
    machine.warp_seconds(1);
    assert_eq!(ask(&mut machine, 1), [verdict::ALLOWED]);

    let pause = ix::pause(protocol.domain, protocol.members[0].pubkey(), 3, 0);
    protocol.must(&mut machine, &[pause], &[&protocol.members[0]]);
    assert_eq!(ask(&mut machine, 1), [verdict::DENIED]);
}

#[test]
fn nobody_else_meters_and_nothing_is_not_metered() {
    let (mut machine, protocol, _, host) = metered();
    let breaker = key(&protocol);
    let stranger = keypair("stranger");
    let meter = ix::meter_outflow(protocol.domain, breaker, stranger.pubkey(), 1);
    refused(machine.send(&[meter], &[&stranger]), BulkheadError::NotMeterAuthority);
    let meter = ix::meter_outflow(protocol.domain, breaker, host.pubkey(), 0);
    refused(machine.send(&[meter], &[&host]), BulkheadError::ZeroAmount);

    let mut meter = ix::meter_outflow(protocol.domain, breaker, host.pubkey(), 1);
    meter.accounts[1].pubkey = pda::council(&protocol.domain);
    refused(machine.send(&[meter], &[&host]), BulkheadError::WrongBoard);
    // A breaker of the vault is metered by the vault, which only ever signs for `release`.
    let meter = ix::meter_outflow(protocol.domain, protocol.vault.breaker, host.pubkey(), 1);
    refused(machine.send(&[meter], &[&host]), BulkheadError::NotMeterAuthority);

    let mut account = machine.account(&breaker).expect("it exists");
    account.data[8] = VERSION + 1;
    machine.write_account(&breaker, account);
    let meter = ix::meter_outflow(protocol.domain, breaker, host.pubkey(), 1);
    refused(machine.send(&[meter], &[&host]), BulkheadError::UnknownVersion);
}

#[test]
fn a_board_that_bulkhead_does_not_own_or_know_stops_the_outflow() {
    let (mut machine, protocol, _, host) = metered();
    let board = pda::board(&protocol.domain);
    let sound = machine.account(&board).expect("it exists");
    let meter = ix::meter_outflow(protocol.domain, key(&protocol), host.pubkey(), 1);

    let mut foreign = sound.clone();
    foreign.owner = protocol.host_program;
    machine.write_account(&board, foreign);
    refused(
        machine.send(std::slice::from_ref(&meter), &[&host]),
        BulkheadError::ForeignBoard,
    );
    let mut unknown = sound;
    unknown.data[8] = VERSION + 1;
    machine.write_account(&board, unknown);
    refused(machine.send(&[meter], &[&host]), BulkheadError::UnknownBoardVersion);
}

#[test]
fn over_a_limit_a_release_waits_and_others_go_on() {
    let (mut machine, protocol) = world_with(&Setup {
        trip_limit: 200_000,
        ..Setup::default()
    });
    let (whale, user) = (
        receiver(&mut machine, &protocol, "whale"),
        receiver(&mut machine, &protocol, "user"),
    );
    let outcome = protocol.release(&mut machine, whale, 150_000, 1).expect("it waits");
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
    let outcome = protocol.release(&mut machine, user, 10_000, 2).expect("within limits");
    assert_eq!(outcome.return_data, [verdict::ALLOWED]);
    let crank = trip(&machine, &protocol, 0);
    refused(
        machine.send(std::slice::from_ref(&crank), &[]),
        BulkheadError::NotLatched,
    );
    // What has to wait above the trip limit latches in the slot it is asked for.
    let outcome = protocol
        .release(&mut machine, whale, 90_000, 3)
        .expect("a breach does not fail");
    assert_eq!(outcome.return_data, [verdict::QUEUED]);
    protocol.must(&mut machine, &[crank], &[]);
    let incident = protocol.incident(&machine);
    assert_eq!((incident.breach_amount, incident.limit), (240_000, 200_000));
    assert_eq!(incident.steps[step::BREACH].slot, machine.clock().slot);
}

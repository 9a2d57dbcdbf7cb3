//! A route that has been given away or has failed since: seen, latched, and accepted by an unpause that knew.

use super::*;

/// Who makes the recovery account keeps nothing of it, and whoever makes it anew at the same address gets nothing.
#[test]
fn a_route_that_became_its_creators_again_is_moved_nothing() {
    let (mut machine, protocol) = world();
    let thief = keypair("creator of the recovery account").pubkey();
    let incident = confirmed(&mut machine, &protocol);
    let evacuate = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    machine.write_account(&protocol.recovery_account, Account::default());
    // The vault is closed, and nothing moves.
    protocol.must(&mut machine, std::slice::from_ref(&evacuate), &[]);
    machine.next_slot();
    refused(
        machine.send(std::slice::from_ref(&evacuate), &[]),
        BulkheadError::UnfitEvacuationRoute,
    );
    machine.create_token_account(&protocol.recovery_account, &protocol.mint, &thief, 0);
    refused(
        machine.send(std::slice::from_ref(&evacuate), &[]),
        BulkheadError::UnfitEvacuationRoute,
    );
    assert_eq!(machine.balance(&protocol.custody()), 1_000_000);
    // A proposal registers another, and the vault moves there in the same incident.
    let vault = protocol.vault.vault;
    let destination = keypair("new recovery account").pubkey();
    machine.create_token_account(&destination, &protocol.mint, &protocol.domain, 0);
    let args = RegisterEvacuationRouteArgs { vault, destination };
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::register_evacuation_route(authority, args)], &[]);
    protocol.must(
        &mut machine,
        &[ix::evacuate(protocol.vault, incident, destination)],
        &[],
    );
    assert_eq!(machine.balance(&destination), 1_000_000);
}

#[test]
fn what_the_holder_gave_away_since_is_seen_when_the_route_is_used() {
    let (mut machine, protocol) = world();
    let thief = keypair("thief").pubkey();
    let incident = confirmed(&mut machine, &protocol);
    let sound = machine.account(&protocol.recovery_account).expect("it exists");
    let evacuate = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    for (number, (at, bytes)) in [
        (CLOSE_AUTHORITY, some(&thief)),
        (DELEGATE, some(&thief)),
        (STATE, vec![2]),
        (32, thief.as_ref().to_vec()),
        (0, thief.as_ref().to_vec()),
    ]
    .into_iter()
    .enumerate()
    {
        poke(&mut machine, &protocol.recovery_account, at, &bytes);
        if number == 0 {
            // The first closes the vault, and moves nothing.
            protocol.must(&mut machine, std::slice::from_ref(&evacuate), &[]);
            assert_eq!(machine.balance(&protocol.custody()), 1_000_000);
        }
        machine.next_slot();
        refused(
            machine.send(std::slice::from_ref(&evacuate), &[]),
            BulkheadError::UnfitEvacuationRoute,
        );
        machine.write_account(&protocol.recovery_account, sound.clone());
    }
    protocol.must(&mut machine, &[evacuate], &[]);
    assert_eq!(machine.balance(&protocol.recovery_account), 1_000_000);
}

fn look(protocol: &Protocol) -> solana_instruction::Instruction {
    ix::observe_evacuation_route(protocol.domain, protocol.vault.vault, protocol.recovery_account)
}

#[test]
fn a_fault_of_a_route_latches_trips_and_is_accepted_by_an_unpause_that_knew() {
    let (mut machine, protocol) = world();
    let vault = protocol.vault.vault;
    protocol.must(&mut machine, &[look(&protocol)], &[]);
    let state: Vault = machine.load(&vault);
    assert_eq!(
        (state.route_fault, state.route_ts, state.latch.state),
        (route_fault::NONE, machine.clock().unix_timestamp, latch_state::ARMED)
    );
    poke(
        &mut machine,
        &protocol.recovery_account,
        DELEGATE,
        &some(&keypair("thief").pubkey()),
    );
    machine.next_slot();
    protocol.must(&mut machine, &[look(&protocol)], &[]);
    let state: Vault = machine.load(&vault);
    assert_eq!(
        (state.route_fault, state.latch.state, state.latch.seen),
        (
            route_fault::DELEGATED,
            latch_state::LATCHED,
            u64::from(route_fault::DELEGATED)
        )
    );
    // A look at what is known renews nothing.
    machine.warp_seconds(HOUR);
    protocol.must(&mut machine, &[look(&protocol)], &[]);
    assert_eq!(machine.load::<Vault>(&vault).latch.until, state.latch.until);
    let payer = machine.payer.pubkey();
    let trip = ix::propagate_trip(protocol.domain, payer, vault, 0);
    protocol.must(&mut machine, std::slice::from_ref(&trip), &[]);
    let incident = pda::incident(&protocol.domain, 0);
    let opened: Incident = machine.load(&incident);
    assert_eq!((opened.cause, opened.source), (cause::ROUTE, vault));
    refused(machine.send(&[trip], &[]), BulkheadError::NotLatched);

    // It is accepted, and stays so until the route was sound once.
    machine.next_slot();
    let resume = mature_resume(&mut machine, &protocol, incident);
    protocol.must(&mut machine, &[resume], &[]);
    machine.warp_seconds(100 * HOUR);
    protocol.must(&mut machine, &[look(&protocol)], &[]);
    let accepted: Vault = machine.load(&vault);
    assert_eq!(
        (accepted.route_fault, accepted.latch.ts),
        (route_fault::DELEGATED, state.latch.ts),
        "shown, and no news"
    );
    poke(&mut machine, &protocol.recovery_account, DELEGATE, &[0; 36]);
    protocol.must(&mut machine, &[look(&protocol)], &[]);
    assert_eq!(machine.load::<Vault>(&vault).route_fault, route_fault::NONE);
    poke(
        &mut machine,
        &protocol.recovery_account,
        DELEGATE,
        &some(&keypair("thief").pubkey()),
    );
    machine.next_slot();
    protocol.must(&mut machine, &[look(&protocol)], &[]);
    assert!(machine.load::<Vault>(&vault).latch.ts > state.latch.ts);
}

/// Liveness: the same fault, seen again whenever its latch has run out, is older than every unpause that is proposed after it
/// was first seen.
#[test]
fn a_fault_that_latches_again_and_again_survives_no_unpause_that_knew_of_it() {
    let (mut machine, protocol) = world();
    let vault = protocol.vault.vault;
    poke(&mut machine, &protocol.recovery_account, STATE, &[2]);
    protocol.must(&mut machine, &[look(&protocol)], &[]);
    let first: Vault = machine.load(&vault);
    let payer = machine.payer.pubkey();
    let trip = ix::propagate_trip(protocol.domain, payer, vault, 0);
    protocol.must(&mut machine, &[trip], &[]);
    let incident = pda::incident(&protocol.domain, 0);
    machine.next_slot();
    let resume = mature_resume(&mut machine, &protocol, incident);
    // Past the latch's own end, but not past the proposal's.
    machine.warp_seconds(73 * HOUR);
    protocol.must(&mut machine, &[look(&protocol)], &[]);
    let again: Vault = machine.load(&vault);
    assert!(again.latch.ts > first.latch.ts, "it has latched again");
    assert_eq!(again.latch.slot, first.latch.slot, "and is no news");
    protocol.must(&mut machine, &[resume], &[]);
    machine.next_slot();
    protocol.must(&mut machine, &[look(&protocol)], &[]);
    let late = ix::propagate_trip(protocol.domain, payer, vault, 1);
    refused(machine.send(&[late], &[]), BulkheadError::NotLatched);
    let another = receiver(&mut machine, &protocol, "another recovery account");
    let args = RegisterEvacuationRouteArgs {
        vault,
        destination: another,
    };
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::register_evacuation_route(authority, args)], &[]);
    let state: Vault = machine.load(&vault);
    assert_eq!(
        (state.route_fault, state.latched_fault),
        (route_fault::NONE, route_fault::NONE)
    );
}

#[test]
fn a_look_at_a_route_is_standalone_and_of_the_route() {
    let (mut machine, protocol) = world();
    let payer = machine.payer.pubkey();
    let company = anchor_lang::solana_program::system_instruction::transfer(&payer, &protocol.recovery_account, 1);
    refused(
        machine.send(&[look(&protocol), company], &[]),
        BulkheadError::NotStandalone,
    );
    let wrong = ix::observe_evacuation_route(protocol.domain, protocol.vault.vault, protocol.custody());
    refused(machine.send(&[wrong], &[]), BulkheadError::WrongEvacuationRoute);
}

/// A route that failed is replaced: its fault, which nobody has carried to the board, trips nothing afterwards.
#[test]
fn the_fault_of_a_route_that_was_replaced_trips_nothing() {
    let (mut machine, protocol) = world();
    let vault = protocol.vault.vault;
    let thief = keypair("thief").pubkey();
    poke(
        &mut machine,
        &protocol.recovery_account,
        DELEGATE,
        &[&[1, 0, 0, 0][..], thief.as_ref()].concat(),
    );
    machine.next_slot();
    let look = ix::observe_evacuation_route(protocol.domain, vault, protocol.recovery_account);
    machine.send(&[look], &[]).expect("a look");
    assert_eq!(machine.load::<Vault>(&vault).latch.state, latch_state::LATCHED);
    let another = receiver(&mut machine, &protocol, "another recovery account");
    let args = RegisterEvacuationRouteArgs {
        vault,
        destination: another,
    };
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::register_evacuation_route(authority, args)], &[]);
    let payer = machine.payer.pubkey();
    let trip = ix::propagate_trip(protocol.domain, payer, vault, 0);
    refused(machine.send(&[trip], &[]), BulkheadError::NotLatched);
    // The next fault is news.
    machine.warp_seconds(HOUR);
    poke(
        &mut machine,
        &another,
        DELEGATE,
        &[&[1, 0, 0, 0][..], thief.as_ref()].concat(),
    );
    let look = ix::observe_evacuation_route(protocol.domain, vault, another);
    machine.send(&[look], &[]).expect("a look");
    assert_eq!(machine.load::<Vault>(&vault).latch.state, latch_state::LATCHED);
}

//! Attacks by what latches though nobody asked for much, and by what can never be closed: each succeeds when the attack does.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{RegisterRouteArgs, ResumeArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{kind, latch_state, phase, route_fault, verdict},
    layout::{OutflowBreaker, Vault},
};
use bulkhead_sim::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{receiver, refused, world, world_with};
use solana_account::Account;
use solana_signer::Signer;

const LIMIT: u64 = 100_000;
const DAY: i64 = 86_400;

fn breaker(machine: &Machine, protocol: &Protocol) -> OutflowBreaker {
    machine.load(&protocol.vault.breaker)
}

fn confirm_evacuation(machine: &mut Machine, protocol: &Protocol, incident: Pubkey) {
    let payer = machine.payer.pubkey();
    for guardian in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(protocol.domain, guardian.pubkey(), payer, incident);
        protocol.must(machine, &[confirm], &[guardian]);
    }
}

fn resume(machine: &mut Machine, protocol: &Protocol, incident: Pubkey) {
    let args = ResumeArgs { incident };
    let authority = protocol.mature(machine, kind::RESUME, &args);
    protocol.must(machine, &[ix::resume(authority, args)], &[]);
}

/// A release that an evacuation voided is paid never and closed never: its rent and its number are gone.
#[test]
fn the_record_of_a_void_release_is_there_for_ever() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    protocol.release(&mut machine, user, 60_001, 1).expect("it waits");
    let incident = protocol.hold(&mut machine);
    confirm_evacuation(&mut machine, &protocol, incident);
    protocol.must(
        &mut machine,
        &[ix::evacuate(protocol.vault, incident, protocol.refuge)],
        &[],
    );
    resume(&mut machine, &protocol, incident);
    machine.mint_to(&protocol.mint, &protocol.custody(), 1_000_000);
    machine.warp_seconds(400 * DAY);
    let record = pda::release(&protocol.vault.vault, 1);
    let settle = ix::settle_release(protocol.vault, user, record);
    refused(machine.send(&[settle], &[]), BulkheadError::VaultEvacuated);
    let payer = machine.payer.pubkey();
    refused(
        machine.send(&[ix::close_release(record, payer)], &[]),
        BulkheadError::ReleaseStillQueued,
    );
    let again = protocol.release(&mut machine, user, 60_001, 1).expect("a verdict");
    assert_eq!(again.return_data, [verdict::DENIED]);
}

/// A route that failed is replaced by a matured proposal; anyone carries the fault of the old one afterwards and closes the
/// domain.
#[test]
fn the_fault_of_a_route_that_was_replaced_still_trips() {
    let (mut machine, protocol) = world();
    let vault = protocol.vault.vault;
    let mut account = machine.account(&protocol.refuge).expect("it exists");
    let sound = account.clone();
    account.data[72..108].copy_from_slice(&[&[1, 0, 0, 0][..], keypair("thief").pubkey().as_ref()].concat());
    machine.write_account(&protocol.refuge, account);
    machine.next_slot();
    let look = |route| ix::observe_route(protocol.domain, vault, route);
    machine.send(&[look(protocol.refuge)], &[]).expect("a look");
    machine.write_account(&protocol.refuge, sound);
    let another = receiver(&mut machine, &protocol, "another recovery account");
    let args = RegisterRouteArgs {
        vault,
        destination: another,
    };
    let authority = protocol.mature(&mut machine, kind::REGISTER_ROUTE, &args);
    protocol.must(&mut machine, &[ix::register_route(authority, args)], &[]);
    machine.send(&[look(another)], &[]).expect("a look");
    let state: Vault = machine.load(&vault);
    assert_eq!((state.route, state.route_fault), (another, route_fault::NONE));
    let payer = machine.payer.pubkey();
    let trip = ix::propagate_trip(protocol.domain, payer, vault, 0);
    machine.send(&[trip], &[]).expect("anyone carries it");
    assert_ne!(protocol.state(&machine).state, phase::OPERATING);
}

/// Frozen and memo accounts wait; one that its holder closed is an error, and whoever pays many is stopped by it.
#[test]
fn a_closed_account_still_stops_a_host_that_pays_many() {
    let (mut machine, protocol) = world();
    let honest = receiver(&mut machine, &protocol, "honest");
    let griefer = receiver(&mut machine, &protocol, "griefer");
    machine.write_account(&griefer, Account::default());
    let payer = machine.payer.pubkey();
    let pay = |to, number| ix::release(protocol.vault, protocol.operator.pubkey(), payer, to, 10, number);
    refused(
        machine.send(&[pay(honest, 1), pay(griefer, 2)], &[&protocol.operator]),
        BulkheadError::WrongDestination,
    );
    assert_eq!(machine.balance(&honest), 0);
    // Over the limit as well: neither a claim nor a latch.
    let mut large = pay(griefer, 3);
    large.data[8..16].copy_from_slice(&(3 * LIMIT).to_le_bytes());
    refused(
        machine.send(&[large], &[&protocol.operator]),
        BulkheadError::WrongDestination,
    );
    assert_eq!(breaker(&machine, &protocol).latch.state, latch_state::ARMED);
}

/// An exploited host asks for as much as only waits, window after window, and never trips. When the guardians notice and
/// raise the alarm, all of that is from before the breach: nobody can cancel it, then or later.
#[test]
fn a_theft_that_only_waits_is_never_cancelled() {
    let (mut machine, protocol) = world_with(&Setup {
        trip_limit: 2 * LIMIT,
        ..Setup::default()
    });
    let thief = receiver(&mut machine, &protocol, "thief");
    for window in 0..5 {
        let outcome = protocol
            .release(&mut machine, thief, 2 * LIMIT, window)
            .expect("it waits");
        assert_eq!(outcome.return_data, [verdict::QUEUED]);
        assert_eq!(breaker(&machine, &protocol).latch.state, latch_state::ARMED);
        machine.warp_seconds(3_600 + 300);
    }
    let incident = protocol.hold(&mut machine);
    let guardian = protocol.members[0].insecure_clone();
    for window in 0..5 {
        let record = pda::release(&protocol.vault.vault, window);
        let cancel = ix::cancel_release(
            protocol.domain,
            guardian.pubkey(),
            incident,
            protocol.vault.vault,
            record,
        );
        refused(
            machine.send(&[cancel], &[&guardian]),
            BulkheadError::ReleaseBeforeBreach,
        );
    }
    resume(&mut machine, &protocol, incident);
    // The host has been mended, and pays ten times T to the thief as the windows pass.
    machine.warp_seconds(2 * DAY);
    for window in 0..5 {
        let settle = ix::settle_release(protocol.vault, thief, pda::release(&protocol.vault.vault, window));
        for _ in 0..8 {
            machine.warp_seconds(3_600 + 300);
            let _ = machine.send(std::slice::from_ref(&settle), &[]);
        }
    }
    assert_eq!(machine.balance(&thief), 10 * LIMIT, "all the vault had");
}

//! Attacks on evacuations: each test succeeds when the attack does.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{RegisterRouteArgs, ResumeArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{constants::kind, layout::Incident};
use bulkhead_sim::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{receiver, refused, token_2022, world, world_with};
use solana_signer::Signer;

fn confirm_evacuation(machine: &mut Machine, protocol: &Protocol, incident: Pubkey) {
    let payer = machine.payer.pubkey();
    for guardian in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(protocol.domain, guardian.pubkey(), payer, incident);
        protocol.must(machine, &[confirm], &[guardian]);
    }
}

/// The incident adds up native units of all tokens. Whoever issues one that a vault holds (or whoever holds much of one
/// with a large supply) sends it to custody and has that vault moved first: the sum is full, and no other vault can be
/// moved any more.
#[test]
fn dust_of_a_token_with_a_large_supply_keeps_every_other_vault_from_being_moved() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let namespace = ix::Authority {
        signer: protocol.namespace.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let mint = keypair("a listed token").pubkey();
    machine.create_mint(&mint, &keypair("issuer").pubkey(), 9);
    let program = protocol.vault.token_program;
    let listed = token_2022::vault(&mut machine, &protocol, mint, program);
    let refuge = keypair("refuge of the listed token").pubkey();
    machine.create_token_account(&refuge, &mint, &protocol.domain, 0);
    let args = RegisterRouteArgs {
        vault: listed.vault,
        destination: refuge,
    };
    let steps = [
        ix::register_route(namespace, args),
        ix::activate_domain(protocol.namespace.pubkey()),
    ];
    protocol.must(&mut machine, &steps, &[&protocol.namespace]);
    // The issuer mints what a mint can have, straight into custody.
    let custody = pda::custody(&listed.vault);
    let mut account = machine.account(&custody).expect("it exists");
    account.data[64..72].copy_from_slice(&(u64::MAX - 500_000).to_le_bytes());
    machine.write_account(&custody, account);

    let incident = protocol.hold(&mut machine);
    confirm_evacuation(&mut machine, &protocol, incident);
    machine
        .send(&[ix::evacuate(listed, incident, refuge)], &[])
        .expect("a stranger moves the listed token first");
    assert_eq!(machine.load::<Incident>(&incident).evacuated, u64::MAX - 500_000);
    for _ in 0..3 {
        machine.warp_seconds(3_600);
        refused(
            machine.send(&[ix::evacuate(protocol.vault, incident, protocol.refuge)], &[]),
            BulkheadError::Overflow,
        );
    }
    assert_eq!(
        machine.balance(&protocol.custody()),
        1_000_000,
        "it stays where the thief is"
    );
}

/// The guardians confirm an evacuation to the routes they see. A proposal for another route, approved in peace and kept,
/// runs after their confirmation, in the transaction that moves the vault.
#[test]
fn a_route_from_before_the_incident_is_swapped_in_after_the_guardians_confirmed() {
    let (mut machine, protocol) = world();
    let elsewhere = receiver(&mut machine, &protocol, "elsewhere");
    let args = RegisterRouteArgs {
        vault: protocol.vault.vault,
        destination: elsewhere,
    };
    let kept = protocol.mature(&mut machine, kind::REGISTER_ROUTE, &args);
    let incident = protocol.hold(&mut machine);
    machine.next_slot();
    confirm_evacuation(&mut machine, &protocol, incident);
    let steps = [
        ix::register_route(kept, args),
        ix::evacuate(protocol.vault, incident, elsewhere),
    ];
    machine.send(&steps, &[]).expect("anyone cranks both");
    assert_eq!(machine.balance(&elsewhere), 1_000_000);
    assert_eq!(machine.balance(&protocol.refuge), 0);
}

fn resume(machine: &mut Machine, protocol: &Protocol, incident: Pubkey) {
    let args = ResumeArgs { incident };
    let authority = protocol.mature(machine, kind::RESUME, &args);
    protocol.must(machine, &[ix::resume(authority, args)], &[]);
}

/// A theft waits in the queue of an empty vault whose route fails: a unit of dust makes the evacuation an error, which
/// would have voided the queue of the empty one. It is paid out of what others bring in after the lift.
#[test]
fn a_unit_of_dust_keeps_the_queue_of_an_empty_vault_with_a_failing_route() {
    let (mut machine, protocol) = world_with(&Setup {
        funds: 0,
        trip_limit: 200_000,
        ..Setup::default()
    });
    let thief = receiver(&mut machine, &protocol, "thief");
    protocol.release(&mut machine, thief, 90_000, 1).expect("it waits");
    // Frozen, or given a delegate by who holds it.
    let mut route = machine.account(&protocol.refuge).expect("it exists");
    route.data[108] = 2;
    machine.write_account(&protocol.refuge, route);
    let incident = protocol.hold(&mut machine);
    confirm_evacuation(&mut machine, &protocol, incident);
    let evacuate = ix::evacuate(protocol.vault, incident, protocol.refuge);
    assert!(
        machine.would_work(std::slice::from_ref(&evacuate), &[]),
        "empty, it would be closed"
    );
    machine.mint_to(&protocol.mint, &protocol.custody(), 1);
    refused(machine.send(&[evacuate], &[]), BulkheadError::UnfitRoute);
    resume(&mut machine, &protocol, incident);
    machine.mint_to(&protocol.mint, &protocol.custody(), 1_000_000);
    machine.warp_seconds(2 * 86_400);
    let settle = ix::settle_release(protocol.vault, thief, pda::release(&protocol.vault.vault, 1));
    machine
        .send(std::slice::from_ref(&settle), &[])
        .expect("a first instalment");
    machine.next_slot();
    machine.send(&[settle], &[]).expect("the rest");
    assert_eq!(machine.balance(&thief), 90_000);
}

/// A vault without a route is not evacuated at all, so what was queued in it is not void either.
#[test]
fn the_queue_of_a_vault_without_a_route_outlives_the_evacuation() {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let mint = keypair("a listed token").pubkey();
    machine.create_mint(&mint, &keypair("issuer").pubkey(), 9);
    let listed = token_2022::vault(&mut machine, &protocol, mint, protocol.vault.token_program);
    let activate = ix::activate_domain(protocol.namespace.pubkey());
    protocol.must(&mut machine, &[activate], &[&protocol.namespace]);
    let thief = machine.create_associated(&mint, &keypair("thief").pubkey(), 0);
    let payer = machine.payer.pubkey();
    let ask = ix::release(listed, protocol.operator.pubkey(), payer, thief, 90_000, 1);
    protocol.must(&mut machine, &[ask], &[&protocol.operator]);
    let incident = protocol.hold(&mut machine);
    confirm_evacuation(&mut machine, &protocol, incident);
    refused(
        machine.send(&[ix::evacuate(listed, incident, protocol.refuge)], &[]),
        BulkheadError::WrongRoute,
    );
    resume(&mut machine, &protocol, incident);
    machine.warp_seconds(2 * 86_400);
    let settle = ix::settle_release(listed, thief, pda::release(&listed.vault, 1));
    machine.send(&[settle], &[]).expect("paid");
    assert_eq!(machine.balance(&thief), 60_000);
}

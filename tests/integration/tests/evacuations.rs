//! Nothing keeps a vault from being evacuated, or from being closed while it cannot be moved yet.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{RegisterEvacuationRouteArgs, ResumeArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::vault_state,
    layout::{Incident, Vault},
};
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{receiver, refused, token_2022, world_with};
use solana_signer::Signer;

const DAY: i64 = 86_400;
const STATE: usize = 108;

fn confirm_evacuation(machine: &mut Machine, protocol: &Protocol, incident: Pubkey) {
    let payer = machine.payer.pubkey();
    for guardian in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(protocol.domain, guardian.pubkey(), payer, incident);
        protocol.must(machine, &[confirm], &[guardian]);
    }
}

fn resume(machine: &mut Machine, protocol: &Protocol, incident: Pubkey) {
    let args = ResumeArgs { incident };
    let authority = protocol.mature(machine, &args);
    protocol.must(machine, &[ix::resume(authority, args)], &[]);
}

/// A second vault, of a token of its own, and a route for it if it is to have one.
fn with_listed_token(has_route: bool) -> (Machine, Protocol, ix::VaultKeys, Pubkey) {
    let (mut machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let setup_authority = ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    };
    let mint = keypair("a listed token").pubkey();
    machine.create_mint(&mint, &keypair("issuer").pubkey(), 9);
    let listed = token_2022::vault(&mut machine, &protocol, mint, protocol.vault.token_program);
    let recovery_account = keypair("recovery account of the listed token").pubkey();
    machine.create_token_account(&recovery_account, &mint, &protocol.domain, 0);
    let args = RegisterEvacuationRouteArgs {
        vault: listed.vault,
        destination: recovery_account,
    };
    let mut steps = vec![];
    if has_route {
        steps.push(ix::register_evacuation_route(setup_authority, args));
    }
    steps.push(ix::activate_domain(protocol.setup_authority.pubkey()));
    protocol.must(&mut machine, &steps, &[&protocol.setup_authority]);
    (machine, protocol, listed, recovery_account)
}

/// The incident adds up native units of all tokens, to be shown. Whoever fills that sum with a token of a large supply stops
/// nothing.
#[test]
fn a_token_with_a_large_supply_stops_no_others_evacuation() {
    let (mut machine, protocol, listed, recovery_account) = with_listed_token(true);
    let custody = pda::custody(&listed.vault);
    let mut account = machine.account(&custody).expect("it exists");
    account.data[64..72].copy_from_slice(&(u64::MAX - 500_000).to_le_bytes());
    machine.write_account(&custody, account);
    let incident = protocol.freeze(&mut machine);
    confirm_evacuation(&mut machine, &protocol, incident);
    let steps = [
        ix::evacuate(listed, incident, recovery_account),
        ix::evacuate(protocol.vault, incident, protocol.recovery_account),
    ];
    protocol.must(&mut machine, &steps, &[]);
    assert_eq!(machine.balance(&protocol.recovery_account), 1_000_000);
    assert_eq!(machine.balance(&protocol.custody()), 0);
    assert_eq!(
        machine.load::<Incident>(&incident).evacuated,
        u64::MAX,
        "all it can show"
    );
}

/// What a thief has queued in a vault stands still once its evacuation was confirmed, whatever lies in it and whatever became of
/// its route: dust and a frozen route do not keep it for deposits to come.
#[test]
fn a_vault_whose_route_fails_is_closed_and_its_queue_stands_still() {
    let (mut machine, protocol) = world_with(&Setup {
        funds: 0,
        trip_limit: 200_000,
        ..Setup::default()
    });
    let thief = receiver(&mut machine, &protocol, "thief");
    protocol.release(&mut machine, thief, 90_000, 1).expect("it waits");
    let sound = machine.account(&protocol.recovery_account).expect("it exists");
    let mut frozen = sound.clone();
    frozen.data[STATE] = 2;
    machine.write_account(&protocol.recovery_account, frozen);
    let incident = protocol.freeze(&mut machine);
    confirm_evacuation(&mut machine, &protocol, incident);
    machine.mint_to(&protocol.mint, &protocol.custody(), 1);
    let evacuate = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    protocol.must(&mut machine, std::slice::from_ref(&evacuate), &[]);
    let state: Vault = machine.load(&protocol.vault.vault);
    assert_eq!((state.state, state.evacuation.moved), (vault_state::EVACUATED, 0));
    assert_eq!(machine.balance(&protocol.custody()), 1, "it could not be moved");
    // Asked again, it says why nothing moves; and it moves once the route takes it.
    machine.next_slot();
    refused(
        machine.send(std::slice::from_ref(&evacuate), &[]),
        BulkheadError::UnfitEvacuationRoute,
    );
    machine.write_account(&protocol.recovery_account, sound);
    protocol.must(&mut machine, &[evacuate], &[]);
    assert_eq!(machine.balance(&protocol.recovery_account), 1);
    resume(&mut machine, &protocol, incident);
    machine.mint_to(&protocol.mint, &protocol.custody(), 1_000_000);
    machine.warp_seconds(2 * DAY);
    let settle = ix::settle_release(protocol.vault, thief, pda::release(&protocol.vault.vault, 1));
    refused(machine.send(&[settle], &[]), BulkheadError::VaultEvacuated);
}

/// The same of a vault that nobody has given a route.
#[test]
fn a_vault_without_a_route_is_closed_and_its_queue_stands_still() {
    let (mut machine, protocol, listed, _) = with_listed_token(false);
    let thief = machine.create_associated(&listed.mint, &keypair("thief").pubkey(), 0);
    let payer = machine.payer.pubkey();
    let ask = ix::release(listed, protocol.operator.pubkey(), payer, thief, 90_000, 1);
    protocol.must(&mut machine, &[ask], &[&protocol.operator]);
    let incident = protocol.freeze(&mut machine);
    confirm_evacuation(&mut machine, &protocol, incident);
    let before = machine.balance(&pda::custody(&listed.vault));
    let evacuate = ix::evacuate(listed, incident, protocol.recovery_account);
    protocol.must(&mut machine, std::slice::from_ref(&evacuate), &[]);
    assert_eq!(
        machine.balance(&pda::custody(&listed.vault)),
        before,
        "there is nowhere to move it"
    );
    machine.next_slot();
    refused(machine.send(&[evacuate], &[]), BulkheadError::WrongEvacuationRoute);
    resume(&mut machine, &protocol, incident);
    machine.warp_seconds(2 * DAY);
    let settle = ix::settle_release(listed, thief, pda::release(&listed.vault, 1));
    refused(machine.send(&[settle], &[]), BulkheadError::VaultEvacuated);
}

/// It is moved there as if it had had the route before, once, and pays again after an unpause that knew.
#[test]
fn a_vault_that_gets_a_route_after_it_was_closed_is_moved_in_the_same_incident() {
    let (mut machine, protocol, listed, recovery_account) = with_listed_token(false);
    let custody = pda::custody(&listed.vault);
    let args = RegisterEvacuationRouteArgs {
        vault: listed.vault,
        destination: recovery_account,
    };
    let incident = protocol.freeze(&mut machine);
    // One that knows nothing of the evacuation names a route in vain.
    let early = protocol.mature(&mut machine, &args);
    confirm_evacuation(&mut machine, &protocol, incident);
    let to = |destination| ix::evacuate(listed, incident, destination);
    protocol.must(&mut machine, &[to(recovery_account)], &[]);
    let held = machine.balance(&custody);
    assert!(held > 0, "there is nowhere to move it");
    refused(
        machine.send(&[ix::register_evacuation_route(early, args.clone())], &[]),
        BulkheadError::TightenedSince,
    );
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::register_evacuation_route(authority, args)], &[]);
    let other = keypair("another recovery account").pubkey();
    machine.create_token_account(&other, &listed.mint, &protocol.domain, 0);
    refused(machine.send(&[to(other)], &[]), BulkheadError::WrongEvacuationRoute);
    protocol.must(&mut machine, &[to(recovery_account)], &[]);
    assert_eq!(
        (machine.balance(&custody), machine.balance(&recovery_account)),
        (0, held)
    );
    // What comes later is moved after it, and adds up.
    machine.mint_to(&listed.mint, &custody, 7);
    machine.next_slot();
    protocol.must(&mut machine, &[to(recovery_account)], &[]);
    let state: Vault = machine.load(&listed.vault);
    let moved = &state.evacuation;
    assert_eq!((moved.incident, moved.destination), (incident, recovery_account));
    assert_eq!(
        (moved.before, moved.moved, moved.fee, moved.after),
        (held + 7, held + 7, 0, 0)
    );
    assert_eq!(state.evacuations, 1, "its queue was stopped once");
    assert_eq!(machine.load::<Incident>(&incident).evacuated, held + 7);

    resume(&mut machine, &protocol, incident);
    machine.mint_to(&listed.mint, &custody, 500);
    let user = machine.create_associated(&listed.mint, &keypair("user").pubkey(), 0);
    let payer = machine.payer.pubkey();
    let release = ix::release(listed, protocol.operator.pubkey(), payer, user, 500, 1);
    protocol.must(&mut machine, &[release], &[&protocol.operator]);
    assert_eq!(machine.balance(&user), 500);
}

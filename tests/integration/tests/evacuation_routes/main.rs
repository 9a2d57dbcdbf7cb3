//! Where a vault can be moved to, and that nothing keeps it from being moved, or closed, or opened again.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token;
use bulkhead::{
    error::BulkheadError,
    instructions::{OpenBreakerArgs, OpenVaultArgs, RegisterEvacuationRouteArgs, ResumeArgs},
};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{cause, latch_state, route_fault, vault_state},
    layout::{Incident, Vault},
};
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{
    receiver, refused,
    token_2022::{self, IMMUTABLE_OWNER, WANTS_MEMO},
    world, world_with,
};
use solana_account::Account;
use solana_signer::Signer;

const HOUR: i64 = 3_600;

fn setting_up() -> (Machine, Protocol) {
    world_with(&Setup {
        activate: false,
        ..Setup::default()
    })
}

fn setup_authority(protocol: &Protocol) -> ix::Authority {
    ix::Authority {
        signer: protocol.setup_authority.pubkey(),
        domain: protocol.domain,
        proposal: None,
    }
}

fn register(
    machine: &mut Machine,
    protocol: &Protocol,
    vault: Pubkey,
    destination: Pubkey,
) -> Result<bulkhead_testbed::Outcome, bulkhead_testbed::Failure> {
    let args = RegisterEvacuationRouteArgs { vault, destination };
    let register = ix::register_evacuation_route(setup_authority(protocol), args);
    machine.send(&[register], &[&protocol.setup_authority])
}

/// Changes bytes of an account.
fn poke(machine: &mut Machine, key: &Pubkey, at: usize, bytes: &[u8]) {
    let mut account = machine.account(key).expect("it exists");
    account.data[at..at + bytes.len()].copy_from_slice(bytes);
    machine.write_account(key, account);
}

const DELEGATE: usize = 72;
const STATE: usize = 108;
const CLOSE_AUTHORITY: usize = 129;
/// `Some` of a key, as token accounts have it.
fn some(key: &Pubkey) -> Vec<u8> {
    [&[1, 0, 0, 0], key.as_ref()].concat()
}

/// Holds the domain and has the guardians confirm the evacuation.
fn confirmed(machine: &mut Machine, protocol: &Protocol) -> Pubkey {
    let incident = protocol.freeze(machine);
    confirm(machine, protocol, incident);
    incident
}

fn confirm(machine: &mut Machine, protocol: &Protocol, incident: Pubkey) {
    let payer = machine.payer.pubkey();
    for guardian in &protocol.members[..2] {
        let confirm = ix::confirm_evacuation(protocol.domain, guardian.pubkey(), payer, incident);
        protocol.must(machine, &[confirm], &[guardian]);
    }
}

fn mature_resume(machine: &mut Machine, protocol: &Protocol, incident: Pubkey) -> solana_instruction::Instruction {
    let args = ResumeArgs { incident };
    let authority = protocol.mature(machine, &args);
    ix::resume(authority, args)
}

// Registration.

#[test]
fn an_account_that_somebody_besides_its_holder_has_a_say_over_is_no_route() {
    let (mut machine, protocol) = setting_up();
    let (vault, thief) = (protocol.vault.vault, keypair("thief").pubkey());
    for (at, bytes) in [
        (CLOSE_AUTHORITY, some(&thief)),
        (DELEGATE, some(&thief)),
        (STATE, vec![2]),
    ] {
        let key = keypair("recovery account").pubkey();
        machine.create_token_account(&key, &protocol.mint, &protocol.domain, 0);
        poke(&mut machine, &key, at, &bytes);
        refused(
            register(&mut machine, &protocol, vault, key),
            BulkheadError::UnfitEvacuationRoute,
        );
    }
    assert_eq!(machine.load::<Vault>(&vault).route, protocol.recovery_account);
}

#[test]
fn an_account_that_wants_a_memo_or_has_unknown_extensions_is_no_route() {
    let (mut machine, protocol) = setting_up();
    let mint = token_2022::mint(&mut machine, "a mint of Token-2022", &[]);
    let vault = token_2022::vault(&mut machine, &protocol, mint, anchor_spl::token_2022::ID).vault;
    let key = keypair("recovery account").pubkey();
    for extension in [WANTS_MEMO, (11, &[1]), (15, &[0]), (200, &[0])] {
        token_2022::account(&mut machine, key, &mint, &protocol.domain, 0, &[extension]);
        refused(
            register(&mut machine, &protocol, vault, key),
            BulkheadError::UnfitEvacuationRoute,
        );
    }
    token_2022::account(
        &mut machine,
        key,
        &mint,
        &protocol.domain,
        0,
        &[IMMUTABLE_OWNER, (8, &[0])],
    );
    register(&mut machine, &protocol, vault, key).expect("a sound one");
    assert_eq!(machine.load::<Vault>(&vault).route_holder, protocol.domain);
}

#[test]
fn bulkheads_own_accounts_are_no_routes() {
    let (mut machine, protocol) = setting_up();
    // A vault of the votes' mint, and another domain with a vault of the same mint.
    let votes_vault = token_2022::vault(&mut machine, &protocol, protocol.governance_mint, spl_token::ID).vault;
    let other = Protocol::set_up(
        &mut machine,
        &Setup {
            name: "other",
            ..Setup::default()
        },
    );
    poke(&mut machine, &other.custody(), 0, protocol.mint.as_ref());
    let restoration = keypair("a restoration").pubkey();
    let pool = pda::pool(&restoration);
    machine.create_token_account(&pool, &protocol.mint, &restoration, 0);
    let stray = keypair("a stray account of the vault's").pubkey();
    machine.create_token_account(&stray, &protocol.mint, &protocol.vault.vault, 0);
    for (vault, own) in [
        (votes_vault, pda::votes(&protocol.domain)),
        (protocol.vault.vault, protocol.custody()),
        (protocol.vault.vault, other.custody()),
        (protocol.vault.vault, pool),
        (protocol.vault.vault, stray),
    ] {
        refused(
            register(&mut machine, &protocol, vault, own),
            BulkheadError::WrongDestination,
        );
    }
}

// Afterwards.

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

// The look at a route.

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

// Vaults that have nothing, little, or many brothers.

#[test]
fn a_vault_with_nothing_in_it_is_evacuated_and_its_queue_is_void() {
    let (mut machine, protocol) = world_with(&Setup {
        funds: 0,
        ..Setup::default()
    });
    let thief = receiver(&mut machine, &protocol, "thief");
    protocol
        .release(&mut machine, thief, 60_001, 1)
        .expect("a breach does not fail");
    let incident = confirmed(&mut machine, &protocol);
    machine.next_slot();
    let crank = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    protocol.must(&mut machine, std::slice::from_ref(&crank), &[]);
    let state: Vault = machine.load(&protocol.vault.vault);
    assert_eq!((state.state, state.evacuations), (vault_state::EVACUATED, 1));
    assert_eq!((state.evacuation.incident, state.evacuation.moved), (incident, 0));
    refused(machine.send(&[crank], &[]), BulkheadError::NothingToMove);
    machine.next_slot();
    let resume = mature_resume(&mut machine, &protocol, incident);
    protocol.must(&mut machine, &[resume], &[]);
    // Deposits that come afterwards are not the thief's.
    machine.mint_to(&protocol.mint, &protocol.custody(), 500_000);
    machine.warp_seconds(100 * HOUR);
    let settle = ix::settle_release(protocol.vault, thief, pda::release(&protocol.vault.vault, 1));
    refused(machine.send(&[settle], &[]), BulkheadError::VaultEvacuated);
    protocol
        .release(&mut machine, thief, 5, 2)
        .expect("the vault is in use again");
}

/// A stranger sends a unit and has it evacuated right before the unpause: before, with what was there, or for the first time.
#[test]
fn a_unit_of_dust_keeps_no_vault_closed_over_the_unpause() {
    for funds in [1_000_000, 0] {
        let (mut machine, protocol) = world_with(&Setup {
            funds,
            ..Setup::default()
        });
        let user = receiver(&mut machine, &protocol, "user");
        let incident = confirmed(&mut machine, &protocol);
        let crank = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
        if funds > 0 {
            protocol.must(&mut machine, std::slice::from_ref(&crank), &[]);
        }
        machine.next_slot();
        let resume = mature_resume(&mut machine, &protocol, incident);
        machine.mint_to(&protocol.mint, &protocol.custody(), 1);
        protocol.must(&mut machine, &[crank, resume], &[]);
        assert_eq!(
            machine.load::<Vault>(&protocol.vault.vault).state,
            vault_state::EVACUATED
        );
        machine.mint_to(&protocol.mint, &protocol.custody(), 1_000);
        let outcome = protocol
            .release(&mut machine, user, 5, 2)
            .expect("the vault is open again");
        assert_eq!((outcome.return_data, machine.balance(&user)), (vec![0], 5));
        // Not even what was asked for in the very slot of the unpause is void.
        protocol
            .release(&mut machine, user, 60_001, 3)
            .expect("a breach does not fail");
        machine.warp_seconds(100 * HOUR);
        let settle = ix::settle_release(protocol.vault, user, pda::release(&protocol.vault.vault, 3));
        protocol.must(&mut machine, &[settle], &[]);
    }
}

#[test]
fn the_seventeenth_vault_is_evacuated_like_the_first() {
    const VAULTS: u8 = 20;
    let (mut machine, protocol) = setting_up();
    let payer = machine.payer.pubkey();
    let vaults: Vec<_> = (1..=VAULTS)
        .map(|number| {
            let vault = pda::vault(&protocol.domain, &protocol.mint, number);
            let breaker = OpenBreakerArgs {
                compartment: number,
                mint: protocol.mint,
                authority: vault,
                sub_windows: 12,
                trip_scope: number,
                window_seconds: HOUR,
                limit: 100_000,
                slot_limit: 60_000,
                latch_seconds: HOUR,
                shards: 1,
                ..OpenBreakerArgs::default()
            };
            let keys = ix::VaultKeys {
                vault,
                breaker: pda::outflow_breaker(&protocol.domain, number, &protocol.mint, 0),
                ..protocol.vault
            };
            let args = OpenVaultArgs {
                index: number,
                compartment: number,
                operator: protocol.operator.pubkey(),
                breaker: keys.breaker,
                mint: protocol.mint,
                queue_seconds: HOUR,
                ledger: 0,
            };
            let recovery_account = keypair(&format!("recovery account {number}")).pubkey();
            machine.create_token_account(&recovery_account, &protocol.mint, &protocol.domain, 0);
            for step in [
                ix::open_breaker(setup_authority(&protocol), payer, breaker),
                ix::open_vault(setup_authority(&protocol), payer, spl_token::ID, args),
            ] {
                protocol.must(&mut machine, &[step], &[&protocol.setup_authority]);
            }
            register(&mut machine, &protocol, vault, recovery_account).expect("a sound route");
            machine.mint_to(&protocol.mint, &pda::custody(&vault), 1_000);
            (keys, recovery_account)
        })
        .collect();
    let activate = ix::activate_domain(protocol.setup_authority.pubkey());
    protocol.must(&mut machine, &[activate], &[&protocol.setup_authority]);
    let incident = confirmed(&mut machine, &protocol);
    for (keys, recovery_account) in vaults {
        protocol.must(&mut machine, &[ix::evacuate(keys, incident, recovery_account)], &[]);
        assert_eq!(machine.balance(&recovery_account), 1_000);
    }
    let timeline: Incident = machine.load(&incident);
    assert_eq!(timeline.evacuated, u64::from(VAULTS) * 1_000);
}

#[test]
fn a_resume_from_before_the_evacuation_was_confirmed_does_not_stop_it() {
    let (mut machine, protocol) = world();
    let incident = protocol.freeze(&mut machine);
    let early = mature_resume(&mut machine, &protocol, incident);
    confirm(&mut machine, &protocol, incident);
    machine.next_slot();
    refused(machine.send(&[early], &[]), BulkheadError::TightenedSince);
    protocol.must(
        &mut machine,
        &[ix::evacuate(protocol.vault, incident, protocol.recovery_account)],
        &[],
    );
    let late = mature_resume(&mut machine, &protocol, incident);
    protocol.must(&mut machine, &[late], &[]);
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

/// Attack: have a route approved in peace and keep it, until the guardians have confirmed an evacuation to the one they see;
/// then register it and evacuate, in one transaction.
#[test]
fn a_route_of_peace_does_not_take_what_was_confirmed_for_another() {
    let (mut machine, protocol) = world();
    let thief = receiver(&mut machine, &protocol, "thief");
    let args = RegisterEvacuationRouteArgs {
        vault: protocol.vault.vault,
        destination: thief,
    };
    let kept = protocol.mature(&mut machine, &args);
    let incident = protocol.freeze(&mut machine);
    let register = |by| ix::register_evacuation_route(by, args.clone());
    refused(machine.send(&[register(kept)], &[]), BulkheadError::TightenedSince);
    // One from the incident knows of the freeze, and not of the evacuation.
    let between = protocol.mature(&mut machine, &args);
    confirm(&mut machine, &protocol, incident);
    let evacuate = |route| ix::evacuate(protocol.vault, incident, route);
    for by in [kept, between] {
        refused(
            machine.send(&[register(by), evacuate(thief)], &[]),
            BulkheadError::TightenedSince,
        );
    }
    // With the evacuation in view the members may still name another: the old one may be spoilt.
    let safe = receiver(&mut machine, &protocol, "safe");
    let other = RegisterEvacuationRouteArgs {
        destination: safe,
        ..args.clone()
    };
    let by = protocol.mature(&mut machine, &other);
    protocol.must(
        &mut machine,
        &[ix::register_evacuation_route(by, other), evacuate(safe)],
        &[],
    );
    assert_eq!(machine.balance(&safe), 1_000_000);
    assert_eq!(machine.balance(&thief), 0);
}

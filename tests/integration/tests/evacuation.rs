//! Moving vaults to their routes in the VM: who starts it, where it goes, and that it adds up.

use anchor_spl::token::spl_token::{ID as TOKEN_PROGRAM, instruction as spl};
use bulkhead::{error::BulkheadError, instructions::ResumeArgs};
use bulkhead_client::{instructions as ix, pda};
use bulkhead_interface::{
    constants::{migration_state, step, vault_state},
    layout::{Incident, Migration, Vault},
};
use bulkhead_testbed::{Machine, Protocol, Setup, keypair};
use bulkhead_tests::{receiver, recovery::forge, refused, world};
use solana_instruction::Instruction;
use solana_keypair::Keypair;
use solana_signer::Signer;

use anchor_lang::prelude::Pubkey;

fn confirm(protocol: &Protocol, payer: Pubkey, guardian: &Keypair, incident: Pubkey) -> Instruction {
    ix::confirm_evacuation(protocol.domain, guardian.pubkey(), payer, incident)
}

#[test]
fn the_threshold_moves_everything_to_the_route_and_it_adds_up() {
    let (mut machine, protocol) = world();
    let incident = protocol.freeze(&mut machine);
    let payer = machine.payer.pubkey();
    let crank = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    let [first, second, ..] = &protocol.members[..] else {
        panic!("five members")
    };

    protocol.must(&mut machine, &[confirm(&protocol, payer, first, incident)], &[first]);
    refused(
        machine.send(std::slice::from_ref(&crank), &[]),
        BulkheadError::EvacuationNotConfirmed,
    );
    refused(
        machine.send(&[confirm(&protocol, payer, first, incident)], &[first]),
        BulkheadError::AlreadyConfirmed,
    );
    machine.next_slot();
    protocol.must(&mut machine, &[confirm(&protocol, payer, second, incident)], &[second]);
    let started = machine.clock().slot;
    machine.next_slot();
    protocol.must(&mut machine, std::slice::from_ref(&crank), &[]);

    assert_eq!(machine.balance(&protocol.custody()), 0);
    assert_eq!(machine.balance(&protocol.recovery_account), 1_000_000);
    let migration: Migration = machine.load(&pda::migration(&incident));
    assert_eq!(migration.state, migration_state::ACTIVE);
    let row = machine.load::<Vault>(&protocol.vault.vault).evacuation;
    assert_eq!((row.incident, row.destination), (incident, protocol.recovery_account));
    assert_eq!(
        (row.before, row.moved, row.fee, row.after),
        (1_000_000, 1_000_000, 0, 0)
    );
    let timeline: Incident = machine.load(&incident);
    assert_eq!(timeline.evacuated, 1_000_000);
    assert_eq!(timeline.steps[step::EVACUATION].slot, started);
    assert_eq!(timeline.steps[step::EVACUATED].slot, machine.clock().slot);
    assert_eq!(
        machine.load::<Vault>(&protocol.vault.vault).state,
        vault_state::EVACUATED
    );

    // What arrives later is moved too, into the same row.
    refused(
        machine.send(std::slice::from_ref(&crank), &[]),
        BulkheadError::NothingToMove,
    );
    machine.mint_to(&protocol.mint, &protocol.custody(), 7);
    protocol.must(&mut machine, &[crank], &[]);
    let row = machine.load::<Vault>(&protocol.vault.vault).evacuation;
    assert_eq!((row.before, row.moved, row.after), (1_000_007, 1_000_007, 0));
}

#[test]
fn an_evacuated_vault_releases_nothing_more() {
    let (mut machine, protocol) = world();
    let user = receiver(&mut machine, &protocol, "user");
    protocol
        .release(&mut machine, user, 100_001, 1)
        .expect("a breach does not fail");
    let incident = protocol.freeze(&mut machine);
    let payer = machine.payer.pubkey();
    for guardian in &protocol.members[..2] {
        protocol.must(
            &mut machine,
            &[confirm(&protocol, payer, guardian, incident)],
            &[guardian],
        );
    }
    protocol.must(
        &mut machine,
        &[ix::evacuate(protocol.vault, incident, protocol.recovery_account)],
        &[],
    );
    machine.mint_to(&protocol.mint, &protocol.custody(), 100_000);
    refused(
        protocol.release(&mut machine, user, 5, 2),
        BulkheadError::VaultEvacuated,
    );
    machine.warp_seconds(4 * 86_400);
    let settle = ix::settle_release(protocol.vault, user, pda::release(&protocol.vault.vault, 1));
    refused(
        machine.send(std::slice::from_ref(&settle), &[]),
        BulkheadError::ActionPaused,
    );

    // It pays again after a proposal, but not what was asked of the funds that have left.
    resume(&mut machine, &protocol, incident);
    refused(machine.send(&[settle], &[]), BulkheadError::VaultEvacuated);
    protocol
        .release(&mut machine, user, 5, 2)
        .expect("the vault is in use again");
    assert_eq!(machine.balance(&user), 5);
}

fn resume(machine: &mut Machine, protocol: &Protocol, incident: Pubkey) {
    let args = ResumeArgs { incident };
    let authority = protocol.mature(machine, &args);
    protocol.must(machine, &[ix::resume(authority, args)], &[]);
}

#[test]
fn no_other_destination_and_no_other_vault() {
    let (mut machine, protocol) = world();
    let thief = receiver(&mut machine, &protocol, "thief");
    let other = Protocol::set_up(
        &mut machine,
        &Setup {
            name: "other",
            ..Setup::default()
        },
    );
    let incident = protocol.freeze(&mut machine);
    let payer = machine.payer.pubkey();
    for guardian in &protocol.members[..2] {
        protocol.must(
            &mut machine,
            &[confirm(&protocol, payer, guardian, incident)],
            &[guardian],
        );
    }
    let sound = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    for (place, key, error) in [
        (2, pda::incident(&other.domain, 0), None),
        (3, other.vault.vault, Some(BulkheadError::ForeignAccount)),
        (4, thief, Some(BulkheadError::ForeignAccount)),
        (5, thief, Some(BulkheadError::WrongEvacuationRoute)),
        (5, protocol.custody(), Some(BulkheadError::WrongEvacuationRoute)),
        (6, other.mint, Some(BulkheadError::ForeignAccount)),
        (7, anchor_spl::token_2022::ID, Some(BulkheadError::ForeignAccount)),
    ] {
        let mut crank = sound.clone();
        crank.accounts[place].pubkey = key;
        let result = machine.send(&[crank], &[]);
        match error {
            Some(error) => refused(result, error),
            None => assert!(result.is_err()),
        }
    }
    assert_eq!(machine.balance(&protocol.custody()), 1_000_000);
}

#[test]
fn only_guardians_and_only_in_the_open_incident_of_a_held_domain() {
    let (mut machine, protocol) = world();
    let payer = machine.payer.pubkey();
    let guardian = &protocol.members[0];
    let incident = pda::incident(&protocol.domain, 0);
    let open = ix::open_incident(protocol.domain, guardian.pubkey(), payer, 0);
    protocol.must(&mut machine, &[open], &[guardian]);
    refused(
        machine.send(&[confirm(&protocol, payer, guardian, incident)], &[guardian]),
        BulkheadError::WrongPhase,
    );
    protocol.confirm(&mut machine, incident);
    let stranger = keypair("stranger");
    for (signer, error) in [
        (&stranger, BulkheadError::NotAMember),
        (&protocol.members[3], BulkheadError::RoleMissing),
    ] {
        refused(
            machine.send(&[confirm(&protocol, payer, signer, incident)], &[signer]),
            error,
        );
    }
    let other = Protocol::set_up(
        &mut machine,
        &Setup {
            name: "other",
            ..Setup::default()
        },
    );
    let theirs = other.freeze(&mut machine);
    refused(
        machine.send(&[confirm(&protocol, payer, guardian, theirs)], &[guardian]),
        BulkheadError::ForeignAccount,
    );
}

#[test]
fn a_migration_ends_with_its_incident() {
    let (mut machine, protocol) = world();
    let incident = protocol.freeze(&mut machine);
    let payer = machine.payer.pubkey();
    for guardian in &protocol.members[..2] {
        protocol.must(
            &mut machine,
            &[confirm(&protocol, payer, guardian, incident)],
            &[guardian],
        );
    }
    resume(&mut machine, &protocol, incident);
    let crank = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    refused(machine.send(&[crank], &[]), BulkheadError::IncidentNotOpen);
}

/// Holds the domain, confirms the evacuation of what is there, if anything, and cranks it.
fn evacuated(machine: &mut Machine, protocol: &Protocol) -> Pubkey {
    let (incident, payer) = (protocol.freeze(machine), machine.payer.pubkey());
    for guardian in &protocol.members[..2] {
        protocol.must(machine, &[confirm(protocol, payer, guardian, incident)], &[guardian]);
    }
    machine.next_slot();
    let crank = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    protocol.must(machine, &[crank], &[]);
    incident
}

/// Attack: evacuate again what custody is refunded with, as often as it is, so that the restart gate never finds it.
#[test]
fn a_refund_stays_for_the_reopening() {
    let (mut machine, protocol) = world();
    let incident = evacuated(&mut machine, &protocol);
    let crank = ix::evacuate(protocol.vault, incident, protocol.recovery_account);
    machine.mint_to(&protocol.mint, &protocol.custody(), 7);
    machine.next_slot();
    // A deposit of before the choice is moved with the rest.
    protocol.must(&mut machine, std::slice::from_ref(&crank), &[]);
    let mut timeline: Incident = machine.load(&incident);
    timeline.steps[step::RESTORATION] = timeline.steps[step::EVACUATED];
    forge(&mut machine, &incident, &timeline);
    machine.mint_to(&protocol.mint, &protocol.custody(), 1_000_000);
    machine.next_slot();
    refused(machine.send(&[crank], &[]), BulkheadError::NothingToMove);
    assert_eq!(machine.balance(&protocol.custody()), 1_000_000);
}

/// Attack: in a later incident, evacuate the empty vault, or a unit of one's own. Then what an earlier evacuation brought to
/// the recovery account would be no restoration's.
#[test]
fn what_lies_in_a_recovery_account_is_the_later_incidents() {
    for dust in [0, 1] {
        let (mut machine, protocol) = world();
        let first = evacuated(&mut machine, &protocol);
        machine.next_slot();
        resume(&mut machine, &protocol, first);
        machine.mint_to(&protocol.mint, &protocol.custody(), dust);
        let second = evacuated(&mut machine, &protocol);
        let row = machine.load::<Vault>(&protocol.vault.vault).evacuation;
        assert_eq!((row.incident, row.moved, row.drawn), (second, 1_000_000 + dust, 0));
        assert_eq!(row.before, row.moved);
        assert_eq!(machine.load::<Incident>(&second).evacuated, dust);
    }
}

/// But what a proposal has moved on since is not counted again: what lies there may be another vault's, which shares it.
#[test]
fn what_a_proposal_moved_out_of_a_recovery_account_is_not_the_later_incidents() {
    let (mut machine, protocol) = world();
    let first = evacuated(&mut machine, &protocol);
    machine.next_slot();
    resume(&mut machine, &protocol, first);
    let back = spl::transfer(
        &TOKEN_PROGRAM,
        &protocol.recovery_account,
        &protocol.custody(),
        &protocol.domain,
        &[],
        1_000_000,
    );
    let stored = ix::stored(&back.expect("it is well formed"));
    let by = protocol.mature(&mut machine, &stored);
    protocol.must(&mut machine, &[ix::run_instruction(by, &stored)], &[]);
    // Another vault's.
    machine.mint_to(&protocol.mint, &protocol.recovery_account, 400_000);
    evacuated(&mut machine, &protocol);
    let row = machine.load::<Vault>(&protocol.vault.vault).evacuation;
    assert_eq!((row.moved, row.before), (1_000_000, 1_000_000));
}

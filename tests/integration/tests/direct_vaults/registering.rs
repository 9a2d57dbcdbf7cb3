//! What can be registered, and by whom.

use bulkhead_testbed::Setup;
use bulkhead_tests::world_with;

use super::*;

#[test]
fn after_set_up_only_a_proposal_registers() {
    let mut table = Table::new();
    let args = table.args(table.honest());
    let authority = ix::Authority {
        signer: table.machine.payer.pubkey(),
        domain: table.protocol.domain,
        proposal: None,
    };
    let payer = table.machine.payer.pubkey();
    let register = ix::register_direct_vault(authority, payer, table.mint, args);
    refused(table.send(&[register]), E::ProposalRequired);
}

#[test]
fn the_set_up_key_registers_during_set_up() {
    let (machine, protocol) = world_with(&Setup {
        activate: false,
        ..Setup::default()
    });
    let mut table = Table::of(machine, protocol);
    let args = table.args(table.honest());
    let authority = ix::Authority {
        signer: table.protocol.setup_authority.pubkey(),
        domain: table.protocol.domain,
        proposal: None,
    };
    let payer = table.machine.payer.pubkey();
    let register = ix::register_direct_vault(authority, payer, table.mint, args);
    let key = table.protocol.setup_authority.insecure_clone();
    table.machine.send(&[register], &[&key]).expect("set-up");
    assert_eq!((table.vault().source, table.vault().route), (table.source, table.route));
}

#[test]
fn an_older_decision_does_not_replace_a_newer_one() {
    let mut table = Table::new();
    let older = table.args(table.honest());
    let newer = RegisterDirectVaultArgs {
        least_bps: 9_000,
        ..older.clone()
    };
    table.machine.next_slot();
    let payer = table.machine.payer.pubkey();
    let first = table.protocol.mature(&mut table.machine, &older);
    table.register(newer).expect("it has matured");
    let register = ix::register_direct_vault(first, payer, table.mint, older);
    refused(table.send(&[register]), E::DecidedSince);
    assert_eq!(table.vault().least_bps, 9_000);
}

#[test]
fn a_source_is_the_hosts_and_its_instruction_writes_both_ends() {
    let mut table = Table::new();
    let (mint, domain) = (table.mint, table.protocol.domain);
    let honest = table.honest();
    // What the instruction does not write is refused when it is proposed.
    for place in [place::SOURCE, place::ROUTE] {
        let mut args = table.args(honest.clone());
        args.instruction.accounts[usize::from(place)].is_writable = false;
        refused(table.register(args), E::WrongSource);
    }
    // The domain's own tokens, and custody, are no host's.
    let treasury = keypair("treasury").pubkey();
    table.machine.create_token_account(&treasury, &mint, &domain, 1_000);
    for source in [treasury, table.protocol.custody()] {
        table.source = source;
        let args = table.args(table.honest());
        refused(table.register(args), E::WrongSource);
    }
}

#[test]
fn a_route_is_sound_and_somebody_elses() {
    let mut table = Table::new();
    let (mint, host) = (table.mint, holder_of(&table.host));
    // The host's own: it would take it back.
    let own = keypair("the host's other account").pubkey();
    table.machine.create_token_account(&own, &mint, &host, 0);
    table.route = own;
    refused(table.register(table.args(table.honest())), E::WrongDestination);
    table.route = table.protocol.custody();
    refused(table.register(table.args(table.honest())), E::WrongDestination);
    let frozen = keypair("frozen").pubkey();
    table
        .machine
        .create_token_account(&frozen, &mint, &keypair("somebody").pubkey(), 0);
    bulkhead_tests::recovery::freeze(&mut table.machine, &frozen, true);
    table.route = frozen;
    refused(table.register(table.args(table.honest())), E::UnfitEvacuationRoute);
    // Of another mint.
    let other_mint = keypair("other mint").pubkey();
    table.machine.create_mint(&other_mint, &keypair("issuer").pubkey(), 6);
    let other = keypair("of another mint").pubkey();
    table
        .machine
        .create_token_account(&other, &other_mint, &keypair("somebody").pubkey(), 0);
    table.route = other;
    refused(table.register(table.args(table.honest())), E::WrongDestination);
}

#[test]
fn the_least_share_is_a_share() {
    for least_bps in [0, 10_001] {
        let mut table = Table::new();
        let args = RegisterDirectVaultArgs {
            least_bps,
            ..table.args(table.honest())
        };
        refused(table.register(args), E::ArgumentOutOfRange);
    }
}

/// Attack: have a route approved in peace and execute it in the incident it was not made for.
#[test]
fn a_route_of_before_the_freeze_is_not_registered_in_it() {
    let mut table = Table::new();
    let args = table.args(table.honest());
    let payer = table.machine.payer.pubkey();
    let kept = table.protocol.mature(&mut table.machine, &args);
    table.freeze();
    let register = ix::register_direct_vault(kept, payer, table.mint, args);
    refused(table.send(&[register]), E::TightenedSince);
}

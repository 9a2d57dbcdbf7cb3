//! Tokens in custody, on their way to the claims and nowhere else.

use super::*;
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::instructions::RegisterEvacuationRouteArgs;
use bulkhead_interface::{constants::NO_LEDGER, layout::Vault};
use bulkhead_tests::recovery::forge;

fn confirm(machine: &mut Machine, recovery: &Recovery) {
    let protocol = &recovery.protocol;
    for member in &protocol.members[..2] {
        let payer = machine.payer.pubkey();
        let confirm = ix::confirm_evacuation(protocol.domain, member.pubkey(), payer, recovery.incident);
        protocol.must(machine, &[confirm], &[member]);
    }
}

/// Guardians cannot carry the tokens off to cold storage once the clock has run out, nor in the transaction before the
/// escape; to an account of the domain they can, and anyone moves them on from there.
#[test]
fn guardians_do_not_outrun_it() {
    let (mut machine, protocol) = world();
    set_rules(&mut machine, &protocol, ESCAPE, 0);
    let cold = machine.create_associated(&protocol.mint, &keypair("cold storage").pubkey(), 0);
    let args = RegisterEvacuationRouteArgs {
        vault: protocol.vault.vault,
        destination: cold,
    };
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::register_evacuation_route(authority, args)], &[]);
    let recovery = Recovery::sealed(&mut machine, protocol, positions(LEAVES));
    let protocol = &recovery.protocol;
    confirm(&mut machine, &recovery);
    machine.warp_seconds(ESCAPE - 1);
    let carry = ix::evacuate(protocol.vault, recovery.incident, cold);
    assert!(
        machine.would_work(&[carry.clone()], &[]),
        "until then it is theirs to decide"
    );
    machine.warp_seconds(1);
    refused(machine.send(&[carry.clone()], &[]), E::EscapeDue);
    let open = open(&machine, &recovery);
    protocol.must(&mut machine, &[open, draw(&recovery)], &[]);
    refused(machine.send(&[carry], &[]), E::EscapeDue);
}

#[test]
fn an_evacuation_to_the_domain_itself_reaches_the_claims() {
    let (mut machine, recovery) = escaped();
    let protocol = &recovery.protocol;
    confirm(&mut machine, &recovery);
    let held = machine.balance(&protocol.custody());
    let evacuate = ix::evacuate(protocol.vault, recovery.incident, protocol.recovery_account);
    protocol.must(&mut machine, &[evacuate], &[]);
    assert_eq!(machine.balance(&protocol.recovery_account), held);
    let draw = ix::fund_from_recovery_account(
        recovery.keys(),
        protocol.domain,
        protocol.vault.vault,
        protocol.recovery_account,
    );
    protocol.must(&mut machine, &[draw], &[]);
    assert_eq!(machine.balance(&recovery.pool()), recovery.tree.root().sum);
    // And what lies in custody again is payable as well, up to what the claims lack: nothing here.
    machine.mint_to(&protocol.mint, &protocol.custody(), 10);
    refused(machine.send(&[super::draw(&recovery)], &[]), E::NothingToMove);
}

#[test]
fn custody_is_closed_before_the_escape_is_due() {
    let (mut machine, recovery) = frozen();
    recovery.restore(&mut machine);
    refused(machine.send(&[draw(&recovery)], &[]), E::EscapeNotDue);
}

/// A vault pays the one ledger that it backs, and no account is taken for another.
#[test]
fn every_account_is_the_one_it_has_to_be() {
    let (mut machine, recovery) = escaped();
    let protocol = &recovery.protocol;
    let good = draw(&recovery);
    let mut vault: Vault = machine.load(&protocol.vault.vault);
    for ledger in [1, NO_LEDGER] {
        vault.ledger = ledger;
        forge(&mut machine, &protocol.vault.vault, &vault);
        refused(machine.send(&[good.clone()], &[]), E::WrongDestination);
    }
    vault.ledger = LEDGER;
    forge(&mut machine, &protocol.vault.vault, &vault);
    // Another pool, another custody, another restoration.
    let thief = keypair("thief").pubkey();
    let own = machine.create_associated(&protocol.mint, &thief, 0);
    let custody = protocol.custody();
    for (from, to) in [(recovery.pool(), own), (custody, own), (custody, recovery.pool())] {
        let mut bad = good.clone();
        for meta in &mut bad.accounts {
            if meta.pubkey == from {
                meta.pubkey = to;
            }
        }
        refused(machine.send(&[bad], &[]), E::ForeignAccount);
    }
    let fake = keypair("restoration").pubkey();
    let state = Restoration {
        pool: own,
        token_program: TOKEN_PROGRAM,
        ..machine.load(&recovery.restoration)
    };
    let mut account = machine.account(&recovery.restoration).expect("there");
    account.owner = thief;
    account.data[8..].copy_from_slice(bytemuck::bytes_of(&state));
    machine.write_account(&fake, account);
    let keys = ix::RestorationKeys {
        restoration: fake,
        ..recovery.keys()
    };
    let forged = ix::fund_from_custody(keys, protocol.domain, protocol.vault.vault);
    assert!(machine.send(&[forged], &[]).is_err());
    machine.send(&[good], &[]).expect("and the right ones work");
}

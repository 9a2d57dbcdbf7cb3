//! The restart gate on the built program: what the host owes is read again and covered, or the council says in a
//! proposal which difference it accepts.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError as E,
    instructions::{OpenAuthorityWatchArgs, OverrideRestartCheckArgs, ReopenArgs},
};
use bulkhead_client::{
    instructions::{self as ix, RestartChecks},
    pda,
};
use bulkhead_interface::{
    constants::{SCOPE_DOMAIN, phase, restart_flag, watch_kind},
    layout::RestartCheck,
};
use bulkhead_testbed::{Machine, keypair};
use bulkhead_tests::{
    escaping::{CHECK, check, reading, set_rules},
    recovery::{LEDGER, Recovery, positions},
    refused, world,
};
use solana_signer::Signer;

const LEAVES: u64 = 12;

/// Restored by a vote, in a domain whose rules require a check.
fn restored() -> (Machine, Recovery) {
    let (mut machine, protocol) = world();
    set_rules(&mut machine, &protocol, 0, CHECK);
    let recovery = Recovery::sealed(&mut machine, protocol, positions(LEAVES));
    recovery.restore(&mut machine);
    (machine, recovery)
}

fn args(recovery: &Recovery) -> ReopenArgs {
    ReopenArgs {
        incident: recovery.incident,
        ramp_bps: 2_500,
        grace_seconds: 0,
    }
}

fn vaults(recovery: &Recovery) -> [Pubkey; 1] {
    [recovery.protocol.vault.vault]
}

fn held(machine: &Machine, recovery: &Recovery) -> u64 {
    machine.balance(&recovery.protocol.custody())
}

/// The host writes down what it owes, or custody is refunded: then it reopens.
#[test]
fn a_host_that_is_covered_reopens() {
    let (mut machine, recovery) = restored();
    let protocol = &recovery.protocol;
    let authority = protocol.mature(&mut machine, &args(&recovery));
    let custody = held(&machine, &recovery);
    protocol.write_total(&mut machine, custody + 1);
    let look = check(&machine, &recovery, &vaults(&recovery));
    refused(machine.send(std::slice::from_ref(&look), &[]), E::LedgerNotCovered);
    refused(
        machine.send(
            &[ix::reopen_checked(
                authority,
                &RestartChecks::default(),
                args(&recovery),
            )],
            &[],
        ),
        E::RestartCheckMissing,
    );
    machine.mint_to(&protocol.mint, &protocol.custody(), 1);
    machine.next_slot();
    machine.send(&[look], &[]).expect("to the unit");
    let found: RestartCheck = machine.load(&pda::restart_check(&recovery.incident, LEDGER));
    assert_eq!((found.owed, found.held, found.flags), (custody + 1, custody + 1, 0));
    machine
        .send(
            &[ix::reopen_checked(
                authority,
                &RestartChecks::covered(&[LEDGER]),
                args(&recovery),
            )],
            &[],
        )
        .expect("covered");
    assert_eq!(protocol.state(&machine).state, phase::OPERATING);
    // Raising the ramp later asks for no check: the domain operates.
    let more = ReopenArgs {
        ramp_bps: 10_000,
        ..args(&recovery)
    };
    let authority = protocol.mature(&mut machine, &more);
    machine.send(&[ix::reopen(authority, more)], &[]).expect("operating");
}

#[test]
fn a_check_becomes_too_old() {
    let (mut machine, recovery) = restored();
    let protocol = &recovery.protocol;
    protocol.write_total(&mut machine, 0);
    let authority = protocol.mature(&mut machine, &args(&recovery));
    let look = check(&machine, &recovery, &vaults(&recovery));
    protocol.must(&mut machine, std::slice::from_ref(&look), &[]);
    machine.warp_seconds(CHECK + 1);
    let reopen = ix::reopen_checked(authority, &RestartChecks::covered(&[LEDGER]), args(&recovery));
    refused(machine.send(std::slice::from_ref(&reopen), &[]), E::RestartCheckMissing);
    machine.send(&[look], &[]).expect("again");
    machine.warp_seconds(CHECK);
    machine.send(&[reopen], &[]).expect("recent");
}

/// Nobody spoils a check by naming fewer vaults, and nobody makes one up.
#[test]
fn only_a_check_that_succeeds_is_kept() {
    let (mut machine, recovery) = restored();
    let protocol = &recovery.protocol;
    protocol.write_total(&mut machine, 1);
    let authority = protocol.mature(&mut machine, &args(&recovery));
    let look = check(&machine, &recovery, &vaults(&recovery));
    protocol.must(&mut machine, std::slice::from_ref(&look), &[]);
    let fewer = check(&machine, &recovery, &[]);
    refused(machine.send(&[fewer], &[]), E::LedgerNotCovered);
    // A vault of the same token that backs nothing, or another ledger, covers nothing.
    let mut foreign = look.clone();
    let stranger = keypair("custody").pubkey();
    machine.create_token_account(&stranger, &protocol.mint, &stranger, 1_000_000);
    for meta in &mut foreign.accounts {
        if meta.pubkey == protocol.custody() {
            meta.pubkey = stranger;
        }
    }
    refused(machine.send(&[foreign], &[]), E::ForeignAccount);
    // Beside an instruction of another program it reads nothing.
    let transfer = anchor_spl::token::spl_token::instruction::sync_native(&anchor_spl::token::spl_token::ID, &stranger)
        .expect("well formed");
    let both = machine.send(&[look, transfer], &[]);
    assert!(both.is_err());
    machine
        .send(
            &[ix::reopen_checked(
                authority,
                &RestartChecks::covered(&[LEDGER]),
                args(&recovery),
            )],
            &[],
        )
        .expect("the check stands");
}

/// Another incident's check, or another ledger's, is none.
#[test]
fn a_check_counts_for_its_own_ledger_and_incident() {
    let (mut machine, recovery) = restored();
    let protocol = &recovery.protocol;
    protocol.write_total(&mut machine, 0);
    let authority = protocol.mature(&mut machine, &args(&recovery));
    let look = check(&machine, &recovery, &vaults(&recovery));
    protocol.must(&mut machine, &[look], &[]);
    let key = pda::restart_check(&recovery.incident, LEDGER);
    let good: RestartCheck = machine.load(&key);
    let other = keypair("other incident").pubkey();
    for bad in [
        RestartCheck {
            ledger_index: 1,
            ..good
        },
        RestartCheck {
            incident: other,
            ..good
        },
    ] {
        bulkhead_tests::recovery::forge(&mut machine, &key, &bad);
        refused(
            machine.send(
                &[ix::reopen_checked(
                    authority,
                    &RestartChecks::covered(&[LEDGER]),
                    args(&recovery),
                )],
                &[],
            ),
            E::RestartCheckMissing,
        );
    }
    bulkhead_tests::recovery::forge(&mut machine, &key, &good);
    machine
        .send(
            &[ix::reopen_checked(
                authority,
                &RestartChecks::covered(&[LEDGER]),
                args(&recovery),
            )],
            &[],
        )
        .expect("its own");
}

/// A host that cannot be read is not stuck: a proposal says that it accepts that.
#[test]
fn a_host_that_cannot_be_read_reopens_by_a_proposal_that_says_so() {
    let (mut machine, recovery) = restored();
    let protocol = &recovery.protocol;
    protocol.write_host_account(&mut machine, &protocol.total_account, vec![]);
    let look = check(&machine, &recovery, &vaults(&recovery));
    refused(machine.send(&[look], &[]), E::TotalUnreadable);
    let reopening = protocol.mature(&mut machine, &args(&recovery));
    let custody = held(&machine, &recovery);
    let accept = |machine: &mut Machine, max_shortfall: u64| {
        let args = OverrideRestartCheckArgs {
            incident: recovery.incident,
            ledger_index: LEDGER,
            max_shortfall,
        };
        let authority = protocol.mature(machine, &args);
        let payer = machine.payer.pubkey();
        let accept = ix::override_restart_check(authority, payer, reading(protocol, &vaults(&recovery)), args);
        machine.send(&[accept], &[])
    };
    refused(accept(&mut machine, u64::MAX - custody - 1), E::LedgerNotCovered);
    accept(&mut machine, u64::MAX).expect("accepted");
    let found: RestartCheck = machine.load(&pda::restart_check(&recovery.incident, LEDGER));
    assert_eq!((found.owed, found.flags), (u64::MAX, restart_flag::OVERRIDDEN));
    machine
        .send(
            &[ix::reopen_checked(
                reopening,
                &RestartChecks::covered(&[LEDGER]),
                args(&recovery),
            )],
            &[],
        )
        .expect("accepted");
}

/// An authority that is not the registered one keeps the check from succeeding, whether or not anyone has observed it;
/// and no watch can be left out.
#[test]
fn authorities_are_as_registered() {
    let (mut machine, protocol) = world();
    set_rules(&mut machine, &protocol, 0, CHECK);
    let admin = keypair("admin").pubkey();
    let config = keypair("config").pubkey();
    protocol.write_host_account(&mut machine, &config, admin.to_bytes().to_vec());
    let args = OpenAuthorityWatchArgs {
        compartment: 0,
        trip_scope: SCOPE_DOMAIN,
        latch_seconds: 3_600,
        kind: watch_kind::HOST_FIELD,
        account: config,
        program: protocol.host_program,
        offset: 0,
        watches_upgrades: false,
        expected: [admin, Pubkey::default(), Pubkey::default()],
    };
    let authority = protocol.mature(&mut machine, &args);
    let open = ix::open_authority_watch(authority, machine.payer.pubkey(), args);
    protocol.must(&mut machine, &[open], &[]);
    assert_eq!(protocol.state(&machine).watches, 1);
    let recovery = Recovery::sealed(&mut machine, protocol, positions(LEAVES));
    recovery.restore(&mut machine);
    let protocol = &recovery.protocol;
    protocol.write_total(&mut machine, 0);
    let watch = pda::authority_watch(&protocol.domain, &config, 0);
    let vaults = vaults(&recovery);
    let look = |machine: &Machine, watches: &[(Pubkey, Pubkey)]| {
        ix::record_restart_check(
            protocol.domain,
            machine.payer.pubkey(),
            recovery.incident,
            LEDGER,
            ix::RestartReading {
                watches,
                ..reading(protocol, &vaults)
            },
        )
    };
    let without = look(&machine, &[]);
    refused(machine.send(&[without], &[]), E::AuthorityStillLatched);
    let with = look(&machine, &[(watch, config)]);
    let twice = look(&machine, &[(watch, config), (watch, config)]);
    refused(machine.send(&[twice], &[]), E::VaultsNotAscending);
    let other = keypair("another config").pubkey();
    protocol.write_host_account(&mut machine, &other, admin.to_bytes().to_vec());
    let elsewhere = look(&machine, &[(watch, other)]);
    refused(machine.send(&[elsewhere], &[]), E::ForeignAccount);
    let thief = keypair("thief").pubkey();
    protocol.write_host_account(&mut machine, &config, thief.to_bytes().to_vec());
    refused(machine.send(std::slice::from_ref(&with), &[]), E::AuthorityStillLatched);
    protocol.write_host_account(&mut machine, &config, admin.to_bytes().to_vec());
    machine.next_slot();
    machine.send(&[with], &[]).expect("as registered");
}

/// A domain that does not ask for it reopens as before.
#[test]
fn without_the_rule_no_check_is_asked_for() {
    let (mut machine, protocol) = world();
    let recovery = Recovery::sealed(&mut machine, protocol, positions(LEAVES));
    recovery.restore(&mut machine);
    recovery.protocol.write_total(&mut machine, u64::MAX);
    let authority = recovery.protocol.mature(&mut machine, &args(&recovery));
    machine
        .send(&[ix::reopen(authority, args(&recovery))], &[])
        .expect("no rule");
}

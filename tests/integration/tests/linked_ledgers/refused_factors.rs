//! Rates that are not there, or not to be trusted, and openings in company.

use anchor_lang::prelude::Pubkey;
use bulkhead::{authority::INSTRUCTIONS_SYSVAR, error::BulkheadError};
use bulkhead_guard_probe::{encode, op};
use bulkhead_testbed::{deploy_dir, keypair};
use bulkhead_tests::{frozen::Frozen, refused};
use solana_account::Account;
use solana_instruction::{AccountMeta, Instruction};
use solana_signer::Signer;

use crate::{
    SHARD, company,
    factors::{bank, in_shares, on_hold, rated, write_rate},
    ingest_rated, key, named, seal,
};

/// What may have become of the rate's account, and why it is no rate.
fn broken(frozen: &Frozen) -> Vec<(&'static str, Account)> {
    let sound = frozen.machine.account(&bank()).expect("written");
    let with = |rate: u128| {
        let mut account = sound.clone();
        account.data[8..24].copy_from_slice(&rate.to_le_bytes());
        account
    };
    let of = |owner: Pubkey| Account { owner, ..sound.clone() };
    let mut short = sound.clone();
    short.data.truncate(23);
    let mut empty = sound.clone();
    empty.data.clear();
    vec![
        ("gone", Account::default()),
        ("zero", with(0)),
        ("minus one", with(u128::MAX)),
        ("the least number", with(1 << 127)),
        ("another program's", of(keypair("another program").pubkey())),
        ("a wallet's", of(Pubkey::default())),
        ("too short", short),
        ("empty", empty),
    ]
}

/// Whoever closes it keeps the snapshot from being opened with a rate that nobody set, and does no more.
#[test]
fn a_factor_that_is_gone_zero_negative_or_anothers_opens_nothing() {
    let mut frozen = on_hold(in_shares, 7);
    let sound = frozen.machine.account(&bank()).expect("written");
    for (why, account) in broken(&frozen) {
        frozen.machine.write_account(&bank(), account);
        let open = frozen.open();
        println!("{why}");
        refused(frozen.send(open), BulkheadError::FactorUnreadable);
        assert!(frozen.machine.account(&frozen.snapshot).is_none(), "{why}");
    }
    frozen.machine.write_account(&bank(), sound);
    frozen.must(frozen.open());
    frozen.must(frozen.open_shard(SHARD));
    frozen.must(ingest_rated(&frozen, &[key(0), key(1), key(2)]));
    frozen.must(seal(&frozen));
    assert_eq!(frozen.snapshot().total, 7 * 33);
}

/// A wrong offset shows in peace.
#[test]
fn a_factor_that_cannot_be_read_is_not_registered() {
    let mut frozen = Frozen::in_set_up();
    write_rate(&mut frozen, 7);
    let args = in_shares(&frozen.protocol);
    let sound = frozen.machine.account(&bank()).expect("written");
    for (why, account) in broken(&frozen) {
        frozen.machine.write_account(&bank(), account);
        println!("{why}");
        refused(frozen.register(args.clone()), BulkheadError::FactorUnreadable);
    }
    // A rate that passes as a position: its number is as long as one, and the filter finds its bytes.
    let mut position = sound.clone();
    position.data = [&b"position"[..], &[1; 40]].concat();
    frozen.machine.write_account(&bank(), position);
    refused(frozen.register(args.clone()), BulkheadError::InvalidLedger);
    frozen.machine.write_account(&bank(), sound);
    frozen.register(args).expect("it can be read");
}

#[test]
fn a_factor_that_a_layout_names_wrongly_is_not_registered() {
    let mut frozen = Frozen::in_set_up();
    write_rate(&mut frozen, 7);
    let host = frozen.protocol.host_program;
    for factors in [
        vec![(bank(), 8, 16, bulkhead_interface::constants::factor_flag::DIVIDE)],
        vec![(bank(), 8, 5, 0)],
        vec![(bank(), 8, 16, 2)],
        vec![(Pubkey::default(), 8, 16, 0)],
        vec![],
    ] {
        let args = rated(&frozen.protocol, &factors);
        refused(frozen.register(args), BulkheadError::InvalidLedger);
    }
    let mut three = rated(&frozen.protocol, &[(bank(), 8, 8, 0); 2]);
    if let Some(link) = &mut three.link {
        link.factors.push(link.factors[0].clone());
    }
    refused(frozen.register(three), BulkheadError::InvalidLedger);
    let mut nobodys = in_shares(&frozen.protocol);
    nobodys.link = nobodys.link.map(|link| bulkhead::instructions::LinkConfig {
        program: Pubkey::default(),
        ..link
    });
    refused(frozen.register(nobodys), BulkheadError::InvalidLedger);
    let mut elsewhere = in_shares(&frozen.protocol);
    elsewhere.link = elsewhere.link.map(|link| bulkhead::instructions::LinkConfig {
        program: named("another program"),
        ..link
    });
    refused(frozen.register(elsewhere), BulkheadError::FactorUnreadable);
    assert_ne!(host, named("another program"));
}

/// To bend a rate: pass an account of one's own where the ledger names the bank, or the two in the wrong order.
#[test]
fn the_factors_accounts_are_those_that_the_ledger_names_in_its_order() {
    let two = |protocol: &bulkhead_testbed::Protocol| rated(protocol, &[(bank(), 8, 8, 0), (named("second"), 8, 8, 0)]);
    let mut frozen = Frozen::in_set_up();
    write_rate(&mut frozen, 7);
    let twin = frozen.machine.account(&bank()).expect("written");
    for name in ["second", "thief's bank"] {
        frozen.machine.write_account(&named(name), twin.clone());
    }
    let args = two(&frozen.protocol);
    frozen.register(args).expect("it can be read");
    frozen.hold();
    let sound = frozen.open();
    let fixed = sound.accounts.len() - 3;
    let given = |accounts: &[Pubkey]| {
        let mut open = sound.clone();
        open.accounts.truncate(fixed);
        let metas = accounts.iter().map(|key| AccountMeta::new_readonly(*key, false));
        open.accounts.extend(metas);
        open
    };
    let sysvar = INSTRUCTIONS_SYSVAR;
    for accounts in [
        &[][..],
        &[sysvar],
        &[sysvar, bank()],
        &[sysvar, named("second"), bank()],
        &[sysvar, named("thief's bank"), named("second")],
        &[sysvar, bank(), bank()],
    ] {
        refused(frozen.send(given(accounts)), BulkheadError::LinkedAccountMissing);
    }
    // Without the sysvar nothing says that it is alone. A forged one says whatever one likes.
    for accounts in [
        &[bank(), named("second")][..],
        &[named("thief's bank"), bank(), named("second")],
    ] {
        refused(frozen.send(given(accounts)), BulkheadError::NotStandalone);
    }
    assert!(frozen.machine.account(&frozen.snapshot).is_none());
    frozen.must(given(&[sysvar, bank(), named("second")]));
}

/// The same by CPI, from a host's own instruction.
fn by_a_host(frozen: &mut Frozen, instruction: &Instruction) -> Instruction {
    let host = named("calling host");
    let path = deploy_dir().join("bulkhead_guard_probe.so");
    let added = frozen.machine.svm.add_program_from_file(host, path);
    added.expect("run `make build`");
    let data = [&encode(op::FORWARD, 0, 0, 0, &[0; 32])[..], &instruction.data].concat();
    let mut accounts = vec![AccountMeta::new_readonly(host, false)];
    accounts.extend(instruction.accounts.iter().cloned());
    accounts.push(AccountMeta::new_readonly(bulkhead::ID, false));
    Instruction {
        program_id: host,
        accounts,
        data,
    }
}

/// To bend a rate for the length of one transaction: a deposit before, the opening, a withdrawal after.
#[test]
fn the_opening_is_standalone_where_there_is_a_rate_to_bend() {
    let mut frozen = on_hold(in_shares, 7);
    let (open, other) = (frozen.open(), company(&frozen));
    let by_host = by_a_host(&mut frozen, &open);
    for together in [
        vec![other.clone(), open.clone()],
        vec![open.clone(), other.clone()],
        vec![other.clone(), open.clone(), other],
        vec![by_host],
    ] {
        refused(frozen.machine.send(&together, &[]), BulkheadError::NotStandalone);
        assert!(frozen.machine.account(&frozen.snapshot).is_none());
    }
    // A price for the transaction moves nothing.
    let price = Instruction {
        program_id: anchor_lang::pubkey!("ComputeBudget111111111111111111111111111111"),
        accounts: vec![],
        data: [&[3][..], &1u64.to_le_bytes()].concat(),
    };
    frozen.machine.send(&[price, open], &[]).expect("it is alone");
}

/// A ledger without factors has nothing to bend: its snapshot opens in any company, as before.
#[test]
fn without_factors_the_opening_needs_nothing_else() {
    let mut frozen = Frozen::in_set_up();
    let args = crate::holders::owned_by_tokens(&frozen.protocol);
    frozen.register(args).expect("it can be read");
    frozen.hold();
    let together = [company(&frozen), frozen.open()];
    frozen.machine.send(&together, &[]).expect("nothing is read");
}

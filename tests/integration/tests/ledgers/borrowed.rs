//! What is borrowed for the length of a transaction is no position, and moves no total that is looked at.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token;
use bulkhead::{
    error::BulkheadError,
    instructions::{ExportConfig, RegisterLedgerArgs},
};
use bulkhead_client::instructions as ix;
use bulkhead_core::snapshots::{layout::token_accounts, merkle};
use bulkhead_export_probe::op as probe_op;
use bulkhead_guard_probe::{encode, op};
use bulkhead_testbed::{deploy_dir, keypair};
use bulkhead_tests::{frozen::Frozen, refused};
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{SHARD, key, owner};

fn company(frozen: &Frozen) -> Instruction {
    let payer = frozen.machine.payer.pubkey();
    anchor_lang::solana_program::system_instruction::transfer(&payer, &payer, 1)
}

/// A Compute Budget instruction, which moves nothing: a price of one.
fn budget() -> Instruction {
    Instruction {
        program_id: anchor_lang::pubkey!("ComputeBudget111111111111111111111111111111"),
        accounts: vec![],
        data: [&[3][..], &1u64.to_le_bytes()].concat(),
    }
}

/// The same by CPI, from a host's own instruction.
fn by_a_host(frozen: &mut Frozen, instruction: &Instruction) -> Instruction {
    let host = keypair("calling host").pubkey();
    if frozen.machine.account(&host).is_none() {
        let program = deploy_dir().join("bulkhead_guard_probe.so");
        frozen
            .machine
            .svm
            .add_program_from_file(host, program)
            .expect("run `make build`");
    }
    let mut data = encode(op::FORWARD, 0, 0, 0, &[0; 32]).to_vec();
    data.extend(&instruction.data);
    let mut accounts = vec![AccountMeta::new_readonly(host, false)];
    accounts.extend(instruction.accounts.iter().cloned());
    accounts.push(AccountMeta::new_readonly(bulkhead::ID, false));
    Instruction {
        program_id: host,
        accounts,
        data,
    }
}

/// Refused in any company, and alone it works.
fn only_standalone(frozen: &mut Frozen, instruction: &Instruction) {
    let company = company(frozen);
    let by_host = by_a_host(frozen, instruction);
    let cranker = frozen.cranker.insecure_clone();
    let signs = (instruction.accounts.iter()).any(|meta| meta.is_signer && meta.pubkey == cranker.pubkey());
    let signers: &[&Keypair] = if signs { &[&cranker] } else { &[] };
    let own = instruction.clone();
    for together in [
        vec![company.clone(), own.clone()],
        vec![own.clone(), company.clone()],
        vec![company.clone(), own.clone(), company],
        vec![budget(), by_host],
    ] {
        refused(frozen.machine.send(&together, signers), BulkheadError::NotStandalone);
    }
    // A forged sysvar says whatever one likes, and is not the sysvar.
    let mut forged = own.clone();
    for meta in &mut forged.accounts {
        if meta.pubkey == bulkhead::authority::INSTRUCTIONS_SYSVAR {
            meta.pubkey = frozen.protocol.mint;
        }
    }
    assert!(frozen.machine.send(&[forged], signers).is_err());
    frozen.machine.send(&[budget(), own], signers).expect("it is alone");
}

#[test]
fn positions_are_read_standalone() {
    let mut frozen = Frozen::reading(|protocol| protocol.ledger_args(1));
    frozen
        .protocol
        .write_position(&mut frozen.machine, &key(0), &owner(0), 7);
    frozen.protocol.write_total(&mut frozen.machine, 7);
    frozen.must(frozen.open_shard(SHARD));
    let ingest = frozen.ingest(SHARD, &[key(0)]);
    only_standalone(&mut frozen, &ingest);
    let seal = frozen.seal(&[frozen.shard(SHARD)]);
    only_standalone(&mut frozen, &seal);
    let args = frozen.stated(&[frozen.shard(SHARD)], 7);
    let authority = frozen.mature(&args);
    let seal = frozen.override_seal(authority, &[frozen.shard(SHARD)], args);
    only_standalone(&mut frozen, &seal);
}

#[test]
fn a_host_is_asked_standalone() {
    let probe = keypair("export probe").pubkey();
    let mut frozen = Frozen::reading(|protocol| RegisterLedgerArgs {
        owner_offset: 0,
        amounts: vec![],
        export: Some(ExportConfig {
            program: probe,
            data: vec![probe_op::ANSWER],
            accounts: vec![],
            position_accounts: 0,
        }),
        ..protocol.ledger_args(1)
    });
    let path = deploy_dir().join("bulkhead_export_probe.so");
    frozen
        .machine
        .svm
        .add_program_from_file(probe, path)
        .expect("run `make build`");
    frozen
        .protocol
        .write_position(&mut frozen.machine, &key(0), &owner(0), 7);
    frozen.must(frozen.open_shard(SHARD));
    let ingest = frozen.ingest(SHARD, &[key(0)]);
    only_standalone(&mut frozen, &ingest);
}

/// The theft as it was: borrow a victim's sum, be read, give it back. The supply agrees, and the victim is left out.
#[test]
fn a_flash_loan_is_no_position() {
    let mut frozen = Frozen::in_set_up();
    let (mint, issuer) = (keypair("shares").pubkey(), keypair("issuer").pubkey());
    let lender = keypair("lender");
    let account = |name: &str| keypair(&format!("shares of {name}")).pubkey();
    frozen.machine.create_mint(&mint, &issuer, 6);
    let holders: [(&str, Pubkey, u64); 3] = [
        ("thief", keypair("thief").pubkey(), 0),
        ("victim", keypair("victim").pubkey(), 100),
        ("pool", lender.pubkey(), 100),
    ];
    for (name, owner, amount) in holders {
        frozen.machine.create_token_account(&account(name), &mint, &owner, 0);
        frozen.machine.mint_to(&mint, &account(name), amount);
    }
    frozen
        .register(ix::ledger_args(1, &token_accounts(&mint, &spl_token::ID)))
        .expect("a token can be read");
    frozen.freeze();
    let number = merkle::shard_of(account("thief").as_array());
    frozen.must(frozen.open_shard(number));
    let transfer = |from: &str, to: &str, by: &Keypair| {
        spl_token::instruction::transfer(&spl_token::ID, &account(from), &account(to), &by.pubkey(), &[], 100)
            .expect("sound")
    };
    let thief = keypair("thief");
    let theft = [
        transfer("pool", "thief", &lender),
        frozen.ingest(number, &[account("thief")]),
        transfer("thief", "pool", &thief),
    ];
    let cranker = frozen.cranker.insecure_clone();
    refused(
        frozen.machine.send(&theft, &[&lender, &thief, &cranker]),
        BulkheadError::NotStandalone,
    );
    assert_eq!(frozen.shard_state(number).sum, 0);
}

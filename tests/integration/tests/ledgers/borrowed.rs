//! What is borrowed for the length of a transaction is no position, and moves no total that is looked at.

use anchor_lang::prelude::Pubkey;
use anchor_spl::token::spl_token;
use bulkhead::{
    error::BulkheadError,
    instructions::{ExportConfig, RegisterLedgerArgs},
};
use bulkhead_client::instructions as ix;
use bulkhead_core::{layout::token_accounts, merkle};
use bulkhead_export_probe::op as probe_op;
use bulkhead_guard_probe::{encode, op};
use bulkhead_testbed::{deploy_dir, keypair};
use bulkhead_tests::{held::Held, refused};
use solana_instruction::{AccountMeta, Instruction};
use solana_keypair::Keypair;
use solana_signer::Signer;

use crate::{SHARD, key, owner};

fn company(held: &Held) -> Instruction {
    let payer = held.machine.payer.pubkey();
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
fn by_a_host(held: &mut Held, instruction: &Instruction) -> Instruction {
    let host = keypair("calling host").pubkey();
    if held.machine.account(&host).is_none() {
        let program = deploy_dir().join("bulkhead_guard_probe.so");
        held.machine
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
fn only_alone(held: &mut Held, instruction: &Instruction) {
    let company = company(held);
    let by_host = by_a_host(held, instruction);
    let cranker = held.cranker.insecure_clone();
    let signs = (instruction.accounts.iter()).any(|meta| meta.is_signer && meta.pubkey == cranker.pubkey());
    let signers: &[&Keypair] = if signs { &[&cranker] } else { &[] };
    let own = instruction.clone();
    for together in [
        vec![company.clone(), own.clone()],
        vec![own.clone(), company.clone()],
        vec![company.clone(), own.clone(), company],
        vec![budget(), by_host],
    ] {
        refused(held.machine.send(&together, signers), BulkheadError::NotAlone);
    }
    // A forged sysvar says whatever one likes, and is not the sysvar.
    let mut forged = own.clone();
    for meta in &mut forged.accounts {
        if meta.pubkey == bulkhead::authority::INSTRUCTIONS_SYSVAR {
            meta.pubkey = held.protocol.mint;
        }
    }
    assert!(held.machine.send(&[forged], signers).is_err());
    held.machine.send(&[budget(), own], signers).expect("it is alone");
}

#[test]
fn positions_are_read_alone() {
    let mut held = Held::reading(|protocol| protocol.ledger_args(1));
    held.protocol.write_position(&mut held.machine, &key(0), &owner(0), 7);
    held.protocol.write_total(&mut held.machine, 7);
    held.must(held.open_shard(SHARD));
    let ingest = held.ingest(SHARD, &[key(0)]);
    only_alone(&mut held, &ingest);
    let seal = held.seal(&[held.shard(SHARD)]);
    only_alone(&mut held, &seal);
    let args = held.stated(&[held.shard(SHARD)], 7);
    let authority = held.mature(&args);
    let seal = held.override_seal(authority, &[held.shard(SHARD)], args);
    only_alone(&mut held, &seal);
}

#[test]
fn a_host_is_asked_alone() {
    let probe = keypair("export probe").pubkey();
    let mut held = Held::reading(|protocol| RegisterLedgerArgs {
        owner_offset: 0,
        amounts: vec![],
        export: Some(ExportConfig {
            program: probe,
            data: vec![probe_op::ANSWER],
            accounts: vec![],
        }),
        ..protocol.ledger_args(1)
    });
    let path = deploy_dir().join("bulkhead_export_probe.so");
    held.machine
        .svm
        .add_program_from_file(probe, path)
        .expect("run `make build`");
    held.protocol.write_position(&mut held.machine, &key(0), &owner(0), 7);
    held.must(held.open_shard(SHARD));
    let ingest = held.ingest(SHARD, &[key(0)]);
    only_alone(&mut held, &ingest);
}

/// The theft as it was: borrow a victim's sum, be read, give it back. The supply agrees, and the victim is left out.
#[test]
fn a_flash_loan_is_no_position() {
    let mut held = Held::in_set_up();
    let (mint, issuer) = (keypair("shares").pubkey(), keypair("issuer").pubkey());
    let lender = keypair("lender");
    let account = |name: &str| keypair(&format!("shares of {name}")).pubkey();
    held.machine.create_mint(&mint, &issuer, 6);
    let holders: [(&str, Pubkey, u64); 3] = [
        ("thief", keypair("thief").pubkey(), 0),
        ("victim", keypair("victim").pubkey(), 100),
        ("pool", lender.pubkey(), 100),
    ];
    for (name, owner, amount) in holders {
        held.machine.create_token_account(&account(name), &mint, &owner, 0);
        held.machine.mint_to(&mint, &account(name), amount);
    }
    held.register(ix::ledger_args(1, &token_accounts(&mint, &spl_token::ID)))
        .expect("a token can be read");
    held.hold();
    let number = merkle::shard_of(account("thief").as_array());
    held.must(held.open_shard(number));
    let transfer = |from: &str, to: &str, by: &Keypair| {
        spl_token::instruction::transfer(&spl_token::ID, &account(from), &account(to), &by.pubkey(), &[], 100)
            .expect("sound")
    };
    let thief = keypair("thief");
    let theft = [
        transfer("pool", "thief", &lender),
        held.ingest(number, &[account("thief")]),
        transfer("thief", "pool", &thief),
    ];
    let cranker = held.cranker.insecure_clone();
    refused(
        held.machine.send(&theft, &[&lender, &thief, &cranker]),
        BulkheadError::NotAlone,
    );
    assert_eq!(held.shard_state(number).sum, 0);
}

//! Positions that only the host can value: it is asked, and cannot do anything but answer.

use anchor_lang::{Discriminator, InstructionData, ToAccountMetas, prelude::Pubkey};
use anchor_spl::token::spl_token::ID as TOKEN_PROGRAM;
use bulkhead::{
    error::BulkheadError,
    instructions::{ByteFilterConfig, ExportConfig, RegisterLedgerArgs, ResumeArgs, TotalConfig},
};
use bulkhead_client::instructions as ix;
use bulkhead_export_probe::{FAILED, op};
use bulkhead_interface::constants::length_rule;
use bulkhead_snapshot::Position;
use bulkhead_testbed::{Exchange, ExchangeSetup, Machine, deploy_dir, keypair};
use bulkhead_tests::{held::Held, refused};
use solana_instruction::{AccountMeta, Instruction};
use solana_signer::Signer;

use crate::{SHARD, amount, assert_sealed_as, key, owner, scale};

fn probe() -> Pubkey {
    keypair("export probe").pubkey()
}

fn deploy(machine: &mut Machine, at: Pubkey) {
    let path = deploy_dir().join("bulkhead_export_probe.so");
    machine
        .svm
        .add_program_from_file(at, path)
        .expect("run `make build` first");
}

/// A held ledger of two positions, of 100 and 200, valued by the probe.
fn exporting(data: &[u8], accounts: &[Pubkey]) -> Held {
    let mut held = Held::in_set_up();
    deploy(&mut held.machine, probe());
    let args = RegisterLedgerArgs {
        owner_offset: 0,
        amounts: vec![],
        export: Some(ExportConfig {
            program: probe(),
            data: data.to_vec(),
            accounts: accounts.to_vec(),
        }),
        ..held.protocol.ledger_args(1)
    };
    held.register(args).expect("it names who is asked");
    held.hold();
    for number in 0..2u8 {
        held.protocol.write_position(
            &mut held.machine,
            &key(number),
            &owner(number),
            100 * (1 + u64::from(number)),
        );
    }
    held.must(held.open_shard(SHARD));
    held
}

fn both() -> [Pubkey; 2] {
    [key(0), key(1)]
}

#[test]
fn the_answer_is_the_leaf() {
    let bonus = keypair("funding").pubkey();
    let mut held = exporting(&[op::ANSWER], &[bonus]);
    held.protocol
        .write_host_account(&mut held.machine, &bonus, 11u64.to_le_bytes().to_vec());
    held.must(held.ingest(SHARD, &both()));
    let shard = held.shard(SHARD);
    held.protocol.write_total(&mut held.machine, 300);
    refused(held.send(held.seal(&[shard])), BulkheadError::TotalMismatch);
    held.protocol.write_total(&mut held.machine, 322);
    held.must(held.seal(&[shard]));
    let position = |number: u8, amount| Position {
        key: key(number),
        owner: owner(number),
        amount,
    };
    assert_sealed_as(&held, vec![position(0, 111), position(1, 211)]);
}

/// Whatever an account is in the transaction: the export may read it and no more.
#[test]
fn the_export_gets_no_right_but_to_read() {
    let cranker = keypair("cranker").pubkey();
    let mut held = exporting(&[op::ANSWER], &[cranker]);
    let mut ingest = held.ingest(SHARD, &both());
    for meta in &mut ingest.accounts[6..] {
        meta.is_writable = true;
    }
    assert!(ingest.accounts[6].pubkey == cranker);
    held.must(ingest);
    assert_eq!(held.shard_state(SHARD).sum, 300);
}

#[test]
fn the_export_cannot_write() {
    let other = keypair("other").pubkey();
    for op in [op::WRITE_POSITION, op::WRITE_OTHER] {
        let mut held = exporting(&[op], &[other]);
        held.protocol.write_host_account(&mut held.machine, &other, vec![0; 8]);
        let before = [key(0), other].map(|key| held.machine.account(&key));
        let mut ingest = held.ingest(SHARD, &[key(0)]);
        for meta in &mut ingest.accounts[6..] {
            meta.is_writable = true;
        }
        assert!(held.send(ingest).is_err());
        assert_eq!([key(0), other].map(|key| held.machine.account(&key)), before);
        assert_eq!(held.shard_state(SHARD).seen, 0);
    }
}

#[test]
fn the_export_cannot_come_back() {
    // The name of `ingest_positions`, and of the export itself.
    for name in [
        bulkhead::instruction::IngestPositions::DISCRIMINATOR,
        bulkhead::instruction::IngestExport::DISCRIMINATOR,
    ] {
        let data = [&[op::CALL], name].concat();
        let mut held = exporting(&data, &[bulkhead::ID]);
        let failure = held.send(held.ingest(SHARD, &[key(0)])).expect_err("it came back");
        assert!(format!("{:?}", failure.error).contains("Reentrancy"), "{failure:?}");
    }
}

#[test]
fn only_the_registered_programs_own_answer_counts() {
    let second = keypair("second probe").pubkey();
    let mut held = exporting(&[op::LET_ANOTHER_ANSWER], &[second]);
    deploy(&mut held.machine, second);
    refused(held.send(held.ingest(SHARD, &[key(0)])), BulkheadError::BadExport);
    // Nor an answer of another length, or none. An earlier one of the transaction cannot stand in.
    for op in [op::SAY_NOTHING, op::SAY_TOO_LITTLE, op::SAY_TOO_MUCH] {
        let mut held = exporting(&[op], &[]);
        refused(held.send(held.ingest(SHARD, &[key(0)])), BulkheadError::BadExport);
        let answer = Instruction {
            program_id: probe(),
            accounts: vec![AccountMeta::new_readonly(key(0), false)],
            data: vec![op::ANSWER],
        };
        let ingest = held.ingest(SHARD, &[key(0)]);
        let cranker = held.cranker.insecure_clone();
        refused(
            held.machine.send(&[answer, ingest], &[&cranker]),
            BulkheadError::NotAlone,
        );
    }
}

/// It stops the crank, not only for itself: what it would have said shows as missing at the seal.
#[test]
fn a_position_whose_export_fails_cannot_be_skipped() {
    let mut held = exporting(&[op::FAIL], &[]);
    let failure = held.send(held.ingest(SHARD, &both())).expect_err("it fails");
    assert_eq!(failure.code(), Some(FAILED));
    held.protocol.write_total(&mut held.machine, 300);
    let shard = held.shard(SHARD);
    refused(held.send(held.seal(&[shard])), BulkheadError::NothingRead);
}

#[test]
fn who_is_asked_for_what_is_the_ledgers_to_say() {
    let named = keypair("named").pubkey();
    let mut held = exporting(&[op::ANSWER], &[named]);
    let genuine = held.ingest(SHARD, &both());
    deploy(&mut held.machine, keypair("second probe").pubkey());
    let swaps = [
        (1, keypair("another domain").pubkey()),
        (4, keypair("second probe").pubkey()),
        (6, key(0)),
    ];
    for (at, key) in swaps {
        let mut ingest = genuine.clone();
        ingest.accounts[at].pubkey = key;
        assert!(held.send(ingest).is_err(), "{at}");
    }
    let mut ingest = genuine.clone();
    ingest.accounts[4].pubkey = keypair("second probe").pubkey();
    refused(held.send(ingest), BulkheadError::ForeignAccount);
    let mut ingest = genuine.clone();
    ingest.accounts[6].pubkey = key(0);
    refused(held.send(ingest), BulkheadError::ForeignAccount);
    let mut ingest = genuine.clone();
    ingest.accounts.truncate(6);
    refused(held.send(ingest), BulkheadError::ForeignAccount);
    let mut ingest = genuine.clone();
    let griefer = keypair("griefer");
    ingest.accounts[0].pubkey = griefer.pubkey();
    refused(
        held.machine.send(&[ingest], &[&griefer]),
        BulkheadError::NotShardCranker,
    );
    // What is a position is still decided by owner, length and filters.
    for other in [held.protocol.total_account, held.protocol.domain, held.protocol.mint] {
        refused(held.send(held.ingest(SHARD, &[other])), BulkheadError::NotAPosition);
    }
    // Counted once, in order.
    for keys in [[key(0), key(0)], [key(1), key(0)]] {
        refused(
            held.send(held.ingest(SHARD, &keys)),
            BulkheadError::PositionsNotAscending,
        );
    }
    held.must(genuine);
    refused(
        held.send(held.ingest(SHARD, &[key(1)])),
        BulkheadError::PositionsNotAscending,
    );
}

#[test]
fn a_ledger_is_read_one_way_only() {
    let mut held = exporting(&[op::ANSWER], &[]);
    let (domain, cranker) = (held.protocol.domain, held.cranker.pubkey());
    let by_bytes = ix::ingest_positions(domain, cranker, held.snapshot, 1, SHARD, &both());
    refused(held.send(by_bytes), BulkheadError::WrongLedgerMode);
    let mut held = Held::reading(|protocol| protocol.ledger_args(1));
    held.must(held.open_shard(SHARD));
    let mut ledger = held.ledger();
    // No program is the System program, by its number.
    ledger.export.program = Pubkey::default();
    let by_export = ix::ingest_export(domain, cranker, held.snapshot, &ledger, SHARD, &both());
    refused(held.send(by_export), BulkheadError::WrongLedgerMode);
}

#[test]
fn nobody_is_asked_unless_the_domain_is_held() {
    let mut held = exporting(&[op::ANSWER], &[]);
    let args = ResumeArgs {
        incident: held.incident,
    };
    let ingest = held.ingest(SHARD, &both());
    let authority = held.protocol.mature(&mut held.machine, &args);
    held.must(ix::resume(authority, args));
    refused(held.send(ingest), BulkheadError::WrongPhase);
}

#[test]
fn an_export_beside_fields_or_in_another_unit_is_refused() {
    let export = || {
        Some(ExportConfig {
            program: probe(),
            data: vec![op::ANSWER],
            accounts: vec![],
        })
    };
    let mut held = Held::in_set_up();
    let plain = RegisterLedgerArgs {
        owner_offset: 0,
        amounts: vec![],
        export: export(),
        ..held.protocol.ledger_args(1)
    };
    let spoilt = [
        RegisterLedgerArgs {
            amounts: vec![amount(40, 8, 0)],
            ..plain.clone()
        },
        RegisterLedgerArgs {
            scale: scale(1, 10, 0),
            ..plain.clone()
        },
        RegisterLedgerArgs {
            export: export().map(|export| ExportConfig {
                program: bulkhead::ID,
                ..export
            }),
            ..plain.clone()
        },
        RegisterLedgerArgs {
            export: export().map(|export| ExportConfig { data: vec![], ..export }),
            ..plain.clone()
        },
        RegisterLedgerArgs {
            export: export().map(|export| ExportConfig {
                data: vec![1; 17],
                ..export
            }),
            ..plain.clone()
        },
        RegisterLedgerArgs {
            export: export().map(|export| ExportConfig {
                accounts: vec![probe(); 5],
                ..export
            }),
            ..plain.clone()
        },
    ];
    for args in spoilt {
        refused(held.register(args), BulkheadError::InvalidLedger);
    }
    held.register(plain).expect("it names who is asked");
}

/// The example exchange's pool: positions are token accounts, their worth is the exchange's to say.
#[test]
fn shares_of_the_example_exchanges_pool() {
    use example_exchange::{accounts as host, instruction, pda, state::POOL_ASSETS_OFFSET};
    const LP: u8 = 1;
    let programs = [(bulkhead::ID, "bulkhead"), (example_exchange::ID, "example_exchange")];
    let mut machine = Machine::new(&deploy_dir(), &programs).unwrap_or_else(|error| panic!("{error}"));
    let setup = ExchangeSetup {
        name: "exchange",
        protected: true,
        vulnerable_redemption: false,
        withdraw_limit: u64::MAX,
        limit: 1_000_000,
        slot_limit: 1_000_000,
        trip_limit: 1_000_000,
        window_seconds: 3_600,
        upstream: None,
    };
    let exchange = Exchange::set_up(&mut machine, &setup);
    let protocol = exchange.protocol.as_ref().expect("protected");
    let (domain, payer, lp_mint) = (protocol.domain, machine.payer.pubkey(), pda::lp_mint(&exchange.key));
    let lp_vault = bulkhead_client::pda::vault(&domain, &exchange.mint, LP);
    let mut keys = vec![];
    for (number, assets) in (0..3u8).zip([30_000, 10_000, 7]) {
        let user = keypair(&format!("owner {number}"));
        // For the note of the deposit.
        machine.fund(&user.pubkey(), 1_000_000_000);
        let source = machine.create_associated(&exchange.mint, &user.pubkey(), 50_000);
        let shares = machine.create_associated(&lp_mint, &user.pubkey(), 0);
        let add = Instruction {
            program_id: example_exchange::ID,
            accounts: host::AddLiquidity {
                owner: user.pubkey(),
                exchange: exchange.key,
                lp_mint,
                shares,
                board: bulkhead_client::pda::board(&domain),
                payin: host::Payin {
                    source,
                    tokens: bulkhead_client::pda::custody(&lp_vault),
                    mint: exchange.mint,
                    token_program: TOKEN_PROGRAM,
                    vault: Some(lp_vault),
                    breaker: Some(bulkhead_client::pda::outflow_breaker(&domain, 1, &exchange.mint, 0)),
                    note: Some(bulkhead_client::pda::deposit_note(&lp_vault, &user.pubkey())),
                    bulkhead: Some(bulkhead::ID),
                    system_program: anchor_lang::system_program::ID,
                },
            }
            .to_account_metas(None),
            data: instruction::AddLiquidity { amount: assets }.data(),
        };
        protocol.must(&mut machine, &[add], &[&user]);
        keys.push(shares);
    }
    let args = RegisterLedgerArgs {
        index: 1,
        program: TOKEN_PROGRAM,
        total: TotalConfig {
            account: exchange.key,
            program: example_exchange::ID,
            offset: POOL_ASSETS_OFFSET as u32,
            ..protocol.ledger_args(1).total
        },
        length_rule: length_rule::TOKEN_ACCOUNT,
        data_len: 165,
        filters: vec![ByteFilterConfig {
            offset: 0,
            bytes: lp_mint.to_bytes().to_vec(),
        }],
        owner_offset: 0,
        amounts: vec![],
        export: Some(ExportConfig {
            program: example_exchange::ID,
            data: instruction::ExportPosition::DISCRIMINATOR.to_vec(),
            accounts: vec![exchange.key, lp_mint],
        }),
        ..protocol.ledger_args(1)
    };
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::register_ledger(authority, payer, args, &[0])], &[]);
    let incident = protocol.hold(&mut machine);
    protocol.must(&mut machine, &[ix::open_snapshot(domain, payer, incident, 1)], &[]);
    let mut held = Held {
        snapshot: bulkhead_client::pda::snapshot(&incident, 1),
        incident,
        cranker: keypair("cranker"),
        machine,
        protocol: exchange.protocol.expect("protected"),
    };
    let shards = held.crank(&keys);
    held.must(held.seal(&shards));
    assert_eq!((held.snapshot().total, held.snapshot().count), (40_007, 3));
    let positions = keys
        .iter()
        .zip([30_000, 10_000, 7])
        .zip(0..)
        .map(|((key, amount), number)| Position {
            key: *key,
            owner: owner(number),
            amount,
        });
    let positions = positions.collect();
    assert_sealed_as(&held, positions);
}

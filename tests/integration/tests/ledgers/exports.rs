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
use bulkhead_tests::{
    frozen::Frozen,
    proving::{assert_accumulates, decide_in_set_up},
    refused,
};
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
fn exporting(data: &[u8], accounts: &[Pubkey]) -> Frozen {
    exporting_with(data, accounts, |_| ())
}

fn exporting_with(data: &[u8], accounts: &[Pubkey], decide: impl Fn(&mut Frozen)) -> Frozen {
    let mut frozen = Frozen::in_set_up();
    deploy(&mut frozen.machine, probe());
    let args = RegisterLedgerArgs {
        owner_offset: 0,
        amounts: vec![],
        export: Some(ExportConfig {
            program: probe(),
            data: data.to_vec(),
            accounts: accounts.to_vec(),
            position_accounts: 0,
        }),
        ..frozen.protocol.ledger_args(1)
    };
    frozen.register(args).expect("it names who is asked");
    decide(&mut frozen);
    frozen.freeze();
    for number in 0..2u8 {
        frozen.protocol.write_position(
            &mut frozen.machine,
            &key(number),
            &owner(number),
            100 * (1 + u64::from(number)),
        );
    }
    frozen.must(frozen.open_shard(SHARD));
    frozen
}

#[test]
fn what_an_export_answers_enters_the_accumulator() {
    let mut frozen = exporting_with(&[op::ANSWER], &[], decide_in_set_up);
    let reads = both().map(|key| frozen.ingest(SHARD, &[key]));
    assert_accumulates(&mut frozen, SHARD, &reads);
}

fn both() -> [Pubkey; 2] {
    [key(0), key(1)]
}

#[test]
fn the_answer_is_the_leaf() {
    let bonus = keypair("funding").pubkey();
    let mut frozen = exporting(&[op::ANSWER], &[bonus]);
    frozen
        .protocol
        .write_host_account(&mut frozen.machine, &bonus, 11u64.to_le_bytes().to_vec());
    frozen.must(frozen.ingest(SHARD, &both()));
    let shard = frozen.shard(SHARD);
    frozen.protocol.write_total(&mut frozen.machine, 300);
    refused(frozen.send(frozen.seal(&[shard])), BulkheadError::TotalMismatch);
    frozen.protocol.write_total(&mut frozen.machine, 322);
    frozen.must(frozen.seal(&[shard]));
    let position = |number: u8, amount| Position {
        key: key(number),
        owner: owner(number),
        amount,
    };
    assert_sealed_as(&frozen, vec![position(0, 111), position(1, 211)]);
}

/// Whatever an account is in the transaction: the export may read it and no more.
#[test]
fn the_export_gets_no_right_but_to_read() {
    let cranker = keypair("cranker").pubkey();
    let mut frozen = exporting(&[op::ANSWER], &[cranker]);
    let mut ingest = frozen.ingest(SHARD, &both());
    for meta in &mut ingest.accounts[6..] {
        meta.is_writable = true;
    }
    assert!(ingest.accounts[6].pubkey == cranker);
    frozen.must(ingest);
    assert_eq!(frozen.shard_state(SHARD).sum, 300);
}

#[test]
fn the_export_cannot_write() {
    let other = keypair("other").pubkey();
    for op in [op::WRITE_POSITION, op::WRITE_OTHER] {
        let mut frozen = exporting(&[op], &[other]);
        frozen
            .protocol
            .write_host_account(&mut frozen.machine, &other, vec![0; 8]);
        let before = [key(0), other].map(|key| frozen.machine.account(&key));
        let mut ingest = frozen.ingest(SHARD, &[key(0)]);
        for meta in &mut ingest.accounts[6..] {
            meta.is_writable = true;
        }
        assert!(frozen.send(ingest).is_err());
        assert_eq!([key(0), other].map(|key| frozen.machine.account(&key)), before);
        assert_eq!(frozen.shard_state(SHARD).seen, 0);
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
        let mut frozen = exporting(&data, &[bulkhead::ID]);
        let failure = frozen.send(frozen.ingest(SHARD, &[key(0)])).expect_err("it came back");
        assert!(format!("{:?}", failure.error).contains("Reentrancy"), "{failure:?}");
    }
}

#[test]
fn only_the_registered_programs_own_answer_counts() {
    let second = keypair("second probe").pubkey();
    let mut frozen = exporting(&[op::LET_ANOTHER_ANSWER], &[second]);
    deploy(&mut frozen.machine, second);
    refused(frozen.send(frozen.ingest(SHARD, &[key(0)])), BulkheadError::BadExport);
    // Nor an answer of another length, or none. An earlier one of the transaction cannot stand in.
    for op in [op::SAY_NOTHING, op::SAY_TOO_LITTLE, op::SAY_TOO_MUCH] {
        let mut frozen = exporting(&[op], &[]);
        refused(frozen.send(frozen.ingest(SHARD, &[key(0)])), BulkheadError::BadExport);
        let answer = Instruction {
            program_id: probe(),
            accounts: vec![AccountMeta::new_readonly(key(0), false)],
            data: vec![op::ANSWER],
        };
        let ingest = frozen.ingest(SHARD, &[key(0)]);
        let cranker = frozen.cranker.insecure_clone();
        refused(
            frozen.machine.send(&[answer, ingest], &[&cranker]),
            BulkheadError::NotStandalone,
        );
    }
}

/// It stops the crank, not only for itself: what it would have said shows as missing at the seal.
#[test]
fn a_position_whose_export_fails_cannot_be_skipped() {
    let mut frozen = exporting(&[op::FAIL], &[]);
    let failure = frozen.send(frozen.ingest(SHARD, &both())).expect_err("it fails");
    assert_eq!(failure.code(), Some(FAILED));
    frozen.protocol.write_total(&mut frozen.machine, 300);
    let shard = frozen.shard(SHARD);
    refused(frozen.send(frozen.seal(&[shard])), BulkheadError::NothingRead);
}

#[test]
fn who_is_asked_for_what_is_the_ledgers_to_say() {
    let named = keypair("named").pubkey();
    let mut frozen = exporting(&[op::ANSWER], &[named]);
    let genuine = frozen.ingest(SHARD, &both());
    deploy(&mut frozen.machine, keypair("second probe").pubkey());
    let swaps = [
        (1, keypair("another domain").pubkey()),
        (4, keypair("second probe").pubkey()),
        (6, key(0)),
    ];
    for (at, key) in swaps {
        let mut ingest = genuine.clone();
        ingest.accounts[at].pubkey = key;
        assert!(frozen.send(ingest).is_err(), "{at}");
    }
    let mut ingest = genuine.clone();
    ingest.accounts[4].pubkey = keypair("second probe").pubkey();
    refused(frozen.send(ingest), BulkheadError::ForeignAccount);
    let mut ingest = genuine.clone();
    ingest.accounts[6].pubkey = key(0);
    refused(frozen.send(ingest), BulkheadError::ForeignAccount);
    let mut ingest = genuine.clone();
    ingest.accounts.truncate(6);
    refused(frozen.send(ingest), BulkheadError::ForeignAccount);
    let mut ingest = genuine.clone();
    let griefer = keypair("griefer");
    ingest.accounts[0].pubkey = griefer.pubkey();
    refused(
        frozen.machine.send(&[ingest], &[&griefer]),
        BulkheadError::NotShardCranker,
    );
    // What is a position is still decided by owner, length and filters.
    for other in [
        frozen.protocol.total_account,
        frozen.protocol.domain,
        frozen.protocol.mint,
    ] {
        refused(frozen.send(frozen.ingest(SHARD, &[other])), BulkheadError::NotAPosition);
    }
    // Counted once, in order.
    for keys in [[key(0), key(0)], [key(1), key(0)]] {
        refused(
            frozen.send(frozen.ingest(SHARD, &keys)),
            BulkheadError::PositionsNotAscending,
        );
    }
    frozen.must(genuine);
    refused(
        frozen.send(frozen.ingest(SHARD, &[key(1)])),
        BulkheadError::PositionsNotAscending,
    );
}

#[test]
fn a_ledger_is_read_one_way_only() {
    let mut frozen = exporting(&[op::ANSWER], &[]);
    let (domain, cranker) = (frozen.protocol.domain, frozen.cranker.pubkey());
    let by_bytes = ix::ingest_positions(domain, cranker, frozen.snapshot, 1, SHARD, &both());
    refused(frozen.send(by_bytes), BulkheadError::WrongLedgerMode);
    let mut frozen = Frozen::reading(|protocol| protocol.ledger_args(1));
    frozen.must(frozen.open_shard(SHARD));
    let mut ledger = frozen.ledger();
    // No program is the System program, by its number.
    ledger.export.program = Pubkey::default();
    let by_export = ix::ingest_export(domain, cranker, frozen.snapshot, &ledger, SHARD, &both());
    refused(frozen.send(by_export), BulkheadError::WrongLedgerMode);
}

#[test]
fn nobody_is_asked_unless_the_domain_is_frozen() {
    let mut frozen = exporting(&[op::ANSWER], &[]);
    let args = ResumeArgs {
        incident: frozen.incident,
    };
    let ingest = frozen.ingest(SHARD, &both());
    let authority = frozen.protocol.mature(&mut frozen.machine, &args);
    frozen.must(ix::resume(authority, args));
    refused(frozen.send(ingest), BulkheadError::WrongPhase);
}

#[test]
fn an_export_beside_fields_or_in_another_unit_is_refused() {
    let export = || {
        Some(ExportConfig {
            program: probe(),
            data: vec![op::ANSWER],
            accounts: vec![],
            position_accounts: 0,
        })
    };
    let mut frozen = Frozen::in_set_up();
    let plain = RegisterLedgerArgs {
        owner_offset: 0,
        amounts: vec![],
        export: export(),
        ..frozen.protocol.ledger_args(1)
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
        refused(frozen.register(args), BulkheadError::InvalidLedger);
    }
    frozen.register(plain).expect("it names who is asked");
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
            position_accounts: 0,
        }),
        ..protocol.ledger_args(1)
    };
    let authority = protocol.mature(&mut machine, &args);
    protocol.must(&mut machine, &[ix::register_ledger(authority, payer, args, &[0])], &[]);
    let incident = protocol.freeze(&mut machine);
    protocol.must(&mut machine, &[ix::open_snapshot(domain, payer, incident, 1)], &[]);
    let mut frozen = Frozen {
        snapshot: bulkhead_client::pda::snapshot(&incident, 1),
        incident,
        cranker: keypair("cranker"),
        machine,
        protocol: exchange.protocol.expect("protected"),
    };
    let shards = frozen.crank(&keys);
    frozen.must(frozen.seal(&shards));
    assert_eq!((frozen.snapshot().total, frozen.snapshot().count), (40_007, 3));
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
    assert_sealed_as(&frozen, positions);
}

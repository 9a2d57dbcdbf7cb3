//! Fields, tables, scales and totals of every kind, through the built program.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{ByteFilterConfig, RegisterLedgerArgs, SlotTableConfig, TotalConfig},
};
use bulkhead_interface::constants::{amount_flag, length_rule, total_unit};
use bulkhead_snapshot::Position;
use bulkhead_testbed::{Machine, Protocol, keypair};
use bulkhead_tests::{frozen::Frozen, refused};
use solana_account::Account;
use solana_signer::Signer;

use crate::{SHARD, amount, assert_sealed_as, key, owner, scale};

/// Three numbers of 128 bits with 48 fractional bits: two assets and a debt.
fn fixed_point(protocol: &Protocol) -> RegisterLedgerArgs {
    RegisterLedgerArgs {
        amounts: vec![
            amount(40, 16, amount_flag::SIGNED),
            amount(56, 16, amount_flag::SIGNED),
            amount(72, 16, amount_flag::SIGNED | amount_flag::SUBTRACT),
        ],
        data_len: 88,
        scale: scale(1, 1, 48),
        total: TotalConfig {
            width: 16,
            ..protocol.ledger_args(1).total
        },
        ..protocol.ledger_args(1)
    }
}

fn write(frozen: &mut Frozen, number: u8, numbers: &[i128]) {
    let mut data = b"position".to_vec();
    data.extend_from_slice(owner(number).as_ref());
    for number in numbers {
        data.extend_from_slice(&number.to_le_bytes());
    }
    frozen
        .protocol
        .write_host_account(&mut frozen.machine, &key(number), data);
}

fn write_total(frozen: &mut Frozen, total: u128) {
    let account = frozen.protocol.total_account;
    frozen
        .protocol
        .write_host_account(&mut frozen.machine, &account, total.to_le_bytes().to_vec());
}

/// A host's total account before there is anything, wide enough.
fn with_wide_total(args: impl FnOnce(&Protocol) -> RegisterLedgerArgs) -> Frozen {
    let mut frozen = Frozen::in_set_up();
    write_total(&mut frozen, 0);
    let args = args(&frozen.protocol);
    frozen.register(args).expect("it can be read");
    frozen.freeze();
    frozen
}

#[test]
fn what_rounding_loses_is_still_counted() {
    const ONE: i128 = 1 << 48;
    let mut frozen = with_wide_total(fixed_point);
    // 2.5 + 1.5 - 0.25, 0.75, and an owner who owes more than they have.
    let rows = [
        [ONE * 5 / 2, ONE * 3 / 2, ONE / 4],
        [ONE / 2, ONE / 4, 0],
        [ONE, 0, ONE * 2],
    ];
    let keys: Vec<_> = (0..3).map(key).collect();
    for (number, row) in (0..).zip(rows) {
        write(&mut frozen, number, &row);
    }
    let sum = (ONE * 15 / 4 + ONE * 3 / 4) as u128;
    write_total(&mut frozen, sum);
    let shards = frozen.crank(&keys);
    assert_eq!(frozen.shard_state(SHARD).host_sum, [sum as u64, (sum >> 64) as u64]);
    // Three units and nothing: the sum of what is left is short of the host's by one and a half.
    let seal = frozen.seal(&shards);
    for wrong in [sum - 1, sum + 1, (3 * ONE) as u128, 4 * ONE as u128] {
        write_total(&mut frozen, wrong);
        refused(frozen.send(seal.clone()), BulkheadError::TotalMismatch);
    }
    write_total(&mut frozen, sum);
    frozen.must(seal);
    let position = |number: u8, amount| Position {
        key: key(number),
        owner: owner(number),
        amount,
    };
    assert_sealed_as(&frozen, vec![position(0, 3), position(1, 0), position(2, 0)]);
}

/// A victim with less than one native unit is missed too.
#[test]
fn nobody_is_skipped_within_the_rounding() {
    let mut frozen = with_wide_total(fixed_point);
    for number in 0..20 {
        write(&mut frozen, number, &[(3 << 48) + (1 << 47), 0, 0]);
    }
    write(&mut frozen, 20, &[(1 << 48) - 1, 0, 0]);
    write_total(&mut frozen, 20 * ((3 << 48) + (1 << 47)) + (1 << 48) - 1);
    let keys: Vec<_> = (0..20).map(key).collect();
    let shards = frozen.crank(&keys);
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::TotalMismatch);
    frozen.must(frozen.ingest(SHARD, &[key(20)]));
    frozen.must(frozen.seal(&shards));
    assert_eq!((frozen.snapshot().total, frozen.snapshot().count), (60, 20));
}

#[test]
fn a_total_in_native_units_is_compared_with_the_amounts() {
    let mut frozen = with_wide_total(|protocol| RegisterLedgerArgs {
        total: TotalConfig {
            width: 8,
            unit: total_unit::NATIVE,
            ..protocol.ledger_args(1).total
        },
        ..fixed_point(protocol)
    });
    for number in 0..3 {
        write(&mut frozen, number, &[(2 << 48) + 7, 0, 0]);
    }
    let shards = frozen.crank(&[key(0), key(1), key(2)]);
    assert_eq!(frozen.shard_state(SHARD).host_sum, [0, 0]);
    write_total(&mut frozen, 7);
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::TotalMismatch);
    write_total(&mut frozen, 6);
    frozen.must(frozen.seal(&shards));
}

#[test]
fn a_sum_of_host_units_beyond_128_bits_is_refused() {
    let mut frozen = with_wide_total(|protocol| RegisterLedgerArgs {
        scale: scale(1, 1, 127),
        ..fixed_point(protocol)
    });
    for number in 0..3 {
        write(&mut frozen, number, &[i128::MAX, 0, 0]);
    }
    frozen.must(frozen.open_shard(SHARD));
    frozen.must(frozen.ingest(SHARD, &[key(0), key(1)]));
    refused(frozen.send(frozen.ingest(SHARD, &[key(2)])), BulkheadError::Overflow);
    // Neither two fields of one position, nor a scaled amount beyond 64 bits.
    write(&mut frozen, 2, &[i128::MAX, 1, 0]);
    refused(
        frozen.send(frozen.ingest(SHARD, &[key(2)])),
        BulkheadError::AmountTooLarge,
    );
}

/// A list of entries behind a count: those of one asset are added.
#[test]
fn slots_of_a_list_are_added_and_what_lies_behind_it_is_not() {
    let mut frozen = Frozen::reading(|protocol| RegisterLedgerArgs {
        length_rule: length_rule::AT_LEAST,
        data_len: 44,
        amounts: vec![amount(2, 8, amount_flag::IN_SLOT)],
        slots: Some(SlotTableConfig {
            offset: 44,
            stride: 10,
            count: 4,
            used_offset: 40,
            used_width: 4,
            filter: Some(ByteFilterConfig {
                offset: 0,
                bytes: vec![7, 0],
            }),
        }),
        ..protocol.ledger_args(1)
    });
    let mut list = |number: u8, used: u32, entries: &[(u16, u64)]| {
        let mut data = b"position".to_vec();
        data.extend_from_slice(owner(number).as_ref());
        data.extend_from_slice(&used.to_le_bytes());
        for (asset, amount) in entries {
            data.extend_from_slice(&asset.to_le_bytes());
            data.extend_from_slice(&amount.to_le_bytes());
        }
        frozen
            .protocol
            .write_host_account(&mut frozen.machine, &key(number), data);
    };
    list(0, 3, &[(7, 5), (8, 100), (7, 6), (7, 1_000)]);
    list(1, 0, &[(7, 1_000)]);
    list(2, 1, &[(7, 9)]);
    list(3, 5, &[(7, 1); 5]);
    list(4, 2, &[(7, 1)]);
    frozen.protocol.write_total(&mut frozen.machine, 20);
    let shards = frozen.crank(&[key(0), key(1), key(2)]);
    refused(
        frozen.send(frozen.ingest(SHARD, &[key(3)])),
        BulkheadError::TooManySlots,
    );
    refused(
        frozen.send(frozen.ingest(SHARD, &[key(4)])),
        BulkheadError::NotAPosition,
    );
    frozen.must(frozen.seal(&shards));
    assert_eq!(frozen.snapshot().count, 2);
}

/// The sum a host keeps need not be its own account: a vault's balance serves.
#[test]
fn the_total_may_be_a_vaults_balance() {
    let mut frozen = Frozen::reading(|protocol| RegisterLedgerArgs {
        total: TotalConfig {
            account: protocol.custody(),
            program: anchor_spl::token::ID,
            offset: 64,
            width: 8,
            unit: total_unit::HOST,
            // Anyone can add to it.
            shortfall_bps: 1,
            excess_bps: 0,
        },
        ..protocol.ledger_args(1)
    });
    let funds = frozen.machine.balance(&frozen.protocol.custody());
    let write = |frozen: &mut Frozen, number: u8, amount| {
        frozen
            .protocol
            .write_position(&mut frozen.machine, &key(number), &owner(number), amount);
    };
    // One in ten thousand is tolerated, for anyone can add that.
    write(&mut frozen, 0, funds - 103);
    write(&mut frozen, 1, 2);
    let shards = frozen.crank(&[key(0), key(1)]);
    refused(frozen.send(frozen.seal(&shards)), BulkheadError::TotalMismatch);
    write(&mut frozen, 2, 1);
    frozen.must(frozen.ingest(SHARD, &[key(2)]));
    frozen.must(frozen.seal(&shards));
}

#[test]
fn a_layout_whose_filters_let_the_total_pass_is_refused() {
    let mut frozen = Frozen::in_set_up();
    let mut data = b"position".to_vec();
    data.resize(48, 0);
    let total = frozen.protocol.total_account;
    frozen.protocol.write_host_account(&mut frozen.machine, &total, data);
    let args = frozen.protocol.ledger_args(1);
    refused(frozen.register(args.clone()), BulkheadError::InvalidLedger);
    // Of another program it is no position.
    let mut foreign = frozen.machine.account(&total).expect("written");
    foreign.owner = keypair("another program").pubkey();
    frozen.machine.write_account(&total, foreign);
    refused(frozen.register(args.clone()), BulkheadError::TotalUnreadable);
    let elsewhere = TotalConfig {
        program: keypair("another program").pubkey(),
        ..args.total.clone()
    };
    frozen
        .register(RegisterLedgerArgs {
            total: elsewhere,
            ..args
        })
        .expect("it is no position");
}

/// Every way in which an account of the right program is not a position.
#[test]
fn accounts_of_another_type_do_not_pass() {
    let filter = |offset: u32, bytes: &[u8]| ByteFilterConfig {
        offset,
        bytes: bytes.to_vec(),
    };
    let mut frozen = Frozen::reading(|protocol| RegisterLedgerArgs {
        length_rule: length_rule::AT_LEAST,
        data_len: 60,
        filters: vec![
            filter(0, b"position"),
            filter(48, &[1]),
            filter(49, &[2, 3, 4]),
            filter(56, &[9, 9, 9, 9]),
        ],
        ..protocol.ledger_args(1)
    });
    let mut genuine = b"position".to_vec();
    genuine.extend_from_slice(owner(0).as_ref());
    genuine.extend_from_slice(&50u64.to_le_bytes());
    genuine.extend_from_slice(&[1, 2, 3, 4, 0, 0, 0, 0, 9, 9, 9, 9]);
    frozen.must(frozen.open_shard(SHARD));
    let program = frozen.protocol.host_program;
    let put = |machine: &mut Machine, data: &[u8], owner: &Pubkey| {
        machine.write_account(
            &key(0),
            Account {
                lamports: 1_000_000_000,
                data: data.to_vec(),
                owner: *owner,
                executable: false,
                rent_epoch: u64::MAX,
            },
        );
    };
    for at in [0, 7, 48, 49, 51, 56, 59] {
        let mut forged = genuine.clone();
        forged[at] ^= 1;
        put(&mut frozen.machine, &forged, &program);
        refused(
            frozen.send(frozen.ingest(SHARD, &[key(0)])),
            BulkheadError::NotAPosition,
        );
    }
    for len in [0, 8, 47, 48, 59] {
        put(&mut frozen.machine, &genuine[..len], &program);
        refused(
            frozen.send(frozen.ingest(SHARD, &[key(0)])),
            BulkheadError::NotAPosition,
        );
    }
    put(&mut frozen.machine, &genuine, &keypair("another program").pubkey());
    refused(
        frozen.send(frozen.ingest(SHARD, &[key(0)])),
        BulkheadError::NotAPosition,
    );
    genuine.push(0);
    put(&mut frozen.machine, &genuine, &program);
    frozen.must(frozen.ingest(SHARD, &[key(0)]));
    assert_eq!(frozen.shard_state(SHARD).sum, 50);
}

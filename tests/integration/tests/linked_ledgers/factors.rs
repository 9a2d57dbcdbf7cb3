//! Shares times a rate: read once, when the snapshot is opened, and the same for everyone after that.

use anchor_lang::prelude::Pubkey;
use bulkhead::{
    error::BulkheadError,
    instructions::{RegisterLedgerArgs, TotalConfig},
};
use bulkhead_interface::{
    constants::{factor_flag, total_unit},
    layout::{FrozenFactors, Snapshot, space},
};
use bulkhead_snapshot::Position;
use bulkhead_testbed::Protocol;
use bulkhead_tests::{
    frozen::{Frozen, NUMBER},
    proving::{assert_accumulates, decide_in_set_up},
    refused,
};

use crate::{SHARD, assert_sealed_as, ingest_rated, key, link, named, owner, seal, take_over};

/// The account of the rate.
pub fn bank() -> Pubkey {
    named("bank")
}

/// The usual positions, in shares: a number of 128 bits at 8 of [`bank`] says what one is worth.
pub fn in_shares(protocol: &Protocol) -> RegisterLedgerArgs {
    rated(protocol, &[(bank(), 8, 16, 0)])
}

pub fn rated(protocol: &Protocol, factors: &[(Pubkey, u32, u8, u8)]) -> RegisterLedgerArgs {
    RegisterLedgerArgs {
        link: Some(link(0, protocol.host_program, factors)),
        ..protocol.ledger_args(NUMBER)
    }
}

/// Writes the rate, 16 bytes behind eight others.
pub fn write_rate(frozen: &mut Frozen, rate: u128) {
    let data = [&[0xee; 8][..], &rate.to_le_bytes()].concat();
    let Frozen { machine, protocol, .. } = frozen;
    protocol.write_host_account(machine, &bank(), data);
}

/// Registered with a rate of `rate`, on hold and not open yet. Three positions of 10, 11 and 12 shares.
pub fn on_hold(args: impl FnOnce(&Protocol) -> RegisterLedgerArgs, rate: u128) -> Frozen {
    on_hold_with(args, rate, |_| ())
}

fn on_hold_with(
    args: impl FnOnce(&Protocol) -> RegisterLedgerArgs,
    rate: u128,
    decide: impl Fn(&mut Frozen),
) -> Frozen {
    let mut frozen = Frozen::in_set_up();
    write_rate(&mut frozen, rate);
    let args = args(&frozen.protocol);
    frozen.register(args).expect("it can be read");
    decide(&mut frozen);
    frozen.hold();
    for number in 0..3 {
        let shares = 10 + u64::from(number);
        let Frozen { machine, protocol, .. } = &mut frozen;
        protocol.write_position(machine, &key(number), &owner(number), shares);
    }
    frozen.protocol.write_total(&mut frozen.machine, 33);
    frozen
}

#[test]
fn what_is_valued_by_a_rate_enters_the_accumulator() {
    let mut frozen = on_hold_with(in_shares, 3, decide_in_set_up);
    frozen.must(frozen.open());
    frozen.must(frozen.open_shard(SHARD));
    let reads = [0, 1, 2].map(|number| ingest_rated(&frozen, &[key(number)]));
    assert_accumulates(&mut frozen, SHARD, &reads);
}

/// The three positions at this rate.
fn worth(rate: u64) -> Vec<Position> {
    let position = |number: u8| Position {
        key: key(number),
        owner: owner(number),
        amount: rate * (10 + u64::from(number)),
    };
    (0..3).map(position).collect()
}

fn stored(frozen: &Frozen) -> FrozenFactors {
    let data = frozen.machine.account(&frozen.snapshot).expect("open").data;
    assert_eq!(data.len(), space::<Snapshot>() + size_of::<FrozenFactors>());
    bytemuck::pod_read_unaligned(&data[space::<Snapshot>()..])
}

/// Interest that the host books while positions are read, a rate that is bent, an account that is closed: all too late.
#[test]
fn a_rate_that_changes_after_the_opening_changes_nothing() {
    let mut frozen = on_hold(in_shares, 7);
    let opened = frozen.machine.clock().slot;
    frozen.must(frozen.open());
    let read_at_first = FrozenFactors {
        slot: opened,
        numbers: [[7, 0], [0, 0]],
    };
    assert_eq!(stored(&frozen), read_at_first);
    frozen.must(frozen.open_shard(SHARD));
    frozen.must(ingest_rated(&frozen, &[key(0)]));
    write_rate(&mut frozen, 8);
    frozen.machine.next_slot();
    frozen.must(ingest_rated(&frozen, &[key(1)]));
    frozen
        .machine
        .write_account(&bank(), solana_account::Account::default());
    frozen.must(ingest_rated(&frozen, &[key(2)]));
    assert_eq!(frozen.shard_state(SHARD).sum, 7 * 33);
    // What it was opened with is for good: it is not opened a second time.
    write_rate(&mut frozen, 9);
    let open = frozen.open();
    assert!(frozen.send(open).is_err());
    assert_eq!(stored(&frozen), read_at_first);
    // The host counts shares, whatever they are worth.
    for total in [32, 34, 7 * 33] {
        frozen.protocol.write_total(&mut frozen.machine, total);
        refused(frozen.send(seal(&frozen)), BulkheadError::TotalMismatch);
    }
    frozen.protocol.write_total(&mut frozen.machine, 33);
    frozen.must(seal(&frozen));
    assert_sealed_as(&frozen, worth(7));
    assert_eq!(stored(&frozen), read_at_first, "a seal leaves it as it is");
}

/// Crankers of different days read the same.
#[test]
fn every_cranker_reads_with_the_same_rate() {
    let mut frozen = on_hold(in_shares, 7);
    frozen.must(frozen.open());
    let keys = [key(0), key(1), key(2)];
    frozen.must(frozen.open_shard(SHARD));
    frozen.must(ingest_rated(&frozen, &keys));
    let first = frozen.shard_state(SHARD);
    write_rate(&mut frozen, 700);
    frozen.machine.warp_seconds(86_400);
    take_over(&mut frozen);
    frozen.must(ingest_rated(&frozen, &keys));
    let second = frozen.shard_state(SHARD);
    assert_ne!(first.cranker, second.cranker);
    assert_eq!((first.sum, first.host_sum), (second.sum, second.host_sum));
    assert_eq!(bytemuck::bytes_of(&first.canopy), bytemuck::bytes_of(&second.canopy));
    frozen.must(seal(&frozen));
    assert_sealed_as(&frozen, worth(7));
}

/// To be paid more: read with the rates of another snapshot, or of an account that looks like one.
#[test]
fn only_the_shards_own_snapshot_says_the_rate() {
    let mut frozen = on_hold(in_shares, 7);
    frozen.must(frozen.open());
    frozen.must(frozen.open_shard(SHARD));
    let missing = BulkheadError::LinkedAccountMissing;
    let refuse = |frozen: &mut Frozen, accounts: &[Pubkey]| {
        let before = frozen.shard_state(SHARD);
        let ingest = frozen.ingest(SHARD, accounts);
        refused(frozen.send(ingest), missing);
        let after = frozen.shard_state(SHARD);
        assert_eq!(bytemuck::bytes_of(&before), bytemuck::bytes_of(&after));
    };
    let mut forged = frozen.machine.account(&frozen.snapshot).expect("open");
    let behind = space::<Snapshot>() + 8;
    forged.data[behind..behind + 8].copy_from_slice(&1_000_000u64.to_le_bytes());
    frozen.machine.write_account(&named("forged"), forged);
    let snapshot = frozen.snapshot;
    refuse(&mut frozen, &[]);
    refuse(&mut frozen, &[key(0)]);
    refuse(&mut frozen, &[named("forged"), key(0)]);
    refuse(&mut frozen, &[bank(), key(0)]);
    refuse(&mut frozen, &[key(0), snapshot]);
    // A position has no followers here.
    let followed = [snapshot, key(0), bank()];
    let ingest = frozen.ingest(SHARD, &followed);
    refused(frozen.send(ingest), BulkheadError::NotAPosition);
    frozen.must(ingest_rated(&frozen, &[key(0), key(1), key(2)]));
    frozen.must(seal(&frozen));
    assert_sealed_as(&frozen, worth(7));
}

/// 1.5 and 0.25 with 48 fractional bits each, by a number of 3: 2^96 and one rounding.
#[test]
fn two_rates_are_multiplied_or_divided_and_rounded_once() {
    let mut frozen = Frozen::in_set_up();
    let rates = [
        &[0xee; 8][..],
        &(3u128 << 47).to_le_bytes(),
        &(1u128 << 46).to_le_bytes(),
        &3u64.to_le_bytes(),
    ]
    .concat();
    let (machine, protocol) = (&mut frozen.machine, &frozen.protocol);
    protocol.write_host_account(machine, &bank(), rates.clone());
    protocol.write_host_account(machine, &named("second bank"), rates);
    let both = [(bank(), 8, 16, 0), (named("second bank"), 24, 16, 0)];
    let args = RegisterLedgerArgs {
        scale: bulkhead::instructions::ScaleConfig {
            multiplier: 1_000,
            divisor: 7,
            shift: 96,
        },
        ..rated(protocol, &both)
    };
    frozen.register(args).expect("it can be read");
    frozen.freeze();
    let Frozen { machine, protocol, .. } = &mut frozen;
    protocol.write_position(machine, &key(0), &owner(0), 13);
    protocol.write_total(machine, 13);
    frozen.must(frozen.open_shard(SHARD));
    frozen.must(ingest_rated(&frozen, &[key(0)]));
    // 13 * 1.5 * 0.25 * 1000 / 7 = 696.43
    assert_eq!(frozen.shard_state(SHARD).sum, 696);
    frozen.must(seal(&frozen));

    let mut frozen = Frozen::in_set_up();
    let pool = [1_100u64.to_le_bytes(), 1_000u64.to_le_bytes()].concat();
    let (machine, protocol) = (&mut frozen.machine, &frozen.protocol);
    protocol.write_host_account(machine, &bank(), pool);
    let quotient = [(bank(), 0, 8, 0), (bank(), 8, 8, factor_flag::DIVIDE)];
    let args = rated(protocol, &quotient);
    frozen.register(args).expect("it can be read");
    frozen.freeze();
    let Frozen { machine, protocol, .. } = &mut frozen;
    protocol.write_position(machine, &key(0), &owner(0), 10_009);
    protocol.write_total(machine, 10_009);
    frozen.must(frozen.open_shard(SHARD));
    frozen.must(ingest_rated(&frozen, &[key(0)]));
    assert_eq!(frozen.shard_state(SHARD).sum, 11_009);
    frozen.must(seal(&frozen));
}

/// A host that keeps what it owes in native units is compared in these.
#[test]
fn a_total_in_native_units_is_compared_with_what_the_shares_are_worth() {
    let native = |protocol: &Protocol| RegisterLedgerArgs {
        total: TotalConfig {
            unit: total_unit::NATIVE,
            ..protocol.ledger_args(NUMBER).total
        },
        ..in_shares(protocol)
    };
    let mut frozen = on_hold(native, 7);
    frozen.must(frozen.open());
    write_rate(&mut frozen, 8);
    frozen.must(frozen.open_shard(SHARD));
    frozen.must(ingest_rated(&frozen, &[key(0), key(1), key(2)]));
    for total in [33, 8 * 33, 7 * 33 + 1] {
        frozen.protocol.write_total(&mut frozen.machine, total);
        refused(frozen.send(seal(&frozen)), BulkheadError::TotalMismatch);
    }
    frozen.protocol.write_total(&mut frozen.machine, 7 * 33);
    frozen.must(seal(&frozen));
    assert_sealed_as(&frozen, worth(7));
}

/// How far a seal is from the host's total, in native units, is said with the rate that its amounts were read with.
#[test]
fn a_shortfall_is_said_at_the_frozen_rate() {
    let tolerant = |protocol: &Protocol| RegisterLedgerArgs {
        total: TotalConfig {
            shortfall_bps: 100,
            ..protocol.ledger_args(NUMBER).total
        },
        ..in_shares(protocol)
    };
    let mut frozen = on_hold(tolerant, 7);
    let Frozen { machine, protocol, .. } = &mut frozen;
    protocol.write_position(machine, &key(3), &owner(3), 967);
    protocol.write_total(machine, 1_005);
    frozen.must(frozen.open());
    write_rate(&mut frozen, 1_000);
    frozen.must(frozen.open_shard(SHARD));
    frozen.must(ingest_rated(&frozen, &[key(0), key(1), key(2), key(3)]));
    frozen.must(seal(&frozen));
    let sealed = frozen.snapshot();
    assert_eq!((sealed.total, sealed.shortfall, sealed.excess), (7_000, 7 * 5, 0));
    // An override states the same difference.
    let stated = frozen.stated(&[frozen.shard(SHARD)], 7 * 1_005);
    assert_eq!(stated.max_shortfall, 35);
    let authority = frozen.mature(&stated);
    let shards = [frozen.shard(SHARD)];
    frozen.must(frozen.override_seal(authority, &shards, stated));
    assert_eq!(frozen.snapshot().shortfall, 35);
}

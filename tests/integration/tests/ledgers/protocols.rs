//! Accounts as protocols in use lay them out, registered and read without a line of code for any of
//! them: marginfi's lending accounts, Kamino's and Solend's obligations, Drift's users, stake
//! accounts. The bytes are built here from their published layouts.

use anchor_lang::prelude::Pubkey;
use bulkhead::instructions::{ByteFilterConfig, RegisterLedgerArgs, SlotTableConfig, TotalConfig};
use bulkhead_interface::constants::amount_flag;
use bulkhead_snapshot::Position;
use bulkhead_testbed::{Protocol, keypair};
use bulkhead_tests::frozen::Frozen;
use solana_account::Account;
use solana_signer::Signer;

use crate::{SHARD, amount, assert_sealed_as, key, owner, scale};

const COUNT: u8 = 20;

fn named(what: &str) -> Pubkey {
    keypair(what).pubkey()
}

fn filter(offset: u32, bytes: &[u8]) -> ByteFilterConfig {
    ByteFilterConfig {
        offset,
        bytes: bytes.to_vec(),
    }
}

fn put(data: &mut [u8], at: usize, bytes: &[u8]) {
    data[at..at + bytes.len()].copy_from_slice(bytes);
}

/// Registers, writes [`COUNT`] positions of what `account` makes of owner and number, and seals
/// against the sum of the host's numbers. Gives the compute units of a position.
fn snapshot(
    args: impl FnOnce(&Protocol) -> RegisterLedgerArgs,
    account: impl Fn(Pubkey, u8) -> (Vec<u8>, u128, u64),
) -> u64 {
    let mut frozen = Frozen::in_set_up();
    let args = args(&frozen.protocol);
    let total = args.total.clone();
    let write_total = |frozen: &mut Frozen, sum: u128| {
        let mut data = vec![0xee; total.offset as usize];
        data.extend_from_slice(&sum.to_le_bytes()[..usize::from(total.width)]);
        frozen.machine.write_account(
            &total.account,
            Account {
                lamports: 1_000_000_000,
                data,
                owner: total.program,
                executable: false,
                rent_epoch: u64::MAX,
            },
        );
    };
    write_total(&mut frozen, 0);
    frozen.register(args).expect("it can be registered");
    frozen.freeze();
    let (mut positions, mut sum) = (vec![], 0);
    for number in 0..COUNT {
        let (data, in_host_units, amount) = account(owner(number), number);
        frozen
            .protocol
            .write_host_account(&mut frozen.machine, &key(number), data);
        sum += in_host_units;
        positions.push(Position {
            key: key(number),
            owner: owner(number),
            amount,
        });
    }
    write_total(&mut frozen, sum);
    frozen.must(frozen.open_shard(SHARD));
    let keys: Vec<_> = (0..COUNT).map(key).collect();
    let outcome = frozen.must(frozen.ingest(SHARD, &keys));
    let shard = frozen.shard(SHARD);
    frozen.must(frozen.seal(&[shard]));
    assert_sealed_as(&frozen, positions);
    outcome.compute_units / u64::from(COUNT)
}

fn check(name: &str, each: u64) {
    println!("{name}: {each} compute units a position");
    assert!(each < 5_000, "{name}: {each}");
}

/// 2,312 bytes; 16 balances of 104 bytes, one a bank, in any order; deposits in shares with 48
/// fractional bits. The bank keeps the sum of the shares in the same form.
#[test]
fn marginfi_accounts() {
    const NAME: [u8; 8] = [67, 178, 130, 109, 126, 114, 28, 42];
    let (group, bank) = (named("group"), named("bank"));
    let each = snapshot(
        |protocol| RegisterLedgerArgs {
            data_len: 2_312,
            filters: vec![filter(0, &NAME), filter(8, group.as_ref())],
            owner_offset: 40,
            amounts: vec![amount(40, 16, amount_flag::SIGNED | amount_flag::IN_SLOT)],
            scale: scale(1, 1, 48),
            slots: Some(SlotTableConfig {
                offset: 72,
                stride: 104,
                count: 16,
                used_offset: 0,
                used_width: 0,
                filter: Some(filter(1, bank.as_ref())),
            }),
            total: TotalConfig {
                offset: 208,
                width: 16,
                ..protocol.ledger_args(1).total
            },
            ..protocol.ledger_args(1)
        },
        |owner, number| {
            let mut data = vec![0; 2_312];
            put(&mut data, 0, &NAME);
            put(&mut data, 8, group.as_ref());
            put(&mut data, 40, owner.as_ref());
            let shares = (i128::from(number) << 48) + i128::from(number) * 7_777;
            for slot in 0..4u8 {
                let at = 72 + 104 * usize::from(slot);
                let is_banks = slot == number % 4;
                let of = if is_banks { bank } else { named(&format!("bank {slot}")) };
                data[at] = 1;
                put(&mut data, at + 1, of.as_ref());
                let shares = if is_banks { shares } else { 1 << 100 };
                put(&mut data, at + 40, &shares.to_le_bytes());
                put(&mut data, at + 56, &(1i128 << 50).to_le_bytes());
            }
            (data, shares as u128, number.into())
        },
    );
    check("marginfi", each);
}

/// 3,344 bytes; eight deposits of 136 bytes, one a reserve.
#[test]
fn kamino_obligations() {
    const NAME: [u8; 8] = [168, 206, 141, 106, 88, 76, 172, 167];
    let (market, reserve) = (named("market"), named("reserve"));
    let each = snapshot(
        |protocol| RegisterLedgerArgs {
            data_len: 3_344,
            filters: vec![filter(0, &NAME), filter(32, market.as_ref())],
            owner_offset: 64,
            amounts: vec![amount(32, 8, amount_flag::IN_SLOT)],
            slots: Some(SlotTableConfig {
                offset: 96,
                stride: 136,
                count: 8,
                used_offset: 0,
                used_width: 0,
                filter: Some(filter(0, reserve.as_ref())),
            }),
            ..protocol.ledger_args(1)
        },
        |owner, number| {
            let mut data = vec![0; 3_344];
            put(&mut data, 0, &NAME);
            put(&mut data, 32, market.as_ref());
            put(&mut data, 64, owner.as_ref());
            let at = 96 + 136 * usize::from(number % 8);
            let amount = 1_000 * u64::from(number);
            put(&mut data, at, reserve.as_ref());
            put(&mut data, at + 32, &amount.to_le_bytes());
            put(&mut data, at + 40, &u128::MAX.to_le_bytes());
            (data, amount.into(), amount)
        },
    );
    check("Kamino", each);
}

/// 4,376 bytes; eight spot positions of 40 bytes, by number of the market and kind of balance;
/// balances have nine decimals whatever the token has.
#[test]
fn drift_users() {
    const NAME: [u8; 8] = [159, 117, 95, 227, 239, 151, 58, 236];
    const MARKET: u16 = 300;
    let each = snapshot(
        |protocol| RegisterLedgerArgs {
            data_len: 4_376,
            filters: vec![filter(0, &NAME)],
            owner_offset: 8,
            amounts: vec![amount(0, 8, amount_flag::IN_SLOT)],
            scale: scale(1, 1_000, 0),
            slots: Some(SlotTableConfig {
                offset: 104,
                stride: 40,
                count: 8,
                used_offset: 0,
                used_width: 0,
                // The market, and 0 for a deposit.
                filter: Some(filter(32, &[MARKET.to_le_bytes()[0], MARKET.to_le_bytes()[1], 0])),
            }),
            total: TotalConfig {
                offset: 432,
                width: 16,
                ..protocol.ledger_args(1).total
            },
            ..protocol.ledger_args(1)
        },
        |owner, number| {
            let mut data = vec![0; 4_376];
            put(&mut data, 0, &NAME);
            put(&mut data, 8, owner.as_ref());
            let balance = 1_000_000_000 * u64::from(number) + 999;
            for (slot, market, kind) in [(0, 0, 0), (1, MARKET, number % 2), (2, MARKET + 1, 0)] {
                let at = 104 + 40 * slot;
                put(&mut data, at, &balance.to_le_bytes());
                put(&mut data, at + 32, &market.to_le_bytes());
                data[at + 34] = kind;
            }
            // A loan is no deposit.
            let balance = if number % 2 == 0 { balance } else { 0 };
            (data, balance.into(), balance / 1_000)
        },
    );
    check("Drift", each);
}

/// 1,300 bytes; deposits and loans one behind the other, so that only the number of deposits says
/// where they end.
#[test]
fn solend_obligations() {
    let (market, reserve) = (named("market"), named("reserve"));
    let each = snapshot(
        |protocol| RegisterLedgerArgs {
            data_len: 1_300,
            filters: vec![filter(0, &[1]), filter(10, market.as_ref())],
            owner_offset: 42,
            amounts: vec![amount(32, 8, amount_flag::IN_SLOT)],
            slots: Some(SlotTableConfig {
                offset: 204,
                stride: 88,
                count: 10,
                used_offset: 202,
                used_width: 1,
                filter: Some(filter(0, reserve.as_ref())),
            }),
            ..protocol.ledger_args(1)
        },
        |owner, number| {
            let mut data = vec![0; 1_300];
            data[0] = 1;
            put(&mut data, 10, market.as_ref());
            put(&mut data, 42, owner.as_ref());
            (data[202], data[203]) = (2, 1);
            let amount = 50 + u64::from(number);
            for (slot, of, amount) in [(0, named("other"), 9), (1, reserve, amount), (2, reserve, 1_000_000)] {
                put(&mut data, 204 + 88 * slot, of.as_ref());
                put(&mut data, 236 + 88 * slot, &amount.to_le_bytes());
            }
            (data, amount.into(), amount)
        },
    );
    check("Solend", each);
}

/// 200 bytes; who may withdraw owns it. The sum is in another program's account, a pool's.
#[test]
fn stake_accounts() {
    let voter = named("validator");
    let each = snapshot(
        |protocol| RegisterLedgerArgs {
            data_len: 200,
            filters: vec![filter(0, &[2, 0, 0, 0]), filter(124, voter.as_ref())],
            owner_offset: 44,
            amounts: vec![amount(156, 8, 0)],
            total: TotalConfig {
                account: named("pool"),
                program: named("pool program"),
                offset: 258,
                ..protocol.ledger_args(1).total
            },
            ..protocol.ledger_args(1)
        },
        |owner, number| {
            let mut data = vec![0; 200];
            data[0] = 2;
            put(&mut data, 12, named("staker").as_ref());
            put(&mut data, 44, owner.as_ref());
            put(&mut data, 124, voter.as_ref());
            let stake = 1_000_000_000 * (1 + u64::from(number));
            put(&mut data, 156, &stake.to_le_bytes());
            (data, stake.into(), stake)
        },
    );
    check("stake", each);
}

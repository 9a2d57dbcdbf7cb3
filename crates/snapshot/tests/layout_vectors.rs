//! `tests/vectors/layouts.json`: accounts of every kind of layout and what is read of them, for every other
//! language. `UPDATE_VECTORS=1 cargo test -p bulkhead-snapshot --test layout_vectors` writes it.

use std::{env, fs, path::PathBuf};

use bulkhead_core::snapshots::layout::{LayoutError, Reader, accepts, check, identity, read_total, token_accounts};
use bulkhead_interface::{
    Pubkey,
    constants::{amount_flag, ledger_mode, length_rule, total_unit},
    discriminator,
    layout::{AmountField, ByteFilter, Export, Ledger, Scale, SlotTable},
};
use bytemuck::Zeroable;
use serde_json::{Value, json};

const SIGNED: u8 = amount_flag::SIGNED;
const SUBTRACT: u8 = amount_flag::SUBTRACT;
const IN_SLOT: u8 = amount_flag::IN_SLOT;

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

fn filter(offset: u32, wanted: &[u8]) -> ByteFilter {
    let mut bytes = [0; 32];
    bytes[..wanted.len()].copy_from_slice(wanted);
    ByteFilter {
        offset,
        len: wanted.len() as u32,
        bytes,
    }
}

/// 8 bytes of name, an owner, and numbers.
fn ledger(data_len: u32, amounts: &[(u32, u8, u8)]) -> Ledger {
    let mut ledger = Ledger {
        version: 1,
        bump: 255,
        index: 3,
        length_rule: length_rule::EXACT,
        amount_count: amounts.len() as u8,
        owner_offset: 8,
        data_len,
        total_width: 8,
        domain: key(1),
        program: key(2),
        mint: key(3),
        total_account: key(4),
        total_program: key(2),
        scale: identity(),
        ..Ledger::zeroed()
    };
    ledger.filters[0] = filter(0, b"position");
    for (own, (offset, width, flags)) in ledger.amounts.iter_mut().zip(amounts) {
        *own = AmountField {
            offset: *offset,
            width: *width,
            flags: *flags,
            ..AmountField::zeroed()
        };
    }
    ledger
}

fn scale(multiplier: u64, divisor: u64, shift: u8) -> Scale {
    Scale {
        multiplier,
        divisor,
        shift,
        ..Scale::zeroed()
    }
}

/// The name, owner 5, and what follows.
fn account(rest: &[&[u8]]) -> Vec<u8> {
    [&b"position"[..], &[5; 32], &rest.concat()].concat()
}

/// A layout with accounts to read through it.
type Case = (&'static str, Ledger, Vec<(&'static str, Vec<u8>)>);

fn cases() -> Vec<Case> {
    let u64s = |numbers: &[u64]| {
        numbers
            .iter()
            .flat_map(|number| number.to_le_bytes())
            .collect::<Vec<_>>()
    };
    let one = |number: u64| account(&[&number.to_le_bytes()]);
    let wide = |number: i128| account(&[&number.to_le_bytes()]);
    let spoilt = |at: usize| {
        let mut data = one(7);
        data[at] ^= 1;
        data
    };
    let longer = |by: usize| [one(7), vec![0; by]].concat();

    let mut four_filters = ledger(60, &[(40, 8, 0)]);
    four_filters.filters = [
        filter(0, b"position"),
        filter(48, &[1]),
        filter(49, &[2, 3, 4]),
        filter(52, &[5; 8]),
    ];
    let filtered = |change: &[(usize, u8)]| {
        let mut data = account(&[&u64s(&[7]), &[1, 2, 3, 4], &[5; 8]]);
        change.iter().for_each(|(at, byte)| data[*at] = *byte);
        data
    };

    let shares = Ledger {
        scale: scale(1, 1, 48),
        total_width: 16,
        ..ledger(72, &[(40, 16, SIGNED), (56, 16, SIGNED | SUBTRACT)])
    };
    let net = |assets: i128, debts: i128| account(&[&assets.to_le_bytes(), &debts.to_le_bytes()]);

    let slots = Ledger {
        slots: SlotTable {
            offset: 48,
            stride: 24,
            count: 3,
            filter: filter(2, &[9, 9]),
            ..SlotTable::zeroed()
        },
        ..ledger(120, &[(40, 8, 0), (8, 8, IN_SLOT), (16, 8, IN_SLOT | SUBTRACT)])
    };
    let slot = |mark: [u8; 2], plus: u64, minus: u64| {
        [&[7, 7, mark[0], mark[1], 0, 0, 0, 0][..], &u64s(&[plus, minus])].concat()
    };
    let table = |rows: [([u8; 2], u64, u64); 3]| {
        let rows = rows.map(|(mark, plus, minus)| slot(mark, plus, minus));
        account(&[&u64s(&[1_000]), &rows.concat()])
    };

    let list = Ledger {
        length_rule: length_rule::AT_LEAST,
        slots: SlotTable {
            offset: 44,
            stride: 8,
            used_offset: 40,
            count: 3,
            used_width: 4,
            ..SlotTable::zeroed()
        },
        ..ledger(44, &[(0, 8, IN_SLOT)])
    };
    let listed = |used: u32, rows: &[u64]| account(&[&used.to_le_bytes(), &u64s(rows)]);
    let mut unlisted = list;
    (unlisted.slots.used_offset, unlisted.slots.used_width) = (0, 0);

    let token = Ledger {
        version: 1,
        bump: 255,
        index: 3,
        domain: key(1),
        ..token_accounts(&key(6), &key(2))
    };
    let tokens = |len: usize, byte_165: u8| {
        let mut data = [&[6; 32][..], &[5; 32], &77u64.to_le_bytes(), &[0; 36], &[1], &[0; 56]].concat();
        data.resize(len, 0);
        if let Some(byte) = data.get_mut(165) {
            *byte = byte_165;
        }
        data
    };

    let mut export = ledger(48, &[]);
    (export.mode, export.owner_offset) = (ledger_mode::EXPORT, 0);
    export.export = Export {
        program: key(8),
        data_len: 8,
        account_count: 1,
        ..Export::zeroed()
    };
    export.export.accounts[0] = key(9);
    export.export.data[..8].copy_from_slice(b"export__");

    let widths = [
        (40, 1, 0),
        (41, 2, 0),
        (43, 4, 0),
        (47, 1, SIGNED),
        (48, 2, SIGNED),
        (50, 4, SIGNED),
        (54, 8, SIGNED),
        (62, 16, SIGNED | SUBTRACT),
    ];
    let native_total = Ledger {
        total_unit: total_unit::NATIVE,
        scale: scale(1, 1_000_000_000_000, 0),
        ..ledger(56, &[(40, 16, 0)])
    };
    vec![
        (
            "one u64",
            ledger(48, &[(40, 8, 0)]),
            vec![
                ("seven", one(7)),
                ("nothing", one(0)),
                ("all 64 bits", one(u64::MAX)),
                ("another name", spoilt(7)),
                ("a byte too many", longer(1)),
                ("a byte too few", one(7)[..47].to_vec()),
                ("empty", vec![]),
            ],
        ),
        (
            "at least 48 bytes",
            Ledger {
                length_rule: length_rule::AT_LEAST,
                ..ledger(48, &[(40, 8, 0)])
            },
            vec![
                ("as long", one(7)),
                ("longer", longer(30)),
                ("shorter", one(7)[..47].to_vec()),
            ],
        ),
        (
            "four filters",
            four_filters,
            vec![
                ("all", filtered(&[])),
                ("not the second", filtered(&[(48, 0)])),
                ("not the third", filtered(&[(51, 0)])),
                ("not the fourth", filtered(&[(59, 0)])),
            ],
        ),
        (
            "one u128",
            ledger(56, &[(40, 16, 0)]),
            vec![
                ("fits", wide(u64::MAX.into())),
                ("beyond 64 bits", wide(i128::from(u64::MAX) + 1)),
                ("beyond 127 bits", wide(-1)),
            ],
        ),
        (
            "every width, some signed, the last subtracted",
            ledger(78, &widths),
            vec![
                ("ones", account(&[&[0xff; 38]])),
                ("counting", account(&[&(1..=38).map(|i| i % 7).collect::<Vec<u8>>()])),
                ("below zero", account(&[&[0; 37], &[0x10]])),
            ],
        ),
        (
            "48 fractional bits, assets less debts",
            shares,
            vec![
                ("two and a half", net(5 << 47, 0)),
                ("less a quarter", net(5 << 47, 1 << 46)),
                ("owes more", net(1 << 48, 2 << 48)),
                ("negative assets", net(-(1 << 48), 0)),
                ("beyond 64 bits", net(1 << 112, 0)),
                ("beyond 127 bits", net(i128::MAX, -1)),
            ],
        ),
        (
            "18 decimals to 6, the total in native units",
            native_total,
            vec![
                ("rounds down", wide(1_999_999_999_999)),
                ("five million", wide(5_000_000 * 1_000_000_000_000_000_000)),
            ],
        ),
        (
            "27 decimals to 6, by 5^21 and 2^21",
            Ledger {
                scale: scale(1, 5u64.pow(21), 21),
                ..ledger(56, &[(40, 16, 0)])
            },
            vec![
                ("three", wide(3 * 10i128.pow(27))),
                ("just below", wide(3 * 10i128.pow(27) - 1)),
            ],
        ),
        (
            "a product of 192 bits",
            Ledger {
                scale: scale(u64::MAX, u64::MAX - 1, 64),
                ..ledger(56, &[(40, 16, 0)])
            },
            vec![("greatest", wide(i128::MAX)), ("small", wide(12_345))],
        ),
        (
            "a field and the slots of one asset",
            slots,
            vec![
                ("none", table([([9, 8], 1, 1), ([8, 9], 1, 1), ([0, 0], 1, 1)])),
                ("one", table([([9, 8], 1, 1), ([9, 9], 50, 8), ([0, 0], 1, 1)])),
                ("two", table([([9, 9], 5, 0), ([9, 8], 1, 1), ([9, 9], 0, 2_000)])),
            ],
        ),
        (
            "a list behind its length",
            list,
            vec![
                ("none", listed(0, &[4, 5, 6])),
                ("two", listed(2, &[4, 5, 6])),
                ("all", listed(3, &[4, 5, 6])),
                ("too many", listed(4, &[4, 5, 6, 7])),
                ("not all there", listed(3, &[4, 5])),
            ],
        ),
        (
            "a list without a length",
            unlisted,
            vec![
                ("whole slots only", listed(0, &[4, 5])[..59].to_vec()),
                ("at most three", listed(9, &[4, 5, 6, 7])),
            ],
        ),
        (
            "token accounts",
            token,
            vec![
                ("plain", tokens(165, 0)),
                ("with extensions", tokens(182, 2)),
                ("a mint with extensions", tokens(182, 1)),
                ("a multisignature account", tokens(355, 2)),
                ("cut short", tokens(164, 0)),
                ("166 bytes", tokens(166, 2)),
            ],
        ),
        (
            "by export",
            export,
            vec![("passes", one(7)), ("another name", spoilt(0)), ("longer", longer(1))],
        ),
    ]
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn outcome(ledger: &Ledger, data: &[u8]) -> Value {
    if ledger.mode == ledger_mode::EXPORT {
        return json!({ "is_position": accepts(ledger, data) });
    }
    match Reader::new(ledger).read(data) {
        Ok(position) => json!({
            "owner": hex(position.owner),
            "amount": position.amount.to_string(),
            "host_amount": position.host_amount.to_string(),
        }),
        Err(error) => json!({ "error": match error {
            LayoutError::NotAPosition => "NotAPosition",
            LayoutError::AmountTooLarge => "AmountTooLarge",
            LayoutError::TooManySlots => "TooManySlots",
            other => panic!("a ledger that is read by its bytes says {other:?}"),
        } }),
    }
}

fn vectors() -> Value {
    let layouts = cases().into_iter().map(|(name, ledger, accounts)| {
        assert_eq!(check(&ledger), Ok(()), "{name}");
        let accounts = accounts
            .into_iter()
            .map(|(name, data)| json!({ "name": name, "data": hex(&data), "read": outcome(&ledger, &data) }));
        let total: Vec<u8> = (1..=60).collect();
        json!({
            "name": name,
            "ledger": hex([&discriminator::LEDGER[..], bytemuck::bytes_of(&ledger)].concat()),
            "total": { "data": hex(&total), "read": read_total(&ledger, &ledger.total_program, &total).map(|total| total.to_string()) },
            "accounts": accounts.collect::<Vec<_>>(),
        })
    });
    json!({
        "notes": [
            "`ledger` is the data of a Ledger account, to be decoded as docs/snapshot-format.md says; `data` that of an account of its program. Both hexadecimal.",
            "`read` is what is read: owner, amount in native units and in the host's, or the name of the error; of an export, whether the account is a position.",
            "`total` is an account of the total's program and what is read of it. Numbers are decimal strings.",
        ],
        "layouts": layouts.collect::<Vec<_>>(),
    })
}

#[test]
fn the_vectors_are_up_to_date() {
    let file = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/layouts.json"));
    let current = format!("{:#}\n", vectors());
    if env::var_os("UPDATE_VECTORS").is_some() {
        fs::write(&file, &current).unwrap();
    }
    let kept = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == current,
        "tests/vectors/layouts.json is stale: run this test with UPDATE_VECTORS=1"
    );
}

/// Every rule has accounts that pass and accounts that do not.
#[test]
fn every_outcome_is_in_the_vectors() {
    let text = vectors().to_string();
    for outcome in [
        "NotAPosition",
        "AmountTooLarge",
        "TooManySlots",
        "\"is_position\":false",
        "\"is_position\":true",
    ] {
        assert!(text.contains(outcome), "{outcome}");
    }
}

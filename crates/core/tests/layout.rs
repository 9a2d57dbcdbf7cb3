//! Reading positions through registered layouts.

use bulkhead_core::layout::{
    self, InvalidLayout, LayoutError, MAX_DATA_LEN, Reader, counts_host_units, identity, native, read_total,
    token_accounts,
};
use bulkhead_interface::{
    Pubkey,
    constants::{amount_flag, ledger_mode, length_rule, total_unit},
    layout::{AmountField, ByteFilter, Export, Ledger, Scale, SlotTable},
};
use bytemuck::Zeroable;
use proptest::prelude::*;

fn key(byte: u8) -> Pubkey {
    Pubkey::new_from_array([byte; 32])
}

/// A position of 165 bytes: a filter at 0, owner at 32, amount at 64.
fn simple() -> Ledger {
    Ledger {
        length_rule: length_rule::EXACT,
        owner_offset: 32,
        data_len: 165,
        total_offset: 36,
        total_width: 8,
        program: key(1),
        mint: key(2),
        total_account: key(3),
        total_program: key(1),
        filters: filters(&[filter(0, &[4; 32])]),
        scale: identity(),
        ..amounts(&[amount(64, 8, 0)])
    }
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

fn filters(given: &[ByteFilter]) -> [ByteFilter; 4] {
    let mut filters = [ByteFilter::zeroed(); 4];
    filters[..given.len()].copy_from_slice(given);
    filters
}

fn amount(offset: u32, width: u8, flags: u8) -> AmountField {
    AmountField {
        offset,
        width,
        flags,
        ..AmountField::zeroed()
    }
}

/// Only the fields to be added up.
fn amounts(given: &[AmountField]) -> Ledger {
    let mut ledger = Ledger::zeroed();
    ledger.amounts[..given.len()].copy_from_slice(given);
    ledger.amount_count = given.len() as u8;
    ledger
}

/// [`simple`] with other fields.
fn adding(given: &[AmountField]) -> Ledger {
    let Ledger {
        amounts, amount_count, ..
    } = amounts(given);
    Ledger {
        amounts,
        amount_count,
        ..simple()
    }
}

fn scale(multiplier: u64, divisor: u64, shift: u8) -> Scale {
    Scale {
        multiplier,
        divisor,
        shift,
        ..Scale::zeroed()
    }
}

fn account() -> Vec<u8> {
    let mut data = vec![0; 165];
    data[..32].fill(4);
    data[32..64].fill(5);
    data[64..72].copy_from_slice(&77u64.to_le_bytes());
    data
}

/// What a layout that can be registered reads.
fn read(ledger: &Ledger, data: &[u8]) -> Result<(u64, u128), LayoutError> {
    assert_eq!(layout::check(ledger), Ok(()));
    let position = Reader::new(ledger).read(data)?;
    Ok((position.amount, position.host_amount))
}

#[test]
fn reads_owner_and_amount() {
    let (ledger, data) = (simple(), account());
    assert_eq!(layout::check(&ledger), Ok(()));
    let position = Reader::new(&ledger).read(&data).unwrap();
    assert_eq!((position.owner, position.amount), (&[5; 32], 77));
}

#[test]
fn other_accounts_of_the_program_do_not_pass() {
    let ledger = simple();
    let mut data = account();
    data[31] ^= 1;
    assert_eq!(read(&ledger, &data), Err(LayoutError::NotAPosition));
    for len in [0, 31, 32, 71, 72, 164, 166, 10_000] {
        let mut data = account();
        data.resize(len, 0);
        assert_eq!(read(&ledger, &data), Err(LayoutError::NotAPosition));
    }
}

#[test]
fn every_filter_counts() {
    let given = [
        filter(0, &[4; 32]),
        filter(64, &[77]),
        filter(72, &[0; 9]),
        filter(160, &[0; 5]),
    ];
    let ledger = Ledger {
        filters: filters(&given),
        ..adding(&[amount(100, 8, 0)])
    };
    assert_eq!(read(&ledger, &account()), Ok((0, 0)));
    for at in [0, 31, 64, 72, 80, 160, 164] {
        let mut data = account();
        data[at] ^= 1;
        assert_eq!(read(&ledger, &data), Err(LayoutError::NotAPosition));
    }
}

#[test]
fn a_minimal_length_takes_longer_accounts() {
    let ledger = Ledger {
        length_rule: length_rule::AT_LEAST,
        ..simple()
    };
    for (len, passes) in [(164, false), (165, true), (166, true), (10_000, true)] {
        let mut data = account();
        data.resize(len, 0);
        assert_eq!(read(&ledger, &data).is_ok(), passes, "{len}");
    }
}

#[test]
fn a_wide_amount_has_to_fit_64_bits() {
    let ledger = adding(&[amount(64, 16, 0)]);
    let mut data = account();
    assert_eq!(read(&ledger, &data), Ok((77, 77)));
    data[79] = 1;
    assert_eq!(read(&ledger, &data), Err(LayoutError::AmountTooLarge));
    data[79] = 0xff;
    assert_eq!(read(&ledger, &data), Err(LayoutError::AmountTooLarge));
    data[79] = 0;
    data[64..72].fill(0xff);
    assert_eq!(read(&ledger, &data), Ok((u64::MAX, u64::MAX.into())));
}

#[test]
fn every_width_is_read_with_its_sign() {
    for width in [1u8, 2, 4, 8, 16] {
        let mut data = account();
        let end = 64 + usize::from(width);
        data[64..end].fill(0xff);
        // All ones: the greatest number, or minus one.
        let greatest = (u128::MAX >> (128 - 8 * u32::from(width)), width < 16);
        let unsigned = read(&adding(&[amount(64, width, 0)]), &data);
        match greatest {
            (number, true) => assert_eq!(unsigned, Ok((number as u64, number))),
            _ => assert_eq!(unsigned, Err(LayoutError::AmountTooLarge)),
        }
        data[100] = 5;
        let both = adding(&[amount(64, width, amount_flag::SIGNED), amount(100, 8, 0)]);
        assert_eq!(read(&both, &data), Ok((4, 4)), "{width}");
        // Minus one, subtracted.
        let flags = amount_flag::SIGNED | amount_flag::SUBTRACT;
        assert_eq!(read(&adding(&[amount(64, width, flags)]), &data), Ok((1, 1)));
        data[end - 1] = 0x7f;
        let signed = read(&adding(&[amount(64, width, amount_flag::SIGNED)]), &data);
        let number = u128::MAX >> (129 - 8 * u32::from(width));
        assert_eq!(
            signed,
            u64::try_from(number)
                .map(|fits| (fits, number))
                .map_err(|_| LayoutError::AmountTooLarge)
        );
    }
}

#[test]
fn who_owes_more_than_he_has_has_nothing() {
    let mut data = account();
    data[72] = 70;
    let net = adding(&[amount(64, 8, 0), amount(72, 8, amount_flag::SUBTRACT)]);
    assert_eq!(read(&net, &data), Ok((7, 7)));
    data[72] = 78;
    assert_eq!(read(&net, &data), Ok((0, 0)));
}

#[test]
fn eight_fields_are_added() {
    let fields: Vec<_> = (0..8).map(|i| amount(64 + 8 * i, 8, 0)).collect();
    let mut data = account();
    for i in 0..8usize {
        data[64 + 8 * i..72 + 8 * i].copy_from_slice(&(10u64.pow(i as u32)).to_le_bytes());
    }
    assert_eq!(read(&adding(&fields), &data), Ok((11_111_111, 11_111_111)));
    // A sum beyond 64 bits, and one beyond 127.
    data[64..128].fill(0xff);
    assert_eq!(read(&adding(&fields), &data), Err(LayoutError::AmountTooLarge));
    let wide = [
        amount(64, 16, amount_flag::SIGNED | amount_flag::SUBTRACT),
        amount(80, 16, amount_flag::SIGNED),
    ];
    data[64..96].fill(0);
    (data[79], data[80]) = (0x80, 1);
    assert_eq!(read(&adding(&wide), &data), Err(LayoutError::AmountTooLarge));
}

/// Fixed-point numbers with 48 fractional bits, 16 slots of 104 bytes of which one is of the bank.
#[test]
fn one_slot_of_many_counts() {
    let bank = [9; 32];
    let table = SlotTable {
        offset: 72,
        stride: 104,
        count: 16,
        filter: filter(1, &bank),
        ..SlotTable::zeroed()
    };
    let ledger = Ledger {
        data_len: 72 + 16 * 104,
        slots: table,
        scale: scale(1, 1, 48),
        ..adding(&[
            amount(40, 16, amount_flag::SIGNED | amount_flag::IN_SLOT),
            amount(
                56,
                16,
                amount_flag::SIGNED | amount_flag::SUBTRACT | amount_flag::IN_SLOT,
            ),
        ])
    };
    let mut data = account();
    data.resize(72 + 16 * 104, 0);
    let mut put = |slot: usize, bank: &[u8], assets: i128, debts: i128| {
        let at = 72 + 104 * slot;
        data[at + 1..at + 33].copy_from_slice(bank);
        data[at + 40..at + 56].copy_from_slice(&assets.to_le_bytes());
        data[at + 56..at + 72].copy_from_slice(&debts.to_le_bytes());
        read(&ledger, &data)
    };
    assert_eq!(put(0, &[8; 32], 1 << 60, 0), Ok((0, 0)));
    assert_eq!(put(15, &bank, (5 << 48) + 7, 0), Ok((5, (5 << 48) + 7)));
    assert_eq!(put(15, &bank, 5 << 48, 1), Ok((4, (5 << 48) - 1)));
    assert_eq!(put(15, &bank, 5 << 48, 6 << 48), Ok((0, 0)));
}

/// A list whose length the host keeps: what a shorter list has left behind does not count.
#[test]
fn only_slots_in_use_count() {
    let ledger = Ledger {
        length_rule: length_rule::AT_LEAST,
        data_len: 76,
        slots: SlotTable {
            offset: 76,
            stride: 10,
            used_offset: 72,
            count: 3,
            used_width: 4,
            ..SlotTable::zeroed()
        },
        ..adding(&[amount(64, 8, 0), amount(2, 8, amount_flag::IN_SLOT)])
    };
    let mut data = account();
    for (slot, value) in [(0, 100u64), (1, 1_000), (2, 10_000)] {
        data[78 + 10 * slot..86 + 10 * slot].copy_from_slice(&value.to_le_bytes());
    }
    for (used, sum) in [(0u8, 77), (1, 177), (2, 1_177), (3, 11_177)] {
        data[72] = used;
        assert_eq!(read(&ledger, &data), Ok((sum, sum.into())));
    }
    data[72] = 4;
    assert_eq!(read(&ledger, &data), Err(LayoutError::TooManySlots));
    // Fewer bytes than the slots it says it uses.
    data[72] = 3;
    assert_eq!(read(&ledger, &data[..105]), Err(LayoutError::NotAPosition));
    assert!(read(&ledger, &data[..106]).is_ok());
    // Without a number, those count that are there.
    let every = Ledger {
        slots: SlotTable {
            used_offset: 0,
            used_width: 0,
            ..ledger.slots
        },
        ..ledger
    };
    assert_eq!(read(&every, &data[..105]), Ok((1_177, 1_177)));
}

#[test]
fn amounts_are_scaled_down_once() {
    // WAD: 18 decimals to 6. RAY: 27 to 6, 10^21 as 5^21 and a shift of 21.
    let wad = scale(1, 1_000_000_000_000, 0);
    assert_eq!(native(&wad, 1_999_999_999_999), Some(1));
    assert_eq!(
        native(&wad, 5_000_000 * 1_000_000_000_000_000_000),
        Some(5_000_000_000_000)
    );
    let ray = scale(1, 5u64.pow(21), 21);
    assert_eq!(native(&ray, 3 * 10u128.pow(27)), Some(3_000_000));
    assert_eq!(native(&ray, 3 * 10u128.pow(27) - 1), Some(2_999_999));
    assert_eq!(native(&scale(3, 2, 0), 5), Some(7));
    assert_eq!(native(&scale(1, 1, 64), u128::MAX), Some(u64::MAX));
    assert_eq!(native(&scale(1, 1, 63), u128::MAX), None);
    assert_eq!(native(&scale(1, 1, 127), u128::MAX), Some(1));
    assert_eq!(native(&scale(u64::MAX, u64::MAX, 64), u128::MAX), Some(u64::MAX));
    assert_eq!(native(&scale(u64::MAX, 1, 127), u128::MAX), None);
    assert_eq!(native(&scale(u64::MAX, 1, 100), 1 << 90), Some((1 << 54) - 1));
    assert_eq!(native(&identity(), u128::from(u64::MAX) + 1), None);
}

#[test]
fn the_hosts_unit_is_counted_where_rounding_would_lose_it() {
    let scaled = Ledger {
        scale: scale(1, 1_000, 0),
        ..simple()
    };
    assert!(counts_host_units(&scaled));
    assert!(!counts_host_units(&simple()));
    assert!(!counts_host_units(&Ledger {
        total_unit: total_unit::NATIVE,
        ..scaled
    }));
    let mut data = account();
    data[65] = 7;
    assert_eq!(read(&scaled, &data), Ok((1, 1_869)));
}

/// As both token programs write them: 165 bytes, or more with an account type behind.
#[test]
fn token_accounts_pass_with_and_without_extensions() {
    let ledger = Ledger {
        index: 3,
        ..token_accounts(&key(4), &key(6))
    };
    assert_eq!(read(&ledger, &account()), Ok((77, 77)));
    let with = |len: usize, kind: u8| {
        let mut data = account();
        data.resize(len, 0);
        data[165] = kind;
        read(&ledger, &data)
    };
    for len in [166, 170, 182, 354, 356, 1_000] {
        assert_eq!(with(len, 2), Ok((77, 77)));
        // A mint with extensions, and none of the two.
        for kind in [0, 1, 3, 0xff] {
            assert_eq!(with(len, kind), Err(LayoutError::NotAPosition));
        }
    }
    // A multisignature account is 355 bytes of keys that anyone may choose.
    assert_eq!(with(355, 2), Err(LayoutError::NotAPosition));
    assert_eq!(read(&ledger, &account()[..164]), Err(LayoutError::NotAPosition));
    let mut other_mint = account();
    other_mint[0] = 5;
    assert_eq!(read(&ledger, &other_mint), Err(LayoutError::NotAPosition));
    assert_eq!(read(&ledger, &[0; 165]), Err(LayoutError::NotAPosition));
    assert_eq!((ledger.total_account, ledger.total_offset), (key(4), 36));
}

#[test]
fn a_layout_that_cannot_be_read_or_lets_others_pass_is_refused() {
    let refused = |change: &dyn Fn(&mut Ledger)| {
        let mut ledger = simple();
        change(&mut ledger);
        assert_eq!(layout::check(&ledger), Err(InvalidLayout));
    };
    // Nothing tells positions from other accounts.
    refused(&|l| {
        l.length_rule = length_rule::AT_LEAST;
        l.filters[0] = ByteFilter::zeroed();
    });
    refused(&|l| l.mode = 2);
    refused(&|l| l.length_rule = 3);
    refused(&|l| l.data_len = 0);
    refused(&|l| l.data_len = MAX_DATA_LEN + 1);
    refused(&|l| {
        l.length_rule = length_rule::AT_LEAST;
        l.data_len = MAX_DATA_LEN + 1;
    });
    refused(&|l| {
        l.length_rule = length_rule::TOKEN_ACCOUNT;
        l.data_len = 166;
    });
    refused(&|l| l.amount_count = 0);
    refused(&|l| l.amount_count = 9);
    refused(&|l| l.amount_count = 2);
    refused(&|l| l.amounts[1].offset = 80);
    for width in [0, 3, 5, 7, 9, 32] {
        refused(&|l| l.amounts[0].width = width);
    }
    refused(&|l| l.amounts[0].flags = 8);
    refused(&|l| l.amounts[0].flags = amount_flag::IN_SLOT);
    refused(&|l| l.amounts[0].padding[1] = 1);
    // Beyond the account, or over each other.
    refused(&|l| l.owner_offset = 134);
    refused(&|l| l.owner_offset = u32::MAX);
    for offset in [25, 63, 158, u32::MAX] {
        refused(&|l| l.amounts[0].offset = offset);
    }
    refused(&|l| {
        l.amount_count = 2;
        l.amounts[1] = amount(71, 1, 0);
    });
    refused(&|l| l.total_offset = MAX_DATA_LEN - 7);
    refused(&|l| l.total_width = 4);
    refused(&|l| l.total_unit = 2);
    refused(&|l| l.filters[1] = filter(134, &[1; 32]));
    refused(&|l| l.filters[1].len = 33);
    refused(&|l| l.filters[1].len = u32::MAX);
    refused(&|l| l.filters[1].offset = 1);
    refused(&|l| l.filters[3].bytes[0] = 1);
    refused(&|l| {
        l.filters[1] = filter(3, &[1, 2]);
        l.filters[1].bytes[2] = 1;
    });
    refused(&|l| l.scale.multiplier = 0);
    refused(&|l| l.scale.divisor = 0);
    refused(&|l| l.scale.shift = 128);
    refused(&|l| l.scale.padding[0] = 1);
    refused(&|l| l.program = Pubkey::default());
    refused(&|l| l.mint = Pubkey::default());
    refused(&|l| l.total_account = Pubkey::default());
    refused(&|l| l.total_program = Pubkey::default());
    refused(&|l| l.export.data_len = 1);
}

#[test]
fn a_table_that_cannot_be_read_is_refused() {
    let table = SlotTable {
        offset: 80,
        stride: 17,
        used_offset: 72,
        count: 5,
        used_width: 1,
        filter: filter(8, &[1; 9]),
        ..SlotTable::zeroed()
    };
    let ledger = Ledger {
        slots: table,
        ..adding(&[amount(64, 8, 0), amount(0, 8, amount_flag::IN_SLOT)])
    };
    assert_eq!(layout::check(&ledger), Ok(()));
    let refused = |change: &dyn Fn(&mut Ledger)| {
        let mut ledger = ledger;
        change(&mut ledger);
        assert_eq!(layout::check(&ledger), Err(InvalidLayout));
    };
    refused(&|l| l.slots.count = 6);
    refused(&|l| l.slots.count = 0);
    refused(&|l| l.slots.stride = 0);
    refused(&|l| l.slots.stride = u32::MAX);
    refused(&|l| l.slots.offset = 81);
    refused(&|l| l.slots.offset = 71);
    refused(&|l| l.slots.offset = 60);
    refused(&|l| l.slots.used_offset = 80);
    refused(&|l| l.slots.used_offset = 165);
    refused(&|l| l.slots.used_width = 3);
    refused(&|l| l.slots.used_width = 0);
    refused(&|l| l.slots.padding = 1);
    refused(&|l| l.slots.filter.offset = 9);
    refused(&|l| l.amounts[1].offset = 10);
    refused(&|l| l.amounts[1].flags = 0);
    refused(&|l| l.owner_offset = 100);
}

#[test]
fn an_export_names_who_is_asked_and_nothing_else() {
    let mut data = [0; 16];
    data[..8].fill(1);
    let mut accounts = [Pubkey::default(); 4];
    accounts[0] = key(8);
    let ledger = Ledger {
        mode: ledger_mode::EXPORT,
        owner_offset: 0,
        amounts: [AmountField::zeroed(); 8],
        amount_count: 0,
        export: Export {
            program: key(7),
            accounts,
            data,
            data_len: 8,
            account_count: 1,
            padding: [0; 6],
        },
        ..simple()
    };
    assert_eq!(layout::check(&ledger), Ok(()));
    assert!(layout::accepts(&ledger, &account()));
    assert!(!layout::accepts(&ledger, &account()[1..]));
    let refused = |change: &dyn Fn(&mut Ledger)| {
        let mut ledger = ledger;
        change(&mut ledger);
        assert_eq!(layout::check(&ledger), Err(InvalidLayout));
    };
    refused(&|l| l.export.program = Pubkey::default());
    refused(&|l| l.export.program = bulkhead_interface::ID);
    refused(&|l| l.export.data_len = 0);
    refused(&|l| l.export.data_len = 7);
    refused(&|l| l.export.data_len = 17);
    refused(&|l| l.export.account_count = 0);
    refused(&|l| l.export.account_count = 2);
    refused(&|l| l.export.account_count = 5);
    refused(&|l| l.export.padding[0] = 1);
    refused(&|l| l.owner_offset = 32);
    refused(&|l| (l.amount_count, l.amounts[0]) = (1, amount(64, 8, 0)));
    refused(&|l| l.scale.shift = 1);
    refused(&|l| l.slots.count = 1);
    refused(&|l| l.mode = ledger_mode::BYTES);
}

#[test]
fn the_total_is_read_or_missing() {
    let mut ledger = simple();
    ledger.total_offset = 3;
    let data: Vec<u8> = (0..19).collect();
    assert_eq!(
        read_total(&ledger, &ledger.total_program, &data),
        Some(u64::from_le_bytes([3, 4, 5, 6, 7, 8, 9, 10]).into())
    );
    assert_eq!(read_total(&ledger, &ledger.total_program, &data[..10]), None);
    assert_eq!(read_total(&ledger, &ledger.total_program, &[]), None);
    ledger.total_width = 16;
    let bytes: Vec<u8> = (3..19).collect();
    assert_eq!(
        read_total(&ledger, &ledger.total_program, &data),
        Some(u128::from_le_bytes(bytes.try_into().unwrap()))
    );
    assert_eq!(read_total(&ledger, &ledger.total_program, &data[..18]), None);
}

/// The number at an offset as arithmetic has it, without the reader's code.
fn number(data: &[u8], field: &AmountField) -> Option<i128> {
    let width = usize::from(field.width);
    let bytes = data.get(field.offset as usize..field.offset as usize + width)?;
    let mut wide = [0u8; 16];
    if field.flags & amount_flag::SIGNED != 0 && bytes[width - 1] >= 0x80 {
        wide = [0xff; 16];
    }
    wide[..width].copy_from_slice(bytes);
    let number = i128::from_le_bytes(wide);
    let is_too_large = width == 16 && field.flags & amount_flag::SIGNED == 0 && number < 0;
    (!is_too_large).then_some(number)
}

proptest! {
    /// Whatever is registered and whatever the account holds: an answer or an error, at any alignment.
    #[test]
    fn never_reads_outside(
        owner_offset in 0u32..300, amount_offset in 0u32..300, wide: bool, exact: bool, data_len in 0u32..300,
        at in 0u32..300, wanted in prop::collection::vec(0u8..2, 1..32), data in prop::collection::vec(0u8..2, 0..300),
    ) {
        let width = if wide { 16 } else { 8 };
        let ledger = Ledger {
            owner_offset, data_len,
            length_rule: if exact { length_rule::EXACT } else { length_rule::AT_LEAST },
            filters: filters(&[filter(at, &wanted)]),
            ..adding(&[amount(amount_offset, width, 0)])
        };
        let slice = |from: u32, len: usize| data.get(from as usize..from as usize + len);
        let is_position = (if exact { data.len() == data_len as usize } else { data.len() >= data_len as usize })
            && slice(at, wanted.len()) == Some(&wanted)
            && slice(owner_offset, 32).is_some() && slice(amount_offset, width.into()).is_some();
        match Reader::new(&ledger).read(&data) {
            Ok(position) => {
                prop_assert!(is_position);
                prop_assert_eq!(Some(&position.owner[..]), slice(owner_offset, 32));
                prop_assert_eq!(Some(&position.amount.to_le_bytes()[..]), slice(amount_offset, 8));
            }
            Err(LayoutError::NotAPosition) => prop_assert!(!is_position),
            Err(error) => {
                prop_assert!(is_position && wide && error == LayoutError::AmountTooLarge);
                prop_assert!(slice(amount_offset + 8, 8) != Some(&[0; 8]));
            }
        }
    }

    /// Any fields in any table over any bytes: the sum is the sum, and nothing panics.
    #[test]
    fn fields_add_up(
        fields in prop::collection::vec((0u32..40, 0usize..5, 0u8..8), 1..8),
        offset in 0u32..60, stride in 1u32..40, count in 1u16..5, used_width in 0usize..3, used_offset in 0u32..60,
        at in 0u32..8, wanted in prop::collection::vec(0u8..2, 0..2),
        data in prop::collection::vec(prop_oneof![Just(0u8), Just(1), Just(2), Just(0xff)], 32..160),
    ) {
        let fields: Vec<_> = fields.iter().map(|(at, width, flags)| amount(*at, [1, 2, 4, 8, 16][*width], *flags)).collect();
        let ledger = Ledger {
            owner_offset: 0,
            length_rule: length_rule::AT_LEAST,
            data_len: 32,
            filters: filters(&[]),
            slots: SlotTable {
                offset, stride, used_offset, count,
                used_width: [0, 1, 2][used_width],
                filter: filter(at, &wanted),
                ..SlotTable::zeroed()
            },
            ..adding(&fields)
        };
        let in_slot = |field: &&AmountField| field.flags & amount_flag::IN_SLOT != 0;
        // What could not be registered is not what this is about.
        prop_assume!(fields.iter().any(|field| in_slot(&field)));
        prop_assume!(at + wanted.len() as u32 <= stride && (at == 0 || !wanted.is_empty()));
        let signed = |data: &[u8], field: &AmountField| {
            let number = number(data, field)?;
            if field.flags & amount_flag::SUBTRACT != 0 { number.checked_neg() } else { Some(number) }
        };
        let model = || -> Option<i128> {
            let mut sum = 0i128;
            for field in fields.iter().filter(|field| !in_slot(field)) {
                sum = sum.checked_add(signed(&data, field)?)?;
            }
            let used = match used_width {
                0 => u64::from(count),
                1 => u64::from(*data.get(used_offset as usize)?),
                _ => u16::from_le_bytes(data.get(used_offset as usize..used_offset as usize + 2)?.try_into().ok()?).into(),
            };
            let end = |slot: u64| offset as usize + (slot as usize + 1) * stride as usize;
            if used > count.into() || used_width != 0 && used != 0 && end(used - 1) > data.len()
                || used_width != 0 && used == 0 && offset as usize > data.len() {
                return None;
            }
            for slot in (0..used).filter(|slot| end(*slot) <= data.len()) {
                let slot = &data[end(slot) - stride as usize..end(slot)];
                if wanted.is_empty() || slot.get(at as usize..at as usize + wanted.len()) == Some(&wanted) {
                    for field in fields.iter().filter(in_slot) {
                        sum = sum.checked_add(signed(slot, field)?)?;
                    }
                }
            }
            Some(sum)
        };
        let found = Reader::new(&ledger).read(&data).ok().map(|position| position.amount);
        let expected = model().and_then(|sum| u64::try_from(sum.max(0)).ok());
        prop_assert_eq!(found, expected);
    }

    /// The product has 192 bits: checked against long arithmetic where both fit.
    #[test]
    fn the_scale_is_exact(amount: u64, high in 0u64..1 << 20, multiplier in 1u64.., divisor in 1u64.., shift in 0u8..128) {
        // An amount whose product fits 128 bits, and any other through the identity of division.
        let small = native(&scale(multiplier, divisor, shift), amount.into());
        let exact = (u128::from(amount) * u128::from(multiplier) / u128::from(divisor)) >> shift;
        prop_assert_eq!(small, u64::try_from(exact).ok());
        let large = u128::from(high) << 64 | u128::from(amount);
        let by_shift = native(&scale(1, divisor, shift), large);
        prop_assert_eq!(by_shift, u64::try_from((large / u128::from(divisor)) >> shift).ok());
        // Times and by the same number is nothing but the shift.
        let same = native(&scale(multiplier, multiplier, shift), large);
        prop_assert_eq!(same, u64::try_from(large >> shift).ok());
    }
}

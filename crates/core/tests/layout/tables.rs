//! Positions in the slots of a table.

use super::*;

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
        assert!(layout::check(&ledger).is_err());
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

//! Layouts that can be registered, over accounts of any bytes: what is read is what a plain reading finds.

use arbitrary::{Result, Unstructured};
use bulkhead_core::snapshots::layout::{
    Factors, Reader, accepts, check, identity,
    linked::{Records, read_linked},
};
use bulkhead_interface::{
    Pubkey,
    constants::{amount_flag, ledger_mode, length_rule, link_flag},
    layout::{AmountField, ByteFilter, Ledger},
};
use bytemuck::Zeroable;

/// Owner at 32, an amount of eight bytes at 64, a filter of eight at 0.
fn simple() -> Ledger {
    let key = |byte| Pubkey::new_from_array([byte; 32]);
    let mut ledger = Ledger {
        length_rule: length_rule::EXACT,
        owner_offset: 32,
        data_len: 100,
        total_width: 8,
        amount_count: 1,
        program: key(1),
        mint: key(2),
        total_account: key(3),
        total_program: key(1),
        scale: identity(),
        ..Ledger::zeroed()
    };
    ledger.filters[0] = ByteFilter {
        len: 8,
        bytes: [4; 32],
        ..ByteFilter::zeroed()
    };
    ledger.filters[0].bytes[8..].fill(0);
    ledger.amounts[0] = AmountField {
        offset: 64,
        width: 8,
        ..AmountField::zeroed()
    };
    ledger
}

pub fn run(u: &mut Unstructured) -> Result<()> {
    let mut ledger = simple();
    ledger.length_rule = u.int_in_range(length_rule::EXACT..=length_rule::TOKEN_ACCOUNT)?;
    ledger.amounts[0].width = *u.choose(&[1, 2, 4, 8, 16])?;
    if u.ratio(1, 2)? {
        ledger.owner_offset = u.int_in_range(0..=80)?;
        ledger.amounts[0].offset = u.int_in_range(0..=100)?;
        ledger.amounts[0].flags = u.int_in_range(0..=3)?;
    }
    crate::spoil(u, bytemuck::bytes_of_mut(&mut ledger), 3)?;

    let mut data: Vec<u8> = vec![4; 8];
    data.resize(100, u.arbitrary()?);
    crate::spoil(u, &mut data, 24)?;
    crate::resize(u, &mut data)?;

    // A linked layout reads any bytes without a panic, and its records come in their order and within the table.
    if u.ratio(1, 4)? {
        linked(u, ledger, &data)?;
    }
    // What cannot be registered is never read, and what is asked of the host is not read here.
    if check(&ledger).is_err() || ledger.mode != ledger_mode::BYTES {
        return Ok(());
    }
    let reader = Reader::new(&ledger);
    // The program tries the quick way first: it passes nothing that the whole layout refuses or reads otherwise.
    if let Ok(quick) = reader.read_plain(&data) {
        assert!(
            reader.is_plain(),
            "the quick way reads a layout with more than one number"
        );
        let whole = reader.read(&data).map(|position| (position.owner, position.amount));
        assert_eq!(whole, Ok(quick), "the quick way reads something else");
    }
    let Ok(position) = reader.read(&data) else {
        return Ok(());
    };
    assert!(accepts(&ledger, &data), "an account passes that the filters refuse");
    let at = ledger.owner_offset as usize;
    assert_eq!(position.owner.as_slice(), &data[at..at + 32], "another owner");
    if reader.is_plain() {
        let at = ledger.amounts[0].offset as usize;
        assert_eq!(position.amount.to_le_bytes(), data[at..at + 8], "another amount");
    }
    Ok(())
}

fn linked(u: &mut Unstructured, mut ledger: Ledger, data: &[u8]) -> Result<()> {
    ledger.mode = ledger_mode::LINKED;
    ledger.flags = u.int_in_range(0..=link_flag::ALL)?;
    if ledger.flags & link_flag::RECORDS != 0 {
        ledger.slots.offset = u.int_in_range(0..=40)?;
        ledger.slots.stride = u.int_in_range(33..=60)?;
        ledger.slots.count = u.int_in_range(1..=3)?;
        ledger.owner_offset = u.int_in_range(0..=28)?;
        ledger.amounts[0].offset = u.int_in_range(0..=59)?;
        ledger.amounts[0].flags = amount_flag::IN_SLOT;
    }
    if check(&ledger).is_err() {
        return Ok(());
    }
    let none = Factors::default();
    if let Ok(position) = read_linked(&ledger, &none, data) {
        let at = ledger.owner_offset as usize;
        assert_eq!(position.owner.as_slice(), &data[at..at + 32], "another owner");
    }
    if let Ok(records) = Records::new(&ledger, &none, data, 0) {
        let numbers: Vec<_> = records
            .map_while(|record| record.ok())
            .map(|(number, _)| number)
            .collect();
        assert!(numbers.is_sorted() && numbers.iter().all(|number| *number < ledger.slots.count.into()));
    }
    Ok(())
}

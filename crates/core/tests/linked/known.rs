//! Hosts whose positions a layout would read wrongly are refused by name.

use super::*;
use bulkhead_core::{acts::check_ledger, snapshots::layout::check_known};

const POSITION: [u8; 8] = [170, 188, 143, 228, 122, 64, 247, 208];

fn orca(owner_offset: u32, field: AmountField, mode: u8) -> Ledger {
    Ledger {
        mode,
        flags: if mode == ledger_mode::LINKED {
            link_flag::OWNER_IS_TOKEN
        } else {
            0
        },
        program: program("whirLbMiicVdio4qvUfM5KAg6Ct8VwpYzGff3uctyCc"),
        ..linked(&POSITION, 216, owner_offset, &[field], 0)
    }
}

#[test]
fn a_token_is_not_registered_as_an_owner() {
    let fees = amount(112, 8, 0);
    let plain = orca(40, fees, ledger_mode::BYTES);
    assert_eq!(check_ledger(&plain), Err(CoreError::OwnerIsToken));
    assert_eq!(check_ledger(&orca(40, fees, ledger_mode::LINKED)), Ok(()));
    // In other words: a filter that looks elsewhere, a longer rule, an owner that overlaps the token.
    let mut other = plain;
    other.filters[0] = filter(2, &POSITION[2..6]);
    assert_eq!(check_known(&other), Err(CoreError::OwnerIsToken));
    other.owner_offset = 45;
    assert_eq!(check_known(&other), Err(CoreError::OwnerIsToken));
    // Other accounts of the same program are not meant.
    other.filters[0] = filter(0, b"whatever");
    assert_eq!(check_known(&other), Ok(()));
    other.filters[0] = plain.filters[0];
    other.program = key(2);
    assert_eq!(check_known(&other), Ok(()));
}

#[test]
fn liquidity_is_no_amount() {
    let liquidity = orca(40, amount(72, 16, 0), ledger_mode::LINKED);
    assert_eq!(check_ledger(&liquidity), Err(CoreError::ExportNeeded));
    let meteora = Ledger {
        program: program("LBUZKhRxPF3XUpBCjp4YzTKgLccjZhTSDM9YuVaPwxo"),
        mode: ledger_mode::BYTES,
        ..linked(
            &[117, 176, 212, 199, 245, 180, 133, 182],
            8_120,
            40,
            &[amount(88, 16, 0)],
            0,
        )
    };
    assert_eq!(check_ledger(&meteora), Err(CoreError::ExportNeeded));
}

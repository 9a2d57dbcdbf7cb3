//! Reading positions through registered layouts.

mod amounts;
mod passing;
mod random;
mod registering;
mod tables;

use bulkhead_core::snapshots::layout::{
    self, LayoutError, MAX_DATA_LEN, Reader, counts_host_units, identity, native, read_total, token_accounts,
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

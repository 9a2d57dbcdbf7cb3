//! The sum the host keeps.

use bulkhead_interface::{
    constants::{ledger_mode, total_unit},
    layout::Ledger,
};

use super::is_identity;

/// Reads the sum the host keeps of all its positions.
#[must_use]
pub fn read_total(ledger: &Ledger, data: &[u8]) -> Option<u128> {
    let bytes = data.get(ledger.total_offset as usize..)?;
    if ledger.total_width == 16 {
        return bytes.first_chunk().map(|bytes| u128::from_le_bytes(*bytes));
    }
    bytes.first_chunk().map(|bytes| u64::from_le_bytes(*bytes).into())
}

/// Is the host's total of another unit than the amounts? Then the sum before the scale is counted
/// too: amounts are rounded down, and their sum would fall short.
#[must_use]
pub fn counts_host_units(ledger: &Ledger) -> bool {
    ledger.mode == ledger_mode::BYTES && ledger.total_unit == total_unit::HOST && !is_identity(&ledger.scale)
}

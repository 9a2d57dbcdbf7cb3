//! Reading a position out of a host's account through a registered layout.

use bulkhead_interface::{
    Pubkey,
    layout::{ByteFilter, Ledger},
};

use crate::words;

/// Longest account the runtime allows.
pub const MAX_DATA_LEN: u32 = 10 * 1024 * 1024;
/// Bytes of the host's total.
pub const TOTAL_WIDTH: u32 = 8;

const OWNER_WIDTH: u32 = 32;

/// Why an account is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayoutError {
    /// Its length or the bytes at a filter are not a position's.
    NotAPosition,
    /// The amount does not fit 64 bits.
    AmountTooLarge,
}

/// The layout cannot be read, or lets accounts pass that are no positions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidLayout;

/// Who has how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position<'a> {
    /// Who.
    pub owner: &'a [u8; 32],
    /// How much. Native units.
    pub amount: u64,
}

/// Can this layout be registered?
///
/// # Errors
/// [`InvalidLayout`]
pub fn check(ledger: &Ledger) -> Result<(), InvalidLayout> {
    let nobody = Pubkey::default();
    let width = u32::from(ledger.amount_width);
    let longest = if ledger.data_len == 0 { MAX_DATA_LEN } else { ledger.data_len };
    let within = |offset: u32, len: u32, longest: u32| offset.checked_add(len).is_some_and(|end| end <= longest);
    let apart = |a: u32, a_len: u32, b: u32, b_len: u32| {
        a.saturating_add(a_len) <= b || b.saturating_add(b_len) <= a
    };
    let valid = matches!(width, 8 | 16)
        && longest <= MAX_DATA_LEN
        && within(ledger.owner_offset, OWNER_WIDTH, longest)
        && within(ledger.amount_offset, width, longest)
        && apart(ledger.owner_offset, OWNER_WIDTH, ledger.amount_offset, width)
        && within(ledger.total_offset, TOTAL_WIDTH, MAX_DATA_LEN)
        && ledger.filters.iter().all(|filter| is_canonical(filter) && within(filter.offset, filter.len, longest))
        // Something has to tell a position from the program's other accounts.
        && (ledger.data_len != 0 || ledger.filters.iter().any(|filter| filter.len != 0))
        && [&ledger.program, &ledger.mint, &ledger.total_account].iter().all(|key| **key != nobody);
    if valid { Ok(()) } else { Err(InvalidLayout) }
}

/// At most 32 bytes, zero behind its length, and an unused filter all zero.
fn is_canonical(filter: &ByteFilter) -> bool {
    let unused = filter.bytes.get(filter.len as usize..);
    unused.is_some_and(|unused| unused.iter().all(|byte| *byte == 0)) && (filter.len != 0 || filter.offset == 0)
}

/// Reads a position. The caller has checked that the ledger's program owns the account.
///
/// # Errors
/// [`LayoutError`]
#[inline(always)]
pub fn read_position<'a>(ledger: &Ledger, data: &'a [u8]) -> Result<Position<'a>, LayoutError> {
    if ledger.data_len != 0 && data.len() != ledger.data_len as usize {
        return Err(LayoutError::NotAPosition);
    }
    for filter in &ledger.filters {
        if filter.len != 0 && !passes(filter, data) {
            return Err(LayoutError::NotAPosition);
        }
    }
    let owner = read(data, ledger.owner_offset).ok_or(LayoutError::NotAPosition)?;
    let amount = u64::from_le_bytes(*read(data, ledger.amount_offset).ok_or(LayoutError::NotAPosition)?);
    if ledger.amount_width == 16 {
        let high = ledger.amount_offset.saturating_add(8);
        if *read::<8>(data, high).ok_or(LayoutError::NotAPosition)? != [0; 8] {
            return Err(LayoutError::AmountTooLarge);
        }
    }
    Ok(Position { owner, amount })
}

/// Reads the sum the host keeps of all its positions.
#[must_use]
pub fn read_total(ledger: &Ledger, data: &[u8]) -> Option<u64> {
    read(data, ledger.total_offset).map(|bytes| u64::from_le_bytes(*bytes))
}

#[inline(always)]
fn passes(filter: &ByteFilter, data: &[u8]) -> bool {
    let found = data.get(filter.offset as usize..).and_then(|tail| tail.get(..filter.len as usize));
    match (found, filter.bytes.get(..filter.len as usize)) {
        (Some(found), Some(wanted)) => words::same(found, wanted),
        _ => false,
    }
}

#[inline(always)]
fn read<const N: usize>(data: &[u8], offset: u32) -> Option<&[u8; N]> {
    data.get(offset as usize..)?.first_chunk::<N>()
}

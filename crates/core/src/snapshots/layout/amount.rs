//! Adding up the fields of a position.

use bulkhead_interface::{
    constants::amount_flag,
    layout::{AmountField, Ledger, SlotTable},
};

use super::LayoutError;
use crate::words::same_bytes;

/// The sum of a position's fields, as the host keeps them, floored at zero: nobody can be owed less
/// than nothing, and one who owes takes nothing from the others.
///
/// Fields are added in their order, those of the account first, then those of every slot that
/// passes. Each partial sum has to fit a signed number of 128 bits.
pub fn host_units(ledger: &Ledger, data: &[u8]) -> Result<u128, LayoutError> {
    let in_account = |field: &&AmountField| field.flags & amount_flag::IN_SLOT == 0;
    let fields = || ledger.amounts.iter().take(ledger.amount_count.into());
    let mut sum = fields().filter(in_account).try_fold(0, add(data))?;
    let table = &ledger.slots;
    if table.count == 0 {
        return Ok(floored(sum));
    }
    let (stride, filter) = (table.stride as usize, &table.filter);
    let wanted = filter.bytes.get(..filter.len as usize).unwrap_or_default();
    let mut start = table.offset as usize;
    for _ in 0..slots_in_use(table, data)? {
        // Nothing overflows: the slots that are in use lie within the account.
        let at = start.wrapping_add(filter.offset as usize);
        let found = data.get(at..at.wrapping_add(wanted.len()));
        if found.is_some_and(|found| same_bytes(found, wanted)) {
            let slot = data.get(start..start.wrapping_add(stride)).unwrap_or_default();
            sum = fields().filter(|field| !in_account(field)).try_fold(sum, add(slot))?;
        }
        start = start.wrapping_add(stride);
    }
    Ok(floored(sum))
}

pub(super) fn floored(sum: i128) -> u128 {
    u128::try_from(sum).unwrap_or(0)
}

/// Adds a field of these bytes.
pub(super) fn add(data: &[u8]) -> impl FnMut(i128, &AmountField) -> Result<i128, LayoutError> {
    move |sum, field| {
        let number = read(data, field)?;
        let sum = if field.flags & amount_flag::SUBTRACT == 0 {
            sum.checked_add(number)
        } else {
            sum.checked_sub(number)
        };
        sum.ok_or(LayoutError::AmountTooLarge)
    }
}

fn read(data: &[u8], field: &AmountField) -> Result<i128, LayoutError> {
    let offset = field.offset as usize;
    let is_signed = field.flags & amount_flag::SIGNED != 0;
    if field.width == 16 {
        let number = u128::from_le_bytes(bytes(data, offset)?);
        return if is_signed {
            Ok(number.cast_signed())
        } else {
            i128::try_from(number).map_err(|_| LayoutError::AmountTooLarge)
        };
    }
    let number = short(data, offset, field.width)?;
    if !is_signed {
        return Ok(number.into());
    }
    // The sign is the highest bit of the width.
    let unused = 64u32.saturating_sub(u32::from(field.width).saturating_mul(8));
    Ok(number.unbounded_shl(unused).cast_signed().unbounded_shr(unused).into())
}

/// An unsigned number of 1, 2, 4, 8 or 16 bytes.
pub(super) fn unsigned(data: &[u8], field: &AmountField) -> Result<u128, LayoutError> {
    let offset = field.offset as usize;
    if field.width == 16 {
        return bytes(data, offset).map(u128::from_le_bytes);
    }
    short(data, offset, field.width).map(Into::into)
}

/// An unsigned number of 1, 2, 4 or 8 bytes.
fn short(data: &[u8], offset: usize, width: u8) -> Result<u64, LayoutError> {
    Ok(match width {
        1 => bytes::<1>(data, offset)?[0].into(),
        2 => u16::from_le_bytes(bytes(data, offset)?).into(),
        4 => u32::from_le_bytes(bytes(data, offset)?).into(),
        _ => u64::from_le_bytes(bytes(data, offset)?),
    })
}

fn bytes<const N: usize>(data: &[u8], offset: usize) -> Result<[u8; N], LayoutError> {
    let found = data.get(offset..).and_then(<[u8]>::first_chunk);
    found.copied().ok_or(LayoutError::NotAPosition)
}

/// How many slots to look at: those the host says it uses, all of which have to be there; or, where
/// it keeps no number, those that are there whole, up to the table's count.
pub(super) fn slots_in_use(table: &SlotTable, data: &[u8]) -> Result<usize, LayoutError> {
    let room = data.len().checked_sub(table.offset as usize);
    let there = room.and_then(|room| room.checked_div(table.stride as usize));
    if table.used_width == 0 {
        return Ok(there.unwrap_or(0).min(table.count.into()));
    }
    let used = short(data, table.used_offset as usize, table.used_width)?;
    if used > table.count.into() {
        return Err(LayoutError::TooManySlots);
    }
    let used = usize::try_from(used).map_err(|_| LayoutError::TooManySlots)?;
    if there.is_some_and(|there| used <= there) {
        Ok(used)
    } else {
        Err(LayoutError::NotAPosition)
    }
}

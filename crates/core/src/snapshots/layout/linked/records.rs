//! Many positions in one account.
//!
//! Each slot that passes the filter is a position of its own. Its key is the first 28 bytes of the account's address and
//! the slot's number in four bytes, big endian: the order of keys is the order of accounts and, within an account, of
//! slots, so all records of an account are read one after the other into one shard. Two accounts of one program that
//! share 28 bytes cannot be made.

use bulkhead_interface::{constants::amount_flag, layout::Ledger};

use super::super::{LayoutError, Position, amount};
use super::Factors;
use crate::words::same_bytes;

/// Bytes of a record's key that are its account's.
const PREFIX: usize = 28;

/// The key of a record.
#[must_use]
pub fn record_key(account: &[u8; 32], number: u32) -> [u8; 32] {
    let mut key = *account;
    if let Some(end) = key.last_chunk_mut() {
        *end = number.to_be_bytes();
    }
    key
}

/// The number of the record that follows the one with `last` as its key, in this account: 0 if that was in another.
pub(super) fn next_number(account: &[u8; 32], last: &[u8; 32]) -> u32 {
    let number = last.last_chunk().map_or(0, |end| u32::from_be_bytes(*end));
    if account.get(..PREFIX) == last.get(..PREFIX) {
        number.saturating_add(1)
    } else {
        0
    }
}

/// The records of an account, from a number on: each with its number.
pub struct Records<'a> {
    ledger: &'a Ledger,
    factors: &'a Factors,
    data: &'a [u8],
    next: u32,
    end: u32,
}

impl<'a> Records<'a> {
    /// Of an account that passes the ledger's length and filters and belongs to its program.
    ///
    /// # Errors
    /// [`LayoutError`]
    pub fn new(ledger: &'a Ledger, factors: &'a Factors, data: &'a [u8], from: u32) -> Result<Self, LayoutError> {
        if !super::super::accepts(ledger, data) {
            return Err(LayoutError::NotAPosition);
        }
        let end = amount::slots_in_use(&ledger.slots, data)?;
        Ok(Self {
            ledger,
            factors,
            data,
            next: from,
            end: u32::try_from(end).map_err(|_| LayoutError::TooManySlots)?,
        })
    }

    fn record(&self, slot: &'a [u8]) -> Result<Position<'a>, LayoutError> {
        let owner = slot.get(self.ledger.owner_offset as usize..);
        let owner = owner.and_then(<[u8]>::first_chunk).ok_or(LayoutError::NotAPosition)?;
        let fields = self.ledger.amounts.iter().take(self.ledger.amount_count.into());
        let mut fields = fields.filter(|field| field.flags & amount_flag::IN_SLOT != 0);
        let host_amount = amount::floored(fields.try_fold(0, amount::add(slot))?);
        Ok(Position {
            owner,
            amount: super::native_with(self.ledger, self.factors, host_amount).ok_or(LayoutError::AmountTooLarge)?,
            host_amount,
        })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<(u32, Position<'a>), LayoutError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (stride, filter) = (self.ledger.slots.stride as usize, &self.ledger.slots.filter);
        let wanted = filter.bytes.get(..filter.len as usize)?;
        while self.next < self.end {
            let number = self.next;
            self.next = number.saturating_add(1);
            let start = (number as usize).saturating_mul(stride);
            let start = start.saturating_add(self.ledger.slots.offset as usize);
            let slot = self.data.get(start..start.saturating_add(stride))?;
            let at = filter.offset as usize;
            let found = slot.get(at..at.saturating_add(wanted.len()));
            if found.is_some_and(|found| same_bytes(found, wanted)) {
                return Some(self.record(slot).map(|position| (number, position)));
            }
        }
        None
    }
}

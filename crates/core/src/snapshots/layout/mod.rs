//! Reading a position out of a host's account through a registered layout.

mod amount;
mod check;
mod invalid;
mod known;
pub mod linked;
mod overlap;
mod scale;
mod token;
mod total;

use bulkhead_interface::{
    constants::{ledger_mode, length_rule},
    layout::{ByteFilter, Ledger},
};

use crate::{custody::queue_ledger, words};

pub use check::{MAX_DATA_LEN, check};
pub use invalid::InvalidLayout;
pub use known::check_known;
pub use linked::{Factors, Seen};
pub use overlap::overlap;
pub use scale::{identity, is_identity, native};
pub use token::token_accounts;
pub use total::{
    TotalKind, agrees, check_total, counts_host_units, native_total, read_total, total_kind, total_number,
};

/// Bytes of an owner.
const OWNER_WIDTH: u32 = 32;

/// Why an account is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayoutError {
    /// Its length or the bytes at a filter are not a position's.
    NotAPosition,
    /// A number on the way to the amount does not fit, or the amount does not fit 64 bits.
    AmountTooLarge,
    /// It says that it has more slots in use than the layout knows.
    TooManySlots,
    /// An account that it refers to is not passed, or another one is.
    LinkMissing,
    /// A factor's account is gone or belongs to another program, or the factor is zero or negative.
    FactorUnreadable,
    /// Its owner is no token, or a token of which there can be more than one.
    NotASingleToken,
    /// The token account does not hold the token that owns it.
    NotTheHolder,
}

/// Who has how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position<'a> {
    /// Who.
    pub owner: &'a [u8; 32],
    /// How much. Native units.
    pub amount: u64,
    /// How much before the scale: what the host has written down, floored at zero.
    pub host_amount: u128,
}

/// A layout made ready to read many positions.
pub struct Reader<'a> {
    ledger: &'a Ledger,
    /// Is the amount one unsigned u64 in native units, and are the filters short? Most ledgers are
    /// so, and are read the quick way.
    is_plain: bool,
    /// Lengths a plain position may have. All that is read of it lies below the least.
    least: usize,
    greatest: usize,
    owner_offset: usize,
    amount_offset: usize,
    expected: [Expected; MAX_EXPECTED],
    expected_count: usize,
}

/// Eight bytes of a position that are known, where the mask has ones.
#[derive(Clone, Copy, Default)]
struct Expected {
    offset: usize,
    mask: u64,
    word: u64,
}

/// Words of a plain ledger's filters: eight bytes at a time, 32 bytes a filter, two filters.
const MAX_EXPECTED: usize = 2 * (32 >> 3);

impl<'a> Reader<'a> {
    /// Of a layout that passed [`check()`] and is read by its bytes alone.
    #[must_use]
    pub fn new(ledger: &'a Ledger) -> Self {
        let mut reader = Self {
            ledger,
            is_plain: false,
            // Nothing is as long as that.
            least: usize::MAX,
            greatest: 0,
            owner_offset: ledger.owner_offset as usize,
            amount_offset: 0,
            expected: [Expected::default(); MAX_EXPECTED],
            expected_count: 0,
        };
        if let Some(offset) = plain_amount(ledger) {
            reader.prepare(offset);
        }
        reader
    }

    /// Gets ready for the quick way, if the filters fit.
    fn prepare(&mut self, amount_offset: usize) {
        let ledger = self.ledger;
        let owner_end = self.owner_offset.saturating_add(OWNER_WIDTH as usize);
        let mut least = owner_end
            .max(amount_offset.saturating_add(8))
            .max(ledger.data_len as usize);
        let mut free = self.expected.iter_mut();
        for filter in &ledger.filters {
            let mut done = 0;
            while done < filter.len as usize {
                let Some(slot) = free.next() else { return };
                *slot = Expected::of(filter, done);
                least = least.max(slot.offset.saturating_add(8));
                self.expected_count = self.expected_count.saturating_add(1);
                done = done.saturating_add(8);
            }
        }
        self.least = least;
        self.greatest = match ledger.length_rule {
            length_rule::AT_LEAST => usize::MAX,
            _ => ledger.data_len as usize,
        };
        self.amount_offset = amount_offset;
        self.is_plain = true;
    }

    /// Reads a position. The caller has checked that the ledger's program owns the account. A ledger that is read in
    /// another way than by its bytes has none here.
    ///
    /// # Errors
    /// [`LayoutError`]
    pub fn read<'data>(&self, data: &'data [u8]) -> Result<Position<'data>, LayoutError> {
        if self.ledger.mode != ledger_mode::BYTES {
            return Err(LayoutError::NotAPosition);
        }
        if self.is_plain {
            let (owner, amount) = self.read_plain(data)?;
            let host_amount = amount.into();
            return Ok(Position {
                owner,
                amount,
                host_amount,
            });
        }
        if !accepts(self.ledger, data) {
            return Err(LayoutError::NotAPosition);
        }
        let owner = data.get(self.owner_offset..).and_then(<[u8]>::first_chunk);
        let host_amount = amount::host_units(self.ledger, data)?;
        Ok(Position {
            owner: owner.ok_or(LayoutError::NotAPosition)?,
            amount: native(&self.ledger.scale, host_amount).ok_or(LayoutError::AmountTooLarge)?,
            host_amount,
        })
    }

    /// Is the ledger read by [`Self::read_plain`]?
    #[inline(always)]
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Reads owner and amount the quick way, if [`Self::is_plain`]; no account passes otherwise.
    ///
    /// # Errors
    /// [`LayoutError::NotAPosition`]
    #[inline(always)]
    pub fn read_plain<'data>(&self, data: &'data [u8]) -> Result<(&'data [u8; 32], u64), LayoutError> {
        if data.len() < self.least || data.len() > self.greatest && !self.is_extended(data) {
            return Err(LayoutError::NotAPosition);
        }
        for expected in self.expected.iter().take(self.expected_count) {
            // SAFETY: `least` is beyond the end of every expected word.
            let found = words::word(unsafe { chunk(data, expected.offset) });
            if found & expected.mask != expected.word {
                return Err(LayoutError::NotAPosition);
            }
        }
        // SAFETY: `least` is beyond the end of the owner and of the plain amount.
        let (owner, amount) = unsafe { (chunk(data, self.owner_offset), chunk(data, self.amount_offset)) };
        Ok((owner, words::word(amount)))
    }

    /// Does [`counts_host_units()`] hold of the ledger?
    #[must_use]
    pub fn counts_host_units(&self) -> bool {
        counts_host_units(self.ledger)
    }

    #[inline(never)]
    fn is_extended(&self, data: &[u8]) -> bool {
        self.ledger.length_rule == length_rule::TOKEN_ACCOUNT && crate::token::is_extended(data)
    }
}

/// Has this account the length and the bytes of a position? The caller has checked that the ledger's
/// program owns it.
#[must_use]
pub fn accepts(ledger: &Ledger, data: &[u8]) -> bool {
    let least = ledger.data_len as usize;
    let fits = match ledger.length_rule {
        length_rule::AT_LEAST => data.len() >= least,
        length_rule::TOKEN_ACCOUNT => data.len() == least || crate::token::is_extended(data),
        _ => data.len() == least,
    };
    fits && ledger.filters.iter().all(|filter| matches(filter, data)) && queue_ledger::accepts(ledger, data)
}

/// Do these bytes have the filter's at its offset?
#[inline(always)]
fn matches(filter: &ByteFilter, data: &[u8]) -> bool {
    let (start, len) = (filter.offset as usize, filter.len as usize);
    let found = data.get(start..start.saturating_add(len));
    match (found, filter.bytes.get(..len)) {
        (Some(found), Some(wanted)) => words::same_bytes(found, wanted),
        _ => len == 0,
    }
}

/// Where the amount lies in a layout of one unsigned u64, in native units.
fn plain_amount(ledger: &Ledger) -> Option<usize> {
    let first = ledger.amounts.first()?;
    let is_plain = ledger.amount_count == 1 && first.width == 8 && first.flags == 0 && is_identity(&ledger.scale);
    is_plain.then_some(first.offset as usize)
}

/// N bytes, without a second check of the bounds: a million positions are read this way.
///
/// # Safety
/// `offset + N` is at most `data.len()`.
#[inline(always)]
unsafe fn chunk<const N: usize>(data: &[u8], offset: usize) -> &[u8; N] {
    debug_assert!(offset.saturating_add(N) <= data.len());
    // SAFETY: as above; bytes need no alignment.
    unsafe { &*data.as_ptr().add(offset).cast() }
}

impl Expected {
    /// The up to eight bytes of a filter from `done` on. They are read as a whole word that ends
    /// where they end, so that none is read beyond the account.
    fn of(filter: &ByteFilter, done: usize) -> Self {
        let bytes = filter.bytes.iter().take(filter.len as usize).skip(done).take(8);
        let len = bytes.len();
        let start = (filter.offset as usize).saturating_add(done);
        let offset = start.saturating_add(len).saturating_sub(8);
        let (mut mask, mut word) = (0, 0);
        for (byte, at) in bytes.zip(start.saturating_sub(offset)..) {
            let shift = u32::try_from(at).map_or(u32::MAX, |at| at.saturating_mul(8));
            mask |= 0xff_u64.unbounded_shl(shift);
            word |= u64::from(*byte).unbounded_shl(shift);
        }
        Self { offset, mask, word }
    }
}

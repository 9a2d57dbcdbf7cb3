//! Reading a position out of a host's account through a registered layout.

mod amount;
mod check;
mod scale;
mod token;
mod total;

pub use {
    check::{InvalidLayout, MAX_DATA_LEN, check},
    scale::{identity, is_identity, native},
    token::token_accounts,
    total::{counts_host_units, read_total},
};

use bulkhead_interface::{
    constants::{MAX_FILTERS, ledger_mode, length_rule},
    layout::{AmountField, ByteFilter, Ledger},
};

use crate::words;

/// Fewest bytes of any position.
pub const MIN_DATA_LEN: u32 = 8;
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
    /// Lengths a position may have. All that is read at fixed offsets lies below the least.
    least: usize,
    greatest: usize,
    owner_offset: usize,
    /// Where the amount is, if it is one plain u64 and nothing else.
    plain: Option<usize>,
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

/// Eight bytes at a time, 32 bytes a filter.
const MAX_EXPECTED: usize = MAX_FILTERS * (32 >> 3);

impl<'a> Reader<'a> {
    /// Of a layout that passed [`check()`].
    #[must_use]
    pub fn new(ledger: &'a Ledger) -> Self {
        let mut expected = [Expected::default(); MAX_EXPECTED];
        let mut free = expected.iter_mut();
        let mut expected_count = 0usize;
        for filter in &ledger.filters {
            let mut done = 0;
            while done < filter.len as usize {
                if let Some(slot) = free.next() {
                    *slot = Expected::of(filter, done);
                    expected_count = expected_count.saturating_add(1);
                }
                done = done.saturating_add(8);
            }
        }
        let plain = plain_amount(ledger);
        let mut least = MIN_DATA_LEN.max(ledger.data_len) as usize;
        if ledger.mode == ledger_mode::BYTES {
            least = least.max((ledger.owner_offset as usize).saturating_add(OWNER_WIDTH as usize));
        }
        if let Some(offset) = plain {
            least = least.max(offset.saturating_add(8));
        }
        for expected in expected.iter().take(expected_count) {
            least = least.max(expected.offset.saturating_add(8));
        }
        Self {
            ledger,
            least,
            greatest: match ledger.length_rule {
                length_rule::AT_LEAST => usize::MAX,
                _ => ledger.data_len as usize,
            },
            owner_offset: ledger.owner_offset as usize,
            plain,
            expected,
            expected_count,
        }
    }

    /// Has this account the length and the bytes of a position? The caller has checked that the
    /// ledger's program owns it.
    #[inline(always)]
    #[must_use]
    pub fn accepts(&self, data: &[u8]) -> bool {
        let fits = data.len() >= self.least && (data.len() <= self.greatest || self.is_extended(data));
        // SAFETY: `least` is beyond the end of every expected word.
        let found = |expected: &Expected| words::word(unsafe { chunk(data, expected.offset) });
        fits && self
            .expected
            .iter()
            .take(self.expected_count)
            .all(|expected| found(expected) & expected.mask == expected.word)
    }

    /// Reads a position. The caller has checked that the ledger's program owns the account and that
    /// the ledger is read by its bytes.
    ///
    /// # Errors
    /// [`LayoutError`]
    #[inline(always)]
    pub fn read<'data>(&self, data: &'data [u8]) -> Result<Position<'data>, LayoutError> {
        if !self.accepts(data) {
            return Err(LayoutError::NotAPosition);
        }
        let Some(offset) = self.plain else {
            return self.read_any(data);
        };
        // SAFETY: `least` is beyond the end of the owner and of the plain amount.
        let (owner, amount) = unsafe { (chunk(data, self.owner_offset), chunk(data, offset)) };
        let amount = words::word(amount);
        Ok(Position {
            owner,
            amount,
            host_amount: amount.into(),
        })
    }

    /// What the ledger counts in host units beside the amounts.
    #[inline(always)]
    #[must_use]
    pub fn counts_host_units(&self) -> bool {
        self.plain.is_none() && counts_host_units(self.ledger)
    }

    #[inline(never)]
    fn read_any<'data>(&self, data: &'data [u8]) -> Result<Position<'data>, LayoutError> {
        let owner = data.get(self.owner_offset..).and_then(<[u8]>::first_chunk);
        let host_amount = amount::host_units(self.ledger, data)?;
        Ok(Position {
            owner: owner.ok_or(LayoutError::NotAPosition)?,
            amount: native(&self.ledger.scale, host_amount).ok_or(LayoutError::AmountTooLarge)?,
            host_amount,
        })
    }

    #[inline(never)]
    fn is_extended(&self, data: &[u8]) -> bool {
        self.ledger.length_rule == length_rule::TOKEN_ACCOUNT && token::is_extended(data)
    }
}

/// Where the amount lies in a layout of one unsigned u64, in native units.
fn plain_amount(ledger: &Ledger) -> Option<usize> {
    match ledger.amounts.first() {
        Some(AmountField {
            offset,
            width: 8,
            flags: 0,
            ..
        }) if ledger.amount_count == 1 && is_identity(&ledger.scale) => Some(*offset as usize),
        _ => None,
    }
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

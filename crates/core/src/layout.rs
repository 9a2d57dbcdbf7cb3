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
    let longest = if ledger.data_len == 0 {
        MAX_DATA_LEN
    } else {
        ledger.data_len
    };
    let within = |offset: u32, len: u32, longest: u32| offset.checked_add(len).is_some_and(|end| end <= longest);
    let apart = |a: u32, a_len: u32, b: u32, b_len: u32| a.saturating_add(a_len) <= b || b.saturating_add(b_len) <= a;
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

/// A layout made ready to read many positions.
pub struct Reader {
    /// Lengths a position may have. All that is read lies below the least.
    least: usize,
    greatest: usize,
    owner_offset: usize,
    amount_offset: usize,
    is_wide: bool,
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
const MAX_EXPECTED: usize = 2 * (32 >> 3);

impl Reader {
    /// Of a layout that passed [`check`].
    #[must_use]
    pub fn new(ledger: &Ledger) -> Self {
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
        let owner_end = (ledger.owner_offset as usize).saturating_add(OWNER_WIDTH as usize);
        let amount_end = (ledger.amount_offset as usize).saturating_add(if ledger.amount_width == 16 { 16 } else { 8 });
        let expected_end = expected.iter().map(|expected| expected.offset.saturating_add(8)).max();
        let data_len = ledger.data_len as usize;
        Self {
            least: owner_end.max(amount_end).max(expected_end.unwrap_or(0)).max(data_len),
            greatest: if data_len == 0 { usize::MAX } else { data_len },
            owner_offset: ledger.owner_offset as usize,
            amount_offset: ledger.amount_offset as usize,
            is_wide: ledger.amount_width == 16,
            expected,
            expected_count,
        }
    }

    /// Reads a position. The caller has checked that the ledger's program owns the account.
    ///
    /// # Errors
    /// [`LayoutError`]
    #[inline(always)]
    pub fn read<'a>(&self, data: &'a [u8]) -> Result<Position<'a>, LayoutError> {
        if data.len() < self.least || data.len() > self.greatest {
            return Err(LayoutError::NotAPosition);
        }
        for expected in self.expected.iter().take(self.expected_count) {
            // SAFETY: `least` is beyond the end of every expected word.
            let found = words::word(unsafe { chunk(data, expected.offset) });
            if found & expected.mask != expected.word {
                return Err(LayoutError::NotAPosition);
            }
        }
        // SAFETY: `least` is beyond the end of the owner and of the amount, as wide as it is.
        let (owner, amount) = unsafe { (chunk(data, self.owner_offset), chunk(data, self.amount_offset)) };
        if self.is_wide {
            // SAFETY: as above.
            let high = unsafe { chunk(data, self.amount_offset.wrapping_add(8)) };
            if words::word(high) != 0 {
                return Err(LayoutError::AmountTooLarge);
            }
        }
        Ok(Position {
            owner,
            amount: words::word(amount),
        })
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

/// Reads the sum the host keeps of all its positions.
#[must_use]
pub fn read_total(ledger: &Ledger, data: &[u8]) -> Option<u64> {
    data.get(ledger.total_offset as usize..)?.first_chunk().map(words::word)
}

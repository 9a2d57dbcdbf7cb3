//! Bytes read eight at a time.
//!
//! The compiler reads what it cannot prove aligned byte by byte, at five times the compute units.
//! Solana aligns account data, keys and owners to eight bytes; what comes from elsewhere is read
//! just as right, only slower.

use crate::{BULKHEAD_ID, board::MIN_LEN};

/// The bytes of a board, whichever way they are read.
pub trait Words {
    /// The little-endian word at `offset`, a multiple of eight. Callers stay within a board; past
    /// its end all ones would mean "closed" and "for ever".
    fn word(&self, offset: usize) -> u64;

    /// The `u32` at `offset`, a multiple of four.
    #[inline(always)]
    fn u32(&self, offset: usize) -> u32 {
        let half = if offset & 4 == 0 { 0 } else { 32 };
        (self.word(offset & !7) >> half) as u32
    }

    /// The time at `offset`, a multiple of eight. Unix seconds.
    #[inline(always)]
    fn time(&self, offset: usize) -> i64 {
        self.word(offset) as i64
    }
}

/// A board that lies where words may.
pub type BoardWords = [u64; MIN_LEN / 8];

impl Words for BoardWords {
    #[inline(always)]
    fn word(&self, offset: usize) -> u64 {
        self.get(offset >> 3).map_or(u64::MAX, |word| u64::from_le(*word))
    }
}

/// A board that lies anywhere.
pub type BoardBytes = [u8; MIN_LEN];

impl Words for BoardBytes {
    #[inline(always)]
    fn word(&self, offset: usize) -> u64 {
        let bytes = self.get(offset..).and_then(|bytes| bytes.first_chunk());
        bytes.map_or(u64::MAX, |bytes| u64::from_le_bytes(*bytes))
    }
}

/// The words of `bytes`, when they lie where words may.
#[inline(always)]
pub fn aligned<const BYTES: usize, const WORDS: usize>(bytes: &[u8; BYTES]) -> Option<&[u64; WORDS]> {
    const { assert!(BYTES == WORDS * 8) };
    let words = bytes.as_ptr().cast::<[u64; WORDS]>();
    // SAFETY: as long as `bytes`, aligned, borrowed as `bytes` is; every bit pattern is a u64.
    words.is_aligned().then(|| unsafe { &*words })
}

/// Word by word: `==` compares arrays in the order of their bytes, which costs more.
#[inline(always)]
pub fn same_words(a: &[u64; 4], b: &[u64; 4]) -> bool {
    a[0] == b[0] && a[1] == b[1] && a[2] == b[2] && a[3] == b[3]
}

/// [`BULKHEAD_ID`] as memory holds it.
pub const BULKHEAD_WORDS: [u64; 4] = [id_word(0), id_word(8), id_word(16), id_word(24)];

const fn id_word(offset: usize) -> u64 {
    match BULKHEAD_ID.split_at(offset).1.first_chunk() {
        Some(bytes) => u64::from_ne_bytes(*bytes),
        None => 0,
    }
}

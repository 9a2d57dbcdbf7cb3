//! Comparing keys eight bytes at a time: the VM counts instructions.

use core::cmp::Ordering;

/// Eight bytes as a number.
#[inline(always)]
#[must_use]
pub fn word(bytes: &[u8; 8]) -> u64 {
    u64::from_le_bytes(*bytes)
}

/// The four words of a key.
#[inline(always)]
fn words(key: &[u8; 32]) -> impl Iterator<Item = u64> {
    key.as_chunks().0.iter().map(word)
}

/// Are these the same keys?
#[inline(always)]
#[must_use]
pub fn same_key(a: &[u8; 32], b: &[u8; 32]) -> bool {
    words(a).eq(words(b))
}

/// Are these the same bytes? Most that differ do so in the first eight.
#[inline(always)]
#[must_use]
pub fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    let ((a_words, a_rest), (b_words, b_rest)) = (a.as_chunks(), b.as_chunks());
    a_words.iter().map(word).eq(b_words.iter().map(word)) && a_rest.iter().eq(b_rest)
}

/// The order of two keys, byte by byte from the first.
#[inline(always)]
#[must_use]
pub fn compare(a: &[u8; 32], b: &[u8; 32]) -> Ordering {
    words(a).map(u64::swap_bytes).cmp(words(b).map(u64::swap_bytes))
}

/// The first eight bytes of a key, as the order of keys sees them.
#[inline(always)]
#[must_use]
pub fn first(key: &[u8; 32]) -> u64 {
    words(key).next().map_or(0, u64::swap_bytes)
}

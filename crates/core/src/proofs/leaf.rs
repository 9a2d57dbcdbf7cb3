//! A position as words, and the accumulator that ingestion folds it into.

use super::{Curve, word::Word};
use crate::CoreError;

/// A position, as the words that the accumulator takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeafWords {
    /// First 16 bytes of the key.
    pub high: Word,
    /// Last 16 bytes of the key.
    pub low: Word,
    /// The owner without its first four bits.
    pub owner: Word,
    /// The amount, and above its 64 bits the owner's first four.
    pub packed: Word,
}

impl LeafWords {
    /// The words of a position. Other positions have other words.
    #[must_use]
    pub fn of(key: &[u8; 32], owner: &[u8; 32], amount: u64) -> Self {
        let half = |bytes: Option<&[u8; 16]>| Word::from(bytes.map_or(0, |bytes| u128::from_be_bytes(*bytes)));
        let nibble = owner.first().map_or(0, |first| first.unbounded_shr(4));
        let mut short = *owner;
        if let Some(first) = short.first_mut() {
            *first &= 0x0f;
        }
        Self {
            high: half(key.first_chunk()),
            low: half(key.last_chunk()),
            owner: Word::masked(short),
            packed: packed(amount, nibble),
        }
    }

    /// The accumulator after this leaf.
    ///
    /// # Errors
    /// [`CoreError::ProofNotCanonical`] if there is no such hash.
    pub fn fold(&self, accumulator: Word, curve: &impl Curve) -> Result<Word, CoreError> {
        let words = [accumulator, self.high, self.low, self.owner, self.packed];
        curve.poseidon(&words).ok_or(CoreError::ProofNotCanonical)
    }
}

/// Adds a position to an accumulator, in its 32 bytes.
///
/// # Errors
/// [`CoreError::ProofNotCanonical`] if there is no such hash.
#[inline(never)]
pub fn accumulate(
    accumulator: &mut [u8; 32],
    key: &[u8; 32],
    owner: &[u8; 32],
    amount: u64,
    curve: &impl Curve,
) -> Result<(), CoreError> {
    let before = Word::read(accumulator).ok_or(CoreError::ProofNotCanonical)?;
    *accumulator = *LeafWords::of(key, owner, amount).fold(before, curve)?.bytes();
    Ok(())
}

/// A number of 64 bits, and above it the first four bits of an owner.
#[must_use]
pub fn packed(number: u64, nibble: u8) -> Word {
    Word::from(u128::from(nibble).unbounded_shl(64) | u128::from(number))
}

/// The accumulator of a shard without leaves.
///
/// # Errors
/// [`CoreError::ProofNotCanonical`] if there is no such hash.
pub fn first_accumulator(tag: &[u8; 32], shard: u8, curve: &impl Curve) -> Result<Word, CoreError> {
    let half = |bytes: Option<&[u8; 16]>| Word::from(bytes.map_or(0, |bytes| u128::from_be_bytes(*bytes)));
    let words = [
        half(tag.first_chunk()),
        half(tag.last_chunk()),
        Word::from(u64::from(shard)),
    ];
    curve.poseidon(&words).ok_or(CoreError::ProofNotCanonical)
}

//! How far a run is, and the one public input that moves it on.

use super::{Curve, challenge::Challenge, leaf, word::Word};
use crate::CoreError;

pub use bulkhead_interface::constants::PROOF_STATE_LEN;

/// What is the same on every page of a run: one shard of one ledger under one plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunTerms {
    /// Which program, domain, plan, ledger and shard: [`context`](super::challenge::context).
    pub context: Word,
    /// What is paid out to the whole ledger.
    pub pool: u64,
    /// The sum of the whole ledger.
    pub total: u64,
    /// Where products are evaluated.
    pub challenge: Challenge,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// The accumulator over all leaves so far.
    pub accumulator: Word,
    /// Key of the last leaf, its first 16 bytes. Before the first leaf: one below the shard's first, -1 in shard 0.
    pub high: Word,
    /// Key of the last leaf, its last 16 bytes.
    pub low: u128,
    /// Leaves so far.
    pub count: u32,
    /// Sum of their amounts.
    pub sum: u64,
    /// Sum of their payouts.
    pub paid: u64,
    /// Product over all leaves whose payout is not 0.
    pub product: Word,
}

impl State {
    /// The state of a shard before its first leaf.
    ///
    /// # Errors
    /// [`CoreError::ProofNotCanonical`] if there is no such hash.
    pub fn first(tag: &[u8; 32], shard: u8, curve: &impl Curve) -> Result<Self, CoreError> {
        let first_key = Word::from(u128::from(shard).unbounded_shl(124));
        Ok(Self {
            accumulator: leaf::first_accumulator(tag, shard, curve)?,
            high: first_key.minus(&Word::one()),
            low: 0,
            count: 0,
            sum: 0,
            paid: 0,
            product: Word::one(),
        })
    }

    /// Its digest.
    ///
    /// # Errors
    /// [`CoreError::ProofNotCanonical`] if there is no such hash.
    pub fn digest(&self, curve: &impl Curve) -> Result<Word, CoreError> {
        let words = [
            self.accumulator,
            self.high,
            Word::from(self.low),
            Word::from(u128::from(self.count)),
            Word::from(self.sum),
            Word::from(self.paid),
            self.product,
        ];
        curve.poseidon(&words).ok_or(CoreError::ProofNotCanonical)
    }

    /// Its bytes: words big endian, numbers little endian.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; PROOF_STATE_LEN] {
        let parts: [&[u8]; 7] = [
            self.accumulator.bytes(),
            self.high.bytes(),
            &self.low.to_le_bytes(),
            &self.count.to_le_bytes(),
            &self.sum.to_le_bytes(),
            &self.paid.to_le_bytes(),
            self.product.bytes(),
        ];
        let mut bytes = [0; PROOF_STATE_LEN];
        for (to, from) in bytes.iter_mut().zip(parts.into_iter().flatten()) {
            *to = *from;
        }
        bytes
    }

    /// The state of these bytes.
    ///
    /// # Errors
    /// [`CoreError::ProofNotCanonical`] for a word that is not below `p`.
    pub fn read(bytes: &[u8; PROOF_STATE_LEN]) -> Result<Self, CoreError> {
        let read = || {
            let (accumulator, rest) = bytes.split_first_chunk()?;
            let (high, rest) = rest.split_first_chunk()?;
            let (low, rest) = rest.split_first_chunk()?;
            let (count, rest) = rest.split_first_chunk()?;
            let (sum, rest) = rest.split_first_chunk()?;
            let (paid, rest) = rest.split_first_chunk()?;
            let product = rest.first_chunk()?;
            Some(Self {
                accumulator: Word::read(accumulator)?,
                high: Word::read(high)?,
                low: u128::from_le_bytes(*low),
                count: u32::from_le_bytes(*count),
                sum: u64::from_le_bytes(*sum),
                paid: u64::from_le_bytes(*paid),
                product: Word::read(product)?,
            })
        };
        read().ok_or(CoreError::ProofNotCanonical)
    }
}

impl RunTerms {
    /// The digest of what is the same on every page.
    ///
    /// # Errors
    /// [`CoreError::ProofNotCanonical`] if there is no such hash.
    pub fn digest(&self, curve: &impl Curve) -> Result<Word, CoreError> {
        let Challenge { gamma, beta } = self.challenge;
        let words = [self.context, Word::from(self.pool), Word::from(self.total), gamma, beta];
        curve.poseidon(&words).ok_or(CoreError::ProofNotCanonical)
    }

    /// The one public input of a page.
    ///
    /// # Errors
    /// [`CoreError::ProofNotCanonical`] if there is no such hash.
    pub fn public_input(&self, before: &State, after: &State, curve: &impl Curve) -> Result<Word, CoreError> {
        let words = [self.digest(curve)?, before.digest(curve)?, after.digest(curve)?];
        curve.poseidon(&words).ok_or(CoreError::ProofNotCanonical)
    }
}

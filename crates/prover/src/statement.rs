//! What a page states, computed without any circuit. `docs/proof-statement.md` has the same in words.

use bulkhead_core::restoration::prorata::payout_floor;
use bulkhead_snapshot::Position;

use crate::{
    Error, Word,
    field::{from_bytes, halves, power_of_two, to_bytes},
    hash::poseidon,
};

/// Bytes of a [`State`].
pub const STATE_LEN: usize = 132;

/// What is the same on every page of a run: one shard of one ledger under one plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Which program, domain, plan, ledger and shard: see [`crate::Subject::context`].
    pub context: Word,
    /// What is paid out to the whole ledger.
    pub pool: u64,
    /// The sum of the whole ledger. Not 0.
    pub total: u64,
    /// Where the products are evaluated.
    pub challenge: Challenge,
}

/// Two words that nobody knows before the leaves are fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// γ.
    pub gamma: Word,
    /// β.
    pub beta: Word,
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

/// A leaf, as the words that the accumulator and the product take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// First 16 bytes of the key.
    pub high: u128,
    /// Last 16 bytes of the key.
    pub low: u128,
    /// The owner without its first four bits.
    pub owner: Word,
    /// The owner's first four bits.
    pub nibble: u8,
    /// The amount.
    pub amount: u64,
}

impl From<&Position> for Leaf {
    fn from(position: &Position) -> Self {
        Self::of(&position.key.to_bytes(), &position.owner.to_bytes(), position.amount)
    }
}

impl Leaf {
    /// The leaf of a position.
    #[must_use]
    pub fn of(key: &[u8; 32], owner: &[u8; 32], amount: u64) -> Self {
        let (mut owner, nibble) = (*owner, owner[0] >> 4);
        owner[0] &= 0x0f;
        let half = |part: &[u8]| part.iter().fold(0, |number, byte| number << 8 | u128::from(*byte));
        Self {
            high: half(&key[..16]),
            low: half(&key[16..]),
            owner: crate::field::masked(owner),
            nibble,
            amount,
        }
    }

    /// The four words that follow the accumulator into the hash.
    #[must_use]
    pub fn words(&self) -> [Word; 4] {
        let packed = u128::from(self.nibble) << 64 | u128::from(self.amount);
        [
            Word::from(self.high),
            Word::from(self.low),
            self.owner,
            Word::from(packed),
        ]
    }

    /// The accumulator after this leaf.
    ///
    /// # Errors
    /// [`Error::Hash`], never in fact.
    pub fn fold(&self, accumulator: Word) -> Result<Word, Error> {
        let [high, low, owner, packed] = self.words();
        poseidon(&[accumulator, high, low, owner, packed])
    }

    /// Its factor of the product, for a payout that is not 0: `γ - owner - β · (payout + 2^64 · nibble)`.
    #[must_use]
    pub fn factor(&self, payout: u64, challenge: &Challenge) -> Word {
        let packed = u128::from(self.nibble) << 64 | u128::from(payout);
        challenge.gamma - self.owner - challenge.beta * Word::from(packed)
    }
}

/// The accumulator of a shard without leaves.
///
/// # Errors
/// [`Error::Hash`], never in fact.
pub fn first_accumulator(tag: &[u8; 32], shard: u8) -> Result<Word, Error> {
    let (high, low) = halves(tag);
    poseidon(&[high, low, Word::from(shard)])
}

impl Run {
    /// The digest of what is the same on every page.
    ///
    /// # Errors
    /// [`Error::Hash`], never in fact.
    pub fn digest(&self) -> Result<Word, Error> {
        poseidon(&[
            self.context,
            Word::from(self.pool),
            Word::from(self.total),
            self.challenge.gamma,
            self.challenge.beta,
        ])
    }

    /// The one public input of a page.
    ///
    /// # Errors
    /// [`Error::Hash`], never in fact.
    pub fn public_input(&self, before: &State, after: &State) -> Result<Word, Error> {
        poseidon(&[self.digest()?, before.digest()?, after.digest()?])
    }

    /// The state after one more leaf, which is number `at` of its shard.
    ///
    /// # Errors
    /// A named [`Error`] for a leaf that no page can hold.
    pub fn advance(&self, state: &State, leaf: &Leaf, at: u64) -> Result<State, Error> {
        if leaf.amount == 0 {
            return Err(Error::EmptyLeaf(at));
        }
        if !state.precedes(leaf) {
            return Err(Error::KeysNotAscending(at));
        }
        let payout = payout_floor(leaf.amount, self.pool, self.total).ok_or(Error::AmountAboveTotal(at))?;
        let product = if payout == 0 {
            state.product
        } else {
            state.product * leaf.factor(payout, &self.challenge)
        };
        Ok(State {
            accumulator: leaf.fold(state.accumulator)?,
            high: Word::from(leaf.high),
            low: leaf.low,
            count: state.count.checked_add(1).ok_or(Error::Overflow)?,
            sum: state.sum.checked_add(leaf.amount).ok_or(Error::Overflow)?,
            paid: state.paid.checked_add(payout).ok_or(Error::Overflow)?,
            product,
        })
    }

    /// The state after several more leaves.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub fn advance_all(&self, before: &State, leaves: &[Leaf]) -> Result<State, Error> {
        leaves.iter().try_fold(*before, |state, leaf| {
            self.advance(&state, leaf, u64::from(state.count))
        })
    }
}

impl State {
    /// The state of a shard before its first leaf.
    ///
    /// # Errors
    /// [`Error::Hash`], never in fact.
    pub fn first(tag: &[u8; 32], shard: u8) -> Result<Self, Error> {
        Ok(Self {
            accumulator: first_accumulator(tag, shard)?,
            high: Word::from(shard) * power_of_two(124) - Word::from(1_u64),
            low: 0,
            count: 0,
            sum: 0,
            paid: 0,
            product: Word::from(1_u64),
        })
    }

    /// Its digest: Poseidon of its seven words.
    ///
    /// # Errors
    /// [`Error::Hash`], never in fact.
    pub fn digest(&self) -> Result<Word, Error> {
        poseidon(&[
            self.accumulator,
            self.high,
            Word::from(self.low),
            Word::from(self.count),
            Word::from(self.sum),
            Word::from(self.paid),
            self.product,
        ])
    }

    /// Does a leaf's key come after the last one?
    fn precedes(&self, leaf: &Leaf) -> bool {
        let step = Word::from(leaf.high) - self.high;
        if step == Word::from(0_u64) {
            self.low < leaf.low
        } else {
            // -1 stands before everything; otherwise both are below 2^128.
            self.high == -Word::from(1_u64) || self.high < Word::from(leaf.high)
        }
    }

    /// Its bytes, as the account of a run would hold them: words big endian, numbers little endian.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; STATE_LEN] {
        let mut bytes = [0; STATE_LEN];
        let mut at = 0;
        let mut put = |part: &[u8]| {
            bytes[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        };
        put(&to_bytes(&self.accumulator));
        put(&to_bytes(&self.high));
        put(&self.low.to_le_bytes());
        put(&self.count.to_le_bytes());
        put(&self.sum.to_le_bytes());
        put(&self.paid.to_le_bytes());
        put(&to_bytes(&self.product));
        bytes
    }

    /// A state from its bytes. `None` if a word is not canonical.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; STATE_LEN]) -> Option<Self> {
        let (accumulator, rest) = bytes.split_first_chunk::<32>()?;
        let (high, rest) = rest.split_first_chunk::<32>()?;
        let (low, rest) = rest.split_first_chunk::<16>()?;
        let (count, rest) = rest.split_first_chunk::<4>()?;
        let (sum, rest) = rest.split_first_chunk::<8>()?;
        let (paid, rest) = rest.split_first_chunk::<8>()?;
        let (product, _) = rest.split_first_chunk::<32>()?;
        Some(Self {
            accumulator: from_bytes(accumulator)?,
            high: from_bytes(high)?,
            low: u128::from_le_bytes(*low),
            count: u32::from_le_bytes(*count),
            sum: u64::from_le_bytes(*sum),
            paid: u64::from_le_bytes(*paid),
            product: from_bytes(product)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use bulkhead_snapshot::Position;

    use super::*;
    use crate::testing::{leaf, run};

    #[test]
    fn words_hold_every_byte_of_a_position() {
        let position = Position {
            key: [0xab; 32].into(),
            owner: [0xcd; 32].into(),
            amount: u64::MAX,
        };
        let leaf = Leaf::from(&position);
        assert_eq!(leaf.high, u128::from_be_bytes([0xab; 16]));
        assert_eq!(leaf.low, leaf.high);
        assert_eq!(leaf.nibble, 0x0c);
        let mut owner = [0xcd; 32];
        owner[0] = 0x0d;
        assert_eq!(to_bytes(&leaf.owner), owner);
        let mut packed = [0; 32];
        packed[23] = 0x0c;
        packed[24..].fill(0xff);
        assert_eq!(to_bytes(&leaf.words()[3]), packed);
    }

    #[test]
    fn a_state_comes_back_from_its_bytes_and_only_from_canonical_ones() {
        let state = run()
            .advance_all(&State::first(&[3; 32], 0).unwrap(), &[leaf(1, 5)])
            .unwrap();
        assert_eq!(State::from_bytes(&state.to_bytes()), Some(state));
        for word in [0, 32, 100] {
            let mut bytes = state.to_bytes();
            bytes[word..word + 32].fill(0xff);
            assert_eq!(State::from_bytes(&bytes), None, "word at {word}");
        }
    }

    #[test]
    fn leaves_that_no_page_holds_are_named() {
        let (run, first) = (run(), State::first(&[3; 32], 0).unwrap());
        let twice = [leaf(7, 5), leaf(7, 5)];
        assert!(matches!(
            run.advance_all(&first, &twice),
            Err(Error::KeysNotAscending(1))
        ));
        let down = [leaf(7, 5), leaf(6, 5)];
        assert!(matches!(
            run.advance_all(&first, &down),
            Err(Error::KeysNotAscending(1))
        ));
        assert!(matches!(
            run.advance_all(&first, &[leaf(7, 0)]),
            Err(Error::EmptyLeaf(0))
        ));
        let above = [leaf(7, run.total + 1)];
        assert!(matches!(
            run.advance_all(&first, &above),
            Err(Error::AmountAboveTotal(0))
        ));
        let full = State { sum: u64::MAX, ..first };
        assert!(matches!(run.advance_all(&full, &[leaf(7, 5)]), Err(Error::Overflow)));
        let full = State {
            paid: u64::MAX,
            ..first
        };
        assert!(matches!(
            run.advance_all(&full, &[leaf(7, run.total)]),
            Err(Error::Overflow)
        ));
        let full = State {
            count: u32::MAX,
            ..first
        };
        assert!(matches!(run.advance_all(&full, &[leaf(7, 5)]), Err(Error::Overflow)));
    }

    #[test]
    fn a_shard_begins_with_its_first_key_and_not_before() {
        let mut first_of_three = leaf(0, 5);
        (first_of_three.high, first_of_three.low) = (3 << 124, 0);
        let before = State::first(&[3; 32], 3).unwrap();
        assert!(run().advance(&before, &first_of_three, 0).is_ok());
        let mut below = first_of_three;
        (below.high, below.low) = ((3 << 124) - 1, 0);
        assert!(matches!(
            run().advance(&before, &below, 0),
            Err(Error::KeysNotAscending(0))
        ));
        // In shard 0 the key of zeros is a leaf like any other.
        let mut zero = first_of_three;
        zero.high = 0;
        assert!(run().advance(&State::first(&[3; 32], 0).unwrap(), &zero, 0).is_ok());
    }
}

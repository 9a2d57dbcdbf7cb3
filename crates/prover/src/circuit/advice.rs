//! What a prover puts into a page: the values that the rows do not compute. Here is what an honest one puts in.

use ark_ff::{Field, One, Zero};
use bulkhead_core::restoration::prorata::payout_floor;

use crate::{Error, Leaf, Run, State, Word, circuit::number::digits};

/// Bits of a half of a key.
pub(crate) const HALF_BITS: usize = 128;
/// Bits of an amount, a payout, a total.
pub(crate) const AMOUNT_BITS: usize = 64;
/// The owner's bits beside its word.
pub(crate) const NIBBLE_BITS: usize = 4;

/// Everything that a page is filled with.
#[derive(Clone, Debug)]
pub(crate) struct PageAdvice {
    pub context: Word,
    pub pool: Word,
    /// Digits of total - 1.
    pub total: Vec<Word>,
    pub gamma: Word,
    pub beta: Word,
    pub accumulator: Word,
    pub high: Word,
    pub low: Word,
    pub count: Word,
    pub sum: Word,
    pub paid: Word,
    pub product: Word,
    pub places: Vec<PlaceAdvice>,
}

/// What one place of a page is filled with.
#[derive(Clone, Debug)]
pub(crate) struct PlaceAdvice {
    /// 1 if there is a leaf.
    pub active: Word,
    pub high: Word,
    pub low: Word,
    pub owner: Word,
    pub nibble: Word,
    pub amount: Word,
    /// 1 if the first half of the key is that of the last key.
    pub same_high: Word,
    /// By how much more than 1 the deciding half grew.
    pub step: Word,
    pub payout: Word,
    /// What the division leaves.
    pub remainder: Word,
    /// One divided by the payout, or 0.
    pub inverse: Word,
    /// 1 if the payout is not 0.
    pub is_paid: Word,
}

impl PageAdvice {
    /// An honest page: these leaves after that state, then empty places.
    pub fn new(run: &Run, before: &State, leaves: &[Leaf], size: usize) -> Result<Self, Error> {
        if leaves.is_empty() || leaves.len() > size {
            return Err(Error::PageSize {
                size,
                leaves: leaves.len(),
            });
        }
        let mut page = Self::empty(run, before)?;
        let mut state = *before;
        for leaf in leaves {
            let after = run.advance(&state, leaf, u64::from(state.count))?;
            page.places.push(PlaceAdvice::new(run, &state, leaf)?);
            state = after;
        }
        page.places.resize(size, PlaceAdvice::nobody(&state));
        Ok(page)
    }

    /// A page of empty places: it has the same rows as any other.
    pub fn blank(size: usize) -> Result<Self, Error> {
        let run = Run {
            context: Word::zero(),
            pool: 1,
            total: 1,
            challenge: crate::Challenge {
                gamma: Word::zero(),
                beta: Word::zero(),
            },
        };
        let before = State::first(&[0; 32], 0)?;
        let mut page = Self::empty(&run, &before)?;
        page.places.resize(size, PlaceAdvice::nobody(&before));
        Ok(page)
    }

    fn empty(run: &Run, before: &State) -> Result<Self, Error> {
        let highest = run.total.checked_sub(1).ok_or(Error::AmountAboveTotal(0))?;
        Ok(Self {
            context: run.context,
            pool: Word::from(run.pool),
            total: digits(Word::from(highest), AMOUNT_BITS, 63),
            gamma: run.challenge.gamma,
            beta: run.challenge.beta,
            accumulator: before.accumulator,
            high: before.high,
            low: Word::from(before.low),
            count: Word::from(before.count),
            sum: Word::from(before.sum),
            paid: Word::from(before.paid),
            product: before.product,
            places: vec![],
        })
    }
}

impl PlaceAdvice {
    fn new(run: &Run, before: &State, leaf: &Leaf) -> Result<Self, Error> {
        let payout = payout_floor(leaf.amount, run.pool, run.total).ok_or(Error::AmountAboveTotal(0))?;
        let (amount, payout) = (Word::from(leaf.amount), Word::from(payout));
        let (high, low) = (Word::from(leaf.high), Word::from(leaf.low));
        let is_same = high == before.high;
        let grown = if is_same {
            low - Word::from(before.low)
        } else {
            high - before.high
        };
        Ok(Self {
            active: Word::one(),
            high,
            low,
            owner: leaf.owner,
            nibble: Word::from(leaf.nibble),
            amount,
            same_high: if is_same { Word::one() } else { Word::zero() },
            step: grown - Word::one(),
            payout,
            remainder: amount * Word::from(run.pool) - payout * Word::from(run.total),
            inverse: payout.inverse().unwrap_or_default(),
            is_paid: if payout.is_zero() { Word::zero() } else { Word::one() },
        })
    }

    /// An empty place after this state: the last key again.
    pub fn nobody(before: &State) -> Self {
        let zero = Word::zero();
        Self {
            active: zero,
            high: before.high,
            low: Word::from(before.low),
            owner: zero,
            nibble: zero,
            amount: zero,
            same_high: Word::one(),
            step: zero,
            payout: zero,
            remainder: zero,
            inverse: zero,
            is_paid: zero,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circuit::number::subset;

    /// Every remainder below a total is a subset of its steps, and greedily found.
    #[test]
    fn steps_reach_every_number_below_the_total() {
        for total in (1_u64..300).chain([u64::MAX, u64::MAX - 1, 1 << 63, (1 << 63) + 1]) {
            let highest = total - 1;
            let steps: Vec<_> = (0..64).map(|j| Word::from((highest >> j).div_ceil(2))).collect();
            assert_eq!(steps.iter().sum::<Word>(), Word::from(highest));
            let tried = (0..total.min(300)).chain([highest, highest / 2, highest / 2 + 1]);
            for value in tried.filter(|value| *value < total).map(Word::from) {
                assert_eq!(subset(value, &steps).iter().sum::<Word>(), value, "{value} of {total}");
            }
            let beyond = Word::from(highest) + Word::one();
            assert_ne!(subset(beyond, &steps).iter().sum::<Word>(), beyond);
        }
    }
}

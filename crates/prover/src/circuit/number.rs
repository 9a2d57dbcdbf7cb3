//! Numbers in a range: bits, and subsets of steps.

use ark_ff::{AdditiveGroup, BigInteger, Field, One, PrimeField, Zero};

use super::{builder::Builder, group::Group, wire::Wire};
use crate::{Word, field::power_of_two};

/// The lowest digits of a number in base two. Digit `rest` takes whatever the others leave: it is 0 or 1 if the number
/// has no more digits.
pub(crate) fn digits(value: Word, count: usize, rest: u32) -> Vec<Word> {
    let number = value.into_bigint();
    let mut digits: Vec<_> = (0..count).map(|at| Word::from(u64::from(number.get_bit(at)))).collect();
    let sum = digits
        .iter()
        .rev()
        .fold(Word::zero(), |sum, digit| sum.double() + digit);
    if sum != value
        && let Some(digit) = digits.get_mut(rest as usize)
    {
        *digit += (value - sum) * power_of_two(rest).inverse().unwrap_or_default();
    }
    digits
}

/// A wire of `count` bits that is worth `value`. Nothing satisfies the rows if the value has more.
pub(crate) fn of_bits(builder: &mut Builder, group: Group, value: Word, count: usize) -> (Wire, Vec<Wire>) {
    builder.enter(group);
    #[cfg(not(test))]
    let digits = digits(value, count, u32::try_from(count).unwrap_or_default().saturating_sub(1));
    #[cfg(test)]
    let digits = builder.tampering.digits(group, value, count);
    let (mut sum, mut power, mut bits) = (Wire::default(), Word::one(), Vec::with_capacity(count));
    for digit in digits {
        let bit = builder.bit(digit);
        sum = sum.plus(power, &bit);
        power.double_in_place();
        bits.push(bit);
    }
    (sum, bits)
}

/// For a number of 64 bits, 64 steps whose subsets add up to every number from 0 to it, and to no other: with
/// `M >> j` for what is left of it after j bits, step j is half of that, rounded up.
///
/// Together the steps are the number itself, so no subset exceeds it. Every smaller number is reached: what the steps
/// after one reach is half, rounded down, and that is at least the step less one.
pub(crate) fn steps(builder: &mut Builder, bits: &[Wire]) -> Vec<Wire> {
    builder.enter(Group::TotalSteps);
    // The highest bit first: `above` is what the bits above the current one are worth, as a number of their own.
    let mut above = Wire::default();
    let mut steps: Vec<_> = bits
        .iter()
        .rev()
        .map(|bit| {
            let half_up = above.add(bit);
            above = above.times(Word::from(2_u64)).add(bit);
            let step = builder.variable(half_up.value);
            builder.demand_equal(&half_up, &step);
            step
        })
        .collect();
    steps.reverse();
    steps
}

/// Which of the steps, each half of what is left and rounded up, add up to `value`: the largest first.
pub(crate) fn subset(value: Word, steps: &[Word]) -> Vec<Word> {
    let mut left = value;
    steps
        .iter()
        .map(|step| {
            // Above 2^127 is below zero.
            let after = left - step;
            if after.into_bigint().num_bits() <= 64 {
                left = after;
                *step
            } else {
                Word::zero()
            }
        })
        .collect()
}

/// A wire that is worth `value`, a sum of some of the steps. Nothing satisfies the rows if it is no such sum.
pub(crate) fn below_total(builder: &mut Builder, value: Word, steps: &[Wire]) -> Wire {
    builder.enter(Group::Remainder);
    let worth: Vec<_> = steps.iter().map(|step| step.value).collect();
    #[cfg(not(test))]
    let parts = subset(value, &worth);
    #[cfg(test)]
    let parts = builder.tampering.parts(value, &worth);
    steps.iter().zip(parts).fold(Wire::default(), |sum, (step, part)| {
        // Either nothing or the whole step.
        let part = builder.variable(part);
        let rest = part.sub(step);
        builder.demand(&part, &rest, &Wire::default());
        sum.plus(Word::one(), &part)
    })
}

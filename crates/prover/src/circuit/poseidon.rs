//! Poseidon as rows: three a power of five.

use ark_ff::{One, Zero};

use super::{builder::Builder, wire::Wire};
use crate::{Error, Word, hash::parameters};

/// The hash of these wires, equal to [`crate::hash::poseidon`] of their values.
pub(crate) fn hash(builder: &mut Builder, inputs: &[Wire]) -> Result<Wire, Error> {
    let width = inputs.len() + 1;
    let parameters = parameters(width)?;
    let half = parameters.full_rounds / 2;
    let rounds = parameters.full_rounds + parameters.partial_rounds;
    let mut state = Vec::with_capacity(width);
    state.push(Wire::default());
    state.extend_from_slice(inputs);
    for (round, constants) in parameters.ark.chunks(width).enumerate() {
        let is_full = round < half || round >= half + parameters.partial_rounds;
        for (place, (element, constant)) in state.iter_mut().zip(constants).enumerate() {
            *element = std::mem::take(element).plus(Word::one(), &builder.constant(*constant));
            if round == 0 && place == 0 {
                // The capacity begins as 0 and needs no rows.
                *element = builder.constant(fifth(element.value));
            } else if is_full || place == 0 {
                *element = fifth_power(builder, element);
            }
        }
        // Of the last state only the first element is used.
        let kept = if round + 1 == rounds { 1 } else { width };
        state = parameters.mds.iter().take(kept).map(|row| mix(row, &state)).collect();
    }
    state.into_iter().next().ok_or(Error::Hash)
}

fn mix(row: &[Word], state: &[Wire]) -> Wire {
    row.iter()
        .zip(state)
        .filter(|(by, _)| !by.is_zero())
        .fold(Wire::default(), |sum, (by, element)| sum.plus(*by, element))
}

fn fifth(value: Word) -> Word {
    let square = value * value;
    square * square * value
}

fn fifth_power(builder: &mut Builder, x: &Wire) -> Wire {
    let square = builder.product(x, x);
    let fourth = builder.product(&square, &square);
    builder.product(&fourth, x)
}

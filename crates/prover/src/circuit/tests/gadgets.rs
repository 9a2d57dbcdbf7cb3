//! Each gadget against its twin without a circuit.

use ark_ff::{BigInteger, One, PrimeField};
use bulkhead_core::restoration::prorata::payout_floor;

use super::*;
use crate::{
    circuit::{
        builder::INSTANCE,
        number::{below_total, of_bits, steps},
        poseidon::hash,
        wire::Wire,
    },
    field::power_of_two,
    testing::{leaf, run},
};

/// Numbers from a seed: no two runs differ.
fn numbers(count: usize) -> Vec<u64> {
    let mut state = 0x1234_5678_9abc_def1_u64;
    (0..count)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        })
        .collect()
}

fn satisfied(builder: Builder) -> bool {
    let rows = builder.rows.unwrap();
    rows.violated(&builder.values).next().is_none()
}

/// What the terms of a wire are worth: the matrices say the same as the values.
fn worth(builder: &Builder, wire: &Wire) -> Word {
    wire.terms.iter().map(|(by, at)| *by * builder.values[*at]).sum()
}

#[test]
fn poseidon_is_poseidon_for_every_number_of_inputs() {
    for inputs in 1..=crate::hash::MOST_INPUTS {
        let words: Vec<_> = numbers(inputs)
            .into_iter()
            .map(|number| Word::from(number) * power_of_two(180))
            .collect();
        let mut builder = Builder::new(true);
        let wires: Vec<_> = words.iter().map(|word| builder.variable(*word)).collect();
        let found = hash(&mut builder, &wires).unwrap();
        assert_eq!(found.value, poseidon(&words).unwrap());
        assert_eq!(worth(&builder, &found), found.value);
        assert!(satisfied(builder));
    }
}

#[test]
fn bits_hold_numbers_that_fit_and_no_others() {
    for count in [1, 4, 64, 128] {
        let largest = power_of_two(count) - Word::one();
        for (value, fits) in [
            (Word::from(0_u64), true),
            (largest, true),
            (largest + Word::one(), false),
            (-Word::one(), false),
        ] {
            let mut builder = Builder::new(true);
            let (wire, bits) = of_bits(&mut builder, Group::AmountBits, value, count as usize);
            assert_eq!((wire.value, bits.len()), (value, count as usize));
            assert_eq!(worth(&builder, &wire), value);
            assert_eq!(satisfied(builder), fits, "{value} in {count} bits");
        }
    }
}

#[test]
fn a_remainder_is_below_the_total_and_nothing_else_is() {
    for total in numbers(40).into_iter().chain([1, 2, 3, u64::MAX]) {
        for remainder in [0, 1, total / 2, total - 1, total] {
            let mut builder = Builder::new(true);
            let (_, bits) = of_bits(&mut builder, Group::TotalBits, Word::from(total - 1), 64);
            let steps = steps(&mut builder, &bits);
            let sum = steps.iter().fold(Wire::default(), |sum, step| sum.add(step));
            assert_eq!(sum.value, Word::from(total - 1));
            let found = below_total(&mut builder, Word::from(remainder), &steps);
            assert!(satisfied(builder));
            // What is not below the total comes out as something else, which the quotient refuses.
            assert_eq!(
                found.value == Word::from(remainder),
                remainder < total,
                "{remainder} of {total}"
            );
        }
    }
}

#[test]
fn a_page_is_its_twin() {
    let before = State::first(&[3; 32], 0).unwrap();
    for leaves in [
        vec![leaf(1, 5)],
        vec![leaf(1, 5), leaf(2, 1_000), leaf(9, 77)],
        // A payout of 0, a key that agrees in its first half, the largest amount.
        vec![
            leaf(1, 1),
            Leaf {
                low: u128::MAX,
                ..leaf(1, 3)
            },
            leaf(2, 1_000_003),
        ],
    ] {
        let attempt = Attempt::honest("honest", run(), before, &leaves);
        let outcome = attempt.outcome();
        assert_eq!(attempt.violated(), BTreeSet::new());
        assert_eq!(
            encoded(&outcome.after),
            Some(run().advance_all(&before, &leaves).unwrap())
        );
        assert!(attempt.is_of_its_statement() && attempt.is_true());
    }
}

#[test]
fn shares_are_those_of_the_program_up_to_the_largest_numbers() {
    let mut seen = 0;
    let before = State::first(&[3; 32], 0).unwrap();
    for numbers in numbers(300).chunks(3) {
        let (total, pool) = (numbers[0].max(1), numbers[1]);
        for amount in [numbers[2] % total + 1, total, 1] {
            let run = Run { pool, total, ..run() };
            let attempt = Attempt::honest("share", run, before, &[leaf(1, amount)]);
            let paid = encoded(&attempt.outcome().after).unwrap().paid;
            assert_eq!(Some(paid), payout_floor(amount, pool, total));
            assert_eq!(attempt.violated(), BTreeSet::new());
            seen += u32::from(paid > u64::MAX / 2);
        }
    }
    assert!(seen > 10, "large payouts are among them");
}

#[test]
fn a_recording_and_a_filling_agree() {
    let before = State::first(&[3; 32], 0).unwrap();
    let leaves = [leaf(1, 5), leaf(2, 6)];
    let page = PageAdvice::new(&run(), &before, &leaves, SIZE).unwrap();
    let (mut recording, mut filling) = (Builder::new(true), Builder::new(false));
    synthesize(&mut recording, &page).unwrap();
    synthesize(&mut filling, &page).unwrap();
    assert_eq!(recording.values, filling.values);
    // Rows do not depend on what a page holds.
    assert!(recording.rows.unwrap() == shape().rows);
    assert_eq!(filling.values.len(), shape().variables);
}

#[test]
fn the_count_of_rows_is_that_of_the_docs() {
    let counted = shape().count();
    assert_eq!(counted.constraints, counted.per_page + SIZE * counted.per_leaf);
    assert_eq!(counted.constraints + INSTANCE, counted.constraints + 2);
    let page = include_str!("../../../../../docs/proof-statement.md");
    assert!(page.contains(&format!(
        "{} constraints a leaf and {} a page",
        counted.per_leaf, counted.per_page
    )));
    for (group, rows) in &counted.groups {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{group}` |")));
        let row = row.unwrap_or_else(|| panic!("{group} is not in the docs"));
        let each = if row.contains("a page") { *rows } else { rows / SIZE };
        assert!(row.contains(&format!("| {each} ")), "{group} has {each}: {row}");
    }
    assert_eq!(counted.groups.len(), Group::ALL.len());
}

#[test]
fn the_field_is_that_of_the_docs() {
    assert_eq!(Word::MODULUS.num_bits(), 254);
}

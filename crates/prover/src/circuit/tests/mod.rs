//! What the circuit accepts and what it refuses, and which rows it refuses it with.
//!
//! An attempt is an honest page in which an attacker changed some values; everything after them is computed from them as
//! an honest prover would. The rows do not depend on values, so all attempts on pages of one size share a [`Shape`].

mod attacks;
mod gadgets;
mod groups;
mod proofs;
mod rows;

use std::{collections::BTreeSet, sync::OnceLock};

use super::{
    Shape,
    advice::PageAdvice,
    builder::{Builder, PUBLIC, Rows},
    group::Group,
    page::synthesize,
    tampering::Tampering,
};
use crate::{Leaf, Run, State, Word, field::to_bytes, hash::poseidon};

/// Places of the pages here.
const SIZE: usize = 3;

fn shape() -> &'static Shape {
    static SHAPE: OnceLock<Shape> = OnceLock::new();
    SHAPE.get_or_init(|| Shape::of(SIZE).unwrap())
}

/// A page that somebody tries to prove.
#[derive(Clone)]
struct Attempt {
    name: String,
    run: Run,
    before: State,
    /// The leaves that the accumulator is over, if any are known.
    leaves: Option<Vec<Leaf>>,
    page: PageAdvice,
    tampering: Tampering,
    /// What is claimed, where that is not what the values say.
    claim: Option<(Run, State, State)>,
}

/// What a circuit computes from an attempt.
struct Outcome {
    values: Vec<Word>,
    after: [Word; 7],
    variables: std::collections::HashMap<Group, usize>,
}

impl Attempt {
    /// An honest page.
    fn honest(name: impl Into<String>, run: Run, before: State, leaves: &[Leaf]) -> Self {
        Self {
            name: name.into(),
            run,
            before,
            page: PageAdvice::new(&run, &before, leaves, SIZE).unwrap(),
            leaves: Some(leaves.to_vec()),
            tampering: Tampering::default(),
            claim: None,
        }
    }

    fn outcome(&self) -> Outcome {
        let mut builder = Builder::new(false);
        builder.tampering = self.tampering.clone();
        let after = synthesize(&mut builder, &self.page).unwrap();
        Outcome {
            values: builder.values,
            after,
            variables: builder.tampering.variables,
        }
    }

    /// Groups whose rows the values violate.
    fn violated(&self) -> BTreeSet<Group> {
        self.violated_rows().into_iter().map(|(_, group)| group).collect()
    }

    fn violated_rows(&self) -> Vec<(usize, Group)> {
        shape().rows.violated(&self.outcome().values).collect()
    }

    fn is_accepted_by(&self, rows: &Rows) -> bool {
        rows.violated(&self.outcome().values).next().is_none()
    }

    /// The statement that a verifier would check: with numbers in the widths that an account has.
    fn statement(&self) -> (Run, State, State) {
        self.claim.unwrap_or_else(|| {
            (
                self.run,
                self.before,
                encoded(&self.outcome().after).expect("it fits an account"),
            )
        })
    }

    /// Would a verifier compute the public input that the values have?
    fn is_of_its_statement(&self) -> bool {
        let (run, before, after) = self.statement();
        self.outcome().values[PUBLIC] == run.public_input(&before, &after).unwrap()
    }

    /// Do the leaves lead to the state that is claimed?
    fn is_true(&self) -> bool {
        let (run, before, after) = self.statement();
        let leaves = self.leaves.as_ref();
        leaves.is_some_and(|leaves| {
            run.advance_all(&before, leaves)
                .is_ok_and(|true_after| true_after == after)
        })
    }
}

/// The state of seven words, if each fits its width.
fn encoded(words: &[Word; 7]) -> Option<State> {
    let number = |word: &Word, bytes: usize| {
        let all = to_bytes(word);
        let (above, number) = all.split_at(32 - bytes);
        above
            .iter()
            .all(|byte| *byte == 0)
            .then(|| number.iter().fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte)))
    };
    let [accumulator, high, low, count, sum, paid, product] = words;
    Some(State {
        accumulator: *accumulator,
        high: *high,
        low: number(low, 16)?,
        count: u32::try_from(number(count, 4)?).ok()?,
        sum: u64::try_from(number(sum, 8)?).ok()?,
        paid: u64::try_from(number(paid, 8)?).ok()?,
        product: *product,
    })
}

/// The variable of a hash that its output depends on as a multiple: the last power of the first element.
fn last_power(group: Group, variables: usize, width: usize, which: usize) -> (Group, usize) {
    (group, which * variables + variables - 3 * width + 2)
}

/// Makes a hash come out as `target`, by a wrong power in its last round.
fn forge_hash(attempt: &mut Attempt, group: Group, width: usize, which: usize, target: Word, honest: Word) {
    use ark_ff::Field;
    let hashes = if group == Group::LeafHash { SIZE } else { 1 };
    let variables = attempt.outcome().variables[&group] / hashes;
    let (group, place) = last_power(group, variables, width, which);
    let by = crate::hash::parameters(width).unwrap().mds[0][0];
    attempt
        .tampering
        .added
        .push((group, place, (target - honest) * by.inverse().unwrap()));
}

/// Poseidon that cannot fail.
fn digest(words: &[Word]) -> Word {
    poseidon(words).unwrap()
}

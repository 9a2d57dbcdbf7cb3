//! The circuit of a page.

pub(crate) mod advice;
pub(crate) mod builder;
pub(crate) mod group;
pub(crate) mod number;
pub(crate) mod page;
pub(crate) mod poseidon;
#[cfg(test)]
pub(crate) mod tampering;
#[cfg(test)]
mod tests;
pub(crate) mod wire;

use std::collections::BTreeMap;

use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, Matrix, Result as SynthesisResult, SynthesisError,
    Variable,
};

use self::{
    advice::PageAdvice,
    builder::{Builder, INSTANCE, PUBLIC, Rows},
    page::{is_of_a_place, synthesize},
};
use crate::{Error, Leaf, Run, State, Word};

/// The circuit of pages of one size: its rows are made once and serve every page.
pub struct Shape {
    pub(crate) size: usize,
    pub(crate) rows: Rows,
    pub(crate) variables: usize,
}

/// Rows of a circuit.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Counted {
    /// Places for leaves.
    pub leaves: usize,
    /// Rows in all.
    pub constraints: usize,
    /// Rows that every place has.
    pub per_leaf: usize,
    /// Rows that a page has once.
    pub per_page: usize,
    /// Variables.
    pub variables: usize,
    /// Coefficients that are not 0.
    pub coefficients: usize,
    /// Size of the domain: the power of two that rows and inputs fit into.
    pub domain: usize,
    /// Rows of each group.
    pub groups: BTreeMap<String, usize>,
}

/// The values of one page.
pub(crate) struct Filled {
    /// 1, the public input, and all other variables.
    pub values: Vec<Word>,
}

impl Filled {
    /// The public input.
    pub fn public(&self) -> Word {
        self.values.get(PUBLIC).copied().unwrap_or_default()
    }
}

impl Shape {
    /// The circuit for pages of `size` leaves.
    ///
    /// # Errors
    /// [`Error::PageSize`] for a page without leaves.
    pub fn of(size: usize) -> Result<Self, Error> {
        if size == 0 {
            return Err(Error::PageSize { size, leaves: 0 });
        }
        let mut builder = Builder::new(true);
        synthesize(&mut builder, &PageAdvice::blank(size)?)?;
        Ok(Self {
            size,
            variables: builder.values.len(),
            rows: builder.rows.unwrap_or_default(),
        })
    }

    /// Leaves of a page.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.size
    }

    /// Its rows, counted.
    #[must_use]
    pub fn count(&self) -> Counted {
        let mut groups = BTreeMap::new();
        for group in &self.rows.groups {
            *groups.entry(format!("{group:?}")).or_default() += 1;
        }
        let constraints = self.rows.groups.len();
        let of_places = self.rows.groups.iter().filter(|group| is_of_a_place(**group)).count();
        Counted {
            leaves: self.size,
            constraints,
            per_leaf: of_places / self.size,
            per_page: constraints - of_places,
            variables: self.variables,
            coefficients: self.rows.matrices.iter().flatten().map(Vec::len).sum(),
            domain: (constraints + INSTANCE).next_power_of_two(),
            groups,
        }
    }

    pub(crate) fn matrices(&self) -> &[Matrix<Word>] {
        &self.rows.matrices
    }

    /// Finds the values of a page and checks them against every row, without proving anything.
    ///
    /// # Errors
    /// A named [`Error`].
    pub fn check(&self, run: &Run, before: &State, leaves: &[Leaf]) -> Result<(), Error> {
        self.fill(run, before, leaves).map(drop)
    }

    /// The values of a page with these leaves after that state.
    pub(crate) fn fill(&self, run: &Run, before: &State, leaves: &[Leaf]) -> Result<Filled, Error> {
        let mut builder = Builder::new(false);
        builder.values.reserve(self.variables);
        synthesize(&mut builder, &PageAdvice::new(run, before, leaves, self.size)?)?;
        let values = builder.values;
        let wrong = self.rows.violated(&values).next();
        match wrong {
            Some((row, group)) => Err(Error::Unsatisfied(format!("row {row}, {group:?}"))),
            None => Ok(Filled { values }),
        }
    }
}

/// Gives the rows to a set-up.
impl ConstraintSynthesizer<Word> for &Shape {
    fn generate_constraints(self, system: ConstraintSystemRef<Word>) -> SynthesisResult<()> {
        let _ = system.new_input_variable(|| Err(SynthesisError::AssignmentMissing))?;
        for _ in INSTANCE..self.variables {
            let _ = system.new_witness_variable(|| Err(SynthesisError::AssignmentMissing))?;
        }
        let combination = |terms: &[(Word, usize)]| {
            let variable = |at: usize| match at {
                0 => Variable::One,
                PUBLIC => Variable::instance(PUBLIC),
                other => Variable::witness(other - INSTANCE),
            };
            LinearCombination(terms.iter().map(|(by, at)| (*by, variable(*at))).collect())
        };
        let [a, b, c] = &self.rows.matrices;
        for ((a, b), c) in a.iter().zip(b).zip(c) {
            system.enforce_r1cs_constraint(|| combination(a), || combination(b), || combination(c))?;
        }
        Ok(())
    }
}

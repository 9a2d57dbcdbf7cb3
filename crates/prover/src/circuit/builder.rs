//! Puts a circuit together: variables, and rows `a · b = c` in named groups.
//!
//! The same code runs for two purposes. A *recording* makes the matrices, once for a page size. A *filling* makes only
//! the values of the variables, for every page: the matrices do not depend on them, so no page pays for them again.

use ark_ff::{One, Zero};
use ark_relations::gr1cs::Matrix;

use super::{
    group::Group,
    wire::{ONE, Wire},
};
use crate::Word;

/// Index of the variable that is the public input.
pub(crate) const PUBLIC: usize = 1;
/// Variables that a verifier knows: 1 and the public input.
pub(crate) const INSTANCE: usize = 2;

/// The matrices of a circuit: row `i` demands `(a[i] · z) (b[i] · z) = c[i] · z`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rows {
    /// a, b and c.
    pub matrices: [Matrix<Word>; 3],
    /// The group of each row.
    pub groups: Vec<Group>,
}

/// A circuit in the making.
#[derive(Default)]
pub(crate) struct Builder {
    /// All variables: 1, the public input, and the rest.
    pub values: Vec<Word>,
    /// Its rows, while recording.
    pub rows: Option<Rows>,
    group: Group,
    /// What an attacker puts in the place of honest values.
    #[cfg(test)]
    pub tampering: super::tampering::Tampering,
}

impl Builder {
    /// A circuit without rows.
    pub fn new(recording: bool) -> Self {
        Self {
            values: vec![Word::one(), Word::zero()],
            rows: recording.then(Rows::default),
            ..Self::default()
        }
    }

    /// What follows belongs to this group.
    pub fn enter(&mut self, group: Group) {
        self.group = group;
    }

    /// A constant.
    pub fn constant(&self, value: Word) -> Wire {
        let terms = match self.rows {
            Some(_) if !value.is_zero() => vec![(value, ONE)],
            _ => vec![],
        };
        Wire { value, terms }
    }

    /// A new variable with this value.
    pub fn variable(&mut self, value: Word) -> Wire {
        #[cfg(test)]
        let value = self.tampering.variable(self.group, value);
        self.values.push(value);
        self.wire(self.values.len() - 1, value)
    }

    /// The public input, with this value.
    pub fn public(&mut self, value: Word) -> Wire {
        #[cfg(test)]
        let value = self.tampering.variable(self.group, value);
        self.values[PUBLIC] = value;
        self.wire(PUBLIC, value)
    }

    fn wire(&self, variable: usize, value: Word) -> Wire {
        let terms = match self.rows {
            Some(_) => vec![(Word::one(), variable)],
            None => vec![],
        };
        Wire { value, terms }
    }

    /// Demands `a · b = c`.
    pub fn demand(&mut self, a: &Wire, b: &Wire, c: &Wire) {
        if let Some(rows) = &mut self.rows {
            for (matrix, wire) in rows.matrices.iter_mut().zip([a, b, c]) {
                matrix.push(wire.terms.clone());
            }
            rows.groups.push(self.group);
        }
    }

    /// Demands `a = b`.
    pub fn demand_equal(&mut self, a: &Wire, b: &Wire) {
        let one = self.constant(Word::one());
        self.demand(a, &one, b);
    }

    /// A new variable that is `a · b`.
    pub fn product(&mut self, a: &Wire, b: &Wire) -> Wire {
        let c = self.variable(a.value * b.value);
        self.demand(a, b, &c);
        c
    }

    /// A new variable that is 0 or 1.
    pub fn bit(&mut self, value: Word) -> Wire {
        let bit = self.variable(value);
        let rest = bit.sub(&self.constant(Word::one()));
        self.demand(&bit, &rest, &Wire::default());
        bit
    }
}

impl Rows {
    /// The same without the rows of a group: what a circuit that forgot it would be.
    #[cfg(test)]
    pub fn without(&self, group: Group) -> Self {
        let kept = |row: &usize| self.groups[*row] != group;
        let rows: Vec<_> = (0..self.groups.len()).filter(kept).collect();
        Self {
            matrices: [0, 1, 2].map(|at| rows.iter().map(|row| self.matrices[at][*row].clone()).collect()),
            groups: rows.iter().map(|row| self.groups[*row]).collect(),
        }
    }

    /// The rows that these values violate, with their groups.
    pub fn violated<'a>(&'a self, values: &'a [Word]) -> impl Iterator<Item = (usize, Group)> + use<'a> {
        let worth = move |matrix: &Matrix<Word>, row: usize| -> Word {
            let terms = matrix.get(row).map(Vec::as_slice).unwrap_or_default();
            terms
                .iter()
                .filter_map(|(by, variable)| Some(*by * values.get(*variable)?))
                .sum()
        };
        let [a, b, c] = &self.matrices;
        self.groups
            .iter()
            .enumerate()
            .filter(move |(row, _)| worth(a, *row) * worth(b, *row) != worth(c, *row))
            .map(|(row, group)| (row, *group))
    }
}

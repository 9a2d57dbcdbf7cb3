//! A wire: a value, and in a recording the linear combination of variables that makes it.

use ark_ff::Zero;

use crate::Word;

/// Index of the variable that is always 1.
pub(crate) const ONE: usize = 0;

/// A linear combination of variables, sorted by variable, and its value. Without terms while only values are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wire {
    /// What it is worth.
    pub value: Word,
    /// Variables with their coefficients.
    pub terms: Vec<(Word, usize)>,
}

impl Wire {
    /// `self + by · other`.
    pub fn plus(mut self, by: Word, other: &Self) -> Self {
        self.value += by * other.value;
        if other.terms.is_empty() {
            return self;
        }
        let mut merged = Vec::with_capacity(self.terms.len() + other.terms.len());
        let (mut left, mut right) = (self.terms.into_iter().peekable(), other.terms.iter().peekable());
        loop {
            match (left.peek(), right.peek()) {
                (Some(a), Some(b)) if a.1 == b.1 => {
                    let sum = a.0 + by * b.0;
                    if !sum.is_zero() {
                        merged.push((sum, a.1));
                    }
                    left.next();
                    right.next();
                }
                (Some(a), Some(b)) if a.1 < b.1 => {
                    merged.push(*a);
                    left.next();
                }
                (_, Some(b)) => {
                    merged.push((by * b.0, b.1));
                    right.next();
                }
                (Some(_), None) => {
                    merged.extend(left);
                    break;
                }
                (None, None) => break,
            }
        }
        self.terms = merged;
        self
    }

    /// `self + other`.
    pub fn add(&self, other: &Self) -> Self {
        self.clone().plus(Word::from(1_u64), other)
    }

    /// `self - other`.
    pub fn sub(&self, other: &Self) -> Self {
        self.clone().plus(-Word::from(1_u64), other)
    }

    /// `by · self`.
    pub fn times(&self, by: Word) -> Self {
        Self::default().plus(by, self)
    }
}

//! What attackers put in the place of honest values, one value at a time. Tests only.

use std::collections::HashMap;

use super::{group::Group, number};
use crate::Word;

/// Changes to one synthesis.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tampering {
    /// Added to the n-th variable of a group.
    pub added: Vec<(Group, usize, Word)>,
    /// In the n-th number of a group, which digit takes what is left.
    pub rest: Option<(Group, usize, u32)>,
    /// The parts of the n-th remainder.
    pub parts: Vec<(usize, Vec<Word>)>,
    /// How many variables each group has so far.
    pub variables: HashMap<Group, usize>,
    numbers: HashMap<Group, usize>,
}

impl Tampering {
    /// The value of the next variable of this group.
    pub fn variable(&mut self, group: Group, value: Word) -> Word {
        let place = next(&mut self.variables, group);
        let added = self.added.iter().filter(|(of, at, _)| *of == group && *at == place);
        value + added.map(|(_, _, by)| *by).sum::<Word>()
    }

    /// The digits of the next number of this group.
    pub fn digits(&mut self, group: Group, value: Word, count: usize) -> Vec<Word> {
        let place = next(&mut self.numbers, group);
        let last = u32::try_from(count).unwrap() - 1;
        let rest = match self.rest {
            Some((of, at, rest)) if of == group && at == place => rest,
            _ => last,
        };
        number::digits(value, count, rest)
    }

    /// The parts of the next remainder.
    pub fn parts(&mut self, value: Word, steps: &[Word]) -> Vec<Word> {
        let place = next(&mut self.numbers, Group::Remainder);
        let given = self.parts.iter().find(|(at, _)| *at == place);
        given.map_or_else(|| number::subset(value, steps), |(_, parts)| parts.clone())
    }
}

fn next(counts: &mut HashMap<Group, usize>, group: Group) -> usize {
    let count = counts.entry(group).or_default();
    *count += 1;
    *count - 1
}

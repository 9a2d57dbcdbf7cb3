//! A ledger's leaves by shard.

use bulkhead_snapshot::{Position, Snapshot};
use rayon::prelude::*;

use crate::{
    Challenge, Commitment, Error, Leaf, Run, SHARDS, State, Word,
    subject::{Drawn, Role, Subject},
};

/// The leaves of a ledger, and the tag of its snapshot.
#[derive(Clone, Debug)]
pub struct Ledger {
    /// Bulkhead's program, as the tag has it.
    pub program: [u8; 32],
    /// Tag of the snapshot.
    pub tag: [u8; 32],
    /// Sum of all amounts.
    pub total: u64,
    /// Leaves of shards 0 to 15.
    pub shards: [Vec<Leaf>; SHARDS],
}

impl Ledger {
    /// From positions in ascending order of their keys.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn new<'a>(
        program: [u8; 32],
        tag: [u8; 32],
        positions: impl IntoIterator<Item = &'a Position>,
    ) -> Result<Self, Error> {
        let mut ledger = Self {
            program,
            tag,
            total: 0,
            shards: [const { Vec::new() }; SHARDS],
        };
        for position in positions {
            ledger.total = ledger.total.checked_add(position.amount).ok_or(Error::Overflow)?;
            let shard = usize::from(position.key.to_bytes()[0] >> 4);
            if let Some(leaves) = ledger.shards.get_mut(shard) {
                leaves.push(Leaf::from(position));
            }
        }
        Ok(ledger)
    }

    /// From a snapshot's folder that was checked against its manifest.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn of_snapshot(snapshot: &Snapshot) -> Result<Self, Error> {
        let tag = &snapshot.manifest.tag;
        Self::new(
            tag.program.to_bytes(),
            tag.tag,
            snapshot.tree.leaves().map(|(_, position)| position),
        )
    }

    /// What fixes its leaves.
    ///
    /// # Errors
    /// A named [`Error`] for leaves that no page holds.
    pub fn commitment(&self) -> Result<Commitment, Error> {
        let fold = |(shard, leaves): (usize, &Vec<Leaf>)| {
            let first = State::first(&self.tag, u8::try_from(shard).unwrap_or(u8::MAX))?.accumulator;
            let last = leaves
                .iter()
                .try_fold(first, |accumulator, leaf| leaf.fold(accumulator))?;
            Ok((last, u32::try_from(leaves.len()).map_err(|_| Error::Overflow)?))
        };
        let folded: Vec<_> = self
            .shards
            .par_iter()
            .enumerate()
            .map(fold)
            .collect::<Result<_, Error>>()?;
        let mut commitment = Commitment {
            tag: self.tag,
            shards: [(Word::from(0_u64), 0); SHARDS],
        };
        for (to, from) in commitment.shards.iter_mut().zip(folded) {
            *to = from;
        }
        Ok(commitment)
    }

    /// States of a shard at the ends of its pages, the first state in front.
    ///
    /// # Errors
    /// A named [`Error`] for leaves that no page holds.
    pub(crate) fn states(&self, run: &Run, shard: u8, size: usize) -> Result<Vec<State>, Error> {
        let mut states = vec![State::first(&self.tag, shard)?];
        let leaves = self
            .shards
            .get(usize::from(shard))
            .map(Vec::as_slice)
            .unwrap_or_default();
        for page in leaves.chunks(size) {
            if let Some(last) = states.last() {
                states.push(run.advance_all(last, page)?);
            }
        }
        Ok(states)
    }
}

impl Subject {
    /// The run of one shard.
    #[must_use]
    pub fn run(&self, shard: u8, pool: u64, total: u64, challenge: Challenge) -> Run {
        Run {
            context: self.context(shard),
            pool,
            total,
            challenge,
        }
    }
}

impl Drawn {
    /// The commitment of one of the two ledgers.
    #[must_use]
    pub const fn of(&self, role: Role) -> Option<&Commitment> {
        match role {
            Role::Chosen => Some(&self.chosen),
            Role::Successor => self.successor.as_ref(),
        }
    }
}

//! What a run is about, and how its challenge is drawn.

use sha2::{Digest, Sha256};

use crate::{
    Challenge, Error, State, Word,
    field::{masked, to_bytes},
    statement::first_accumulator,
};

/// Shards of a ledger.
pub const SHARDS: usize = 16;

/// Which of the two ledgers a run is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The state that was chosen; it is paid under the plan.
    Chosen,
    /// The ledger that the repaired host starts with; pool and total are its own sum.
    Successor,
}

/// What a run is about. All of it is in the context, and so in every public input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    /// Bulkhead's program.
    pub program: [u8; 32],
    /// The domain.
    pub domain: [u8; 32],
    /// The plan: address of the restoration.
    pub plan: [u8; 32],
    /// Tag of the ledger's snapshot.
    pub tag: [u8; 32],
    /// Which of the two ledgers.
    pub role: Role,
}

impl Subject {
    /// The context word of one shard's run.
    #[must_use]
    pub fn context(&self, shard: u8) -> Word {
        let role = match self.role {
            Role::Chosen => 0,
            Role::Successor => 1,
        };
        let hash = Sha256::new()
            .chain_update(b"bulkhead-proof-context-v1")
            .chain_update(self.program)
            .chain_update(self.domain)
            .chain_update(self.plan)
            .chain_update(self.tag)
            .chain_update([role, shard])
            .finalize();
        masked(hash.into())
    }
}

/// What fixes the leaves of a ledger: its tag, and the final accumulator and count of each shard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    /// Tag of the snapshot.
    pub tag: [u8; 32],
    /// Accumulator and count of shards 0 to 15.
    pub shards: [(Word, u32); SHARDS],
}

impl Commitment {
    /// A ledger without leaves.
    ///
    /// # Errors
    /// [`Error::Hash`], never in fact.
    pub fn empty(tag: [u8; 32]) -> Result<Self, Error> {
        let mut shards = [(Word::from(0_u64), 0); SHARDS];
        for (number, shard) in (0_u8..).zip(&mut shards) {
            shard.0 = first_accumulator(&tag, number)?;
        }
        Ok(Self { tag, shards })
    }

    /// The same with the final states of its shards.
    #[must_use]
    pub fn of(tag: [u8; 32], finals: &[State; SHARDS]) -> Self {
        Self {
            tag,
            shards: finals.map(|state| (state.accumulator, state.count)),
        }
    }

    /// Its 608 bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.tag.to_vec();
        for (accumulator, count) in &self.shards {
            bytes.extend(to_bytes(accumulator));
            bytes.extend(count.to_le_bytes());
        }
        bytes
    }
}

/// What the challenge is drawn from: everything that the two products depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The chosen state.
    pub chosen: Commitment,
    /// The successor's ledger, once there is one.
    pub successor: Option<Commitment>,
    /// What is paid out to the chosen state.
    pub pool: u64,
    /// Its sum.
    pub total: u64,
}

impl Drawn {
    /// The challenge: two hashes of everything above.
    #[must_use]
    pub fn challenge(&self) -> Challenge {
        let word = |number: u8| {
            let mut hash = Sha256::new()
                .chain_update(b"bulkhead-proof-challenge-v1")
                .chain_update(self.chosen.to_bytes());
            if let Some(successor) = &self.successor {
                hash.update(successor.to_bytes());
            }
            let hash = hash
                .chain_update(self.pool.to_le_bytes())
                .chain_update(self.total.to_le_bytes())
                .chain_update([number]);
            masked(hash.finalize().into())
        };
        Challenge {
            gamma: word(0),
            beta: word(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> Subject {
        Subject {
            program: [1; 32],
            domain: [2; 32],
            plan: [3; 32],
            tag: [4; 32],
            role: Role::Chosen,
        }
    }

    #[test]
    fn a_context_names_everything_a_run_is_about() {
        let base = subject();
        let other = [9; 32];
        let all = [
            base.context(0),
            base.context(1),
            Subject { program: other, ..base }.context(0),
            Subject { domain: other, ..base }.context(0),
            Subject { plan: other, ..base }.context(0),
            Subject { tag: other, ..base }.context(0),
            Subject {
                role: Role::Successor,
                ..base
            }
            .context(0),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all[at + 1..].iter().all(|another| one != another), "{at}");
        }
    }

    #[test]
    fn a_challenge_depends_on_all_that_the_products_depend_on() {
        let base = Drawn {
            chosen: Commitment::empty([4; 32]).unwrap(),
            successor: Some(Commitment::empty([5; 32]).unwrap()),
            pool: 7,
            total: 9,
        };
        let mut others = vec![
            Drawn {
                successor: None,
                ..base.clone()
            },
            Drawn {
                pool: 8,
                ..base.clone()
            },
            Drawn {
                total: 8,
                ..base.clone()
            },
            Drawn {
                chosen: Commitment::empty([6; 32]).unwrap(),
                ..base.clone()
            },
        ];
        for shard in 0..SHARDS {
            for of_successor in [false, true] {
                for of_count in [false, true] {
                    let mut other = base.clone();
                    let ledger = match &mut other.successor {
                        Some(successor) if of_successor => successor,
                        _ => &mut other.chosen,
                    };
                    match of_count {
                        true => ledger.shards[shard].1 += 1,
                        false => ledger.shards[shard].0 += Word::from(1_u64),
                    }
                    others.push(other);
                }
            }
        }
        let drawn = base.challenge();
        assert_ne!(drawn.gamma, drawn.beta);
        assert!(others.iter().all(|other| other.challenge().gamma != drawn.gamma));
        assert!(others.iter().all(|other| other.challenge().beta != drawn.beta));
    }
}

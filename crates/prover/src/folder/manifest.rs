//! `run.json`: what the pages of a folder are about.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{
    Commitment, Error, Role, Run, SHARDS, SetUp, Subject, VerifyingKey, Word,
    field::{from_bytes, to_bytes},
    file::{hex, json, read_json, unhex, write_whole},
    subject::Drawn,
};

/// Version of `run.json` and of the pages.
pub const SCHEMA_VERSION: u32 = 1;

/// What the pages of a folder are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Program, domain, plan, tag and role.
    pub subject: Subject,
    /// What the challenge is drawn from.
    pub drawn: Drawn,
    /// Paid out to this ledger.
    pub pool: u64,
    /// Sum of this ledger.
    pub total: u64,
    /// Leaves of a page.
    pub page_size: usize,
    /// The key's name.
    pub key: [u8; 32],
    /// Where the key comes from.
    pub set_up: SetUp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    schema_version: u32,
    set_up: SetUp,
    key: String,
    page_size: usize,
    program: String,
    domain: String,
    plan: String,
    role: Role,
    pool: String,
    total: String,
    drawn_from: WrittenDrawn,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDrawn {
    pool: String,
    total: String,
    chosen: WrittenCommitment,
    successor: Option<WrittenCommitment>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCommitment {
    tag: String,
    shards: Vec<WrittenShard>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenShard {
    accumulator: String,
    count: u32,
}

impl Plan {
    /// What fixes the leaves of this ledger.
    ///
    /// # Errors
    /// [`Error::ProofRefused`] for a successor without one.
    pub fn commitment(&self) -> Result<&Commitment, Error> {
        self.drawn
            .of(self.subject.role)
            .ok_or_else(|| Error::ProofRefused("the challenge was drawn before there was a successor".into()))
    }

    /// The run of a shard.
    #[must_use]
    pub fn run(&self, shard: u8) -> Run {
        self.subject.run(shard, self.pool, self.total, self.drawn.challenge())
    }

    /// Number of pages of a shard.
    ///
    /// # Errors
    /// As [`Self::commitment`].
    pub fn pages(&self, shard: u8) -> Result<usize, Error> {
        let (_, count) = self.commitment()?.shards[usize::from(shard) % SHARDS];
        Ok((count as usize).div_ceil(self.page_size))
    }

    /// What has to hold before any page is looked at.
    ///
    /// # Errors
    /// [`Error::ProofRefused`].
    pub(crate) fn check(&self, key: &VerifyingKey) -> Result<(), Error> {
        let refused = |what: &str| Err(Error::ProofRefused(what.into()));
        if self.key != key.id() || self.page_size != key.page_size || self.set_up != key.set_up {
            return refused("the pages were made under another key");
        }
        if self.commitment()?.tag != self.subject.tag {
            return refused("the challenge was drawn from another snapshot");
        }
        let (pool, total) = match self.subject.role {
            Role::Chosen => (self.drawn.pool, self.drawn.total),
            // A successor owes what it says: a share of everything is the amount itself.
            Role::Successor => (self.total, self.total),
        };
        if (self.pool, self.total) != (pool, total) {
            return refused("pool and total are not those of its part");
        }
        Ok(())
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<(), Error> {
        write_whole(&folder.join("run.json"), &json(&Written::from(self)))
    }

    /// Reads `run.json`.
    ///
    /// # Errors
    /// A named [`Error`].
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let file = folder.join("run.json");
        let found: Written = read_json(&file)?;
        if found.schema_version != SCHEMA_VERSION {
            return Err(Error::malformed(&file, "schema_version is not 1"));
        }
        if found.page_size == 0 {
            return Err(Error::malformed(&file, "page_size is 0"));
        }
        let read = || -> Option<Self> {
            let commitment = |ledger: &WrittenCommitment| {
                let mut shards = [(Word::from(0_u64), 0); SHARDS];
                if ledger.shards.len() != SHARDS {
                    return None;
                }
                for (shard, written) in shards.iter_mut().zip(&ledger.shards) {
                    *shard = (from_bytes(&unhex(&written.accumulator)?)?, written.count);
                }
                let tag = unhex(&ledger.tag)?;
                Some(Commitment { tag, shards })
            };
            let drawn = Drawn {
                chosen: commitment(&found.drawn_from.chosen)?,
                successor: match &found.drawn_from.successor {
                    Some(successor) => Some(commitment(successor)?),
                    None => None,
                },
                pool: amount(&found.drawn_from.pool)?,
                total: amount(&found.drawn_from.total)?,
            };
            Some(Self {
                subject: Subject {
                    program: unhex(&found.program)?,
                    domain: unhex(&found.domain)?,
                    plan: unhex(&found.plan)?,
                    tag: drawn.of(found.role)?.tag,
                    role: found.role,
                },
                drawn,
                pool: amount(&found.pool)?,
                total: amount(&found.total)?,
                page_size: found.page_size,
                key: unhex(&found.key)?,
                set_up: found.set_up,
            })
        };
        read().ok_or_else(|| Error::malformed(&file, "a key, word or amount in it is none"))
    }
}

/// Amounts are decimal strings, so that no reader rounds them.
pub(crate) fn amount(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

impl From<&Plan> for Written {
    fn from(plan: &Plan) -> Self {
        let commitment = |ledger: &Commitment| WrittenCommitment {
            tag: hex(&ledger.tag),
            shards: ledger
                .shards
                .iter()
                .map(|(accumulator, count)| WrittenShard {
                    accumulator: hex(&to_bytes(accumulator)),
                    count: *count,
                })
                .collect(),
        };
        Self {
            schema_version: SCHEMA_VERSION,
            set_up: plan.set_up,
            key: hex(&plan.key),
            page_size: plan.page_size,
            program: hex(&plan.subject.program),
            domain: hex(&plan.subject.domain),
            plan: hex(&plan.subject.plan),
            role: plan.subject.role,
            pool: plan.pool.to_string(),
            total: plan.total.to_string(),
            drawn_from: WrittenDrawn {
                pool: plan.drawn.pool.to_string(),
                total: plan.drawn.total.to_string(),
                chosen: commitment(&plan.drawn.chosen),
                successor: plan.drawn.successor.as_ref().map(commitment),
            },
        }
    }
}

//! A ledger's checkpoints as one value: what the host says, the log, what was proved and sampled, and a step made of
//! nothing but [`crate::acts`]. Walked exhaustively and in lockstep with the built program, beside [`super::State`].

use alloc::{collections::BTreeMap, rc::Rc, vec::Vec};

use bulkhead_interface::{
    Pubkey,
    constants::SHARDS,
    layout::{CheckpointLog, Council, Domain, LeafEvidence, Ledger, PositionSample, ShardRoot},
};
use bytemuck::Zeroable;

use crate::{
    CoreError,
    acts::{self, At, Live, Posting},
    checkpoints::checkpoint::{Claim, Revealed, Witness},
    snapshots::layout::Factors,
};

/// A node that somebody shows, with what it is hashed from.
#[derive(Clone, Debug)]
pub struct ShownNode {
    /// The bytes.
    pub preimage: Vec<u8>,
    /// The sum it is said to have.
    pub sum: u64,
    /// Where it is said to be.
    pub path: u32,
    /// Siblings up to the root.
    pub siblings: Vec<u8>,
}

/// What somebody says a checkpoint's shards are.
#[derive(Clone)]
pub struct ShownShards(pub Rc<[ShardRoot; SHARDS]>);

impl core::fmt::Debug for ShownShards {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let counts = self.0.map(|shard| shard.count);
        formatter.debug_tuple("ShownShards").field(&counts).finish()
    }
}

/// What somebody does. Evidence is named by slot and index, a sample by slot and position.
#[derive(Clone, Debug)]
pub enum Deed {
    /// Time passes.
    Wait {
        /// Slots.
        slots: u64,
        /// Seconds.
        seconds: i64,
    },
    /// The host says another total: of its own accord, or because it is exploited.
    Say(u64),
    /// A council is elected in which the member of this number has this key: another, or the one it has. Proposals are
    /// another machine's.
    Elect(usize, Pubkey),
    /// `post_checkpoint`.
    Post(Claim),
    /// `attest_checkpoint`.
    Attest(u64, [u8; 32]),
    /// `prove_leaf`: slot, index, key, owner, amount and siblings.
    Prove(u64, u32, Pubkey, Pubkey, u64, Vec<u8>),
    /// `contest_checkpoint`, with the shards that are shown.
    Contest((u64, u32), Option<(u64, u32)>, Option<ShownShards>),
    /// `contest_node`.
    ContestNode(u64, ShownNode),
    /// `dispute_checkpoint`, with the bytes of the live account.
    Dispute((u64, u32), Vec<u8>),
    /// `sample_position`, with the bytes of the live account.
    Sample(u64, Pubkey, Vec<u8>),
    /// `compare_sample`, with the shards that are shown.
    Compare(
        (u64, Pubkey),
        Option<(u64, u32)>,
        Option<(u64, u32)>,
        Option<ShownShards>,
    ),
}

/// A log and all that the acts read and keep beside it.
#[derive(Clone)]
pub struct Peace {
    /// The clock.
    pub at: At,
    /// Bulkhead's program id.
    pub program: Pubkey,
    /// Its domain.
    pub domain: Rc<Domain>,
    /// The council.
    pub council: Rc<Council>,
    /// The ledger.
    pub ledger: Rc<Ledger>,
    /// Where the log is.
    pub key: Pubkey,
    /// The log.
    pub log: Rc<CheckpointLog>,
    /// Data of the SlotHashes sysvar.
    pub slot_hashes: Vec<u8>,
    /// Data of the account with the host's total.
    pub total: Vec<u8>,
    /// What was proved, by slot and index.
    pub evidence: BTreeMap<(u64, u32), LeafEvidence>,
    /// What is on record, by slot and index.
    pub disputes: BTreeMap<(u64, u32), LeafEvidence>,
    /// What was sampled, by slot and position.
    pub samples: BTreeMap<(u64, Pubkey), PositionSample>,
}

impl Peace {
    /// The state after `signer` does something.
    ///
    /// # Errors
    /// What the act says; evidence that is not there is [`CoreError::ArgumentOutOfRange`].
    pub fn step(&self, signer: &Pubkey, deed: &Deed) -> Result<Self, CoreError> {
        let mut next = self.clone();
        next.act(signer, deed)?;
        Ok(next)
    }

    fn act(&mut self, signer: &Pubkey, deed: &Deed) -> Result<(), CoreError> {
        match deed {
            Deed::Wait { slots, seconds } => {
                self.at.slot = self.at.slot.saturating_add(*slots);
                self.at.now = self.at.now.saturating_add(*seconds);
                Ok(())
            }
            Deed::Say(total) => {
                let at = self.ledger.total_offset as usize;
                let bytes = self.total.get_mut(at..).and_then(<[u8]>::first_chunk_mut::<8>);
                *bytes.ok_or(CoreError::ArgumentOutOfRange)? = total.to_le_bytes();
                Ok(())
            }
            Deed::Elect(number, key) => {
                let council = Rc::make_mut(&mut self.council);
                council.config_epoch = council.config_epoch.checked_add(1).ok_or(CoreError::Overflow)?;
                council
                    .members
                    .get_mut(*number)
                    .ok_or(CoreError::ArgumentOutOfRange)?
                    .key = *key;
                Ok(())
            }
            Deed::Post(claim) => {
                let posting = Posting {
                    attester: signer,
                    claim,
                    slot_hashes: &self.slot_hashes,
                    total: Live {
                        program: &self.ledger.total_program,
                        data: &self.total,
                    },
                    factors: Factors::default(),
                };
                let log = (&self.key, Rc::make_mut(&mut self.log));
                acts::post_checkpoint(&self.domain, &self.council, log, &self.ledger, &posting, self.at).map(|_| ())
            }
            Deed::Attest(slot, hash) => {
                let log = Rc::make_mut(&mut self.log);
                acts::attest_checkpoint(&self.council, log, signer, *slot, hash).map(|_| ())
            }
            Deed::Prove(slot, index, key, owner, amount, siblings) => {
                let mut evidence = LeafEvidence {
                    slot: *slot,
                    index: *index,
                    key: *key,
                    owner: *owner,
                    amount: *amount,
                    ..LeafEvidence::zeroed()
                };
                acts::prove_leaf(&self.program, (&self.key, &self.log), siblings, &mut evidence)?;
                self.evidence.insert((*slot, *index), evidence);
                Ok(())
            }
            Deed::Contest(first, second, shards) => {
                let first = self.leaf(first)?;
                let second = second.as_ref().map(|second| self.leaf(second)).transpose()?;
                let shards = shards.as_ref().map(|shown| &*shown.0);
                acts::contest_checkpoint(Rc::make_mut(&mut self.log), &first, second.as_ref(), shards)
            }
            Deed::ContestNode(slot, node) => {
                let node = Revealed {
                    preimage: &node.preimage,
                    sum: node.sum,
                    path: node.path,
                    siblings: &node.siblings,
                };
                let log = (&self.key, Rc::make_mut(&mut self.log));
                acts::contest_node(&self.program, log, *slot, &node).map(|_| ())
            }
            Deed::Dispute(leaf, data) => {
                let evidence = self.leaf(leaf)?;
                let mut record = self.disputes.get(leaf).copied().unwrap_or(LeafEvidence::zeroed());
                let (log, live) = (Rc::make_mut(&mut self.log), live(&self.ledger, data));
                acts::dispute_checkpoint(log, &self.ledger, &evidence, live, &mut record)?;
                self.disputes.insert(*leaf, record);
                Ok(())
            }
            Deed::Sample(slot, key, data) => {
                let mut sample = PositionSample {
                    slot: *slot,
                    key: *key,
                    ..PositionSample::zeroed()
                };
                let live = live(&self.ledger, data);
                acts::sample_position(&self.domain, &self.key, &self.ledger, live, self.at, &mut sample)?;
                // The account's address is its slot and position: there is one.
                if self.samples.contains_key(&(*slot, *key)) {
                    return Err(CoreError::ArgumentOutOfRange);
                }
                self.samples.insert((*slot, *key), sample);
                Ok(())
            }
            Deed::Compare(sample, first, second, shards) => {
                let first = first.as_ref().map(|leaf| self.leaf(leaf)).transpose()?;
                let second = second.as_ref().map(|leaf| self.leaf(leaf)).transpose()?;
                let witness = Witness {
                    first: first.as_ref(),
                    second: second.as_ref(),
                    shards: shards.as_ref().map(|shown| &*shown.0),
                };
                let sample = self.samples.get_mut(sample).ok_or(CoreError::ArgumentOutOfRange)?;
                acts::compare_sample(Rc::make_mut(&mut self.log), sample, &witness).map(|_| ())
            }
        }
    }

    fn leaf(&self, at: &(u64, u32)) -> Result<LeafEvidence, CoreError> {
        self.evidence.get(at).copied().ok_or(CoreError::ArgumentOutOfRange)
    }
}

/// A position's account.
fn live<'a>(ledger: &'a Ledger, data: &'a [u8]) -> Live<'a> {
    Live {
        program: &ledger.program,
        data,
    }
}

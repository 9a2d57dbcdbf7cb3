//! Proofs: the path from a leaf to the ledger's root.

use bulkhead_core::snapshots::merkle::{self, ProofError};
use bulkhead_interface::{
    constants::SHARD_SHIFT,
    layout::{Node, SnapshotShard},
};

use crate::Position;

/// Levels above the canopy: four within the shard, four above the shards.
const CANOPY_LEVELS: usize = 8;

/// A leaf with its siblings up to the root.
#[derive(Clone)]
pub struct Proof {
    /// Index of the leaf: its shard and its place in the shard.
    pub index: u32,
    /// The position that is proved.
    pub position: Position,
    /// Siblings, bottom up, up to the ledger's root.
    pub siblings: Vec<Node>,
    /// How many of the siblings are below the canopy: those a claim needs.
    pub canopy_from: usize,
}

/// Why a proof is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The number of siblings is wrong.
    #[error("the proof has the wrong length")]
    WrongLength,
    /// The index is outside the range these siblings cover.
    #[error("the index is out of range")]
    WrongIndex,
    /// The sums overflow.
    #[error("the sums of the proof do not fit 64 bits")]
    SumOverflow,
    /// It leads to another root or total.
    #[error("the proof leads to another root or total")]
    Mismatch,
    /// The shard it was checked against is not sealed.
    #[error("the shard is not sealed")]
    NotSealed,
}

impl From<ProofError> for VerifyError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::NotSealed => Self::NotSealed,
            ProofError::WrongIndex => Self::WrongIndex,
            ProofError::WrongLength => Self::WrongLength,
            ProofError::SumOverflow => Self::SumOverflow,
            ProofError::Mismatch => Self::Mismatch,
        }
    }
}

impl Proof {
    /// The siblings below the canopy, 40 bytes each, as the `claim` instruction takes them.
    #[must_use]
    pub fn claim_bytes(&self) -> &[u8] {
        bytemuck::cast_slice(self.siblings.get(..self.canopy_from).unwrap_or_default())
    }

    /// Checks the proof against a sealed shard's account, as the program does.
    ///
    /// # Errors
    /// [`VerifyError`]
    pub fn verify_in(&self, shard: &SnapshotShard) -> Result<(), VerifyError> {
        let Position { key, owner, amount } = &self.position;
        let (key, owner) = (key.as_array(), owner.as_array());
        Ok(merkle::verify_leaf(
            shard,
            shard.seal,
            self.index,
            key,
            owner,
            *amount,
            self.claim_bytes(),
        )?)
    }

    /// Checks the proof against only a snapshot's tag, root and total.
    ///
    /// # Errors
    /// [`VerifyError`]
    pub fn verify(&self, tag: &[u8; 32], root: &Node) -> Result<(), VerifyError> {
        let height = self
            .siblings
            .len()
            .checked_sub(CANOPY_LEVELS)
            .ok_or(VerifyError::WrongLength)?;
        let shard_height = height + CANOPY_LEVELS / 2;
        let place = self.index & ((1 << SHARD_SHIFT) - 1);
        let shard = self.index >> SHARD_SHIFT;
        if shard_height > SHARD_SHIFT as usize {
            return Err(VerifyError::WrongLength);
        }
        if shard > 15 || place >> shard_height != 0 {
            return Err(VerifyError::WrongIndex);
        }
        let Position { key, owner, amount } = &self.position;
        if *amount == 0 {
            return Err(VerifyError::Mismatch);
        }
        let leaf = merkle::leaf(tag, self.index, key.as_array(), owner.as_array(), *amount);
        let turns = place | shard << shard_height;
        let found = merkle::fold_proof(&leaf, turns, bytemuck::cast_slice(&self.siblings))?;
        if (found.hash, found.sum) == (root.hash, root.sum) {
            Ok(())
        } else {
            Err(VerifyError::Mismatch)
        }
    }
}

//! Roots of a ledger from before an incident: posted and attested in peace, contested with evidence,
//! and put to the vote when the state of the pause is the attacker's.

mod attest_checkpoint;
mod close_evidence;
mod contest_checkpoint;
mod contest_node;
mod dispute_checkpoint;
mod open_checkpoint_log;
mod open_checkpoint_shard;
mod open_checkpoint_snapshot;
mod post_checkpoint;
mod prove_leaf;
mod void_checkpoint_snapshot;

pub use {
    attest_checkpoint::*, close_evidence::*, contest_checkpoint::*, contest_node::*, dispute_checkpoint::*,
    open_checkpoint_log::*, open_checkpoint_shard::*, open_checkpoint_snapshot::*, post_checkpoint::*, prove_leaf::*,
    void_checkpoint_snapshot::*,
};

use anchor_lang::prelude::*;
use bulkhead_core::checkpoint::CheckpointError;

use crate::error::BulkheadError;

/// Names the program's error for a broken rule of `core::checkpoint`.
fn checkpoint_error(error: CheckpointError) -> Error {
    use CheckpointError as E;
    match error {
        E::OutOfRange => BulkheadError::ArgumentOutOfRange,
        E::UnknownSlot => BulkheadError::SlotUnknown,
        E::ForeignFork => BulkheadError::SlotHashMismatch,
        E::NotAscending => BulkheadError::CheckpointNotLater,
        E::TooSoon => BulkheadError::CheckpointTooSoon,
        E::Full => BulkheadError::CheckpointLogFull,
        E::Missing => BulkheadError::NoSuchCheckpoint,
        E::OtherCouncil => BulkheadError::CheckpointOfOtherCouncil,
        E::AlreadyAttested => BulkheadError::AlreadyAttested,
        E::Contested => BulkheadError::CheckpointContested,
        E::NotAttested => BulkheadError::CheckpointNotAttested,
        E::NotBeforeBreach => BulkheadError::CheckpointAfterBreach,
        E::WrongShards => BulkheadError::ShardsMismatch,
        E::NoContradiction => BulkheadError::NoContradiction,
        E::NotInTree => BulkheadError::InvalidProof,
        E::Overflow => BulkheadError::Overflow,
    }
    .into()
}

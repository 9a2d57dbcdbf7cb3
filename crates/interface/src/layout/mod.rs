//! Account layouts, one file each. Sizes are asserted below every struct.

mod ballot;
mod breaker;
mod cancel_list;
mod checkpoint;
mod council;
mod deposit;
mod direct_vault;
mod domain;
mod emergency_action;
mod host_program;
mod incident;
mod insurance;
mod interim;
mod latch;
mod ledger;
mod link;
mod migration;
mod pause_board;
mod peer;
mod price;
mod proof;
mod proposal;
mod restoration;
mod snapshot;
mod solvency;
mod vault;
mod watch;

pub use {
    ballot::{Ballot, BallotRules, Candidate, VoteDeposit, VoteRecord, VoterEscrow},
    breaker::OutflowBreaker,
    cancel_list::CancelList,
    checkpoint::{Checkpoint, CheckpointLog, LeafEvidence, PositionSample},
    council::{Council, Member, Policy, StandingVetoes},
    deposit::{DepositNote, NoteEntry},
    direct_vault::DirectVault,
    domain::Domain,
    emergency_action::{EmergencyAction, EmergencyRun},
    host_program::HostProgram,
    incident::{Incident, Step},
    insurance::{InsuranceCover, InsurancePool, InsuranceStake, InsuranceTerms},
    interim::{Interim, InterimProof, InterimSource, ProvedLeaf},
    latch::{Detector, Latch},
    ledger::{AmountField, ByteFilter, Export, Ledger, MintLedgers, Scale, SlotTable},
    link::Link,
    migration::Migration,
    pause_board::{BoardRow, PauseBoard},
    peer::{AttesterSet, Peer, PeerCheckpoint},
    price::{PriceBreaker, PricePoint, PriceRules, PriceState},
    proof::{ProofCheck, ProofKey, ProofRules, ProofRun, SealedLedger, SealedShard, StateProof},
    proposal::Proposal,
    restoration::{ClaimPage, ClaimRedirect, ClaimTerms, RestartCheck, Restoration},
    snapshot::{FrozenFactors, Node, Pair, ShardRoot, Snapshot, SnapshotShard},
    solvency::{Reserve, SolvencyBreaker},
    vault::{Evacuation, Release, Vault},
    watch::{Authorities, AuthorityWatch},
};

/// Size in bytes of an account with layout `T`, including the discriminator.
pub const fn space<T>() -> usize {
    8 + core::mem::size_of::<T>()
}

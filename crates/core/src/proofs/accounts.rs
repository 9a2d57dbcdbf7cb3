//! What the acts keep. These become accounts of the interface crate with the first instruction that uses them.

use bulkhead_interface::{Pubkey, constants::SHARDS};
use bytemuck::{Pod, Zeroable};

use super::{points::KEY_LEN, state::STATE_LEN};

/// Which of the two ledgers: places in the pairs below.
pub mod role {
    /// The state that was chosen; it is paid under the plan.
    pub const CHOSEN: u8 = 0;
    /// The ledger that the repaired host starts with; pool and total are its own sum.
    pub const SUCCESSOR: u8 = 1;
}

/// Bits of [`ProofRules::flags`] and [`ProofCheck::flags`].
pub mod proof_flag {
    /// One party made the key, and can prove anything with it.
    pub const INSECURE: u8 = 1;
    /// A proposal accepted the ledger without a proof.
    pub const OVERRIDDEN: u8 = 1 << 1;
}

/// A verifying key, at an address derived from domain and id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct ProofKey {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Where it comes from; 1 is a key that one party made.
    pub set_up: u8,
    /// Zero.
    pub padding: [u8; 5],
    /// Leaves of a page.
    pub page_size: u64,
    /// Its domain.
    pub domain: Pubkey,
    /// Hash of page size, set-up and points.
    pub id: [u8; 32],
    /// alpha, beta, gamma, delta and the two of the public input.
    pub points: [u8; KEY_LEN],
}

/// What a domain demands before it reopens. One a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct ProofRules {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Bits of [`proof_flag`].
    pub flags: u8,
    /// Zero.
    pub padding: [u8; 5],
    /// Its domain.
    pub domain: Pubkey,
    /// Id of the key in force, or zero.
    pub key: [u8; 32],
    /// Ledgers that need a proof once they were restored, one bit per number.
    pub ledgers: [u8; 32],
    /// The incident that the domain last reopened after, or zero.
    pub reopened: Pubkey,
    /// Ledgers that needed a proof then.
    pub reopened_ledgers: [u8; 32],
    /// Creation slot of the proposal that registered the key, or 0.
    pub key_slot: u64,
    /// Creation slot of the proposal that set the ledgers, or 0.
    pub decided_slot: u64,
}

/// The end of a shard, as ingestion left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct SealedShard {
    /// Accumulator over its leaves.
    pub accumulator: [u8; 32],
    /// Leaves.
    pub count: u32,
}

/// What ingestion leaves of a sealed snapshot besides its tree. Nothing writes it yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct SealedLedger {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// One of [`role`].
    pub role: u8,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Zero.
    pub padding: [u8; 4],
    /// Its domain.
    pub domain: Pubkey,
    /// Its incident.
    pub incident: Pubkey,
    /// The snapshot.
    pub snapshot: Pubkey,
    /// Tag of the snapshot.
    pub tag: [u8; 32],
    /// Sum of all leaves.
    pub total: u64,
    /// Slot it was sealed in.
    pub sealed_slot: u64,
    /// Shards 0 to 15.
    pub shards: [SealedShard; SHARDS],
}

/// A statement about two ledgers, and what of it was proved so far, by whomever. Its address is derived from
/// [`statement_id`](super::acts::statement_id), so there is one of each statement and nobody takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct StateProof {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// By ledger: bit s, shard s was proved to its end.
    pub ended: [u16; 2],
    /// Its domain.
    pub domain: Pubkey,
    /// Its incident.
    pub incident: Pubkey,
    /// The plan: address of the restoration.
    pub restoration: Pubkey,
    /// Id of the verifying key.
    pub key: [u8; 32],
    /// The snapshots, by ledger.
    pub snapshots: [Pubkey; 2],
    /// Their tags.
    pub tags: [[u8; 32]; 2],
    /// Hashes of what fixes their leaves: the challenge was drawn from it.
    pub commitments: [[u8; 32]; 2],
    /// What is paid out to each ledger.
    pub pools: [u64; 2],
    /// The sum of each ledger.
    pub totals: [u64; 2],
    /// Sums of the amounts in the shards that ended.
    pub sums: [u64; 2],
    /// Sums of their payouts.
    pub paid: [u64; 2],
    /// Their products.
    pub products: [[u8; 32]; 2],
    /// γ.
    pub gamma: [u8; 32],
    /// β.
    pub beta: [u8; 32],
}

/// How far one prover is with one shard. Its address is derived from statement, prover, role and shard: a run of somebody
/// else's is at another address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct ProofRun {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// One of [`role`].
    pub role: u8,
    /// The shard.
    pub shard: u8,
    /// Context word of every page.
    pub context: [u8; 32],
    /// The state of 132 bytes.
    pub state: [u8; STATE_LEN],
    /// The statement.
    pub proof: Pubkey,
    /// Who moves it on.
    pub prover: Pubkey,
}

/// What reopening asks for: a ledger whose successor owes what the plan pays. One an incident and ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub struct ProofCheck {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Bits of [`proof_flag`].
    pub flags: u8,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Zero.
    pub padding: [u8; 4],
    /// Its domain.
    pub domain: Pubkey,
    /// Its incident.
    pub incident: Pubkey,
    /// The plan: address of the restoration.
    pub restoration: Pubkey,
    /// Id of the verifying key, or zero.
    pub key: [u8; 32],
    /// The successor's snapshot, or zero.
    pub successor: Pubkey,
    /// What was paid out to the chosen state, as proved.
    pub pool: u64,
    /// Slot it was made in.
    pub slot: u64,
    /// Creation slot of the proposal that accepted the ledger without a proof, or 0.
    pub decided_slot: u64,
}

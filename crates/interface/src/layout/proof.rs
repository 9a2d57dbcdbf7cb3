//! Proofs of state: the verifying key, what a domain demands of its restored ledgers, and statements on their way.

#[cfg(not(feature = "anchor"))]
use crate::Pubkey;
#[cfg(feature = "anchor")]
use anchor_lang::prelude::*;

use crate::constants::{PROOF_KEY_LEN, PROOF_STATE_LEN, SHARDS};

/// A verifying key, at an address derived from domain and id.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::PROOF_KEY))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct ProofKey {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// Where it comes from; 1 is a key that one party made.
    pub set_up: u8,
    /// Zero.
    pub padding: [u8; 3],
    /// Leaves of a page.
    pub page_size: u64,
    /// Its domain.
    pub domain: Pubkey,
    /// Hash of page size, set-up and points.
    pub id: [u8; 32],
    /// alpha, beta, gamma, delta and the two of the public input.
    pub points: [u8; PROOF_KEY_LEN],
}

const _: () = assert!(core::mem::size_of::<ProofKey>() == 656 && core::mem::align_of::<ProofKey>() == 8);

/// What a domain demands before it reopens. One a domain.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::PROOF_RULES))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct ProofRules {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Bits of `constants::proof_flag`.
    pub flags: u8,
    /// Zero.
    pub padding: [u8; 4],
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

const _: () = assert!(core::mem::size_of::<ProofRules>() == 184 && core::mem::align_of::<ProofRules>() == 8);

/// The end of a shard, as ingestion left it.
#[cfg_attr(feature = "anchor", zero_copy)]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct SealedShard {
    /// Accumulator over its leaves.
    pub accumulator: [u8; 32],
    /// Leaves.
    pub count: u32,
}

const _: () = assert!(core::mem::size_of::<SealedShard>() == 36 && core::mem::align_of::<SealedShard>() == 4);

/// What fixes the leaves of a sealed snapshot for a proof: the end of each of its shards.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::SEALED_LEDGER))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct SealedLedger {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// One of `constants::proof_role`.
    pub role: u8,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Zero.
    pub padding: [u8; 2],
    /// Its domain.
    pub domain: Pubkey,
    /// Its incident.
    pub incident: Pubkey,
    /// The snapshot.
    pub snapshot: Pubkey,
    /// Who paid its rent, and gets it back.
    pub payer: Pubkey,
    /// Tag of the snapshot.
    pub tag: [u8; 32],
    /// Sum of all leaves.
    pub total: u64,
    /// Slot it was sealed in.
    pub sealed_slot: u64,
    /// Shards 0 to 15.
    pub shards: [SealedShard; SHARDS],
}

const _: () = assert!(core::mem::size_of::<SealedLedger>() == 760 && core::mem::align_of::<SealedLedger>() == 8);

/// A statement about two ledgers, and what of it was proved so far, by whomever. Its address is derived from a
/// hash of all that it states, so there is one of each statement and nobody takes it.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::STATE_PROOF))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct StateProof {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// By ledger: bit s, shard s was proved to its end.
    pub ended: [u16; 2],
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Zero.
    pub padding: [u8; 7],
    /// Its domain.
    pub domain: Pubkey,
    /// Its incident.
    pub incident: Pubkey,
    /// The plan: address of the restoration.
    pub restoration: Pubkey,
    /// Who paid its rent, and gets it back.
    pub payer: Pubkey,
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

const _: () = assert!(core::mem::size_of::<StateProof>() == 560 && core::mem::align_of::<StateProof>() == 8);

/// How far one prover is with one shard. Its address is derived from statement, prover, role and shard: a run of somebody
/// else's is at another address.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::PROOF_RUN))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct ProofRun {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Reserved bits, zero.
    pub flags: u8,
    /// One of `constants::proof_role`.
    pub role: u8,
    /// The shard.
    pub shard: u8,
    /// Zero.
    pub padding: [u8; 2],
    /// Context word of every page.
    pub context: [u8; 32],
    /// The state of 132 bytes.
    pub reached: [u8; PROOF_STATE_LEN],
    /// The statement.
    pub proof: Pubkey,
    /// Who moves it on.
    pub prover: Pubkey,
}

const _: () = assert!(core::mem::size_of::<ProofRun>() == 236 && core::mem::align_of::<ProofRun>() == 1);

/// What reopening asks for: a ledger whose successor owes what the plan pays. One an incident and ledger.
#[cfg_attr(feature = "anchor", account(zero_copy, discriminator = &crate::discriminator::PROOF_CHECK))]
#[cfg_attr(
    not(feature = "anchor"),
    derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
pub struct ProofCheck {
    /// Layout version.
    pub version: u8,
    /// Canonical bump of the PDA.
    pub bump: u8,
    /// Unused, zero.
    pub state: u8,
    /// Bits of `constants::proof_flag`.
    pub flags: u8,
    /// Number of the ledger.
    pub ledger_index: u8,
    /// Zero.
    pub padding: [u8; 3],
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

const _: () = assert!(core::mem::size_of::<ProofCheck>() == 192 && core::mem::align_of::<ProofCheck>() == 8);

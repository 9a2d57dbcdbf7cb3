//! Proofs of state. `docs/proof-statement.md` has every byte of them.

/// Bytes of a verifying key's points: alpha, beta, gamma, delta and the two of the public input.
pub const PROOF_KEY_LEN: usize = 576;
/// Bytes of a proof: -A, B and C.
pub const PROOF_LEN: usize = 256;
/// Bytes of a run's state.
pub const PROOF_STATE_LEN: usize = 132;
/// Set-up of a key that one party made, who can prove anything with it. There is no other so far.
pub const SET_UP_INSECURE: u8 = 1;

/// Which of the two ledgers of a statement: places in the pairs of `StateProof`.
pub mod proof_role {
    /// The state that was chosen; it is paid under the plan.
    pub const CHOSEN: u8 = 0;
    /// The ledger that the repaired host starts with; pool and total are its own sum.
    pub const SUCCESSOR: u8 = 1;
}

/// Bits of `ProofRules::flags` and `ProofCheck::flags`.
pub mod proof_flag {
    /// One party made the key, and can prove anything with it.
    pub const INSECURE: u8 = 1;
    /// A proposal accepted the ledger without a proof.
    pub const OVERRIDDEN: u8 = 1 << 1;
}

//! Named errors. The guard's errors keep their numbers, 6100 to 6104.

use bulkhead_guard::GuardError;
use solana_program::program_error::ProgramError;

/// Why an instruction of the vault fails. Numbers never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum VaultError {
    /// The instruction data does not decode.
    InvalidInstruction = 7000,
    /// The account is not the expected PDA.
    WrongAddress = 7001,
    /// The account is not owned by this program, or is of another kind or version.
    ForeignAccount = 7002,
    /// The account already exists.
    AlreadyInitialized = 7003,
    /// The signature of the authority or owner is missing.
    SignatureMissing = 7004,
    /// The receipt holds less than the requested amount.
    DepositTooSmall = 7005,
    /// The amount is zero.
    ZeroAmount = 7006,
    /// A sum does not fit its type.
    Overflow = 7007,
}

impl From<VaultError> for ProgramError {
    fn from(error: VaultError) -> Self {
        Self::Custom(error as u32)
    }
}

/// The guard's error numbers are the same as Bulkhead's.
pub fn guard_error(error: GuardError) -> ProgramError {
    ProgramError::Custom(error as u32)
}

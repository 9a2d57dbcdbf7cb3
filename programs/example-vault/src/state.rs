//! The vault's accounts. Borsh, little endian, fields in the order of declaration.

use borsh::{BorshDeserialize, BorshSerialize};
use solana_program::{account_info::AccountInfo, program_error::ProgramError};

use crate::error::VaultError;

/// Layout version written into every account.
pub const VERSION: u8 = 1;
/// `Vault::kind`
pub const KIND_VAULT: u8 = 1;
/// `Receipt::kind`
pub const KIND_RECEIPT: u8 = 2;

/// The vault. Its account also holds everyone's lamports, on top of its own rent.
#[derive(BorshSerialize, BorshDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct Vault {
    /// [`KIND_VAULT`]
    pub kind: u8,
    /// [`VERSION`]
    pub version: u8,
    /// Bump of the PDA.
    pub bump: u8,
    /// Compartment of the board that this vault checks.
    pub compartment: u8,
    /// Key that created the vault.
    pub authority: [u8; 32],
    /// Bulkhead's pause board, fixed at set-up.
    pub board: [u8; 32],
    /// Sum of all receipts. Lamports.
    pub total_lamports: u64,
}

/// One owner's deposit.
#[derive(BorshSerialize, BorshDeserialize, Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// [`KIND_RECEIPT`]
    pub kind: u8,
    /// [`VERSION`]
    pub version: u8,
    /// Bump of the PDA.
    pub bump: u8,
    /// Its vault.
    pub vault: [u8; 32],
    /// Who may withdraw.
    pub owner: [u8; 32],
    /// Remaining amount. Lamports.
    pub lamports: u64,
}

/// An account of this program: its size, and how to distinguish it from the others.
pub trait State: BorshSerialize + BorshDeserialize {
    /// Bytes of the account.
    const SPACE: usize;

    /// Is this its kind and version?
    fn is_known(&self) -> bool;

    /// Reads an account that this program owns.
    fn load(account: &AccountInfo) -> Result<Self, ProgramError> {
        if account.owner != &crate::ID {
            return Err(VaultError::ForeignAccount.into());
        }
        let state = Self::try_from_slice(&account.try_borrow_data()?).map_err(|_| VaultError::ForeignAccount)?;
        if !state.is_known() {
            return Err(VaultError::ForeignAccount.into());
        }
        Ok(state)
    }

    /// Writes it back.
    fn store(&self, account: &AccountInfo) -> Result<(), ProgramError> {
        let mut data = account.try_borrow_mut_data()?;
        self.serialize(&mut &mut data[..])
            .map_err(|_| VaultError::ForeignAccount.into())
    }
}

impl State for Vault {
    const SPACE: usize = 4 + 32 + 32 + 8;

    fn is_known(&self) -> bool {
        self.kind == KIND_VAULT && self.version == VERSION
    }
}

impl State for Receipt {
    const SPACE: usize = 3 + 32 + 32 + 8;

    fn is_known(&self) -> bool {
        self.kind == KIND_RECEIPT && self.version == VERSION
    }
}

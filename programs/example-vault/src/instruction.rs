//! The vault's instructions, and how to build them.

use borsh::{BorshDeserialize, BorshSerialize};
use solana_program::{
    instruction::{AccountMeta, Instruction},
    pubkey::Pubkey,
};
use solana_system_interface::program as system_program;

use crate::{
    ID,
    seeds::{SEED_RECEIPT, SEED_VAULT},
};

/// Borsh: one byte for the variant, then its fields.
#[derive(BorshSerialize, BorshDeserialize, Clone, Debug, PartialEq, Eq)]
pub enum VaultInstruction {
    /// Creates the vault of an authority. Accounts: `[signer, writable] authority`,
    /// `[writable] vault`, `[] system program`.
    Initialize {
        /// The pause board that this vault checks, fixed permanently.
        board: [u8; 32],
        /// The vault's compartment on that board.
        compartment: u8,
    },
    /// Deposits lamports. Accounts: `[signer, writable] owner`, `[writable] vault`, `[writable] receipt`, `[] board`,
    /// `[] system program`.
    Deposit {
        /// Number of lamports.
        lamports: u64,
    },
    /// Withdraws lamports. Accounts: `[signer, writable] owner`, `[writable] vault`, `[writable] receipt`, `[] board`.
    Withdraw {
        /// Number of lamports.
        lamports: u64,
    },
}

fn build(instruction: &VaultInstruction, accounts: Vec<AccountMeta>) -> Instruction {
    // Writing into memory does not fail.
    let data = borsh::to_vec(instruction).unwrap_or_default();
    Instruction::new_with_bytes(ID, &data, accounts)
}

/// Address of the vault of an authority.
pub fn vault_address(authority: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[SEED_VAULT, authority.as_ref()], &ID).0
}

/// Address of an owner's receipt.
pub fn receipt_address(vault: &Pubkey, owner: &Pubkey) -> Pubkey {
    Pubkey::find_program_address(&[SEED_RECEIPT, vault.as_ref(), owner.as_ref()], &ID).0
}

/// [`VaultInstruction::Initialize`]
pub fn initialize(authority: &Pubkey, board: &Pubkey, compartment: u8) -> Instruction {
    let accounts = vec![
        AccountMeta::new(*authority, true),
        AccountMeta::new(vault_address(authority), false),
        AccountMeta::new_readonly(system_program::ID, false),
    ];
    let board = board.to_bytes();
    build(&VaultInstruction::Initialize { board, compartment }, accounts)
}

/// [`VaultInstruction::Deposit`]
pub fn deposit(owner: &Pubkey, vault: &Pubkey, board: &Pubkey, lamports: u64) -> Instruction {
    let accounts = vec![
        AccountMeta::new(*owner, true),
        AccountMeta::new(*vault, false),
        AccountMeta::new(receipt_address(vault, owner), false),
        AccountMeta::new_readonly(*board, false),
        AccountMeta::new_readonly(system_program::ID, false),
    ];
    build(&VaultInstruction::Deposit { lamports }, accounts)
}

/// [`VaultInstruction::Withdraw`]
pub fn withdraw(owner: &Pubkey, vault: &Pubkey, board: &Pubkey, lamports: u64) -> Instruction {
    let accounts = vec![
        AccountMeta::new(*owner, true),
        AccountMeta::new(*vault, false),
        AccountMeta::new(receipt_address(vault, owner), false),
        AccountMeta::new_readonly(*board, false),
    ];
    build(&VaultInstruction::Withdraw { lamports }, accounts)
}

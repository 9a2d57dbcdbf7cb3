//! Creating accounts of this program.

use solana_program::{
    account_info::AccountInfo, entrypoint::ProgramResult, program::invoke_signed, program_error::ProgramError,
    pubkey::Pubkey, rent::Rent, sysvar::Sysvar,
};
use solana_system_interface::{instruction, program as system_program};

use crate::error::VaultError;

/// The canonical bump of the PDA of `seeds`, when `account` is that PDA.
pub fn require_address(account: &AccountInfo, seeds: &[&[u8]]) -> Result<u8, ProgramError> {
    let (address, bump) = Pubkey::find_program_address(seeds, &crate::ID);
    if address != *account.key {
        return Err(VaultError::WrongAddress.into());
    }
    Ok(bump)
}

/// Creates the account that `seeds` (with its bump) sign for. Anyone can send lamports to a PDA
/// before it exists, so it is topped up, allocated and assigned instead of created.
pub fn create<'info>(
    account: &AccountInfo<'info>,
    payer: &AccountInfo<'info>,
    space: usize,
    seeds: &[&[u8]],
) -> ProgramResult {
    if !system_program::check_id(account.owner) {
        return Err(VaultError::AlreadyInitialized.into());
    }
    let missing = Rent::get()?.minimum_balance(space).saturating_sub(account.lamports());
    let accounts = [payer.clone(), account.clone()];
    if missing > 0 {
        invoke_signed(&instruction::transfer(payer.key, account.key, missing), &accounts, &[])?;
    }
    let space = u64::try_from(space).map_err(|_| VaultError::Overflow)?;
    invoke_signed(&instruction::allocate(account.key, space), &accounts, &[seeds])?;
    invoke_signed(&instruction::assign(account.key, &crate::ID), &accounts, &[seeds])
}

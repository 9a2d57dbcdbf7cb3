//! One file per instruction.

mod deposit;
mod initialize;
mod withdraw;

use borsh::BorshDeserialize;
use solana_program::{
    account_info::AccountInfo, entrypoint::ProgramResult, program_error::ProgramError, pubkey::Pubkey,
};

use crate::{error::VaultError, instruction::VaultInstruction};

/// Decodes the instruction and dispatches it.
pub fn process(_: &Pubkey, accounts: &[AccountInfo], data: &[u8]) -> ProgramResult {
    match VaultInstruction::try_from_slice(data).map_err(|_| VaultError::InvalidInstruction)? {
        VaultInstruction::Initialize { board, compartment } => initialize::process(accounts, board, compartment),
        VaultInstruction::Deposit { lamports } => deposit::process(accounts, lamports),
        VaultInstruction::Withdraw { lamports } => withdraw::process(accounts, lamports),
    }
}

/// The first `N` accounts.
fn take<'a, 'info, const N: usize>(
    accounts: &'a [AccountInfo<'info>],
) -> Result<&'a [AccountInfo<'info>; N], ProgramError> {
    accounts.first_chunk().ok_or(ProgramError::NotEnoughAccountKeys)
}

fn require_signer(account: &AccountInfo) -> ProgramResult {
    if !account.is_signer {
        return Err(VaultError::SignatureMissing.into());
    }
    Ok(())
}

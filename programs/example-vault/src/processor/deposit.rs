//! Deposits lamports into the vault for the signing owner. The first deposit creates the receipt.

use bulkhead_guard::action;
use solana_program::{account_info::AccountInfo, entrypoint::ProgramResult, program::invoke};
use solana_system_interface::{instruction, program as system_program};

use super::{require_signer, take};
use crate::{
    error::VaultError,
    gate::require_open,
    pda,
    seeds::SEED_RECEIPT,
    state::{KIND_RECEIPT, Receipt, State, VERSION, Vault},
};

pub fn process(accounts: &[AccountInfo], lamports: u64) -> ProgramResult {
    let [owner, vault, receipt, board, _system_program] = take(accounts)?;
    require_signer(owner)?;
    let mut state = Vault::load(vault)?;
    require_open(&state, board, action::DEPOSIT)?;
    if lamports == 0 {
        return Err(VaultError::ZeroAmount.into());
    }
    let mut entry = receipt_of(owner, vault, receipt)?;
    state.total_lamports = state.total_lamports.checked_add(lamports).ok_or(VaultError::Overflow)?;
    entry.lamports = entry.lamports.checked_add(lamports).ok_or(VaultError::Overflow)?;
    invoke(
        &instruction::transfer(owner.key, vault.key, lamports),
        &[owner.clone(), vault.clone()],
    )?;
    state.store(vault)?;
    entry.store(receipt)
}

/// The owner's receipt, created if it does not exist yet.
fn receipt_of<'info>(
    owner: &AccountInfo<'info>,
    vault: &AccountInfo<'info>,
    receipt: &AccountInfo<'info>,
) -> Result<Receipt, solana_program::program_error::ProgramError> {
    let seeds: [&[u8]; 3] = [SEED_RECEIPT, vault.key.as_ref(), owner.key.as_ref()];
    let bump = pda::require_address(receipt, &seeds)?;
    if !system_program::check_id(receipt.owner) {
        return Receipt::load(receipt);
    }
    let [prefix, vault_key, owner_key] = seeds;
    pda::create(receipt, owner, Receipt::SPACE, &[prefix, vault_key, owner_key, &[bump]])?;
    Ok(Receipt {
        kind: KIND_RECEIPT,
        version: VERSION,
        bump,
        vault: vault.key.to_bytes(),
        owner: owner.key.to_bytes(),
        lamports: 0,
    })
}

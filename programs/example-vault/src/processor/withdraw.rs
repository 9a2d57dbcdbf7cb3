//! Withdraws lamports from the vault for the signing owner, up to the receipt's amount. The vault's own rent is not
//! part of any receipt, so it stays.

use bulkhead_guard::action;
use solana_program::{account_info::AccountInfo, entrypoint::ProgramResult};

use super::{require_signer, take};
use crate::{
    error::VaultError,
    gate::require_open,
    state::{Receipt, State, Vault},
};

pub fn process(accounts: &[AccountInfo], lamports: u64) -> ProgramResult {
    let [owner, vault, receipt, board] = take(accounts)?;
    require_signer(owner)?;
    let mut state = Vault::load(vault)?;
    require_open(&state, board, action::WITHDRAW)?;
    if lamports == 0 {
        return Err(VaultError::ZeroAmount.into());
    }
    let mut entry = Receipt::load(receipt)?;
    if entry.vault != vault.key.to_bytes() || entry.owner != owner.key.to_bytes() {
        return Err(VaultError::WrongAddress.into());
    }
    entry.lamports = entry
        .lamports
        .checked_sub(lamports)
        .ok_or(VaultError::DepositTooSmall)?;
    state.total_lamports = state.total_lamports.checked_sub(lamports).ok_or(VaultError::Overflow)?;
    state.store(vault)?;
    entry.store(receipt)?;
    let rest = vault.lamports().checked_sub(lamports).ok_or(VaultError::Overflow)?;
    let paid = owner.lamports().checked_add(lamports).ok_or(VaultError::Overflow)?;
    **vault.try_borrow_mut_lamports()? = rest;
    **owner.try_borrow_mut_lamports()? = paid;
    Ok(())
}

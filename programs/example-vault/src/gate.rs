//! The integration: is this action open?

use bulkhead_guard::check_account;
use solana_program::{account_info::AccountInfo, clock::Clock, program_error::ProgramError, sysvar::Sysvar};

use crate::{error::guard_error, state::Vault};

/// Stops a paused action. Call it before anything is changed.
pub fn require_open(vault: &Vault, board: &AccountInfo, action: u32) -> Result<(), ProgramError> {
    let now = Clock::get()?.unix_timestamp;
    let (key, owner, data) = (board.key, board.owner, board.try_borrow_data());
    check_account(&vault.board, key, owner, data, vault.compartment, action, now).map_err(guard_error)
}

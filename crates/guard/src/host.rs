use crate::{GuardError, check};
use solana_account_info::AccountInfo;

/// [`check`] for hosts that have an `AccountInfo`, such as Anchor and native programs.
///
/// # Errors
/// [`GuardError`]. On any error the host must not act. A board that is mutably borrowed is treated as foreign, because
/// only Bulkhead may write one.
pub fn check_account(
    expected_board: &[u8; 32],
    board: &AccountInfo,
    compartment: u8,
    action: u32,
    now: i64,
) -> Result<(), GuardError> {
    let data = board.try_borrow_data().map_err(|_| GuardError::ForeignBoard)?;
    check(
        expected_board,
        board.key.as_array(),
        board.owner.as_array(),
        &data,
        compartment,
        action,
        now,
    )
}

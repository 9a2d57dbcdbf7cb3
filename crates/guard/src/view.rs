use pinocchio::AccountView;

use crate::{GuardError, check};

/// [`check`] for hosts that have an `AccountView`, such as pinocchio programs.
///
/// # Errors
/// [`GuardError`]. On any error the host must not act. A board that is mutably borrowed is treated as foreign, because
/// only Bulkhead may write one.
pub fn check_view(
    expected_board: &[u8; 32],
    board: &AccountView,
    compartment: u8,
    action: u32,
    now: i64,
) -> Result<(), GuardError> {
    let data = board.try_borrow().map_err(|_| GuardError::ForeignBoard)?;
    let (key, owner) = (board.address(), board.owner());
    check(
        expected_board,
        key.as_array(),
        owner.as_array(),
        &data,
        compartment,
        action,
        now,
    )
}

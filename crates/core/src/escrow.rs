//! Governance tokens in escrow. A vote locks them until its ballot ends, so the same tokens cannot
//! vote twice and a flash loan cannot vote at all.

use bulkhead_interface::layout::VoterEscrow;

/// Why an escrow refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EscrowError {
    /// A ballot the tokens voted in has not ended.
    Locked,
    /// Less is there than asked for.
    TooSmall,
    /// The sum does not fit.
    Overflow,
}

/// Adds what arrived.
///
/// # Errors
/// [`EscrowError::Overflow`].
pub fn deposit(escrow: &mut VoterEscrow, amount: u64) -> Result<(), EscrowError> {
    escrow.amount = escrow.amount.checked_add(amount).ok_or(EscrowError::Overflow)?;
    Ok(())
}

/// Takes `amount` out.
///
/// # Errors
/// [`EscrowError::Locked`], [`EscrowError::TooSmall`].
pub fn withdraw(escrow: &mut VoterEscrow, amount: u64, now: i64) -> Result<(), EscrowError> {
    if now < escrow.locked_until {
        return Err(EscrowError::Locked);
    }
    escrow.amount = escrow.amount.checked_sub(amount).ok_or(EscrowError::TooSmall)?;
    Ok(())
}

/// Locks everything until `until`; an earlier end never shortens a lock.
pub fn lock(escrow: &mut VoterEscrow, until: i64) {
    escrow.locked_until = escrow.locked_until.max(until);
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    #[test]
    fn locked_until_the_last_ballot_ends() {
        let mut escrow = VoterEscrow::zeroed();
        deposit(&mut escrow, 10).expect("fits");
        lock(&mut escrow, 200);
        lock(&mut escrow, 100);
        assert_eq!(withdraw(&mut escrow, 1, 199), Err(EscrowError::Locked));
        assert_eq!(withdraw(&mut escrow, 11, 200), Err(EscrowError::TooSmall));
        assert_eq!(withdraw(&mut escrow, 10, 200), Ok(()));
        assert_eq!(deposit(&mut escrow, u64::MAX), Ok(()));
        assert_eq!(deposit(&mut escrow, 1), Err(EscrowError::Overflow));
    }
}

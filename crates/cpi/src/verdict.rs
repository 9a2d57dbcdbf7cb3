//! What Bulkhead answered, in types.

use bulkhead_guard::BULKHEAD_ID;
use solana_program_error::ProgramError;

/// Within limits: counted, and with custody paid.
pub const ALLOWED: u8 = 0;
/// Over a limit or latched: not counted. With custody the record of the release is the user's claim.
pub const QUEUED: u8 = 1;
/// Paused, or the release's number is taken: nothing moved and nobody owes more than before.
pub const DENIED: u8 = 2;

/// The answer of `meter_outflow`.
#[must_use = "an outflow that was not allowed must not be paid"]
#[derive(Debug, PartialEq, Eq)]
pub enum Metered {
    /// Counted: pay.
    Allowed(Permit),
    /// Over a limit, latched or paused: pay nothing, debit nothing, end `Ok`.
    Refused(Refused),
}

/// The answer of `release`.
#[must_use = "a release that was not denied must be debited, and one that was must not"]
#[derive(Debug, PartialEq, Eq)]
pub enum Released {
    /// Bulkhead has paid: debit.
    Paid(Debit),
    /// Bulkhead owes it: the record of the release is the user's claim now. Debit.
    Queued(Debit),
    /// Nothing moved and nobody owes more than before: debit nothing, end `Ok`.
    Denied(Refused),
}

/// Leave to pay an amount, once.
#[must_use = "Bulkhead has counted this outflow: pay it"]
#[derive(Debug, PartialEq, Eq)]
pub struct Permit {
    amount: u64,
}

impl Permit {
    /// The amount to pay. There is no other way to it.
    #[must_use = "this is what is to be paid"]
    pub const fn into_amount(self) -> u64 {
        self.amount
    }
}

/// The duty to debit an amount, once.
#[must_use = "Bulkhead has paid this or owes it: debit it"]
#[derive(Debug, PartialEq, Eq)]
pub struct Debit {
    amount: u64,
}

impl Debit {
    /// The amount to debit. There is no other way to it.
    #[must_use = "this is what is to be debited"]
    pub const fn into_amount(self) -> u64 {
        self.amount
    }
}

/// Nothing leaves, and the host's ledger stays as it is.
#[must_use = "an outflow that was refused ends the instruction `Ok`: return `finish()`"]
#[derive(Debug, PartialEq, Eq)]
pub struct Refused(());

impl Refused {
    /// How the host's instruction ends: `Ok`. An error would revert the transaction, and the latch
    /// that stopped this outflow with it; the next one would find the breaker as if nothing had been.
    ///
    /// # Errors
    /// Never. It is a result so that it can be returned.
    pub const fn finish(self) -> Result<(), ProgramError> {
        Ok(())
    }
}

/// Reads the answer of `meter_outflow`. Whatever is not Bulkhead's leave is none.
pub(crate) fn metered(answer: Option<(&[u8; 32], &[u8])>, amount: u64) -> Metered {
    match answer {
        Some((&BULKHEAD_ID, [ALLOWED])) => Metered::Allowed(Permit { amount }),
        _ => Metered::Refused(Refused(())),
    }
}

/// Reads the answer of `release`.
///
/// # Errors
/// When there is no answer of Bulkhead's. Funds may have moved then: neither a debit nor the lack
/// of one is safe, and an error takes the payment back along with everything else. The Bulkhead
/// that is deployed always answers, so no user can bring this about to undo a latch.
pub(crate) fn released(answer: Option<(&[u8; 32], &[u8])>, amount: u64) -> Result<Released, ProgramError> {
    match answer {
        Some((&BULKHEAD_ID, [ALLOWED])) => Ok(Released::Paid(Debit { amount })),
        Some((&BULKHEAD_ID, [QUEUED])) => Ok(Released::Queued(Debit { amount })),
        Some((&BULKHEAD_ID, [DENIED])) => Ok(Released::Denied(Refused(()))),
        _ => Err(ProgramError::IncorrectProgramId),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRANGER: [u8; 32] = [7; 32];

    #[test]
    fn only_one_answer_is_leave_to_pay() {
        assert_eq!(
            metered(Some((&BULKHEAD_ID, &[ALLOWED])), 5),
            Metered::Allowed(Permit { amount: 5 })
        );
        for byte in 1..=u8::MAX {
            assert_eq!(metered(Some((&BULKHEAD_ID, &[byte])), 5), Metered::Refused(Refused(())));
        }
        for data in [&[][..], &[ALLOWED, 0], &[ALLOWED; 32]] {
            assert_eq!(metered(Some((&BULKHEAD_ID, data)), 5), Metered::Refused(Refused(())));
        }
        assert_eq!(metered(Some((&STRANGER, &[ALLOWED])), 5), Metered::Refused(Refused(())));
        assert_eq!(metered(None, 5), Metered::Refused(Refused(())));
    }

    #[test]
    fn a_release_that_nobody_answered_for_is_an_error_and_neither_debited_nor_denied() {
        let debit = || Debit { amount: 5 };
        let says = |data: &[u8]| released(Some((&BULKHEAD_ID, data)), 5);
        assert_eq!(says(&[ALLOWED]), Ok(Released::Paid(debit())));
        assert_eq!(says(&[QUEUED]), Ok(Released::Queued(debit())));
        assert_eq!(says(&[DENIED]), Ok(Released::Denied(Refused(()))));
        for byte in 3..=u8::MAX {
            assert_eq!(says(&[byte]), Err(ProgramError::IncorrectProgramId));
        }
        for data in [&[][..], &[ALLOWED, 0], &[DENIED; 32]] {
            assert_eq!(says(data), Err(ProgramError::IncorrectProgramId));
        }
        for byte in [ALLOWED, QUEUED, DENIED] {
            let strange = released(Some((&STRANGER, &[byte])), 5);
            assert_eq!(strange, Err(ProgramError::IncorrectProgramId));
        }
        assert_eq!(released(None, 5), Err(ProgramError::IncorrectProgramId));
    }

    #[test]
    fn a_byte_of_the_program_id_that_is_wrong_is_another_program() {
        for byte in 0..32 {
            let mut id = BULKHEAD_ID;
            id[byte] ^= 1;
            assert_eq!(metered(Some((&id, &[ALLOWED])), 5), Metered::Refused(Refused(())));
            assert!(released(Some((&id, &[ALLOWED])), 5).is_err());
        }
    }

    #[test]
    fn a_refusal_ends_well() {
        assert_eq!(Refused(()).finish(), Ok(()));
    }
}

//! Bulkhead's verdicts, as types.

use core::fmt;

/// Within limits. Counted and, with custody, paid.
pub const ALLOWED: u8 = 0;
/// Over a limit, or the breaker is latched. Not counted. With custody, the release account is the user's claim.
pub const QUEUED: u8 = 1;
/// Paused, or the release's number is taken. Nothing moved, and no debt changed.
pub const DENIED: u8 = 2;

/// The verdict of `meter_outflow`.
#[must_use = "an outflow that was not allowed must not be paid"]
#[derive(Debug, PartialEq, Eq)]
pub enum Metered {
    /// Counted. Pay the amount.
    Allowed(Permit),
    /// Over a limit, latched or paused. Pay nothing, debit nothing, end with `Ok`.
    Refused(Refused),
}

/// The verdict of `release`.
#[must_use = "debit a release unless it was denied; never debit a denied one"]
#[derive(Debug, PartialEq, Eq)]
pub enum Released {
    /// Bulkhead has paid. Debit the amount.
    Paid(Debit),
    /// Bulkhead owes the amount, and the release account is now the user's claim. Debit the amount.
    Queued(Debit),
    /// Nothing moved, and no debt changed. Debit nothing, end with `Ok`.
    Denied(Refused),
}

/// Permission to pay an amount, once.
#[must_use = "Bulkhead has counted this outflow: pay it"]
#[derive(Debug, PartialEq, Eq)]
pub struct Permit {
    amount: u64,
}

impl Permit {
    /// Returns the amount to pay. There is no other way to get it.
    #[must_use = "this is the amount to pay"]
    pub const fn into_amount(self) -> u64 {
        self.amount
    }
}

/// The obligation to debit an amount, once.
#[must_use = "Bulkhead has paid this amount or owes it: debit it"]
#[derive(Debug, PartialEq, Eq)]
pub struct Debit {
    amount: u64,
}

impl Debit {
    /// Returns the amount to debit. There is no other way to get it.
    #[must_use = "this is the amount to debit"]
    pub const fn into_amount(self) -> u64 {
        self.amount
    }
}

/// The obligation to credit an amount, once: a release that was debited when it was queued has been cancelled.
#[must_use = "the release is taken back: credit its amount"]
#[derive(Debug, PartialEq, Eq)]
pub struct Credit {
    amount: u64,
}

impl Credit {
    /// Returns the amount to credit. There is no other way to get it.
    #[must_use = "this is the amount to credit"]
    pub const fn into_amount(self) -> u64 {
        self.amount
    }
}

/// No funds leave, and the host's ledger stays unchanged.
#[must_use = "a refused outflow ends the instruction with `Ok`: return `finish()`"]
#[derive(Debug, PartialEq, Eq)]
pub struct Refused(());

impl Refused {
    /// Ends the host's instruction with `Ok`. An error would revert the transaction, and with it the latch that stopped
    /// this outflow. The next outflow would find the breaker unlatched.
    ///
    /// # Errors
    /// Never. The return type is a result, of any error, so that the host can return it directly.
    pub const fn finish<Error>(self) -> Result<(), Error> {
        Ok(())
    }
}

/// A release that Bulkhead did not answer for. The host's instruction has to fail: funds may have moved, so neither
/// debiting nor skipping the debit is safe, and an error reverts the payment along with everything else. The deployed
/// Bulkhead always answers, so no user can cause this to undo a latch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoVerdict;

impl fmt::Display for NoVerdict {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("Bulkhead did not answer for this release")
    }
}

/// Reads the verdict of `meter_outflow`. Anything that is not Bulkhead's permission counts as a refusal.
#[inline(always)]
pub(crate) fn metered(said: Option<[u8; 1]>, amount: u64) -> Metered {
    match said {
        Some([ALLOWED]) => Metered::Allowed(Permit { amount }),
        _ => Metered::Refused(Refused(())),
    }
}

/// Reads the verdict of `release`.
#[inline(always)]
pub(crate) fn released(said: Option<[u8; 1]>, amount: u64) -> Result<Released, NoVerdict> {
    match said {
        Some([ALLOWED]) => Ok(Released::Paid(Debit { amount })),
        Some([QUEUED]) => Ok(Released::Queued(Debit { amount })),
        Some([DENIED]) => Ok(Released::Denied(Refused(()))),
        _ => Err(NoVerdict),
    }
}

/// Reads the amount that `take_back_release` returns. `said` is Bulkhead's return data.
#[inline(always)]
pub(crate) fn taken_back(said: Option<[u8; 8]>) -> Result<Credit, NoVerdict> {
    let amount = said.map(u64::from_le_bytes).ok_or(NoVerdict)?;
    Ok(Credit { amount })
}

#[cfg(test)]
mod tests {
    use bulkhead_guard::BULKHEAD_ID;

    use super::*;
    use crate::{MeterOutflow, Release, TakeBackRelease};

    type Answer<'a> = Option<(&'a [u8; 32], &'a [u8])>;

    /// The verdict of a call that asked for `amount`.
    fn metered(answer: Answer<'_>, amount: u64) -> Metered {
        let (breaker, board, authority) = (&(), &(), &());
        let accounts = MeterOutflow {
            breaker,
            board,
            authority,
        };
        accounts.call(amount).verdict(answer)
    }

    fn released(answer: Answer<'_>, amount: u64) -> Result<Released, NoVerdict> {
        let (operator, vault, breaker, board, custody, destination) = (&(), &(), &(), &(), &(), &());
        let (mint, token_program, release, payer, system_program) = (&(), &(), &(), &(), &());
        let accounts = Release {
            operator,
            vault,
            breaker,
            board,
            custody,
            destination,
            mint,
            token_program,
            release,
            payer,
            system_program,
            note: None,
        };
        let noted = accounts.call_with_note(&(), amount, 9).verdict(answer);
        assert_eq!(accounts.call_without_note(amount, 9).verdict(answer), noted);
        noted
    }

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
            assert_eq!(says(&[byte]), Err(NoVerdict));
        }
        for data in [&[][..], &[ALLOWED, 0], &[DENIED; 32]] {
            assert_eq!(says(data), Err(NoVerdict));
        }
        for byte in [ALLOWED, QUEUED, DENIED] {
            let strange = released(Some((&STRANGER, &[byte])), 5);
            assert_eq!(strange, Err(NoVerdict));
        }
        assert_eq!(released(None, 5), Err(NoVerdict));
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
    fn only_bulkhead_says_what_is_taken_back() {
        let (operator, vault, release, payer) = (&(), &(), &(), &());
        let says = |answer: Answer<'_>| {
            let accounts = TakeBackRelease {
                operator,
                vault,
                release,
                payer,
            };
            accounts.call().verdict(answer)
        };
        let bytes = 77u64.to_le_bytes();
        assert_eq!(says(Some((&BULKHEAD_ID, &bytes))), Ok(Credit { amount: 77 }));
        for answer in [None, Some((&STRANGER, &bytes[..])), Some((&BULKHEAD_ID, &bytes[..7]))] {
            assert_eq!(says(answer), Err(NoVerdict));
        }
    }

    #[test]
    fn a_refusal_ends_well() {
        assert_eq!(Refused(()).finish::<NoVerdict>(), Ok(()));
    }
}

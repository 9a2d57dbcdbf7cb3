//! Numbers of other accounts that an amount is multiplied or divided by.
//!
//! Lending hosts store shares, and what a share is worth in the account of the bank or the market. Each factor is read
//! once, when the snapshot is opened, and stored behind it: interest that the host still books would otherwise value one
//! cranker's positions by another rate than the next one's.

use bulkhead_interface::{
    Pubkey,
    constants::MAX_FACTORS,
    layout::{AmountField, FrozenFactors, Ledger, Snapshot, space},
};

use super::super::{LayoutError, amount};
use super::Seen;

/// The factors of a ledger, as read. All zero for a ledger without any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Factors([u128; MAX_FACTORS]);

impl Factors {
    /// Reads the factors of a ledger. `accounts` are those that it names, in its order; more are not looked at.
    ///
    /// # Errors
    /// [`LayoutError::LinkMissing`] for another account, [`LayoutError::FactorUnreadable`] where none is there any more,
    /// it belongs to another program, or its number is zero or negative.
    pub fn read<'a>(ledger: &Ledger, accounts: impl IntoIterator<Item = Seen<'a>>) -> Result<Self, LayoutError> {
        let mut factors = Self::default();
        let mut accounts = accounts.into_iter();
        for (number, (account, field)) in factors.0.iter_mut().zip(factor_fields(ledger)) {
            let seen = accounts.next().filter(|seen| seen.key == account);
            let seen = seen.ok_or(LayoutError::LinkMissing)?;
            if *seen.program != ledger.export.program {
                return Err(LayoutError::FactorUnreadable);
            }
            *number = amount::unsigned(seen.data, &field).map_err(|_| LayoutError::FactorUnreadable)?;
            // A rate of nothing would void every claim. A negative one is no rate.
            if i128::try_from(*number).is_ok_and(|number| number > 0) {
                continue;
            }
            return Err(LayoutError::FactorUnreadable);
        }
        Ok(factors)
    }

    /// The factors that a snapshot was opened with, from its account's data.
    ///
    /// # Errors
    /// [`LayoutError::FactorUnreadable`] where the ledger has factors and the account has none.
    pub fn frozen(ledger: &Ledger, snapshot: &[u8]) -> Result<Self, LayoutError> {
        if factor_count(ledger) == 0 {
            return Ok(Self::default());
        }
        let stored = snapshot.get(space::<Snapshot>()..);
        let stored = stored.and_then(|stored| stored.first_chunk::<{ size_of::<FrozenFactors>() }>());
        let stored: FrozenFactors = bytemuck::pod_read_unaligned(stored.ok_or(LayoutError::FactorUnreadable)?);
        let mut factors = Self::default();
        for (number, [low, high]) in factors.0.iter_mut().zip(stored.numbers) {
            *number = u128::from(high).unbounded_shl(u64::BITS) | u128::from(low);
        }
        Ok(factors)
    }

    /// As they are stored behind a snapshot.
    #[must_use]
    pub fn freeze(&self, slot: u64) -> FrozenFactors {
        let numbers = self.0.map(|number| {
            let half = |number: u128| u64::try_from(number & u128::from(u64::MAX)).unwrap_or(u64::MAX);
            [half(number), half(number.unbounded_shr(u64::BITS))]
        });
        FrozenFactors { slot, numbers }
    }

    /// Each factor's number, with its field.
    pub(super) fn of(&self, ledger: &Ledger) -> impl Iterator<Item = (AmountField, u128)> {
        factor_fields(ledger).map(|(_, field)| field).zip(self.0)
    }

    /// The numbers, in the ledger's order. Zero where the ledger has no further factor.
    #[must_use]
    pub const fn numbers(&self) -> &[u128; MAX_FACTORS] {
        &self.0
    }
}

/// How many factors a ledger has.
#[must_use]
pub fn factor_count(ledger: &Ledger) -> usize {
    if is_linked(ledger) {
        usize::from(ledger.export.account_count).min(MAX_FACTORS)
    } else {
        0
    }
}

/// The accounts and fields of a ledger's factors, in its order.
pub fn factor_fields(ledger: &Ledger) -> impl Iterator<Item = (&Pubkey, AmountField)> {
    let fields = bytemuck::cast::<[u8; 16], [[u8; 8]; MAX_FACTORS]>(ledger.export.data);
    let fields = fields.map(|field| bytemuck::pod_read_unaligned::<AmountField>(&field));
    ledger.export.accounts.iter().zip(fields).take(factor_count(ledger))
}

/// Is a position read with the help of other accounts, or one of many in its account?
#[inline(always)]
#[must_use]
pub const fn is_linked(ledger: &Ledger) -> bool {
    ledger.mode == bulkhead_interface::constants::ledger_mode::LINKED
}

/// Bytes of a ledger's snapshot.
#[must_use]
pub fn snapshot_space(ledger: &Ledger) -> usize {
    let behind = if factor_count(ledger) == 0 {
        0
    } else {
        size_of::<FrozenFactors>()
    };
    space::<Snapshot>().saturating_add(behind)
}

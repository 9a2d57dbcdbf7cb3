//! Compute units and the priority fee.

use anchor_lang::prelude::Pubkey;
use bulkhead_core::transaction::COMPUTE_BUDGET;
use solana_instruction::Instruction;

/// Maximum number of units of a transaction.
pub(crate) const MAX_UNITS: u32 = 1_400_000;
/// Added to the simulated units, next to a tenth of them: accounts may differ a little when the transaction lands.
const SPARE_UNITS: u64 = 1_000;
/// Base fee of a signature, in lamports.
const LAMPORTS_PER_SIGNATURE: u64 = 5_000;
const MICRO_LAMPORTS: u128 = 1_000_000;

/// What is offered for a compute unit, in micro-lamports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Price {
    /// By the recent fees for the accounts that the transaction writes.
    Recent {
        /// The percentile of those fees, 0 to 100.
        percentile: u8,
        /// The highest price that is offered.
        most: u64,
    },
    /// Always this price. Zero offers nothing.
    Fixed(u64),
}

impl Default for Price {
    /// Three quarters of the others paid less, and at most 0.0014 SOL for the most units that a transaction can use.
    fn default() -> Self {
        Self::Recent {
            percentile: 75,
            most: 1_000_000,
        }
    }
}

impl Price {
    /// The price, given the recent fees.
    pub(crate) fn of(self, mut fees: Vec<u64>) -> u64 {
        match self {
            Self::Fixed(price) => price,
            Self::Recent { percentile, most } => {
                fees.sort_unstable();
                let place = fees.len().saturating_sub(1) * usize::from(percentile.min(100)) / 100;
                fees.get(place).map_or(0, |fee| (*fee).min(most))
            }
        }
    }

    /// The price after a transaction expired that offered `before`: at least twice as much, up to the maximum.
    pub(crate) fn after(self, before: u64, now: u64) -> u64 {
        match self {
            Self::Fixed(price) => price,
            Self::Recent { most, .. } => now.max(before.saturating_mul(2)).min(most),
        }
    }
}

/// The units to ask for, given those that the simulation used.
pub(crate) fn limit(used: u64) -> u32 {
    let wanted = used.saturating_add(used / 10).saturating_add(SPARE_UNITS);
    u32::try_from(wanted).map_or(MAX_UNITS, |units| units.min(MAX_UNITS))
}

/// The instructions that set limit and price; a price of zero is not set. Encoded for the Compute Budget program: one
/// byte for the instruction, then the number.
pub(crate) fn instructions(limit: Option<u32>, price: u64) -> Vec<Instruction> {
    const PROGRAM: Pubkey = Pubkey::new_from_array(COMPUTE_BUDGET);
    let instruction = |data| Instruction {
        program_id: PROGRAM,
        accounts: vec![],
        data,
    };
    let limit = limit.map(|units| instruction([&[2], &units.to_le_bytes()[..]].concat()));
    let price = (price != 0).then(|| instruction([&[3], &price.to_le_bytes()[..]].concat()));
    limit.into_iter().chain(price).collect()
}

/// The whole fee in lamports.
pub(crate) fn fee(signatures: usize, limit: u32, price: u64) -> u64 {
    let base = (signatures as u64).saturating_mul(LAMPORTS_PER_SIGNATURE);
    let priority = (u128::from(limit) * u128::from(price)).div_ceil(MICRO_LAMPORTS);
    base.saturating_add(u64::try_from(priority).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_quarters_of_what_others_paid_and_no_more_than_is_sane() {
        let price = Price::default();
        assert_eq!(price.of(vec![]), 0);
        assert_eq!(price.of(vec![7]), 7);
        assert_eq!(price.of((1..=101).rev().collect()), 76);
        assert_eq!(price.of(vec![u64::MAX; 3]), 1_000_000);
        assert_eq!(Price::Fixed(5).of(vec![u64::MAX; 3]), 5);
    }

    #[test]
    fn a_transaction_that_expired_offers_more() {
        let price = Price::default();
        assert_eq!(price.after(100, 50), 200);
        assert_eq!(price.after(100, 500), 500);
        assert_eq!(price.after(900_000, 1), 1_000_000);
        assert_eq!(Price::Fixed(5).after(5, 500), 5);
    }

    #[test]
    fn limits_leave_room_and_stay_below_the_maximum() {
        assert_eq!(limit(10_000), 12_000);
        assert_eq!(limit(1_399_999), MAX_UNITS);
        assert_eq!(limit(u64::MAX), MAX_UNITS);
        assert_eq!(fee(2, 12_000, 7_400), 10_089, "the part of a lamport is rounded up");
    }
}

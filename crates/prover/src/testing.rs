//! Leaves and runs for tests.

use crate::{Challenge, Leaf, Run, Word, field::power_of_two};

/// A leaf of shard 0 with a key of that number.
pub(crate) fn leaf(key: u128, amount: u64) -> Leaf {
    Leaf {
        high: key << 64,
        low: u128::MAX - key,
        owner: power_of_two(251) + Word::from(key * 31 + 7),
        nibble: (key % 16) as u8,
        amount,
    }
}

/// A run whose shares leave remainders.
pub(crate) fn run() -> Run {
    Run {
        context: Word::from(77_u64),
        pool: 700_001,
        total: 1_000_003,
        challenge: Challenge {
            gamma: power_of_two(200) + Word::from(5_u64),
            beta: power_of_two(199) + Word::from(3_u64),
        },
    }
}

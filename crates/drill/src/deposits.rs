//! The distribution of deposits over accounts: few large ones, many small ones.

/// Offset of the ranks, so that the largest account does not dwarf all others.
const SHIFT: u64 = 10;

/// `count` deposits that add up to `total`, in proportion to 1 / (rank + 10).
pub(crate) fn spread(total: u64, count: u32) -> Vec<u64> {
    let weight = |rank: u64| (1 << 40) / (rank + SHIFT);
    let all: u128 = (0..u64::from(count)).map(|rank| u128::from(weight(rank))).sum();
    let mut deposits: Vec<u64> = (0..u64::from(count))
        .map(|rank| u128::from(total) * u128::from(weight(rank)) / all.max(1))
        .map(|deposit| u64::try_from(deposit).unwrap_or(0))
        .collect();
    // The rounding remainder goes to the largest deposit.
    let rest = total - deposits.iter().sum::<u64>();
    if let Some(largest) = deposits.first_mut() {
        *largest += rest;
    }
    deposits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deposits_add_up_and_have_a_heavy_tail() {
        for count in [1, 60, 2_000] {
            let deposits = spread(309_000_000_000_000, count);
            assert_eq!(deposits.len(), count as usize);
            assert_eq!(deposits.iter().sum::<u64>(), 309_000_000_000_000);
            assert!(deposits.is_sorted_by(|a, b| a >= b) && deposits.iter().all(|deposit| *deposit > 1_000_000));
        }
        let deposits = spread(309_000_000_000_000, 2_000);
        assert!(deposits[..200].iter().sum::<u64>() > 309_000_000_000_000 / 2);
    }
}

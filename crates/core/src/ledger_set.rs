//! Sets of ledgers, as accounts store them: one bit per number, bit n % 8 of byte n / 8.

/// Is the ledger in the set?
#[must_use]
pub fn contains(set: &[u8; 32], ledger_index: u8) -> bool {
    let byte = set.get(usize::from(ledger_index.unbounded_shr(3)));
    byte.is_some_and(|byte| byte & bit(ledger_index) != 0)
}

/// Adds a ledger.
pub fn insert(set: &mut [u8; 32], ledger_index: u8) {
    if let Some(byte) = set.get_mut(usize::from(ledger_index.unbounded_shr(3))) {
        *byte |= bit(ledger_index);
    }
}

/// The numbers in a set, ascending.
pub fn numbers(set: &[u8; 32]) -> impl Iterator<Item = u8> {
    (0..=u8::MAX).filter(|index| contains(set, *index))
}

const fn bit(ledger_index: u8) -> u8 {
    1_u8.unbounded_shl((ledger_index & 7) as u32)
}

//! Time measured in slots. While a cluster stands still its clock continues: hours pass within a few slots. A required
//! duration must have passed by both.

/// Target duration of a slot.
pub const SLOT_MS: u64 = 400;
/// A gap shorter than this does not count as a restart.
const RESTART_SECONDS: i64 = 60;
/// A gap with slots this much longer than the target means that the cluster stood still.
const SLOWEST: u64 = 4;

/// The slots that a cluster makes in `seconds`, rounded up.
#[must_use]
pub const fn slots_of(seconds: i64) -> u64 {
    if seconds <= 0 {
        return 0;
    }
    seconds.unsigned_abs().saturating_mul(1_000).div_ceil(SLOT_MS)
}

/// Has a state that was first seen in slot `since` lasted for `seconds`, counted in slots?
#[must_use]
pub const fn has_lasted(since: u64, slot: u64, seconds: i64) -> bool {
    slot.saturating_sub(since) >= slots_of(seconds)
}

/// Did the cluster stand still between two observations?
#[must_use]
pub const fn stood_still(slots: u64, seconds: i64) -> bool {
    seconds >= RESTART_SECONDS
        && seconds.unsigned_abs().saturating_mul(1_000) > slots.saturating_mul(SLOT_MS).saturating_mul(SLOWEST)
}

/// Encodes a slot in 48 bits, little endian. That is enough for three million years; a later slot is encoded as the
/// maximum.
#[must_use]
pub const fn short(slot: u64) -> [u8; 6] {
    const LAST: u64 = (1 << 48) - 1;
    let [a, b, c, d, e, f, _, _] = (if slot < LAST { slot } else { LAST }).to_le_bytes();
    [a, b, c, d, e, f]
}

/// The slot of 48 bits.
#[must_use]
pub const fn long(slot: [u8; 6]) -> u64 {
    let [a, b, c, d, e, f] = slot;
    u64::from_le_bytes([a, b, c, d, e, f, 0, 0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_within_a_few_slots_are_a_restart_and_slow_slots_are_none() {
        assert!(stood_still(8, 18_000));
        assert!(stood_still(8 + 1_500, 18_000 + 600));
        // Slots of a second, and a look every day.
        assert!(!stood_still(3_600, 3_600));
        assert!(!stood_still(216_000, 86_400));
        // Too short to matter.
        assert!(!stood_still(1, 59));
        assert!(!stood_still(0, -5));
    }

    #[test]
    fn lasting_is_counted_in_slots() {
        assert_eq!(slots_of(300), 750);
        assert!(has_lasted(10, 760, 300));
        assert!(!has_lasted(10, 759, 300));
        assert!(has_lasted(10, 10, 0));
        assert!(has_lasted(10, 10, -1));
    }
}

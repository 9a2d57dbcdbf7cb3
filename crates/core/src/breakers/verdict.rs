//! What a breaker says of an outflow.

use bulkhead_interface::constants::verdict;

/// A verdict; as one byte it is the return data of `meter_outflow` and `release`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Verdict {
    /// Within limits: counted, go ahead.
    Allowed = verdict::ALLOWED,
    /// Over a limit or latched: not counted, do not move funds now.
    Queued = verdict::QUEUED,
    /// The action is paused: do not move funds.
    Denied = verdict::DENIED,
}

impl Verdict {
    /// The byte that encodes it.
    pub const fn to_byte(self) -> u8 {
        match self {
            Self::Allowed => verdict::ALLOWED,
            Self::Queued => verdict::QUEUED,
            Self::Denied => verdict::DENIED,
        }
    }

    /// The verdict a byte tells. Anything unknown is a refusal.
    pub const fn from_byte(byte: u8) -> Self {
        match byte {
            verdict::ALLOWED => Self::Allowed,
            verdict::QUEUED => Self::Queued,
            _ => Self::Denied,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_go_both_ways_and_unknown_ones_refuse() {
        for verdict in [Verdict::Allowed, Verdict::Queued, Verdict::Denied] {
            assert_eq!(Verdict::from_byte(verdict.to_byte()), verdict);
        }
        assert!((3..=u8::MAX).all(|byte| Verdict::from_byte(byte) == Verdict::Denied));
    }
}

//! When regular looks are due: once in every period, at a fixed place in it, with enough of the period left to repeat a
//! look that failed. The place follows from the account's address, so that the looks of many detectors are spread, and
//! nothing is random.
//!
//! A period begins where unix time is a multiple of its length, like the sub-windows of an outflow breaker. So a look in
//! every period is a look in every sub-window.

use anchor_lang::prelude::Pubkey;
use sha2::{Digest, Sha256};

/// Parts of a period.
const PARTS: i64 = 1_024;
/// The first place at which a look may be due: clocks differ, and a period that has just begun may not have begun
/// everywhere.
const FIRST: i64 = PARTS / 8;
/// The places are spread over this much of the period. Three eighths are left behind the last.
const SPREAD: u64 = 512;

/// A period and the place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    seconds: i64,
    place: i64,
}

impl Period {
    /// The period of an account's looks.
    #[must_use]
    pub fn of(key: &Pubkey, seconds: i64) -> Self {
        let seconds = seconds.max(1);
        let hash: [u8; 32] = Sha256::digest(key.as_ref()).into();
        let number = hash.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)) % SPREAD;
        let part = FIRST.saturating_add(i64::try_from(number).unwrap_or(0));
        Self {
            seconds,
            place: seconds.saturating_mul(part).div_euclid(PARTS),
        }
    }

    /// Its length in seconds.
    #[must_use]
    pub const fn seconds(&self) -> i64 {
        self.seconds
    }

    /// The number of the period, if its look is due at `now`.
    #[must_use]
    pub const fn due(&self, now: i64) -> Option<i64> {
        if now.rem_euclid(self.seconds) >= self.place {
            Some(now.div_euclid(self.seconds))
        } else {
            None
        }
    }

    /// Seconds from when its look is due to the end of the period.
    #[must_use]
    pub const fn spare(&self) -> i64 {
        self.seconds.saturating_sub(self.place)
    }
}

/// A number that stands for these bytes.
#[must_use]
pub fn digest(parts: &[&[u8]]) -> i64 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let hash: [u8; 32] = hash.finalize().into();
    hash.first_chunk().map_or(0, |bytes| i64::from_le_bytes(*bytes))
}

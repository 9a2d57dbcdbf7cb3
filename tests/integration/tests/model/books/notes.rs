//! What owners have brought into custody through Bulkhead, and have not taken out again.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use bulkhead_interface::layout::OutflowBreaker;

/// Deposits by vault and owner: when, and what is left of it.
#[derive(Default)]
pub struct Notes(BTreeMap<(Pubkey, Pubkey), Vec<(i64, u64)>>);

impl Notes {
    pub fn deposit(&mut self, vault: Pubkey, owner: Pubkey, amount: u64, now: i64) {
        self.0.entry((vault, owner)).or_default().push((now, amount));
    }

    /// What of `amount`, paid to `owner` now, was brought in within the window: the newest part first. A sub-window counts
    /// whole, so nothing is older than a window and a sub-window.
    pub fn take(&mut self, vault: Pubkey, owner: Pubkey, amount: u64, breaker: &OutflowBreaker, now: i64) -> u64 {
        let parts = i64::from(breaker.sub_windows);
        let sub = (breaker.window_seconds + parts - 1) / parts;
        let first = now.div_euclid(sub) - parts;
        let mut left = amount;
        let deposits = self.0.entry((vault, owner)).or_default();
        for (ts, rest) in deposits.iter_mut().rev() {
            if ts.div_euclid(sub) >= first {
                let used = left.min(*rest);
                (*rest, left) = (*rest - used, left - used);
            }
        }
        deposits.retain(|(ts, rest)| *rest > 0 && ts.div_euclid(sub) >= first);
        amount - left
    }
}

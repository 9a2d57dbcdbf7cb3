//! What was said of ledgers stays said.

use bulkhead_core::checkpoints::checkpoint;

use crate::site::Accounts;

/// What was posted stays as it was posted, at least as long as the log says, and gains attesters at most.
pub(super) fn stay(before: &Accounts, after: &Accounts, now: i64, story: &str) {
    for (key, old) in &before.logs {
        let new = after.logs.iter().find(|(other, _)| other == key);
        let (_, new) = new.unwrap_or_else(|| panic!("{story}: a log is gone"));
        let mut previous = [0; 32];
        let mut chain: Vec<_> = checkpoint::entries(new).collect();
        chain.sort_unstable_by_key(|entry| entry.slot);
        for entry in chain {
            assert!(
                previous == [0; 32] || entry.previous == previous,
                "{story}: the chain is broken"
            );
            previous = entry.hash;
        }
        for entry in checkpoint::entries(old) {
            let Ok(kept) = checkpoint::find(new, entry.slot) else {
                assert!(
                    now >= entry.posted_ts + old.keep_seconds,
                    "{story}: a young one is gone"
                );
                continue;
            };
            assert_eq!(
                (kept.hash, kept.posted_slot),
                (entry.hash, entry.posted_slot),
                "{story}"
            );
            assert!(kept.state >= entry.state, "{story}: a checkpoint was unsaid");
            assert_eq!(kept.attesters & entry.attesters, entry.attesters, "{story}");
        }
    }
}

//! Interim claims: before the vote, every position is paid a share of what both the last good checkpoint and the
//! snapshot agree on. The share is agreed in peace.
//!
//! A leaf gets `⌊min(c, s) · shared / max(C, S)⌋`: its smaller amount of the two states, times what was shared out, over
//! the greater of the two totals. What is shared out is the agreed share of what custody held. So under either state a
//! leaf is paid at most its fair share of that: whoever rewrote balances is not in the checkpoint, and whoever took money
//! out has less in the snapshot.
//!
//! The pool is the restoration's own, opened early. What a leaf was paid is recorded at its place in either state, in
//! the books that the restoration of that state continues.

pub(crate) mod acts;
pub mod places;
pub mod share;

//! Messages between domains on different chains.
//!
//! A message says what the sender did: it closed something, it asks to resume, a checkpoint's root, another council.
//! `docs/cross-chain.md` specifies every byte. What a message may do here follows the two laws:
//! - **A pause acts at once**, like a link's: it closes compartments, and lapses. It costs the peer one of a few pause
//!   rights, under the council's limits of a guardian. It becomes a linked mask, which is sent no further, so that two
//!   domains cannot keep each other closed.
//! - **Everything else is recorded** and opens nothing. A request to resume is an entry that approvers can act on by a
//!   proposal.
//!
//! Whoever carries a message chooses when and in which order, so no order may do harm. A message is accepted once, and
//! only while it is young. **A pause is never refused because something else arrived first**: otherwise whoever carries
//! the later message first would suppress the earlier pause. A request to resume counts only if it is newer than every
//! pause that arrived, before it or after it.
//!
//! One inner act, `accept`, and a thin entry for each transport: bridges differ in who calls whom.

pub(crate) mod acts;
pub mod attesters;
pub mod message;
pub mod posted;
pub(crate) mod rotation;
pub mod sequence;

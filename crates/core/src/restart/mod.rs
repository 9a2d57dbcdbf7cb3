//! The restart gate: before a domain reopens, what the host owes in every restored ledger is read again and must be
//! covered by the vaults that back it.

pub mod acts;

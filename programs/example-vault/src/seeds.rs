//! PDA seeds. The comment behind each lists the seeds that follow the prefix.

/// `authority`
pub const SEED_VAULT: &[u8] = b"vault";
/// `vault, owner`
pub const SEED_RECEIPT: &[u8] = b"receipt";

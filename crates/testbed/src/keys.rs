use sha2::{Digest, Sha256};
use solana_keypair::Keypair;

/// The keypair for a name. Every run has the same keys, and therefore the same compute units.
///
/// # Panics
/// Never: any 32 bytes are an Ed25519 seed.
#[must_use]
pub fn keypair(name: &str) -> Keypair {
    Keypair::new_from_array(Sha256::digest(name.as_bytes()).into())
}

//! Signatures of Ethereum keys: recovered by the syscall on chain, by a library on the host.

use crate::hash::keccak256;

/// Half the order of the curve, rounded down. Of a signature's two forms, only the one with `s` at most this is
/// accepted: otherwise anybody could make another signature out of one.
pub const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e,
    0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
];

/// A signature: `r` and `s`, big endian, and the parity of the nonce's point, 0 or 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// `r` and `s`.
    pub rs: [u8; 64],
    /// 0 or 1. Ethereum adds 27 to it.
    pub parity: u8,
}

/// The Ethereum address whose key signed `digest`, if the signature is one, in its only accepted form.
#[must_use]
pub fn recover(digest: &[u8; 32], signature: &Signature) -> Option<[u8; 20]> {
    let (_, s) = signature.rs.split_first_chunk::<32>()?;
    if signature.parity > 1 || *s > HALF_ORDER[..] {
        return None;
    }
    let key = recover_key(digest, signature)?;
    keccak256(&[&key]).last_chunk::<20>().copied()
}

#[cfg(target_os = "solana")]
fn recover_key(digest: &[u8; 32], signature: &Signature) -> Option<[u8; 64]> {
    let mut key = [0; 64];
    // SAFETY: it reads 32 and 64 bytes and writes 64.
    let code = unsafe {
        solana_define_syscall::definitions::sol_secp256k1_recover(
            digest.as_ptr(),
            u64::from(signature.parity),
            signature.rs.as_ptr(),
            key.as_mut_ptr(),
        )
    };
    (code == 0).then_some(key)
}

#[cfg(not(target_os = "solana"))]
fn recover_key(digest: &[u8; 32], signature: &Signature) -> Option<[u8; 64]> {
    use k256::ecdsa::{RecoveryId, Signature as Ecdsa, VerifyingKey};
    let id = RecoveryId::from_byte(signature.parity)?;
    let ecdsa = Ecdsa::from_slice(&signature.rs).ok()?;
    let key = VerifyingKey::recover_from_prehash(digest, &ecdsa, id).ok()?;
    key.to_sec1_point(false).as_bytes().last_chunk::<64>().copied()
}

//! SHA-256: the syscall on chain, the processor's instructions on the host.

/// SHA-256 over the concatenation of `parts`.
#[inline(always)]
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut out = [0; 32];
    sha256_into(parts, &mut out);
    out
}

/// SHA-256 over the concatenation of `parts`, written where it belongs.
#[inline(always)]
pub fn sha256_into(parts: &[&[u8]], out: &mut [u8; 32]) {
    #[cfg(target_os = "solana")]
    {
        // SAFETY: a slice of slices is what the syscall reads; `out` has the 32 bytes it writes.
        unsafe {
            solana_define_syscall::definitions::sol_sha256(
                parts.as_ptr().cast::<u8>(),
                parts.len() as u64,
                out.as_mut_ptr(),
            );
        }
    }
    #[cfg(not(target_os = "solana"))]
    {
        use sha2::{Digest, Sha256};
        let mut hasher = Sha256::new();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize_into(out.into());
    }
}

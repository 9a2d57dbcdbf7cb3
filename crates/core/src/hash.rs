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

/// SHA-256 over the bytes from `from` on, written over the 32 bytes at `to`. Nothing happens when
/// they are not that many.
#[inline(always)]
pub fn sha256_within(bytes: &mut [u8], from: usize, to: usize) {
    #[cfg(target_os = "solana")]
    if from <= bytes.len() && to.saturating_add(32) <= bytes.len() {
        let start = bytes.as_mut_ptr();
        let part: (*const u8, usize) = (start.wrapping_add(from), bytes.len().saturating_sub(from));
        // SAFETY: both ranges lie in `bytes`. The syscall has read all it reads before it writes.
        unsafe {
            solana_define_syscall::definitions::sol_sha256((&raw const part).cast(), 1, start.wrapping_add(to));
        }
    }
    #[cfg(not(target_os = "solana"))]
    if let Some(part) = bytes.get(from..) {
        let hash = sha256(&[part]);
        if let Some(out) = bytes.get_mut(to..).and_then(|tail| tail.first_chunk_mut()) {
            *out = hash;
        }
    }
}

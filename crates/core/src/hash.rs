//! SHA-256 and Keccak-256: syscalls on chain; on the host the processor's instructions and a library.

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
    host::sha256_into(parts, out);
}

/// Keccak-256 over the concatenation of `parts`, as Ethereum hashes.
#[inline(always)]
#[must_use]
pub fn keccak256(parts: &[&[u8]]) -> [u8; 32] {
    #[cfg(target_os = "solana")]
    {
        let mut out = [0; 32];
        // SAFETY: a slice of slices is what the syscall reads; `out` has the 32 bytes it writes.
        unsafe {
            solana_define_syscall::definitions::sol_keccak256(
                parts.as_ptr().cast::<u8>(),
                parts.len() as u64,
                out.as_mut_ptr(),
            );
        }
        out
    }
    #[cfg(not(target_os = "solana"))]
    host::keccak256(parts)
}

#[cfg(not(target_os = "solana"))]
mod host {
    use sha2::{Digest, Sha256, block_api::compress256};

    pub(super) fn keccak256(parts: &[&[u8]]) -> [u8; 32] {
        use sha3::Digest;
        let mut hasher = sha3::Keccak256::new();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().into()
    }

    const BLOCK: usize = 64;
    /// Longest message that fits two blocks with the end mark and its length behind it. Leaves, nodes and tags do.
    const SHORT: usize = 2 * BLOCK - 9;
    /// Bits of the shortest message that needs the second block.
    const TWO_BLOCKS: u64 = 8 * (BLOCK as u64 - 8);
    /// The state SHA-256 starts from.
    const START: [u32; 8] = [
        0x6a09_e667,
        0xbb67_ae85,
        0x3c6e_f372,
        0xa54f_f53a,
        0x510e_527f,
        0x9b05_688c,
        0x1f83_d9ab,
        0x5be0_cd19,
    ];

    #[inline(always)]
    pub(super) fn sha256_into(parts: &[&[u8]], out: &mut [u8; 32]) {
        if short(parts, out).is_none() {
            let mut hasher = Sha256::new();
            for part in parts {
                hasher.update(part);
            }
            *out = hasher.finalize().into();
        }
    }

    /// A short message is padded in place and goes to the processor's instructions at once: what a
    /// hasher keeps for messages of any length takes as long as half the hashing.
    #[inline(always)]
    fn short(parts: &[&[u8]], out: &mut [u8; 32]) -> Option<()> {
        let mut message = [[0u8; BLOCK]; 2];
        let mut rest = message.as_flattened_mut().get_mut(..SHORT)?;
        let mut bits = 0u64;
        for part in parts {
            let (place, behind) = rest.split_at_mut_checked(part.len())?;
            place.copy_from_slice(part);
            rest = behind;
            bits = bits.wrapping_add((part.len() as u64) << 3);
        }
        *match rest.first_mut() {
            Some(end) => end,
            // All is full but the last nine bytes.
            None => message.as_flattened_mut().get_mut(SHORT)?,
        } = 0x80;
        let [first, _] = &mut message;
        let blocks = if bits < TWO_BLOCKS {
            core::slice::from_mut(first)
        } else {
            &mut message[..]
        };
        *blocks.as_flattened_mut().last_chunk_mut()? = bits.to_be_bytes();
        let mut state = START;
        compress256(&mut state, blocks);
        for (bytes, word) in out.as_chunks_mut().0.iter_mut().zip(state) {
            *bytes = word.to_be_bytes();
        }
        Some(())
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn every_length_hashes_like_any_other_sha_256() {
            let message: Vec<u8> = (0..=200).collect();
            for len in 0..=message.len() {
                let message = &message[..len];
                let expected: [u8; 32] = Sha256::digest(message).into();
                for cut in [0, len / 3, len] {
                    let (first, second) = message.split_at(cut);
                    let mut found = [0; 32];
                    sha256_into(&[first, &[], second], &mut found);
                    assert_eq!(found, expected, "{len} bytes cut at {cut}");
                }
            }
        }
    }
}

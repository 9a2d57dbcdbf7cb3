//! Poseidon and pairings over BN254, by the runtime's syscalls.

use bulkhead_core::proofs::{
    Curve,
    points::{G1, G2, KeyPoints, PageProof},
    word::Word,
};

/// The runtime's syscalls. Outside the virtual machine they compute nothing, so nothing is proved there.
#[derive(Clone, Copy, Debug)]
pub struct Syscalls;

/// Bytes of a pair of points, as a pairing takes it.
const PAIR: usize = G1 + G2;

/// One, as a pairing returns it.
const ONE: [u8; 32] = {
    let mut one = [0; 32];
    one[31] = 1;
    one
};

impl Curve for Syscalls {
    fn poseidon(&self, words: &[Word]) -> Option<Word> {
        sys::poseidon(words)
    }

    #[inline(never)]
    fn are_points(&self, key: &KeyPoints) -> bool {
        let Ok([[alpha, constant, of_input], [beta, gamma, delta]]) = key.groups() else {
            return false;
        };
        let mut pairs = [0; 3 * PAIR];
        copy(&mut pairs, &[alpha, beta, constant, gamma, of_input, delta]);
        // Whatever their product is: the pairing fails if one of them is no point of its group.
        sys::pairing(&pairs).is_some()
    }

    #[inline(never)]
    fn accepts(&self, key: &KeyPoints, public: &Word, proof: &PageProof) -> bool {
        let Ok([[alpha, constant, of_input], [beta, gamma, delta]]) = key.groups() else {
            return false;
        };
        let Some((minus_a, rest)) = proof.bytes().split_first_chunk::<G1>() else {
            return false;
        };
        let Some((b, c)) = rest.split_first_chunk::<G2>() else {
            return false;
        };
        let Some(input) = combine(constant, of_input, public) else {
            return false;
        };
        let mut pairs = [0; 4 * PAIR];
        let points: [&[u8]; 8] = [minus_a, b, &input, gamma, c, delta, alpha, beta];
        copy(&mut pairs, &points);
        sys::pairing(&pairs) == Some(ONE)
    }
}

/// IC_0 + public · IC_1.
fn combine(constant: &[u8], of_input: &[u8], public: &Word) -> Option<[u8; G1]> {
    let mut product = [0; G1 + 32];
    copy(&mut product, &[of_input, public.bytes()]);
    let product = sys::multiply(&product)?;
    let mut sum = [0; 2 * G1];
    copy(&mut sum, &[constant, &product]);
    sys::add(&sum)
}

fn copy(to: &mut [u8], parts: &[&[u8]]) {
    let bytes = parts.iter().flat_map(|part| part.iter());
    to.iter_mut().zip(bytes).for_each(|(to, byte)| *to = *byte);
}

#[cfg(target_os = "solana")]
mod sys {
    use solana_define_syscall::definitions::{sol_alt_bn128_group_op, sol_poseidon};

    use super::*;

    /// Operations of `sol_alt_bn128_group_op`, all big endian.
    const ADD: u64 = 0;
    const MULTIPLY: u64 = 2;
    const PAIRING: u64 = 3;

    pub fn poseidon(words: &[Word]) -> Option<Word> {
        let mut inputs = [&[][..]; 7];
        let inputs = inputs.get_mut(..words.len())?;
        inputs
            .iter_mut()
            .zip(words)
            .for_each(|(input, word)| *input = word.bytes());
        let mut hash = [0; 32];
        // SAFETY: the inputs are slices of 32 bytes in the runtime's own form of slices, and the hash has 32 bytes.
        let code = unsafe {
            let count = u64::try_from(inputs.len()).ok()?;
            sol_poseidon(0, 0, inputs.as_ptr().cast(), count, hash.as_mut_ptr())
        };
        if code != 0 {
            return None;
        }
        Word::read(&hash)
    }

    pub fn pairing(pairs: &[u8]) -> Option<[u8; 32]> {
        group(PAIRING, pairs)
    }

    pub fn multiply(input: &[u8]) -> Option<[u8; G1]> {
        group(MULTIPLY, input)
    }

    pub fn add(input: &[u8]) -> Option<[u8; G1]> {
        group(ADD, input)
    }

    fn group<const N: usize>(operation: u64, input: &[u8]) -> Option<[u8; N]> {
        let mut result = [0; N];
        // SAFETY: the operation writes 32 bytes for a pairing and 64 for a point, which is N; it reads the input only.
        let code = unsafe {
            let length = u64::try_from(input.len()).ok()?;
            sol_alt_bn128_group_op(operation, input.as_ptr(), length, result.as_mut_ptr())
        };
        (code == 0).then_some(result)
    }
}

#[cfg(not(target_os = "solana"))]
mod sys {
    use super::*;

    pub const fn poseidon(_: &[Word]) -> Option<Word> {
        None
    }

    pub const fn pairing(_: &[u8]) -> Option<[u8; 32]> {
        None
    }

    pub const fn multiply(_: &[u8]) -> Option<[u8; G1]> {
        None
    }

    pub const fn add(_: &[u8]) -> Option<[u8; G1]> {
        None
    }
}

//! Words: elements of the scalar field of BN254, and the only bytes that stand for each.

use ark_ff::{BigInteger, PrimeField};

/// A word: an element of BN254's scalar field, of `p` elements.
pub type Word = ark_bn254::Fr;

/// The 32 bytes of a word, big endian.
#[must_use]
pub fn to_bytes(word: &Word) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (to, from) in bytes.iter_mut().zip(word.into_bigint().to_bytes_be()) {
        *to = from;
    }
    bytes
}

/// The word of 32 bytes, big endian. `None` for a number that is not below `p`: each word has one encoding.
#[must_use]
pub fn from_bytes(bytes: &[u8; 32]) -> Option<Word> {
    let word = Word::from_be_bytes_mod_order(bytes);
    (to_bytes(&word) == *bytes).then_some(word)
}

/// The word of at most 31 bytes and five bits: the upper three bits of the first of the 32 bytes are cleared.
#[must_use]
pub fn masked(mut bytes: [u8; 32]) -> Word {
    bytes[0] &= 0x1f;
    Word::from_be_bytes_mod_order(&bytes)
}

/// The first and the last 16 bytes as numbers, big endian.
#[must_use]
pub fn halves(bytes: &[u8; 32]) -> (Word, Word) {
    let number = |half: &[u8]| Word::from_be_bytes_mod_order(half);
    (number(&bytes[..16]), number(&bytes[16..]))
}

/// `2^exponent`.
#[must_use]
pub fn power_of_two(exponent: u32) -> Word {
    use ark_ff::Field;
    Word::from(2_u64).pow([u64::from(exponent)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_one_encoding() {
        let largest = -Word::from(1_u64);
        let mut bytes = to_bytes(&largest);
        assert_eq!(from_bytes(&bytes), Some(largest));
        // p itself, and zero in its other form.
        bytes[31] += 1;
        assert_eq!(from_bytes(&bytes), None);
        assert_eq!(from_bytes(&[0xff; 32]), None);
        assert_eq!(from_bytes(&[0; 32]), Some(Word::from(0_u64)));
    }

    #[test]
    fn masked_words_are_below_two_to_the_253() {
        assert_eq!(masked([0xff; 32]), power_of_two(253) - Word::from(1_u64));
    }
}

//! Poseidon with circom's parameters over BN254: the hash of Solana's `sol_poseidon`.

use std::{
    cell::RefCell,
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use light_poseidon::{Poseidon, PoseidonHasher, PoseidonParameters, parameters::bn254_x5::get_poseidon_parameters};

use crate::{Error, Word};

/// Most inputs of a hash here.
pub const MOST_INPUTS: usize = 7;

/// The hash of one to seven words, as `sol_poseidon` computes it (parameters 0, big endian).
///
/// # Errors
/// [`Error::Hash`] for another number of inputs.
pub fn poseidon(inputs: &[Word]) -> Result<Word, Error> {
    thread_local! {
        static HASHERS: RefCell<HashMap<usize, Poseidon<Word>>> = RefCell::new(HashMap::new());
    }
    if inputs.is_empty() || inputs.len() > MOST_INPUTS {
        return Err(Error::Hash);
    }
    HASHERS.with_borrow_mut(|hashers| {
        let hasher = match hashers.entry(inputs.len()) {
            std::collections::hash_map::Entry::Occupied(found) => found.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(Poseidon::<Word>::new_circom(inputs.len()).map_err(|_| Error::Hash)?)
            }
        };
        hasher.hash(inputs).map_err(|_| Error::Hash)
    })
}

/// Round constants and matrix for a state of `width` words: one more than the inputs.
///
/// # Errors
/// [`Error::Hash`] for a width that is not used here.
pub(crate) fn parameters(width: usize) -> Result<Arc<PoseidonParameters<Word>>, Error> {
    static KEPT: [OnceLock<Arc<PoseidonParameters<Word>>>; MOST_INPUTS + 2] =
        [const { OnceLock::new() }; MOST_INPUTS + 2];
    let place = KEPT.get(width).ok_or(Error::Hash)?;
    if let Some(found) = place.get() {
        return Ok(Arc::clone(found));
    }
    let width = u8::try_from(width).map_err(|_| Error::Hash)?;
    let made = get_poseidon_parameters::<Word>(width).map_err(|_| Error::Hash)?;
    Ok(Arc::clone(place.get_or_init(|| Arc::new(made))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::to_bytes;

    /// The example in the documentation of the syscall's own library.
    #[test]
    fn it_is_the_syscalls_hash() {
        let words = [[1; 32], [2; 32]].map(|bytes| crate::field::from_bytes(&bytes).unwrap());
        let expected = [
            13, 84, 225, 147, 143, 138, 140, 28, 125, 235, 94, 3, 85, 242, 99, 25, 32, 123, 132, 254, 156, 162, 206,
            27, 38, 231, 53, 200, 41, 130, 25, 144,
        ];
        assert_eq!(to_bytes(&poseidon(&words).unwrap()), expected);
        assert!(matches!(poseidon(&[]), Err(Error::Hash)));
        assert!(matches!(poseidon(&[words[0]; 8]), Err(Error::Hash)));
    }
}

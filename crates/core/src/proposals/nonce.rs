//! Does a transaction advance a durable nonce?

use crate::transaction::{count, instruction};

/// The system program's `AdvanceNonceAccount`, as a little-endian `u32`.
const ADVANCE_NONCE: [u8; 4] = [4, 0, 0, 0];
/// The system program's address.
const SYSTEM_PROGRAM: [u8; 32] = [0; 32];

/// Looks for a nonce advance among the top-level instructions of the instructions sysvar's data. `None` when the data
/// cannot be read, which callers must treat as a nonce.
///
/// Today's runtime makes a transaction durable only by an advance in the first place, wherever the others stand. The
/// rule does not lean on that: an approval has no business next to an advance in any place, and a runtime that reads
/// transactions more freely must not make old signatures count. An advance called by another program needs no look:
/// the runtime never makes a transaction durable by it.
#[must_use]
pub fn advances_nonce(sysvar: &[u8]) -> Option<bool> {
    let mut found = false;
    for number in 1..=count(sysvar)? {
        let (program, data) = instruction(sysvar, number)?;
        found |= *program == SYSTEM_PROGRAM && data.starts_with(&ADVANCE_NONCE);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMO: [u8; 32] = [7; 32];
    /// Length of one account entry: flags and key.
    const META_LEN: usize = 33;

    /// The sysvar as the runtime writes it: program, number of accounts, data.
    fn sysvar(instructions: &[([u8; 32], usize, &[u8])]) -> Vec<u8> {
        let mut data = u16::try_from(instructions.len()).unwrap().to_le_bytes().to_vec();
        data.resize(2 + 2 * instructions.len(), 0);
        for (index, (program, accounts, bytes)) in instructions.iter().enumerate() {
            let offset = u16::try_from(data.len()).unwrap().to_le_bytes();
            data[2 + 2 * index..4 + 2 * index].copy_from_slice(&offset);
            data.extend(u16::try_from(*accounts).unwrap().to_le_bytes());
            data.resize(data.len() + accounts * META_LEN, 1);
            data.extend(program);
            data.extend(u16::try_from(bytes.len()).unwrap().to_le_bytes());
            data.extend(*bytes);
        }
        data.extend([0, 0]);
        data
    }

    #[test]
    fn an_advance_is_found_wherever_it_stands() {
        let advance = (SYSTEM_PROGRAM, 3, &ADVANCE_NONCE[..]);
        let memo = (MEMO, 1, &b"gm"[..]);
        let transfer = (SYSTEM_PROGRAM, 2, &[2, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0][..]);
        for at in 0..4 {
            let mut all = vec![memo, transfer, memo];
            all.insert(at, advance);
            assert_eq!(advances_nonce(&sysvar(&all)), Some(true), "in place {at}");
        }
        assert_eq!(advances_nonce(&sysvar(&[memo, transfer, memo])), Some(false));
        // Another program's data, and a system instruction too short to be one.
        let lookalike = (MEMO, 3, &ADVANCE_NONCE[..]);
        let short = (SYSTEM_PROGRAM, 3, &ADVANCE_NONCE[..3]);
        assert_eq!(advances_nonce(&sysvar(&[lookalike, short])), Some(false));
    }

    #[test]
    fn trailing_bytes_do_not_hide_an_advance() {
        assert_eq!(
            advances_nonce(&sysvar(&[(SYSTEM_PROGRAM, 3, &[4, 0, 0, 0, 9, 9])])),
            Some(true)
        );
    }

    #[test]
    fn what_cannot_be_read_is_not_called_free_of_a_nonce() {
        let whole = sysvar(&[(MEMO, 1, b"gm"), (SYSTEM_PROGRAM, 2, &[2, 0, 0, 0])]);
        // The last two bytes are the current index, which is not read.
        for len in 0..whole.len() - 2 {
            assert_eq!(advances_nonce(&whole[..len]), None, "cut to {len}");
        }
        assert_eq!(advances_nonce(&[0, 0]), None);
        let mut wild = whole;
        wild[2..4].copy_from_slice(&u16::MAX.to_le_bytes());
        assert_eq!(advances_nonce(&wild), None);
    }
}

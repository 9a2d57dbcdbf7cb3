//! Does a transaction contain only Bulkhead's own instructions?
//!
//! Whatever anyone may observe, such as a balance or a price, anyone may also manipulate for the length of one
//! transaction: by a flash loan, a deposit that is taken back, or a host halfway through its own instruction. An
//! observation is therefore refused unless every top-level instruction belongs to Bulkhead or to the Compute Budget
//! program, which moves nothing.
//!
//! Keys and discriminators are compared by words, because a snapshot performs this check for every thirty positions it
//! reads.

use crate::words::{same_key, word};

/// The Compute Budget program, `ComputeBudget111111111111111111111111111111`.
pub const COMPUTE_BUDGET: [u8; 32] = [
    3, 6, 70, 111, 229, 33, 23, 50, 255, 236, 173, 186, 114, 195, 155, 231, 188, 140, 229, 187, 197, 247, 18, 107, 44,
    67, 155, 58, 64, 0, 0, 0,
];
/// Length of one account entry of a serialised instruction: flags and key.
const META_LEN: usize = 33;

/// Does every top-level instruction in the instructions sysvar's data belong to `bulkhead` or to the Compute Budget
/// program? Instructions of `bulkhead` that run another program's instruction do not count as its own: `outward` lists
/// their discriminators. `None` when the sysvar cannot be read or contains no instruction, which callers must treat as
/// not standalone.
#[must_use]
#[inline]
pub fn is_standalone(sysvar: &[u8], bulkhead: &[u8; 32], outward: &[[u8; 8]]) -> Option<bool> {
    for number in 1..=count(sysvar)? {
        let (program, data) = instruction(sysvar, number)?;
        // An instruction without a discriminator is none of those, and fails on its own.
        let name = data.first_chunk().map(word);
        let is_outward = || outward.iter().any(|start| name == Some(word(start)));
        if same_key(program, bulkhead) {
            if is_outward() {
                return Some(false);
            }
        } else if !same_key(program, &COMPUTE_BUDGET) {
            return Some(false);
        }
    }
    Some(true)
}

/// Top-level instructions. A transaction has some; a sysvar without any is none that the runtime wrote.
pub(crate) fn count(sysvar: &[u8]) -> Option<usize> {
    read_u16(sysvar, 0).map(usize::from).filter(|count| *count != 0)
}

/// Program and data of the top-level instruction `number`, counted from 1.
///
/// Format: `count: u16, offset: u16 × count`, and at an instruction's offset
/// `accounts: u16, (flags: u8, key: 32) × accounts, program: 32, len: u16, data`.
pub(crate) fn instruction(sysvar: &[u8], number: usize) -> Option<(&[u8; 32], &[u8])> {
    let start = usize::from(read_u16(sysvar, number.checked_mul(2)?)?);
    let accounts = usize::from(read_u16(sysvar, start)?);
    let program_at = start.checked_add(2)?.checked_add(accounts.checked_mul(META_LEN)?)?;
    let (program, rest) = sysvar.get(program_at..)?.split_first_chunk()?;
    let len = usize::from(read_u16(rest, 0)?);
    Some((program, rest.get(2..)?.get(..len)?))
}

fn read_u16(data: &[u8], at: usize) -> Option<u16> {
    let bytes = data.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BULKHEAD: [u8; 32] = [7; 32];
    const HOST: [u8; 32] = [9; 32];
    /// How the data of an instruction begin that runs another program's.
    const OUTWARD: [u8; 8] = [8; 8];

    /// As the runtime writes it: instructions are their program and how many accounts they take.
    fn sysvar(instructions: &[([u8; 32], usize)]) -> Vec<u8> {
        let count = u16::try_from(instructions.len()).expect("few");
        let mut data = count.to_le_bytes().to_vec();
        data.resize(2 + 2 * instructions.len(), 0);
        for (number, (program, accounts)) in instructions.iter().enumerate() {
            let start = u16::try_from(data.len()).expect("short");
            data[2 + 2 * number..4 + 2 * number].copy_from_slice(&start.to_le_bytes());
            data.extend(u16::try_from(*accounts).expect("few").to_le_bytes());
            for account in 0..*accounts {
                data.push(3);
                // Accounts of any address, the program's own among them, are not programs.
                data.extend(if account % 2 == 0 { BULKHEAD } else { HOST });
            }
            data.extend(program);
            data.extend([9, 0]);
            data.extend([1, 2, 3, 4, 5, 6, 7, 8, 9]);
        }
        data.extend([0, 0]);
        data
    }

    #[test]
    fn bulkhead_and_compute_budget_are_alone_together() {
        for alone in [
            &[(BULKHEAD, 3)][..],
            &[(BULKHEAD, 0)],
            &[(COMPUTE_BUDGET, 0), (BULKHEAD, 5)],
            &[(COMPUTE_BUDGET, 0), (COMPUTE_BUDGET, 0), (BULKHEAD, 2), (BULKHEAD, 7)],
            &[(BULKHEAD, 64), (COMPUTE_BUDGET, 1)],
        ] {
            assert_eq!(is_standalone(&sysvar(alone), &BULKHEAD, &[OUTWARD]), Some(true));
        }
    }

    #[test]
    fn any_other_program_anywhere_is_not_standalone() {
        for company in [
            &[(HOST, 3)][..],
            &[(HOST, 0), (BULKHEAD, 3)],
            &[(BULKHEAD, 3), (HOST, 2)],
            &[(COMPUTE_BUDGET, 0), (BULKHEAD, 3), (HOST, 0), (BULKHEAD, 1)],
            &[(BULKHEAD, 1), ([0; 32], 2)],
        ] {
            assert_eq!(is_standalone(&sysvar(company), &BULKHEAD, &[OUTWARD]), Some(false));
        }
    }

    #[test]
    fn bulkhead_running_anothers_instruction_is_not_standalone() {
        let mut data = sysvar(&[(BULKHEAD, 1), (BULKHEAD, 2)]);
        assert_eq!(
            is_standalone(&data, &BULKHEAD, &[[1, 2, 3, 4, 5, 6, 7, 8]]),
            Some(false)
        );
        let last = data.len() - 2 - 9;
        data[last..last + 8].copy_from_slice(&OUTWARD);
        assert_eq!(is_standalone(&data, &BULKHEAD, &[OUTWARD]), Some(false));
        assert_eq!(is_standalone(&data, &BULKHEAD, &[]), Some(true));
    }

    #[test]
    fn what_cannot_be_read_is_not_standalone() {
        let whole = sysvar(&[(COMPUTE_BUDGET, 0), (BULKHEAD, 2)]);
        // The sysvar ends with the number of the instruction that runs.
        let end = whole.len() - 2;
        for len in 0..end {
            assert_eq!(is_standalone(&whole[..len], &BULKHEAD, &[OUTWARD]), None, "{len} bytes");
        }
        assert_eq!(is_standalone(&whole[..end], &BULKHEAD, &[OUTWARD]), Some(true));
        assert_eq!(
            is_standalone(&sysvar(&[]), &BULKHEAD, &[OUTWARD]),
            None,
            "no instruction"
        );
        let mut elsewhere = whole;
        elsewhere[2..4].copy_from_slice(&u16::MAX.to_le_bytes());
        assert_eq!(is_standalone(&elsewhere, &BULKHEAD, &[OUTWARD]), None);
    }
}

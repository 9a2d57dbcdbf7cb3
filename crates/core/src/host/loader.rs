//! Accounts of the loader of upgradeable programs, by their bytes.

use crate::token::field;

const BUFFER: [u8; 4] = [1, 0, 0, 0];
const PROGRAM: [u8; 4] = [2, 0, 0, 0];
const PROGRAM_DATA: [u8; 4] = [3, 0, 0, 0];
/// Where a buffer states its authority.
const BUFFER_AUTHORITY: usize = 4;
/// Where a program states its program data.
const PROGRAM_ADDRESS: usize = 4;
/// Where program data states the slot it was deployed in.
const PROGRAM_SLOT: usize = 4;
/// Where program data states its upgrade authority.
const UPGRADE_AUTHORITY: usize = 12;
/// Bytes of a buffer before its code. They are there also if it has no authority.
pub const BUFFER_HEADER: usize = 37;
/// Bytes of program data before its code.
pub const PROGRAM_DATA_HEADER: usize = 45;

/// The authority and the code of a buffer that has an authority.
#[must_use]
pub fn buffer(data: &[u8]) -> Option<([u8; 32], &[u8])> {
    if !data.starts_with(&BUFFER) {
        return None;
    }
    let authority = authority(data, BUFFER_AUTHORITY)?;
    Some((authority, data.get(BUFFER_HEADER..)?))
}

/// The program data of a program.
#[must_use]
pub fn program(data: &[u8]) -> Option<[u8; 32]> {
    if !data.starts_with(&PROGRAM) {
        return None;
    }
    field(data, PROGRAM_ADDRESS)
}

/// The slot that a program was last deployed or extended in, and its upgrade authority if it has one.
#[must_use]
pub fn program_data(data: &[u8]) -> Option<(u64, Option<[u8; 32]>)> {
    if !data.starts_with(&PROGRAM_DATA) {
        return None;
    }
    let slot = u64::from_le_bytes(field(data, PROGRAM_SLOT)?);
    let authority = match data.get(UPGRADE_AUTHORITY)? {
        0 => None,
        _ => Some(authority(data, UPGRADE_AUTHORITY)?),
    };
    Some((slot, authority))
}

/// An `Option<Pubkey>`: a byte that says whether there is one, and the key.
fn authority(data: &[u8], offset: usize) -> Option<[u8; 32]> {
    let is_there = *data.get(offset)? != 0;
    let key = field(data, offset.checked_add(1)?)?;
    is_there.then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_of_the_loader_are_told_apart() {
        let with = |tag: u8, rest: &[&[u8]]| [&[tag, 0, 0, 0], rest.concat().as_slice()].concat();
        let held = with(1, &[&[1], &[7; 32], b"code"]);
        assert_eq!(buffer(&held), Some(([7; 32], &b"code"[..])));
        assert_eq!(buffer(&with(1, &[&[0], &[7; 32], b"code"])), None, "nobody's");
        assert_eq!(buffer(&with(1, &[&[1], &[7; 31]])), None, "cut off");
        assert_eq!(buffer(&[0; 80]), None, "closed");
        assert_eq!(program(&with(2, &[&[8; 32]])), Some([8; 32]));
        let data = |some: u8| with(3, &[&9_u64.to_le_bytes(), &[some], &[6; 32], b"code"]);
        assert_eq!(program_data(&data(1)), Some((9, Some([6; 32]))));
        assert_eq!(program_data(&data(0)), Some((9, None)));
        for other in [1, 2] {
            assert_eq!(program_data(&with(other, &[&[1; 80]])), None);
        }
        assert_eq!(program(&held), None);
    }
}

//! Does a transaction run under a durable nonce?

/// Length of one account entry of a serialised instruction: flags and key.
const META_LEN: usize = 33;
/// The system program's `AdvanceNonceAccount`, as a little-endian `u32`.
const ADVANCE_NONCE: [u8; 4] = [4, 0, 0, 0];
/// The system program's address.
const SYSTEM_PROGRAM: [u8; 32] = [0; 32];

/// Reads the first instruction out of the instructions sysvar's data. The runtime treats a
/// transaction as durable only when its first instruction advances a nonce, wherever the others
/// stand. `None` when the data cannot be read, which callers must treat as a nonce.
///
/// Format: `count: u16, offset: u16 × count`, and at an instruction's offset
/// `accounts: u16, (flags: u8, key: 32) × accounts, program: 32, len: u16, data`.
#[must_use]
pub fn starts_with_nonce_advance(sysvar: &[u8]) -> Option<bool> {
    let start = usize::from(read_u16(sysvar, 2)?);
    let accounts = usize::from(read_u16(sysvar, start)?);
    let program_at = start.checked_add(2)?.checked_add(accounts.checked_mul(META_LEN)?)?;
    let len_at = program_at.checked_add(32)?;
    if sysvar.get(program_at..len_at)? != SYSTEM_PROGRAM {
        return Some(false);
    }
    let data_at = len_at.checked_add(2)?;
    let len = usize::from(read_u16(sysvar, len_at)?);
    let data = sysvar.get(data_at..data_at.checked_add(len)?)?;
    Some(data.starts_with(&ADVANCE_NONCE))
}

fn read_u16(data: &[u8], at: usize) -> Option<u16> {
    let bytes = data.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

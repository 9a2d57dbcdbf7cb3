//! A program that does, on request, each thing a compiler for SBPF is known to get wrong: 128-bit arithmetic (library
//! calls), calls with more than five arguments (stack arguments), panics and arithmetic overflow (aborts).
//! `tests/abi.rs` compares every answer of the built program with the same function run natively.

use solana_program_error::ProgramError;

/// What the first byte of the instruction data asks for.
pub mod op {
    pub const MUL: u8 = 0;
    pub const DIV: u8 = 1;
    pub const REM: u8 = 2;
    pub const SIGNED_MUL: u8 = 3;
    pub const SIGNED_DIV: u8 = 4;
    pub const SIGNED_REM: u8 = 5;
    pub const CHECKED_MUL: u8 = 6;
    pub const SHL: u8 = 7;
    pub const SHR: u8 = 8;
    pub const SIGNED_SHR: u8 = 9;
    pub const STACK_ARGUMENTS: u8 = 10;
    pub const PANIC: u8 = 11;
    pub const OVERFLOW: u8 = 12;
    /// Does everything around an operation and no arithmetic: the zero of a compute measurement.
    pub const NOTHING: u8 = 13;
    /// The operations that answer for every pair of operands with a divisor.
    pub const ARITHMETIC: core::ops::RangeInclusive<u8> = MUL..=STACK_ARGUMENTS;
}

/// `op ‖ a ‖ b`, integers little endian.
pub fn encode(op: u8, a: u128, b: u128) -> [u8; 33] {
    let mut data = [op; 33];
    data[1..17].copy_from_slice(&a.to_le_bytes());
    data[17..].copy_from_slice(&b.to_le_bytes());
    data
}

/// The reverse of [`encode`].
pub fn decode(data: &[u8]) -> Result<(u8, u128, u128), ProgramError> {
    let data: &[u8; 33] = data.try_into().map_err(|_| ProgramError::InvalidInstructionData)?;
    let (mut a, mut b) = ([0; 16], [0; 16]);
    a.copy_from_slice(&data[1..17]);
    b.copy_from_slice(&data[17..]);
    Ok((data[0], u128::from_le_bytes(a), u128::from_le_bytes(b)))
}

/// The answer to one request. The operands are runtime values, so no operation is folded away.
pub fn run(op: u8, a: u128, b: u128) -> Result<u128, ProgramError> {
    let (sa, sb) = (a as i128, b as i128);
    let shift = b as u32 & 127;
    Ok(match op {
        op::MUL => a.wrapping_mul(b),
        op::DIV => a / b,
        op::REM => a % b,
        op::SIGNED_MUL => sa.wrapping_mul(sb) as u128,
        op::SIGNED_DIV => sa.wrapping_div(sb) as u128,
        op::SIGNED_REM => sa.wrapping_rem(sb) as u128,
        op::CHECKED_MUL => a.checked_mul(b).map_or(u128::MAX, |product| product >> 1),
        op::SHL => a << shift,
        op::SHR => a >> shift,
        op::SIGNED_SHR => (sa >> shift) as u128,
        op::STACK_ARGUMENTS => stack_arguments(a, b),
        op::PANIC => panic!("asked to panic"),
        op::OVERFLOW => u128::from(add(a as u64, b as u64)),
        op::NOTHING => a,
        _ => return Err(ProgramError::InvalidInstructionData),
    })
}

/// Not `wrapping_add`: the release profile keeps overflow checks, and this proves it.
#[inline(never)]
fn add(a: u64, b: u64) -> u64 {
    a + b
}

fn stack_arguments(a: u128, b: u128) -> u128 {
    let bytes = b.to_le_bytes();
    let digest = digest(
        a as u64,
        (a >> 64) as u64,
        b as u64,
        (b >> 64) as u64,
        bytes[0],
        u16::from_le_bytes([bytes[1], bytes[2]]),
        bytes[3] & 1 == 1,
        a as u32,
        &bytes,
        a ^ b,
    );
    u128::from(digest)
}

/// Ten arguments of every width, five of them past the registers. Each is folded in at its own place, so that a swapped,
/// truncated or sign-extended argument changes the result.
#[inline(never)]
#[allow(clippy::too_many_arguments)]
fn digest(a: u64, b: u64, c: u64, d: u64, e: u8, f: u16, g: bool, h: u32, i: &[u8; 16], j: u128) -> u64 {
    let words = [
        a,
        b,
        c,
        d,
        u64::from(e),
        u64::from(f),
        u64::from(g),
        u64::from(h),
        i.iter().fold(0, |sum, byte| (sum << 3) ^ u64::from(*byte)),
        j as u64,
        (j >> 64) as u64,
    ];
    words.iter().fold(0xcbf2_9ce4_8422_2325, |hash, word| {
        (hash ^ word).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(not(feature = "no-entrypoint"))]
mod entrypoint {
    use solana_account_info::AccountInfo;
    use solana_program_entrypoint::{ProgramResult, entrypoint};
    use solana_pubkey::Pubkey;

    entrypoint!(process_instruction);

    fn process_instruction(_: &Pubkey, _: &[AccountInfo], data: &[u8]) -> ProgramResult {
        let (op, a, b) = super::decode(data)?;
        solana_cpi::set_return_data(&super::run(op, a, b)?.to_le_bytes());
        Ok(())
    }
}

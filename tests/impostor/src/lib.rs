//! Stands at Bulkhead's address in a test and answers what the amount spells, so that a host's
//! reading of answers can be tested with every answer there is.
//!
//! The first byte of the amount tells how many of the following bytes are the answer. With
//! [`BY_ANOTHER`] set in it, the answer is left by a second copy of this program, at [`ANOTHER`].
#![no_std]

use pinocchio::{
    AccountView, Address, ProgramResult,
    cpi::{invoke, set_return_data},
    error::ProgramError,
    instruction::InstructionView,
};

/// Where the second copy is.
pub const ANOTHER: [u8; 32] = [0x11; 32];
/// Asks for the second copy's answer.
pub const BY_ANOTHER: u8 = 0x80;

/// The amount that has the impostor answer `answer`.
#[must_use]
pub fn amount(answer: &[u8], by_another: bool) -> u64 {
    let mut bytes = [0; 8];
    let (len, rest) = bytes.split_at_mut(1);
    rest.iter_mut().zip(answer).for_each(|(byte, said)| *byte = *said);
    len.fill(u8::try_from(answer.len()).unwrap_or(0) | if by_another { BY_ANOTHER } else { 0 });
    u64::from_le_bytes(bytes)
}

/// The data is a discriminator and an amount, and perhaps more.
pub fn process(_: &Address, _: &mut [AccountView], data: &[u8]) -> ProgramResult {
    let amount: &[u8; 8] = data
        .get(8..)
        .and_then(|rest| rest.first_chunk())
        .ok_or(ProgramError::InvalidInstructionData)?;
    let [len, spelled @ ..] = *amount;
    if len & BY_ANOTHER == 0 {
        set_return_data(spelled.get(..usize::from(len)).unwrap_or_default());
        return Ok(());
    }
    let mut asked = [0; 16];
    asked[8] = len & !BY_ANOTHER;
    asked[9..].copy_from_slice(&spelled);
    let call = InstructionView {
        program_id: &Address::new_from_array(ANOTHER),
        accounts: &[],
        data: &asked,
    };
    invoke::<0, AccountView>(&call, &[])
}

#[cfg(not(feature = "no-entrypoint"))]
mod entrypoint {
    pinocchio::program_entrypoint!(crate::process, 16);
    pinocchio::nostd_panic_handler!();
}
